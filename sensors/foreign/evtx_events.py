"""Windows event log files (EVTX), read by pyevtx-rs record by record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import evtx
import orjson

from sensors.foreign.record import Problems, Record
from sensors.foreign.shapes import TooDeepError, told

MAGIC = b"ElfFile\x00"


def records(path: Path, problems: Problems) -> Iterator[Record]:
    """All records that can be read; a broken one is counted, and keeps its number.

    Raises:
        ValueError: the file has no header of an event log.
    """
    try:
        walk = iter(evtx.PyEvtxParser(str(path), number_of_threads=1).records_json())
    except (RuntimeError, OSError, ValueError) as error:
        raise ValueError(str(error)) from error
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
