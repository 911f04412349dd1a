"""Reader: a file of alerts, plain or compressed, told apart by content, read in flat memory.

The number of an alert is its place in its file from 0: among the rows below a table's header, among
the lines that are not empty otherwise, in an array among its members.
"""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, cast

import orjson

from fengsui.clock import SECOND
from fengsui.errors import InputError
from fengsui.loss import Losses
from sensors.alerts.blocks import begins_block, blocks, of_block
from sensors.alerts.encodings import in_utf8
from sensors.alerts.foreign import SECONDS, ForeignAlert, NotAnAlert, with_time
from sensors.alerts.shapes import Columns, is_line, object_within, of_object, of_text
from sensors.intake.telling import kind_of
from sensors.logs.lines import LineStream

_LARGEST_ARRAY = 1 << 28  # bytes of a JSON array, which cannot be read by lines
_LINES_KNOWN = 20_000  # of one table
_LINE_KNOWN = 1_000  # bytes
_DELIMITERS = ",;\t|"
_ZEEK = b"#fields\t"


def read_alerts(path: Path, losses: Losses) -> Iterator[tuple[int, ForeignAlert]]:
    """Number and alert, in the file's order; what is no alert is counted in `losses`.

    Raises:
        InputError: it is missing, empty, a folder or no text.
        ForbiddenError: it may not be read.
    """
    if kind_of(path) == "capture":
        raise InputError(
            "This is a capture, not a file of alerts",
            where=str(path),
            next=f"Run: fengsui replay '{path}', which raises alerts of its own",
            code="not_alerts",
        )
    with path.open("rb") as file:
        lines = _lines(LineStream(in_utf8(file), losses, "alerts", str(path)))
        first = next(lines, b"")
        while _is_remark(first):
            first = next(lines, b"")
        text = _text(first)
        if begins_block(text):
            yield from _by_block(text, lines, losses)
        elif _begins_document(first):
            yield from _array(first, lines, path, losses)
        elif first[:1] == b"{" or object_within(text) is not None or is_line(text):
            yield from _by_line(first, lines, losses)
        else:
            yield from _table(first, lines, path, losses)


def _lines(stream: LineStream) -> Iterator[bytes]:
    for line, _ in stream:
        if line.strip():
            yield line


def _is_remark(line: bytes) -> bool:
    """Whether a line before the first record says something of the file; Zeek's names its columns so."""
    return line.lower().startswith((b"#", b"sep=")) and not line.startswith(_ZEEK)


def _by_block(
    first: str, lines: Iterator[bytes], losses: Losses
) -> Iterator[tuple[int, ForeignAlert]]:
    for number, block in enumerate(blocks(first, map(_text, lines))):
        try:
            yield number, of_block(block)
        except NotAnAlert:
            losses.add("alerts.other_records")


def _by_line(
    first: bytes, lines: Iterator[bytes], losses: Losses
) -> Iterator[tuple[int, ForeignAlert]]:
    number = 0
    line: bytes | None = first
    while line is not None:
        try:
            if line[:1] == b"{":
                record = orjson.loads(line)
                yield number, of_object(cast("dict[str, Any]", record))
            else:
                yield number, of_text(_text(line))
        except NotAnAlert:
            losses.add("alerts.other_records")
        except ValueError:
            losses.add("alerts.bad_json")
        number += 1
        line = next(lines, None)


def _array(
    first: bytes, lines: Iterator[bytes], path: Path, losses: Losses
) -> Iterator[tuple[int, ForeignAlert]]:
    parts, size = [first], len(first)
    for line in lines:
        parts.append(line)
        size += len(line)
        if size > _LARGEST_ARRAY:
            raise InputError(
                f"This JSON array is larger than {_LARGEST_ARRAY >> 20} MiB",
                where=str(path),
                next=f"Write one object a line, for example: jq -c '.[]' '{path}'",
                code="too_large",
            )
    try:
        members = orjson.loads(b"\n".join(parts))
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"This is not JSON: {error}", where=str(path), next="Mend the file", code="bad_json"
        ) from error
    for number, member in enumerate(_members(members)):
        if not isinstance(member, dict):
            losses.add("alerts.other_records")
            continue
        try:
            yield number, of_object(cast("dict[str, Any]", member))
        except NotAnAlert:
            losses.add("alerts.other_records")


_LISTS = ("hits", "value", "alerts", "data", "results", "items")


def _members(document: object) -> list[object]:
    """Members of an array, or of the list that an answer of a tool's API holds."""
    if isinstance(document, list):
        return cast("list[object]", document)
    if isinstance(document, dict):
        record = cast("dict[str, object]", document)
        for name in _LISTS:
            inner = record.get(name)
            if name == "hits" and isinstance(inner, dict):
                return _members(inner)
            if isinstance(inner, list) and any(isinstance(one, dict) for one in inner):
                return cast("list[object]", inner)
    return [document]


def _begins_document(line: bytes) -> bool:
    """Whether a line begins one JSON document for the whole file: a list, or one over many lines."""
    if line[:1] == b"[":
        return not line.startswith((b"[ ", b"[0", b"[1", b"[2", b"[**"))
    if line.strip() == b"{":
        return True
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(document, dict) or _members(cast("object", document)) == [document]:
        return False
    try:
        return of_object(cast("dict[str, Any]", document)).time is None
    except NotAnAlert:
        return True


def _text(line: bytes) -> str:
    """UTF-8, else GB 18030, which tables of Chinese devices are written in."""
    try:  # by hand: the codec "utf-8-sig" is Python of its own and costs thrice as much a line
        return line.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


def _table(
    first: bytes, lines: Iterator[bytes], path: Path, losses: Losses
) -> Iterator[tuple[int, ForeignAlert]]:
    header = _text(first)
    delimiter = max(_DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter))
    if first.startswith(_ZEEK):  # the sort of a notice stands in a column of its own
        names = ["rule_id" if name == "note" else name for name in names[1:]]
        lines = (line for line in lines if not line.startswith(b"#"))
    columns = Columns(names, "zeek" if first.startswith(_ZEEK) else "")
    if not columns.says_when:
        raise InputError(
            "This is no file of alerts: neither EVE, Wazuh, OSSEC, Snort, CEF, LEEF or JSON lines, nor a "
            "table with a time",
            where=f"{path}:1",
            next="Give a table a first line with the names of its columns, such as time,name,ip,host",
            code="not_alerts",
        )
    if columns.begin_with_time:
        alerts = map(_RestOfLine(lines, delimiter, columns), lines)
    else:
        alerts = map(columns.alert, csv.reader(map(_text, lines), delimiter=delimiter))
    number = -1
    while True:
        number += 1
        try:
            yield number, next(alerts)
        except StopIteration:
            return
        except csv.Error:
            losses.add("alerts.bad_row")
        except NotAnAlert:
            losses.add("alerts.other_records")


class _RestOfLine:
    """Reads a line of a table whose first column is its time; what follows the time is read once.

    Alerts repeat: most lines of a table say what an earlier one has said, but for the time.
    """

    def __init__(self, lines: Iterator[bytes], delimiter: str, columns: Columns) -> None:
        self._texts = map(_text, lines)
        self._delimiter = delimiter
        self._between = delimiter.encode()
        self._columns = columns
        self._known: dict[bytes, ForeignAlert] = {}

    def __call__(self, line: bytes) -> ForeignAlert:
        """The alert of a line, and of those after it that a quoted field goes on in.

        Raises:
            NotAnAlert: it is none.
            csv.Error: it is no row.
        """
        time, _, rest = line.partition(self._between)
        alert = self._known.get(rest)
        if alert is not None and len(time) == SECONDS and time.isdigit():
            return with_time(alert, int(time) * SECOND or None)
        row = next(csv.reader(chain((_text(line),), self._texts), delimiter=self._delimiter))
        alert = self._columns.alert(row)
        if len(self._known) < _LINES_KNOWN and len(rest) < _LINE_KNOWN and b'"' not in line:
            self._known[rest] = alert
        return alert
