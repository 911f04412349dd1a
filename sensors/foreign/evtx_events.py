"""Windows event log files (EVTX), read by pyevtx-rs record by record."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import evtx
import orjson

from sensors.foreign.record import Problems, Record
from sensors.foreign.shapes import TooDeepError, told

_HEADER = 4096
_CHUNK = 65_536


def records(path: Path, problems: Problems) -> Iterator[Record]:
    """All records that can be read; a broken one is counted, and keeps its number.

    Raises:
        ValueError: the file has no header of an event log.
    """
    walk = _walk(path)
    whole, cut = divmod(max(0, path.stat().st_size - _HEADER), _CHUNK)
    if cut:
        problems.add("the file is cut", -1, f"its last chunk has {cut} of {_CHUNK} bytes")
        walk = chain(walk, _of_last_chunk(path, _HEADER + whole * _CHUNK))
    number = -1
    while True:
        number += 1
        row = _next(walk, number, problems)
        if row is None:
            return
        if isinstance(row, dict):
            record = _record(row, number, problems)
            if record is not None:
                yield record


def _walk(path: Path) -> Iterator[Any]:
    try:
        return iter(evtx.PyEvtxParser(str(path), number_of_threads=1).records_json())
    except (RuntimeError, OSError, ValueError) as error:
        raise ValueError(str(error)) from error


def _of_last_chunk(path: Path, start: int) -> Iterator[Any]:
    """Records of a chunk that is cut: the parser passes over it, unless it is filled up."""
    with tempfile.NamedTemporaryFile(prefix="fengsui-", suffix=".evtx") as copy:
        with path.open("rb") as file:
            copy.write(file.read(_HEADER))
            file.seek(start)
            copy.write(file.read(_CHUNK).ljust(_CHUNK, b"\0"))
        copy.flush()
        yield from _walk(Path(copy.name))


def _next(walk: Iterator[Any], number: int, problems: Problems) -> Any:
    """The next row; None at the end, False for one that is broken."""
    try:
        return next(walk, None)
    except Exception as error:  # noqa: BLE001 - whatever the parser says of one record
        problems.add("broken record", number, str(error))
        return False


def _record(row: dict[str, Any], number: int, problems: Problems) -> Record | None:
    data = str(row["data"]).encode("utf-8", "replace")
    try:
        value = orjson.loads(data)
        origin, fields, raw = told(value, data)
    except (TooDeepError, orjson.JSONDecodeError) as error:
        problems.add("broken record", number, str(error))
        return None
    return number, origin, fields, raw
