"""CSV rows: Windows events as EvtxECmd, Splunk and `Export-Csv` write them, one a row under their names."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice

_NUMBER = frozenset({"EventID", "EventId", "EventCode", "Id", "event_id"})
_LOG = frozenset({"Channel", "LogName", "EventLog", "channel", "source"})
_MOST_COLUMNS = 4096


def is_table(line: bytes) -> bool:
    """Whether a line is the header of such a table: a column of event numbers and one of logs."""
    if line[:1] in (b"{", b"[", b"<") or b"," not in line:
        return False
    try:
        names = set(next(csv.reader([line.decode("utf-8", "replace")]), []))
    except csv.Error:
        return False
    return not names.isdisjoint(_NUMBER) and not names.isdisjoint(_LOG)


def rows(lines: Iterable[str]) -> Iterator[dict[str, object] | str]:
    """A row as names and values, empty cells left out; the reason for one that cannot be read.

    Args:
        lines: the table with its header, with their line breaks.
    """
    table = csv.reader(lines)
    names = [name.strip() for name in islice(next(table), _MOST_COLUMNS)]
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
