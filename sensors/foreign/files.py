"""Files of a hunt: whatever is named, told apart by content, as numbered records.

The number of an event counts, from 0: records of an EVTX file in their order; non-empty lines of JSON
lines and text; rows of a Zeek log (its headers not); elements of a JSON array, or documents that
follow one another; events that the packet sensor makes of a capture. What cannot be read has a number
too and is counted in `problems`.
"""

from __future__ import annotations

import codecs
import io
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import orjson

from fengsui.errors import FengsuiError, ForbiddenError, InputError
from sensors.foreign.escapes import has_odd_escapes
from sensors.foreign.json_values import LONGEST, Batch, Read, documents, lines, parsed
from sensors.foreign.record import Origin, Problems, Record
from sensors.foreign.shapes import LINUX, PLAIN, WINDOWS, WITHOUT_SPACES, TooDeepError, flat, told
from sensors.foreign.text_lines import told_line
from sensors.intake.magic import CAPTURES, STANDARD_INPUT
from sensors.logs.lines import Counted, unpacked
from sensors.logs.parser import Format, LineError, LineParser
from sensors.logs.parsers.zeek import ZeekParser
from sensors.logs.reader import format_of

_HEAD: Final = 1 << 18
_SNIFFED: Final = 8  # lines
_BATCH: Final = 64  # events: so many that the processor's cache holds them
_EVTX: Final = b"ElfFile\x00"
_BROKEN: Final = object()
_BOMS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class ForeignFile:
    """One file of a hunt, read once.

    Args:
        path: `-` is standard input.
        stream: read instead of the path.
        named: the caller says what lines of text are; else their form tells.

    Attributes:
        name: as it was given.
        size: bytes, 0 where it is not known.
        kind: `capture`, `evtx`, `json lines`, `json`, `text` or the name of a log format, once known.
        problems: what could not be read.
    """

    def __init__(self, path: str, stream: BinaryIO | None = None, *, named: bool = False) -> None:
        self.name = path
        self.kind = ""
        self.problems = Problems()
        self.records = 0
        self._stream = stream
        self._named = named
        file = Path(path)
        self.size = file.stat().st_size if path != STANDARD_INPUT and file.is_file() else 0
        self._parsers: dict[str, LineParser] = {}  # of logs whose lines stand among others
        self._input: Counted | None = None

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._input.taken if self._input is not None else 0

    def __iter__(self) -> Iterator[Record]:
        """Its events; raises what `batches` does."""
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[Record]]:
        """Its events, some at a time.

        Raises:
            InputError: missing, empty, a folder, or damaged from the start.
            ForbiddenError: it may not be read.
        """
        stream = self._stream or self._opened()
        try:
            self._input = Counted(stream, stream.read(4))
            yield from self._read()
        finally:
            if stream is not self._stream:
                stream.close()

    def _opened(self) -> BinaryIO:
        if self.name == STANDARD_INPUT:
            return sys.stdin.buffer
        try:
            return Path(self.name).open("rb")
        except FileNotFoundError as error:
            raise InputError(
                "There is no such file", where=self.name, next="Check the path", code="no_such_file"
            ) from error
        except PermissionError as error:
            raise ForbiddenError(
                "This file may not be read", where=self.name, next="Allow this user to read it"
            ) from error
        except OSError as error:
            raise InputError(
                f"The file cannot be opened: {error.strerror or error}",
                where=self.name,
                next="Name a file or a folder of files",
            ) from error

    def _read(self) -> Iterator[list[Record]]:
        plain = _Plain(self._input, self.problems)  # type: ignore[arg-type]
        head = plain.read_fully(_HEAD)
        if not head:
            raise self._nothing()
        if head.startswith(_EVTX):
            self.kind = "evtx"
            yield from _batched(self._evtx(plain, head))
        elif head[:4] in CAPTURES:
            self.kind = "capture"
            yield from _batched(self._capture(plain, head))
        else:
            yield from self._text(*_as_utf8(plain.read, head))

    def _nothing(self) -> InputError:
        if any(True for _ in self.problems):
            return InputError(
                "Nothing of the file can be unpacked",
                where=self.name,
                next="Fetch it again; it is cut or damaged",
                code="damaged",
            )
        return InputError("The file is empty", where=self.name, next="Check the path", code="empty")

    def _evtx(self, plain: _Plain, head: bytes) -> Iterator[Record]:
        path = Path(self.name)
        with tempfile.NamedTemporaryFile(prefix="fengsui-", suffix=".evtx") as copy:
            if plain.compressed or not path.is_file():
                while head:
                    copy.write(head)
                    head = plain.read(_HEAD)
                copy.flush()
                path = Path(copy.name)
            try:
                # Imported here: most hunts are over lines, and do not wait for it.
                yield from import_module("sensors.foreign.evtx_events").records(path, self.problems)
            except ValueError as error:
                raise InputError(
                    f"The event log does not open: {error}",
                    where=self.name,
                    next="Fetch it again; nothing of it can be read",
                    code="bad_evtx",
                ) from error

    def _capture(self, plain: _Plain, head: bytes) -> Iterator[Record]:
        stream = io.BufferedReader(Counted(plain, head))  # type: ignore[arg-type]
        number = 0
        # Imported here: machine code and numpy, which a hunt over logs does not wait for.
        capture = import_module("sensors.packet.capture").CaptureSensor
        for batch in capture(None, stream, name=self.name, sensor="hunt"):
            for line in batch.lines.splitlines():
                yield _own(orjson.loads(line), line, number)
                number += 1

    def _text(self, read: Read, head: bytes) -> Iterator[list[Record]]:
        first = _first_lines(head)
        known = _log_format(first) if first else None
        if known is not None and not (self._named and _is_only_like_eve(known, first[0])):
            self.kind = known.name
            yield from _batched(self._log(known, read, head))
            return
        self.kind = kind_of(first)
        if self.kind == "text":
            yield from _batched(self._plain_lines(read, head))
            return
        values = lines(read, head) if self.kind == "json lines" else documents(read, head)
        yield from self._json(values)

    def _json(self, batches: Iterable[Batch]) -> Iterator[list[Record]]:
        """Events of JSON values. The usual way, a flat Windows event, is short: it is the pace of a hunt."""
        number, loads, is_plain, usual = 0, orjson.loads, PLAIN.issuperset, WITHOUT_SPACES
        for odd, batch in batches:
            found: list[Record] = []
            for raw in batch:
                if raw:
                    value: Any
                    try:
                        value = loads(raw)
                    except orjson.JSONDecodeError:
                        if raw.isspace():
                            continue
                        value = self._mended(raw, number)
                    if (
                        value.__class__ is dict
                        and "EventID" in value
                        and is_plain(map(type, value.values()))
                        and value.get("Channel") in usual
                        and value.get("Provider_Name") != LINUX
                        and not (odd and has_odd_escapes(raw))
                    ):
                        found.append((number, WINDOWS, value, raw))
                    elif value is not _BROKEN and (record := self._value(value, raw, number)):
                        found.append(record)
                elif raw is None:
                    self.problems.add("value too long", number, f"more than {LONGEST} bytes")
                else:
                    continue
                number += 1
                if len(found) == _BATCH:
                    yield found
                    found = []
            yield found

    def _value(self, value: Any, raw: bytes, number: int) -> Record | None:
        if value.__class__ is dict:
            return self._told(value, raw, number)
        self.problems.add("not an object", number, f"a JSON {_word(value)}")
        return None

    def _mended(self, raw: bytes, number: int) -> Any:
        """A value, read all the same where orjson refuses it and that can be done; else `_BROKEN`."""
        try:
            value, what = parsed(raw)
        except ValueError as error:
            self.problems.add("not JSON", number, str(error))
            return _BROKEN
        if what:
            self.problems.add(f"read all the same: {what}", number, "")
        return value

    def _told(self, value: dict[str, Any], raw: bytes, number: int) -> Record | None:
        try:
            origin, fields, written = told(value, raw, named=self._named)
        except (TooDeepError, orjson.JSONEncodeError) as error:
            self.problems.add("nested too deep", number, str(error))
            return None
        if not origin and not self._named and ("event_type" in value or "ts" in value):
            return self._of_a_log(raw, number) or (number, origin, fields, written)
        return number, origin, fields, written

    def _of_a_log(self, raw: bytes, number: int) -> Record | None:
        """The record, where it is a line of Zeek or Suricata among others."""
        known = _log_format([raw])
        if known is None:
            return None
        if known.name not in self._parsers:
            self._parsers[known.name] = known.start(Path(self.name).name, "hunt")
        return self._row(self._parsers[known.name], known.name, raw, number, alone=True)[0]

    def _stray(self, line: bytes, number: int) -> Record | None:
        """A JSON object of another kind among the lines of a log; None where it is of no known one."""
        try:
            value: Any = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(value, dict):
            return None
        record = self._told(cast("dict[str, Any]", value), line, number)
        return record if record is not None and record[1] else None

    def _log(self, known: Format, read: Read, head: bytes) -> Iterator[Record]:
        parser = known.start(Path(self.name).name, "hunt")
        number = 0
        for _, batch in lines(read, head):
            for line in batch:
                if line is None or line.strip():
                    record, counts = self._row(parser, known.name, line, number)
                    number += counts
                    if record is not None:
                        yield record

    def _row(
        self,
        parser: LineParser,
        name: str,
        line: bytes | None,
        number: int,
        *,
        alone: bool = False,
    ) -> tuple[Record | None, bool]:
        """Record of a line of a log, and whether the line has a number.

        Args:
            parser: of that log.
            name: its format's name.
            line: without its line break; None where it was too long.
            number: of the line.
            alone: it stands among other things, not in a log.
        """
        if line is None:
            self.problems.add("value too long", number, f"more than {LONGEST} bytes")
            return None, True
        line = line.removesuffix(b"\r")
        try:
            event = parser.parse(line).event
            if event is None:
                return None, False
            if event.dataset == "other":
                return self._unread(parser, line, number, event.text("event.action")), True
        except (LineError, TooDeepError, orjson.JSONDecodeError) as error:
            stray = None if alone else self._stray(line, number)
            if stray is None:
                self.problems.add("broken line", number, str(error))
            return stray, True
        return _own(dict(event.fields), event.raw, number), True

    @staticmethod
    def _unread(parser: LineParser, line: bytes, number: int, log: str) -> Record:
        """A line of a log of Zeek or Suricata that is none of our datasets: its names as they are."""
        if isinstance(parser, ZeekParser):
            product, row = "zeek", parser.row(line)
        else:
            product, row = "suricata", orjson.loads(line)
        fields = flat(row)
        return number, (product, "", log), fields, orjson.dumps(fields)

    def _plain_lines(self, read: Read, head: bytes) -> Iterator[Record]:
        number = 0
        for _, batch in lines(read, head):
            for line in batch:
                if line is None:
                    self.problems.add("value too long", number, f"more than {LONGEST} bytes")
                elif line.strip():
                    origin, fields = told_line(line.removesuffix(b"\r").decode("utf-8", "replace"))
                    yield number, "" if self._named else origin, fields, orjson.dumps(fields)
                else:
                    continue
                number += 1


def _batched(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Some at a time; what came before an error comes before it."""
    batch: list[Record] = []
    try:
        for record in records:
            batch.append(record)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except FengsuiError:
        yield batch
        raise
    yield batch


class _Plain:
    """A file's bytes without its compression; what does not unpack is counted and ends it."""

    def __init__(self, stream: Counted, problems: Problems) -> None:
        head = stream.head
        self._inner = unpacked(stream, head)
        self.compressed = head[:2] == b"\x1f\x8b" or head == b"\x28\xb5\x2f\xfd"
        self._problems = problems

    def read(self, size: int, /) -> bytes:
        """The next bytes; empty at the end."""
        try:
            return self._inner.read(size)
        except Exception as error:  # noqa: BLE001 - gzip and zstd have many ways to be damaged
            self._problems.add("cut or damaged compression", -1, str(error))
            return b""

    def read_fully(self, size: int) -> bytes:
        """As many bytes as there are up to `size`."""
        found = b""
        while len(found) < size and (more := self.read(size - len(found))):
            found += more
        return found


def _log_format(lines: list[bytes]) -> Format | None:
    """The log that these lines are of; alerts of other tools are none: rules judge what they were made of."""
    known = format_of(lines)
    return None if known is not None and known.name == "alerts" else known


def _is_only_like_eve(known: Format, line: bytes) -> bool:
    """`event_type` alone does not make EVE of events whose log source the caller names."""
    return known.name == "eve" and (b'"timestamp"' not in line or b'"flow_id"' not in line)


def kind_of(first: list[bytes]) -> str:
    """`json lines`, `json` (an array, or documents over several lines) or `text`."""
    start, *others = first or [b""]
    value = _json_or_none(start)
    if value is not None:
        return "json" if isinstance(value, list) and not others else "json lines"
    opens = start[:1] in (b"{", b"[")
    if not start.startswith(b"[") and any(isinstance(_json_or_none(one), dict) for one in others):
        return "json lines"
    if not others and start.startswith(b"{") and len(start) >= _HEAD:
        return "json lines"
    return "json" if opens else "text"


def _json_or_none(line: bytes) -> object:
    try:
        return parsed(line)[0]
    except ValueError:
        return None


def _first_lines(head: bytes) -> list[bytes]:
    found = [line.strip() for line in head[:_HEAD].split(b"\n", 64)]
    if len(head) >= _HEAD and len(found) > 1:
        found.pop()
    return [line for line in found if line][:_SNIFFED]


def _as_utf8(read: Read, head: bytes) -> tuple[Read, bytes]:
    """The same text in UTF-8 without a byte order mark (PowerShell writes UTF-16)."""
    encoding = _BOMS.get(head[:2])
    if encoding is None:
        return read, head.removeprefix(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder(encoding)("replace")

    def again(size: int) -> bytes:
        while data := read(size):
            if text := decoder.decode(data):
                return text.encode("utf-8", "replace")
        return b""

    return again, decoder.decode(head[2:]).encode("utf-8", "replace")


def _own(fields: dict[str, Any], raw: bytes, number: int) -> Record:
    origin: Origin = str(fields["event.dataset"])
    return number, origin, fields, raw


def _word(value: object) -> str:
    if isinstance(value, list):
        return "array"
    return "null" if value is None else type(value).__name__
