"""Log files as a source of events: Zeek (TSV, JSON) and Suricata EVE, plain, .gz or .zst."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from fengsui.clock import DAY, WallClock
from fengsui.errors import ForbiddenError, InputError
from fengsui.registry import parts
from sensors.logs import parsers
from sensors.logs.lines import LineStream
from sensors.logs.parser import Format, LineError, Parsed
from sensors.source import Batch, Summary

BATCH_EVENTS: Final = 1_000
_SNIFFED_LINES: Final = 8
_NUMBERS_KEPT: Final = 5
_LOG = logging.getLogger(__name__)


def formats() -> tuple[Format, ...]:
    """The shelf of log formats."""
    return tuple(module.PARSER for module in parts(parsers))


def format_of(first_lines: list[bytes]) -> Format | None:
    """The format that the first non-blank lines speak of; None when none does."""
    scored = [(known.sniff(first_lines), known) for known in formats()]
    best, known = max(scored, key=lambda pair: pair[0])
    return known if best > 0 else None


class LogReader:
    """One log, read once; `summary` is complete when the iterator has ended.

    Args:
        path: file, or None with `stream`.
        stream: bytes of the log (standard input, an upload).
        name: shown in messages and summaries; also tells the log where its lines do not.
        sensor: `observer.name` of the events.
    """

    def __init__(
        self, path: Path | None, stream: BinaryIO | None = None, *, name: str, sensor: str
    ) -> None:
        self.name = name
        self.size = path.stat().st_size if path is not None and path.is_file() else 0
        self.bad_lines: list[int] = []  # numbers of the first few
        self._path = path
        self._stream = stream
        self._sensor = sensor
        self._summary = Summary()

    @property
    def summary(self) -> Summary:
        """Counts so far."""
        return self._summary

    def __iter__(self) -> Iterator[Batch]:
        """Batches of about a thousand events.

        Raises:
            InputError: not a file, empty, no known log, or not one usable line.
            ForbiddenError: no permission to read it.
        """
        with ExitStack() as stack:
            stream = self._stream if self._stream is not None else self._opened(stack)
            yield from self._batches(stream)
        if self.bad_lines:
            _LOG.warning(
                "log lines not understood", extra={"input": self.name, "lines": self.bad_lines}
            )

    def _opened(self, stack: ExitStack) -> BinaryIO:
        where = str(self._path)
        try:
            if self._path is None:
                raise FileNotFoundError("neither a path nor a stream was given")
            return stack.enter_context(self._path.open("rb"))
        except PermissionError as error:
            raise ForbiddenError(
                "No permission to read the log", where=where, next="Allow this user to read it"
            ) from error
        except OSError as error:
            raise InputError(
                f"The log cannot be opened: {error.strerror or error}",
                where=where,
                next="Name one log file; a folder is named file by file",
            ) from error

    def _batches(self, stream: BinaryIO) -> Iterator[Batch]:
        summary = self._summary
        lines = LineStream(stream, summary.losses, "log", self.name)
        walk = iter(lines)
        head = list(islice(walk, _SNIFFED_LINES))
        known = self._recognised([line for line, _ in head if line.strip()], bool(head))
        parser = known.start(Path(self.name).name, self._sensor)
        raws: list[bytes] = []
        clock = 0
        latest = WallClock().now() + DAY  # a time beyond moves no clock
        for line, whole in chain(head, walk):
            summary.records += 1
            parsed = self._parsed(parser.parse, line, whole, known.name)
            if parsed is None or parsed.event is None:
                continue
            raws.append(parsed.event.raw)
            told = max((at for at in (parsed.clock, parsed.time) if at <= latest), default=0)
            clock = max(clock, told)
            self._count(parsed, clock)
            if len(raws) >= BATCH_EVENTS:
                summary.bytes = lines.bytes
                yield Batch(b"\n".join(raws) + b"\n", len(raws), clock, lines.input.taken)
                raws = []
        summary.bytes = lines.bytes
        if raws:
            yield Batch(b"\n".join(raws) + b"\n", len(raws), clock, lines.input.taken)
        self._refuse_if_useless(known.name)

    def _recognised(self, first_lines: list[bytes], some: bool) -> Format:
        known = format_of(first_lines) if first_lines else None
        if known is not None:
            return known
        names = ", ".join(each.name for each in formats())
        raise InputError(
            "The log has a format that is not known" if some else "The log is empty",
            where=self.name,
            next=f"Give a capture (pcap, pcapng) or a log of one of these kinds: {names}",
            code="unknown_log" if some else "empty",
        )

    def _parsed(
        self, parse: Callable[[bytes], Parsed], line: bytes, whole: bool, name: str
    ) -> Parsed | None:
        summary = self._summary
        if not line.strip():
            kind, parsed = "blank", None
        else:
            try:
                parsed = parse(line)
                kind = parsed.kind
            except LineError:
                parsed, kind = None, "bad" if whole else "cut"
                summary.losses.add(f"{name}.{kind}_line")
                if len(self.bad_lines) < _NUMBERS_KEPT:
                    self.bad_lines.append(summary.records)
        key = f"{name}.{kind}"
        summary.kinds[key] = summary.kinds.get(key, 0) + 1
        return parsed

    def _count(self, parsed: Parsed, clock: int) -> None:
        summary = self._summary
        summary.events[parsed.dataset] = summary.events.get(parsed.dataset, 0) + 1
        summary.first = min(summary.first or parsed.time, parsed.time)
        summary.last = clock

    def _refuse_if_useless(self, name: str) -> None:
        bad = self._summary.kinds.get(f"{name}.bad", 0)
        if bad and not self._summary.events:
            raise InputError(
                f"None of the log's {bad} lines can be used",
                where=f"{self.name}: line {self.bad_lines[0]}",
                next="Look at that line; the header may belong to another file",
                code="no_usable_line",
            )
