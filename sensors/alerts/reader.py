"""Reader: a file of alerts, plain or compressed, told apart by content, read in flat memory.

The number of an alert is its place in its file from 0: among the rows below a table's header, among
the lines that are not empty otherwise, in an array among its members.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson

from fengsui.errors import InputError
from fengsui.loss import Losses
from sensors.alerts.foreign import ForeignAlert, NotAnAlert
from sensors.alerts.shapes import Columns, is_line, of_line, of_object
from sensors.intake.opening import kind_of
from sensors.logs.lines import LineStream

_LARGEST_ARRAY = 1 << 28  # bytes of a JSON array, which cannot be read by lines
_DEEP = 64


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
        lines = _lines(LineStream(file, losses, "alerts", str(path)))
        first = next(lines, b"")
        if first[:1] == b"[" and not first.startswith((b"[ ", b"[0", b"[1", b"[2")):
            yield from _array(first, lines, path, losses)
        elif first[:1] == b"{" or is_line(first.decode("utf-8-sig", "replace")):
            yield from _by_line(first, lines, losses)
        else:
            yield from _table(first, lines, path, losses)


def _lines(stream: LineStream) -> Iterator[bytes]:
    for line, _ in stream:
        if line.strip():
            yield line


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
                yield number, of_line(line.decode("utf-8-sig", "replace"))
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
    for number, member in enumerate(cast("list[object]", members)):
        if not isinstance(member, dict):
            losses.add("alerts.other_records")
            continue
        try:
            yield number, of_object(cast("dict[str, Any]", member))
        except NotAnAlert:
            losses.add("alerts.other_records")


def _table(
    first: bytes, lines: Iterator[bytes], path: Path, losses: Losses
) -> Iterator[tuple[int, ForeignAlert]]:
    header = first.decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=header.count)
    columns = Columns(next(csv.reader([header], delimiter=delimiter)))
    if not columns.says_when:
        raise InputError(
            "This is no file of alerts: neither EVE, Wazuh, CEF or JSON lines, nor a table with a time",
            where=f"{path}:1",
            next="Give a table a first line with the names of its columns, such as time,name,ip,host",
            code="not_alerts",
        )
    rows = csv.reader((line.decode("utf-8", "replace") for line in lines), delimiter=delimiter)
    number = -1
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            losses.add("alerts.bad_row")
            continue
        try:
            yield number, columns.alert(row)
        except NotAnAlert:
            losses.add("alerts.other_records")
