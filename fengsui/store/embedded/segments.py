"""Segment files: immutable Parquet, written whole, synced, and hashed as written.

After a compaction rows lie newest first: DuckDB's top-N then skips row groups by the times it has seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fengsui.hashes import file_digests
from fengsui.store.embedded.arrow import pc, pq
from fengsui.store.embedded.schema import ID, ID_BYTES, REST, TEXT, TIME, UNIQUE, V4, V6

GROUP_ROWS: Final = 16_384
_TALLY: Final = "fengsui.tally"
_BLOOM: Final = {"fpp": 0.01}
_BLOOMED: Final = frozenset(
    {
        "zeek.session_id",
        "dns.question.name",
        "dns.question.registered_domain",
        "tls.client.server_name",
        "url.domain",
        "destination.domain",
        "user.name",
        "file.hash.md5",
        "file.hash.sha1",
        "file.hash.sha256",
        "tls.client.ja3",
        "tls.client.ja4",
    }
)


def newest_first(table: pa.Table) -> pa.Table:
    """Rows by falling time."""
    return table.take(pc.sort_indices(table, [(TIME, "descending")]))


def write_young(path: Path, table: pa.Table) -> tuple[int, str, str]:
    """A segment of one append: quick to write. Returns bytes, SHA-256 and SM3."""
    repeating = [item.name for item in table.schema if pa.types.is_dictionary(item.type)]
    pq.write_table(
        table, path, compression="lz4", use_dictionary=repeating, write_statistics=[TIME]
    )
    return _seal(path)


def write_grown(path: Path, table: pa.Table, tally: str = "") -> tuple[int, str, str]:
    """A segment of a compaction: small, with Bloom filters. Rows are already newest first.

    `tally`: hashes of its tally, which its own then cover.
    """
    rows = min(GROUP_ROWS, max(table.num_rows, 1))
    blooms = {name: _BLOOM | {"ndv": rows} for name in table.column_names if _has_bloom(name)}
    schema = pa.schema([(item.name, _plain_type(item.type)) for item in table.schema])
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=_dictionary(table),
        bloom_filter_options=blooms or None,
    ) as writer:
        for start in range(0, table.num_rows, GROUP_ROWS):
            writer.write_table(table.slice(start, GROUP_ROWS).cast(schema))
        if tally:
            writer.add_key_value_metadata({_TALLY: tally})
    return _seal(path)


def tally_hashes(path: Path) -> str:
    """Hashes of a segment's tally as its footer has them; empty without one."""
    found: dict[bytes, bytes] = pq.read_metadata(path).metadata or {}
    return found.get(_TALLY.encode(), b"").decode()


def read_packed(path: Path) -> pa.Table:
    """A whole segment with its repeating text still as dictionaries: a quarter of the memory."""
    file = pq.ParquetFile(path)
    names = [
        item.name
        for item in file.schema_arrow
        if pa.types.is_string(item.type) and item.name not in UNIQUE | {REST}
    ]
    return pq.ParquetFile(path, read_dictionary=names).read()


def read_ids(path: Path, first: int, last: int) -> np.ndarray:
    """Ids (n, 16) of the events of a segment between two times (µs, both included)."""
    file = pq.ParquetFile(path)
    found = [np.empty((0, ID_BYTES), np.uint8)]
    for group in _groups_between(file, first, last):
        table = file.read_row_group(group, columns=[ID, TIME])
        times = table.column(TIME).cast(pa.int64()).to_numpy()
        found.append(id_rows(table)[(times >= first) & (times <= last)])
    return np.concatenate(found)


def id_rows(table: pa.Table) -> np.ndarray:
    """Ids (n, 16) of a table."""
    column = table.column(ID).combine_chunks()
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    rows = [
        np.frombuffer(one.buffers()[1], np.uint8).reshape(-1, ID_BYTES)[one.offset :][: len(one)]
        for one in chunks
    ]
    return np.concatenate([np.empty((0, ID_BYTES), np.uint8), *rows])


def _groups_between(file: Any, first: int, last: int) -> Iterator[int]:
    column = file.schema_arrow.get_field_index(TIME)
    for group in range(file.metadata.num_row_groups):
        # µs of the naive timestamps that the statistics give back
        statistics = file.metadata.row_group(group).column(column).statistics
        low = pa.scalar(statistics.min, pa.timestamp("us")).value
        high = pa.scalar(statistics.max, pa.timestamp("us")).value
        if low <= last and high >= first:
            yield group


def is_young(path: Path) -> bool:
    """Whether a segment was written by an append."""
    metadata = pq.ParquetFile(path).metadata
    return metadata.num_row_groups == 0 or str(metadata.row_group(0).column(0).compression) == "LZ4"


def is_sound(path: Path) -> bool:
    """Whether every value of a segment can be read."""
    try:
        file = pq.ParquetFile(path)
        for group in range(file.metadata.num_row_groups):
            file.read_row_group(group)
    except (OSError, pa.ArrowException):
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make the names of new files durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _seal(path: Path) -> tuple[int, str, str]:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path.stat().st_size, *file_digests(path)


def _dictionary(table: pa.Table) -> list[str]:
    """Columns that repeat; ids and times do not."""
    leaf = {TEXT: (f"{TEXT}.key_value.key", f"{TEXT}.key_value.value.list.element")}
    names: list[str] = []
    for item in table.schema:
        if item.name in UNIQUE | {ID, TIME, REST}:
            continue
        if pa.types.is_list(item.type):
            names.append(f"{item.name}.list.element")
        else:
            names += leaf.get(item.name, (item.name,))
    return names


def _has_bloom(name: str) -> bool:
    return (
        name == ID
        or name in _BLOOMED
        or name in {f"source.ip{V4}", f"destination.ip{V4}"}
        or (name in {f"source.ip{V6}", f"destination.ip{V6}"})
    )


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
