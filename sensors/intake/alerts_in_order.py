"""A file of nothing but alerts, in order of their time.

Exports of other tools are often several lists one behind the other. Alerts are judged by what came
before them, so those lines are sorted first; other logs and captures pass as they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO, Final

from fengsui.errors import FengsuiError
from fengsui.event import Event
from sensors.intake.ordering import OrderedLines
from sensors.source import Batch, Source, Summary

_ALERTS: Final = b'"event.dataset":"ids"'
_BATCH: Final = 1_000  # lines


class AlertsInOrder:
    """A source whose batches come by time where its first ones hold only alerts.

    Args:
        source: read once.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name
        self.size = source.size

    @property
    def summary(self) -> Summary:
        """Counts so far."""
        return self._source.summary

    def __iter__(self) -> Iterator[Batch]:
        """Batches of about a thousand events.

        Raises:
            FengsuiError: as the source, after what was read before.
        """
        batches = iter(self._source)
        first = next(batches, None)
        if first is None:
            return
        if first.lines.count(_ALERTS) < first.count:
            yield first
            yield from batches
            return
        yield from _sorted(chain((first,), batches))


def _sorted(batches: Iterator[Batch]) -> Iterator[Batch]:
    problem: FengsuiError | None = None
    newest = done = 0
    with tempfile.TemporaryFile(prefix="fengsui-") as whole:
        lines = OrderedLines(whole.write)
        try:
            try:
                for batch in batches:
                    lines.put(batch.lines)
                    newest, done = batch.clock, batch.done
                    yield Batch(b"", 0, 0, done)  # it goes on
            except FengsuiError as error:
                problem = error  # told once the good part is
            lines.finish()
        finally:
            lines.close()
        whole.seek(0)
        yield from _read(whole, newest, done)
    if problem is not None:
        raise problem


def _read(whole: IO[bytes], newest: int, done: int) -> Iterator[Batch]:
    while some := list(islice(whole, _BATCH)):
        # An alert from the future does not move the clock, which the reader kept.
        yield Batch(b"".join(some), len(some), min(Event(some[-1]).time, newest), done)
