"""CSV rows: tables of events as EvtxECmd, Splunk, Kibana, `Export-Csv` and the event viewer write them.

One event a row, under the names of the header; cells are parted by commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

_NUMBER: Final = frozenset({"EventID", "EventId", "EventCode", "Id", "event_id", "Event ID"})
_LOG: Final = frozenset({"Channel", "LogName", "EventLog", "channel", "source", "Source"})
_DOCUMENT: Final = re.compile(r"_raw|@timestamp|(?:winlog|event|ecs|process)\.[\w.@-]+")
_NAME: Final = re.compile(r"[\w.@#$()\[\]{} /-]{1,128}")
_DELIMITERS: Final = ",\t;"
_MOST_COLUMNS: Final = 4096
_TYPE: Final = "#TYPE "  # the first line of `Export-Csv` before PowerShell 6
# What the event viewer calls its columns; the text of the event has no name, or that of no column.
_VIEWER: Final = {
    "级别": "Level",
    "日期和时间": "Date and Time",
    "来源": "Source",
    "源": "Source",
    "事件 ID": "Event ID",
    "任务类别": "Task Category",
}
_MESSAGE: Final = "Message"
csv.field_size_limit(1 << 20)


def is_table(lines: list[bytes], *, named: bool = False) -> bool:
    """Whether lines begin such a table.

    Args:
        lines: the first ones that are not empty.
        named: the caller says what the events are: any header will do.
    """
    lines = [line for line in lines if not line.startswith(_TYPE.encode())]
    if not lines or lines[0][:1] in (b"{", b"[", b"<"):
        return False
    header = lines[0].decode("utf-8", "replace")
    try:
        names = _names(header, _delimiter(header))
    except csv.Error:
        return False
    known = set(names)
    if not known.isdisjoint(_NUMBER) and not known.isdisjoint(_LOG):
        return True
    if len(names) < 2 or not all(map(_NAME.fullmatch, filter(None, names))):
        return False
    if any(map(_DOCUMENT.fullmatch, names)):
        return True
    return named and len(known) == len(names) and _fits(names, header, lines[1:2])


def _fits(names: list[str], header: str, following: list[bytes]) -> bool:
    """Whether names are those of a header, not words of a sentence, by the line that follows."""
    delimiter = _delimiter(header)
    if f"{delimiter} " in header or not following:
        return False
    try:
        row = next(csv.reader([following[0].decode("utf-8", "replace")], delimiter=delimiter), [])
    except csv.Error:
        return False
    return len(row) == len(names)


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _names(header: str, delimiter: str) -> list[str]:
    row = next(csv.reader([header], delimiter=delimiter), [])
    names = [name.strip().strip("\ufeff") for name in row[:_MOST_COLUMNS]]
    return [_VIEWER.get(name, name) for name in names]


def rows(lines: Iterable[str]) -> Iterator[dict[str, object] | str]:
    """A row as names and values, empty cells left out; the reason for one that cannot be read.

    Args:
        lines: the table with its header, with their line breaks.
    """
    each = iter(lines)
    header = next((one for one in each if one.strip() and not one.startswith(_TYPE)), "")
    delimiter = _delimiter(header)
    table = csv.reader(chain([header], each), delimiter=delimiter)
    names = _names(header, delimiter)
    next(table, None)
    if "Event ID" in names and _MESSAGE not in names:
        names.append(_MESSAGE)
    while True:
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error)
            continue
        if row:
            yield {
                name: cell for name, cell in zip(names, row, strict=False) if name and cell != ""
            }
