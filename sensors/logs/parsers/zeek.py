"""Zeek logs: tab-separated with a header, or one JSON object a line, one log or many in one file.

docs.zeek.org/en/master/log-formats.html. A file may hold several headers (hours put together) and,
as JSON, several logs: `_path` (Zeek's own), `@path`, `@stream` (Humio and NXLog shippers), or the columns
themselves tell which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from fengsui.event import Value, make_event
from fengsui.ids import event_id
from sensors.logs.parser import LineError, Parsed
from sensors.logs.values import LONGEST_TEXT, instant, span
from sensors.logs.zeek_flows import FlowRows
from sensors.logs.zeek_logs import LOGS, TELLING
from sensors.logs.zeek_records import Row, common

_NAMES: Final = ("_path", "@path", "@stream", "_log", "log_name")
_ESCAPE: Final = re.compile(r"\\x([0-9a-fA-F]{2})")
_NUMBERS: Final = frozenset({"count", "int", "port"})
_MOST_COLUMNS: Final = 512


class ZeekFormat:
    """Recognises Zeek's files by their header or by the columns of a JSON line."""

    name = "zeek"

    def sniff(self, first_lines: list[bytes]) -> float:
        """1 for a header, 0.9 for JSON lines with Zeek's columns."""
        if not first_lines:
            return 0.0
        if first_lines[0].startswith((b"#separator ", b"#fields\t", b"#path\t")):
            return 1.0
        try:
            row = orjson.loads(first_lines[0])
        except orjson.JSONDecodeError:
            return 0.0
        if not isinstance(row, dict) or "event_type" in row or "ts" not in row:
            return 0.0
        named = any(name in row for name in (*_NAMES, "uid", "id.orig_h", "id_orig_h", "fuid"))
        return 0.9 if named else 0.0

    def start(self, file_name: str, sensor: str) -> ZeekParser:
        """A parser whose fallback for the log's name is the file's (`conn.2024-04-19.log`)."""
        return ZeekParser(file_name, sensor)


class ZeekParser:
    """Parser of one file."""

    def __init__(self, file_name: str, sensor: str) -> None:
        self._sensor = sensor
        words = re.split(r"[^a-z0-9_]+", file_name.lower())
        self._file_log = next((word for word in words if word in LOGS), "")
        self._separator = "\t"
        self._set_separator = ","
        self._empty = "(empty)"
        self._unset = "-"
        self._path = self._file_log
        self._fields: list[str] = []
        self._columns: list[tuple[str, Callable[[str], Any] | None]] = []
        self._flows: FlowRows | None = None

    def parse(self, line: bytes) -> Parsed:
        """Event of one line, or what a header line was.

        Raises:
            LineError: no row of the header above it, no JSON object, or no time.
        """
        if line.startswith(b"{"):
            return self._json(line)
        if line.startswith(b"#"):
            return self._header(line)
        if self._flows is not None and (short := self._flows.row(line)) is not None:
            return short
        return self._make(self._path, self._cells(line), line)

    def row(self, line: bytes) -> Row:
        """The columns of a line under Zeek's own names, whatever its log.

        Raises:
            LineError: no row of the header above it, or no JSON object.
        """
        if not line.startswith(b"{"):
            return self._cells(line)
        try:
            return _plain_names(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise LineError(str(error)) from error

    def _header(self, line: bytes) -> Parsed:
        word, _, rest = line.decode("utf-8", "replace")[1:].partition(self._separator)
        if word.startswith("separator "):
            self._separator = _unescaped(word.removeprefix("separator ")) or "\t"
            self._fields, self._columns, self._flows = [], [], None
        elif word == "set_separator":
            self._set_separator = _unescaped(rest) or ","
        elif word == "empty_field":
            self._empty = rest
        elif word == "unset_field":
            self._unset = rest
        elif word == "path":
            self._path = rest
        elif word == "fields":
            self._fields = rest.split(self._separator)[:_MOST_COLUMNS]
            self._columns = [(name, None) for name in self._fields]
        elif word == "types":
            kinds = rest.split(self._separator)
            if len(kinds) != len(self._fields):
                raise LineError("types and fields of the header differ in number")
            self._columns = [
                (name, self._reader(kind)) for name, kind in zip(self._fields, kinds, strict=True)
            ]
            self._flows = self._short_way()
        return Parsed("header")

    def _short_way(self) -> FlowRows | None:
        usual = (self._separator, self._unset, self._empty) == ("\t", "-", "(empty)")
        if usual and self._path == "conn" and FlowRows.fits(self._fields):
            return FlowRows(self._fields, self._sensor)
        return None

    def _reader(self, kind: str) -> Callable[[str], Any] | None:
        if kind.startswith(("set[", "vector[")):
            return self._members
        if kind in _NUMBERS:
            return int
        return None  # text; times and intervals stay text, so that no digit is lost

    def _members(self, cell: str) -> list[str]:
        return [] if cell == self._empty else _unescaped(cell).split(self._set_separator)

    def _cells(self, line: bytes) -> Row:
        cells = line.decode("utf-8", "replace").split(self._separator)
        if len(cells) != len(self._columns):
            raise LineError(f"{len(cells)} columns where the header has {len(self._columns)}")
        unset, empty = self._unset, self._empty
        row: dict[str, Any] = {}
        try:
            for (name, read), cell in zip(self._columns, cells, strict=True):
                if cell in (unset, empty):
                    continue
                if "\\x" in cell and read is None:
                    cell = _unescaped(cell)  # noqa: PLW2901
                row[name] = cell if read is None else read(cell)
        except ValueError as error:
            raise LineError(str(error)) from error
        return row

    def _json(self, line: bytes) -> Parsed:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise LineError(str(error)) from error
        row = _plain_names(row)
        return self._make(self._log_of(row), row, line)

    def _log_of(self, row: Row) -> str:
        for name in _NAMES:
            if isinstance(row.get(name), str):
                return str(row[name]).lower()
        keys = row.keys()
        return next((log for telling, log in TELLING if telling <= keys), self._file_log) or "other"

    def _make(self, log: str, row: Row, line: bytes) -> Parsed:
        time = instant(row.get("ts"))
        known = LOGS.get(log)
        fields: dict[str, Value | None]
        if known:
            dataset, mapper = known
            fields = mapper(row)
        else:
            dataset, fields = "other", common(row)
            fields["event.action"] = log
            fields["event.original"] = line.decode("utf-8", "replace")[:LONGEST_TEXT]
            fields["fengsui.parse"] = "unmatched"
        fields["event.module"] = "zeek"
        fields["observer.name"] = self._sensor
        number = event_id(dataset, time, "zeek", line)
        event = make_event(id=number, time=time, dataset=dataset, fields=fields)
        end = time + (span(row.get("duration")) or 0) if log == "conn" else time
        return Parsed(log if known else "other", event, dataset, time, end)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "\\x" in text else text


def _plain_names(row: Any) -> Row:
    """Columns under Zeek's own names: shippers write `id_orig_h` or an object `id`.

    Raises:
        LineError: the line is not a JSON object.
    """
    if not isinstance(row, dict):
        raise LineError("a JSON value that is no object")
    ends = row.get("id")
    if isinstance(ends, dict):
        return {**row, **{f"id.{name}": value for name, value in ends.items()}}
    if "id_orig_h" in row:
        return {
            (f"id.{name[3:]}" if name.startswith(("id_orig_", "id_resp_")) else name): value
            for name, value in row.items()
        }
    return row


PARSER = ZeekFormat()
