"""From events to tables: JSON in bulk where it is well-formed, event by event where it is not.

Nothing arriving can fail a batch. A value that does not fit is kept beside the columns and counted; an
event whose head (id, time, dataset) cannot be used gets a usable one, with the original value kept
under `quarantine.<field>`; bytes that are no JSON object at all become `event.original`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.json as pj

from fengsui.event import Event
from fengsui.query.values import text_of, values_of
from fengsui.store.embedded.schema import (
    DATASET,
    HEAD,
    ID,
    ID_BYTES,
    REST,
    TEXT,
    TEXT_TYPE,
    TIME,
    Unfit,
    columns_of,
    parsed_type,
    registered,
)
from fengsui.store.salvage import (
    ORDINARY,
    PLAIN_DATASET,
    RETENTION,
    Quarantine,
    Row,
    place_of,
    row_of,
)

# {"event.id":"…","@timestamp":"…","event.dataset":"…"  (fengsui.event)
_ID: Final = slice(13, 45)
_TO_TIME: Final = slice(45, 61)
_TIME: Final = slice(61, 88)
_TO_DATASET: Final = slice(88, 107)
_TIME_KEY: Final = b'","@timestamp":"'
_DATASET_KEY: Final = b'","event.dataset":"'
_RETENTION_KEY: Final = b'"cn.retention":"'
_KEY_LENGTH: Final = len(_RETENTION_KEY)


@dataclass(slots=True)
class Batch:
    """Events of one partition: raw JSON, id bytes (n, 16) and time in µs, in the same order."""

    dataset: str
    raws: list[bytes]
    ids: np.ndarray
    times: np.ndarray
    rows: list[Row] = field(default_factory=list["Row"])
    """Filled when the events were taken one by one; then `raws` is empty."""

    def keep(self, mask: np.ndarray) -> None:
        """Only the events that `mask` has true."""
        if not mask.all():
            chosen = np.flatnonzero(mask).tolist()
            self.raws = [self.raws[i] for i in chosen] if self.raws else []
            self.rows = [self.rows[i] for i in chosen] if self.rows else []
            self.ids, self.times = self.ids[mask], self.times[mask]


def batches(events: Sequence[Event], classes: Collection[str]) -> list[Batch]:
    """Events by partition, with ids and times, most of them still unparsed.

    Args:
        events: any.
        classes: retention classes that are kept apart.
    """
    plain: dict[tuple[bytes, bytes], list[bytes]] = {}
    odd: list[bytes] = []
    for event in events:
        raw = event.raw
        if raw[_TO_TIME] == _TIME_KEY and raw[_TO_DATASET] == _DATASET_KEY:
            end = raw.find(b'"', 107)
            at = raw.find(_RETENTION_KEY)
            kept = raw[at + _KEY_LENGTH : raw.find(b'"', at + _KEY_LENGTH)] if at > 0 else b""
            plain.setdefault((raw[107:end], kept), []).append(raw)
        else:
            odd.append(raw)
    found: list[Batch] = []
    for (name, kept), raws in plain.items():
        retention = kept.decode("ascii", "replace")
        batch = _plain_batch(name, retention if retention in classes else ORDINARY, raws)
        if batch:
            found.append(batch)
        else:
            odd += raws
    return found + _careful_batches(odd, classes)


def _plain_batch(name: bytes, retention: str, raws: list[bytes]) -> Batch | None:
    """A batch whose heads are all as `make_event` writes them; None when one is not."""
    ids = b"".join([raw[_ID] for raw in raws])
    try:
        dataset = name.decode("ascii")
        packed = bytes.fromhex(ids.decode("ascii"))
        stamps = pa.array([raw[_TIME] for raw in raws]).cast(pa.string())
        times = columns_of(pa.table({TIME: stamps})).column(TIME)
    except (ValueError, pa.ArrowInvalid):
        return None
    if packed.hex().encode() != ids or not PLAIN_DATASET.fullmatch(dataset):
        return None
    numbers = times.cast(pa.int64()).to_numpy()
    return Batch(place_of(dataset, retention), raws, _id_array(packed), numbers)


def _id_array(packed: bytes) -> np.ndarray:
    return np.frombuffer(packed, dtype=np.uint8).reshape(-1, ID_BYTES)


def _careful_batches(raws: Sequence[bytes], classes: Collection[str]) -> list[Batch]:
    rows: dict[str, list[Row]] = {}
    for raw in raws:
        row = row_of(raw)
        named = row.fields.get(RETENTION)
        retention = str(named) if named in classes else ORDINARY
        rows.setdefault(place_of(row.fields[DATASET], retention), []).append(row)
    return [
        Batch(
            dataset,
            [],
            _id_array(bytes.fromhex("".join(row.id for row in group))),
            np.array([row.time for row in group], dtype=np.int64),
            group,
        )
        for dataset, group in rows.items()
    ]


class Tables:
    """Makes the columns of batches.

    It remembers which fields each dataset uses, so that JSON is read with types given, not guessed,
    and in the order of the events, which is a quarter faster.
    """

    def __init__(self) -> None:
        self._used: dict[str, list[str]] = {}

    def table(self, batch: Batch, quarantine: Quarantine) -> pa.Table:
        """The columns of a batch."""
        if batch.raws:
            table = self._bulk(batch)
            if table is not None:
                return table
            batch.rows = [row_of(raw) for raw in batch.raws]
        for row in batch.rows:
            quarantine.add(row.bad)
        return _table_of(batch.rows)

    def _bulk(self, batch: Batch) -> pa.Table | None:
        """All events of a batch at once; None when one of them needs care."""
        block = b"\n".join(batch.raws)
        used = self._used.setdefault(batch.dataset, list(HEAD))
        parsed = _parse(block, used)
        if parsed is None or parsed.num_rows != len(batch.raws):
            return None
        new = parsed.column_names[len(used) :]
        if new:
            if not registered().keys() >= set(new):
                return None
            used += new
            parsed = _parse(block, used)
            if parsed is None:
                return None
        packed = pa.py_buffer(np.ascontiguousarray(batch.ids))
        ids = pa.Array.from_buffers(pa.binary(ID_BYTES), len(batch.ids), [None, packed])
        times = pa.array(batch.times).cast(pa.timestamp("us"))
        rest = parsed.drop_columns([ID, TIME])
        try:
            return columns_of(rest.append_column(ID, ids).append_column(TIME, times))
        except Unfit:
            return None


def _parse(block: bytes, used: Sequence[str]) -> pa.Table | None:
    """A table with the columns used so far, then any others in the order of their first appearance."""
    schema = pa.schema([(name, parsed_type(name)) for name in used])
    try:
        return pj.read_json(
            pa.BufferReader(block),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(block) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="infer"
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None


def _table_of(rows: Sequence[Row]) -> pa.Table:
    names = {name for row in rows for name in row.fields}
    arrays: dict[str, pa.Array] = {}
    for name in registered():
        if name in names:
            kind = pa.binary(ID_BYTES) if name == ID else parsed_type(name)
            arrays[name] = pa.array([row.fields.get(name) for row in rows], kind)
    arrays[REST] = pa.array(
        [orjson.dumps(row.rest).decode() if row.rest else None for row in rows], pa.string()
    )
    arrays[TEXT] = pa.array([_texts(row.rest) if row.rest else None for row in rows], TEXT_TYPE)
    return columns_of(pa.table(arrays))


def _texts(rest: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (name, [text_of(one) for one in values_of(value) if one is not None])
        for name, value in rest.items()
    ]
