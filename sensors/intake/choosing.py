"""Chosen: a source of which only some datasets are wanted, where it does not choose itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from sensors.source import Batch, Source, Summary

# {"event.id":"<32 hex>","@timestamp":"<27>","event.dataset":"dns",… (see fengsui.event)
_MARK: Final = b'","event.dataset":"'
_AT: Final = 88


class Chosen:
    """Passes on events of the wanted datasets; everything else is read and counted as before."""

    def __init__(self, source: Source, datasets: frozenset[str]) -> None:
        self.name = source.name
        self.size = source.size
        self._source = source
        self._datasets = datasets
        self._heads = tuple(_MARK + name.encode() + b'"' for name in sorted(datasets))

    @property
    def summary(self) -> Summary:
        """Counts so far; of events those of the wanted datasets."""
        summary = self._source.summary
        events = {name: count for name, count in summary.events.items() if name in self._datasets}
        return dataclasses.replace(summary, events=events)

    def __iter__(self) -> Iterator[Batch]:
        """Batches of wanted events; empty ones too, for the clock."""
        for batch in self._source:
            self.size = self._source.size
            lines = [
                line
                for line in batch.lines.splitlines(keepends=True)
                if line.startswith(self._heads, _AT)
            ]
            yield Batch(b"".join(lines), len(lines), batch.clock, batch.done)
