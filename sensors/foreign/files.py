"""Files of a hunt: whatever is named, told apart by content, as numbered records.

The number of an event counts, from 0: records of an EVTX file in their order; non-empty lines of JSON
lines and text; rows of a Zeek log (its headers not); elements of a JSON array, or documents that
follow one another; `<Event>` elements of XML; rows of a CSV table (its header not); events that the
packet sensor makes of a capture. What cannot be read has a number too and is counted in `problems`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Generator, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import orjson

from fengsui.errors import FengsuiError, ForbiddenError, InputError
from sensors.foreign.answers import list_inside
from sensors.foreign.csv_rows import is_table, rows
from sensors.foreign.escapes import has_odd_escapes
from sensors.foreign.json_values import LONGEST, Read, Values, documents, elements, lines, parsed
from sensors.foreign.plain import EVTX, Plain
from sensors.foreign.record import Origin, Problems, Record
from sensors.foreign.shapes import (
    ECS,
    LINUX,
    PLAIN,
    WINDOWS,
    WITHOUT_SPACES,
    TooDeepError,
    flat,
    is_bare,
    told,
)
from sensors.foreign.sniffing import (
    HEAD,
    as_utf8,
    first_lines,
    is_binary,
    is_only_like_eve,
    is_windows_xml,
    kind_of,
    log_format,
    refuse_archive,
)
from sensors.foreign.text_lines import is_heading, told_line
from sensors.intake.magic import CAPTURES, STANDARD_INPUT
from sensors.logs.lines import Counted
from sensors.logs.parser import Format, LineError, LineParser

if TYPE_CHECKING:
    from sensors.foreign.archives import Member
    from sensors.foreign.unread import Unread
    from sensors.logs.parsers.zeek import ZeekParser

    Batch = list[Record] | Unread

_BATCH: Final = 64  # events: so many that the processor's cache holds them
_BROKEN: Final = object()


class ForeignFile:
    """One file of a hunt, read once.

    Args:
        path: `-` is standard input; a member of an archive is `logs.zip/Security.evtx`.
        stream: read instead of the path.
        named: the caller says what lines of text are; else their form tells.

    Attributes:
        name: as it was given.
        size: bytes, 0 where it is not known.
        kind: `capture`, `evtx`, `json lines`, `json`, `windows xml`, `csv`, `text` or the name of a log
            format, once known.
        problems: what could not be read.
    """

    def __init__(self, path: str, stream: BinaryIO | None = None, *, named: bool = False) -> None:
        self.name = path
        self.kind = ""
        self.problems = Problems()
        self.records = 0
        self._stream = stream
        self._named = named
        self._member: Member | None = None  # of an archive
        file = Path(path)
        self.size = file.stat().st_size if path != STANDARD_INPUT and file.is_file() else 0
        self._parsers: dict[str, LineParser] = {}  # of logs whose lines stand among others
        self._input: Counted | None = None

    @classmethod
    def member(cls, member: Member, *, named: bool = False) -> ForeignFile:
        """A file inside an archive."""
        found = cls(member.shown, named=named)
        found._member = member
        return found

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._input.taken if self._input is not None else 0

    def __iter__(self) -> Iterator[Record]:
        """Its events; raises what `batches` does."""
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[Batch]:
        """Its events, some at a time.

        Raises:
            InputError: missing, empty, a folder, or damaged from the start.
            ForbiddenError: it may not be read.
        """
        stream = self._stream or self._opened()
        try:
            self._input = Counted(stream, self._first(stream))
            yield from self._read()
        finally:
            if stream is not self._stream:
                stream.close()

    def _first(self, stream: BinaryIO) -> bytes:
        try:
            return stream.read(4)
        except Exception as error:  # noqa: BLE001 - of a cut archive, whose errors are many
            self.problems.add("cut or damaged compression", -1, str(error))
            return b""

    def _opened(self) -> BinaryIO:
        if self.name == STANDARD_INPUT:
            return sys.stdin.buffer
        try:
            if self._member is not None:
                return self._member.open()
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

    def _read(self) -> Iterator[Batch]:
        plain = Plain(self._input, self.problems)  # type: ignore[arg-type]
        head = plain.read_fully(HEAD)
        if not head:
            raise self._nothing()
        refuse_archive(head, self.name)
        if head.startswith(EVTX):
            self.kind = "evtx"
            yield from _batched(self._evtx(plain, head))
        elif head[:4] in CAPTURES:
            self.kind = "capture"
            yield from _batched(self._capture(plain, head))
        else:
            yield from self._text(*as_utf8(plain.read, head))

    def _nothing(self) -> InputError:
        if any(True for _ in self.problems):
            return InputError(
                "Nothing of the file can be unpacked",
                where=self.name,
                next="Fetch it again; it is cut or damaged",
                code="damaged",
            )
        return InputError("The file is empty", where=self.name, next="Check the path", code="empty")

    def _evtx(self, plain: Plain, head: bytes) -> Iterator[Record]:
        path = Path(self.name)
        # Imported here: what only an event log that is packed needs.
        with import_module("tempfile").NamedTemporaryFile(
            prefix="fengsui-", suffix=".evtx"
        ) as copy:
            if plain.compressed or not path.is_file():
                while head:
                    copy.write(head)
                    head = plain.read(HEAD)
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

    def _capture(self, plain: Plain, head: bytes) -> Iterator[Record]:
        stream = io.BufferedReader(Counted(plain, head))  # type: ignore[arg-type]
        number = 0
        # Imported here: machine code and numpy, which a hunt over logs does not wait for.
        capture = import_module("sensors.packet.capture").CaptureSensor
        for batch in capture(None, stream, name=self.name, sensor="hunt"):
            for line in batch.lines.splitlines():
                yield _own(orjson.loads(line), line, number)
                number += 1

    def _text(self, read: Read, head: bytes) -> Iterator[Batch]:
        first = first_lines(head)
        known = log_format(first) if first else None
        if known is not None and not (self._named and is_only_like_eve(known, first[0])):
            self.kind = known.name
            yield from _batched(self._log(known, read, head))
            return
        if is_windows_xml(head):
            self.kind = "windows xml"
            yield from _batched(self._xml(read, head))
            return
        if first and is_table(first, named=self._named):
            self.kind = "csv"
            yield from _batched(self._csv(read, head))
            return
        self.kind = kind_of(first)
        if self.kind == "text":
            if is_binary(head):
                raise InputError(
                    "The file is no log, capture or archive of a kind that is known",
                    where=self.name,
                    next="Unpack other archives (7z, rar) first; from standard input name the file",
                    code="unknown_file",
                )
            yield from _batched(self._plain_lines(read, head))
            return
        start = list_inside(head) if len(first) == 1 or self.kind == "json" else None
        if start is not None:
            self.kind = "json"
            yield from self._json(documents(read, head[start:], one_array=True))
            return
        values = lines(read, head) if self.kind == "json lines" else documents(read, head)
        yield from self._json(values)

    def _csv(self, read: Read, head: bytes) -> Iterator[Record]:
        """Events of a table."""
        each = (line for _, batch in lines(read, head) for line in batch)
        texts = ((line or b"").decode("utf-8", "replace") + "\n" for line in each)
        for number, row in enumerate(rows(texts)):
            if isinstance(row, str):
                self.problems.add("broken line", number, row)
            elif (record := self._told(row, orjson.dumps(row), number)) is not None:
                yield record

    def _xml(self, read: Read, head: bytes) -> Iterator[Record]:
        """Events of the Windows event log as `wevtutil /f:xml` and forwarders write them."""
        event_of = import_module("sensors.foreign.wrapped").event_of_xml
        for number, piece in enumerate(elements(read, head, b"</Event>")):
            if piece is None:
                self.problems.add("value too long", number, f"more than {LONGEST} bytes")
                continue
            text = piece.decode("utf-8", "replace")
            event = event_of(text[max(text.find("<Event "), text.find("<Event>"), 0) :])
            if event is None:
                self.problems.add("not XML of an event", number, text[:200])
            elif (record := self._told(event, b"", number)) is not None:
                yield record

    def _json(self, batches: Iterable[Values]) -> Iterator[Batch]:
        """Events of JSON values: neighbouring flat Windows events as far as needed, others one by one."""
        number = 0
        for unusual, batch in batches:
            pieces = None if unusual else _quick().pieces(batch)
            for start, end, keys in pieces or ((0, len(batch), ()),):
                some = batch if end - start == len(batch) else batch[start:end]
                if keys:
                    yield _quick().Unread(number, some, keys)
                    number += len(some)
                else:
                    number = yield from self._one_by_one(some, number, odd=unusual)

    def _one_by_one(
        self, batch: list[bytes | None], number: int, *, odd: bool
    ) -> Generator[list[Record], None, int]:
        """Events of values that are read to the end; gives the number of the next one."""
        loads, is_plain, usual = orjson.loads, PLAIN.issuperset, WITHOUT_SPACES
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
        return number

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
            if self._named or (origin and not (origin == ECS and is_bare(fields))):
                return number, origin, fields, written
            if not origin and ("event_type" in value or "ts" in value):
                return self._of_a_log(raw, number) or (number, origin, fields, written)
            inside = _carried().carried(value, fields)
            if inside is None or (origin and not inside[0]):
                return number, origin, fields, written
            return number, *inside, orjson.dumps(inside[1])
        except (TooDeepError, orjson.JSONEncodeError) as error:
            self.problems.add("nested too deep", number, str(error))
            return None

    def _of_a_log(self, raw: bytes, number: int) -> Record | None:
        """The record, where it is a line of Zeek or Suricata among others."""
        known = log_format([raw])
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
        if isinstance(parser, import_module("sensors.logs.parsers.zeek").ZeekParser):
            product, row = "zeek", cast("ZeekParser", parser).row(line)
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
                    text = line.removesuffix(b"\r").decode("utf-8", "replace")
                    if is_heading(text):
                        number += 1
                        continue
                    origin, fields = self._line(text)
                    yield number, origin, fields, orjson.dumps(fields)
                else:
                    continue
                number += 1

    def _line(self, text: str) -> tuple[Origin, dict[str, Any]]:
        """Origin and fields of a line of text."""
        if not self._named and ("<Event" in text or "{" in text):
            try:
                found: tuple[Origin, dict[str, Any]] | None = _carried().event_in(text)
            except TooDeepError:
                found = None
            if found is not None:
                return found
        origin, fields = told_line(text)
        return "" if self._named else origin, fields


@cache
def _carried() -> Any:
    """`sensors.foreign.carried`, imported with the first object of no known shape."""
    return import_module("sensors.foreign.carried")


@cache
def _quick() -> Any:
    """`sensors.foreign.unread`, imported with the second block: short files do not wait for it."""
    return import_module("sensors.foreign.unread")


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


def _own(fields: dict[str, Any], raw: bytes, number: int) -> Record:
    origin: Origin = str(fields["event.dataset"])
    return number, origin, fields, raw


def _word(value: object) -> str:
    if isinstance(value, list):
        return "array"
    return "null" if value is None else type(value).__name__
