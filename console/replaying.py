"""Replay: inputs through the pipeline on their own clock, merged by time, with progress and a report."""

from __future__ import annotations

import heapq
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fengsui.clock import to_iso
from fengsui.errors import FengsuiError
from fengsui.loss import Losses
from sensors.source import Batch, Source

if TYPE_CHECKING:
    from fengsui.alert import Alert
    from fengsui.incident import Incident

OnProgress = Callable[[int, int, str], None]  # done, total (bytes; 0 unknown), what is being read


class Sink(Protocol):
    """Where a replay's batches go: a pipeline in this process, or the spool of a running worker."""

    def put(self, lines: bytes, clock: int) -> None:
        """Take a batch."""
        ...


@dataclass(slots=True)
class Input:
    """One input of a replay and what became of it; `error` where it could not be used (to its end)."""

    source: Source
    error: FengsuiError | None = None

    def as_json(self) -> dict[str, Any]:
        """Counts of one input."""
        summary = self.source.summary
        return {
            "name": self.source.name,
            "records": summary.records,
            "bytes": summary.bytes,
            "kinds": dict(sorted(summary.kinds.items())),
            "events": dict(sorted(summary.events.items())),
            "first": to_iso(summary.first) if summary.first else "",
            "last": to_iso(summary.last) if summary.last else "",
            "losses": summary.losses.as_json(),
            "error": self.error.as_json() if self.error else None,
        }


@dataclass(slots=True)
class Outcome:
    """What a replay found; `seconds` is wall time."""

    inputs: list[Input]
    seconds: float
    alerts: Sequence[Alert] = ()
    incidents: Sequence[Incident] = ()
    added: int = 0
    duplicates: int = 0
    losses: Losses = field(default_factory=Losses)
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> dict[str, Any]:
        """The document of `fengsui replay --json` (`fengsui schema replay`)."""
        kinds: Counter[str] = Counter()
        events: Counter[str] = Counter()
        losses = Losses(self.losses.as_json())
        for one in self.inputs:
            kinds.update(one.source.summary.kinds)
            events.update(one.source.summary.events)
            losses.merge(one.source.summary.losses)
        firsts = [one.source.summary.first for one in self.inputs if one.source.summary.first]
        lasts = [one.source.summary.last for one in self.inputs if one.source.summary.last]
        return {
            "inputs": [one.as_json() for one in self.inputs],
            "packets": sum(kinds.values()),
            "kinds": dict(sorted(kinds.items())),
            "events": dict(sorted(events.items())),
            "added": self.added,
            "duplicates": self.duplicates,
            "first": to_iso(min(firsts)) if firsts else "",
            "last": to_iso(max(lasts)) if lasts else "",
            "alerts": [alert.as_json() for alert in self.alerts],
            "incidents": [incident.as_json() for incident in self.incidents],
            "losses": losses.as_json(),
            "seconds": round(self.seconds, 3),
            "peak_memory_bytes": peak_memory(),
            **self.extra,
        }


def feed(sources: Sequence[Source], sink: Sink, on_progress: OnProgress) -> list[Input]:
    """Read all inputs in order of time into the sink.

    An input that fails is recorded and the others go on; what it gave before stays.

    Raises:
        FengsuiError: every input failed and none gave an event; the first one's error.
    """
    inputs = [Input(source) for source in sources]
    total = sum(source.size for source in sources)
    done: dict[int, int] = {}
    beat = 0.0
    for number, batch in merged(inputs):
        if batch.lines:
            sink.put(batch.lines, batch.clock)
        done[number] = batch.done
        if time.monotonic() - beat > 0.1:
            beat = time.monotonic()
            on_progress(sum(done.values()), total, inputs[number].source.name)
    on_progress(total, total, "")
    errors = [one.error for one in inputs if one.error]
    if errors and all(one.error and not any(one.source.summary.events.values()) for one in inputs):
        raise errors[0]
    return inputs


def merged(inputs: Sequence[Input]) -> Iterator[tuple[int, Batch]]:
    """Batches of several inputs by their clock, each input's own in its order."""
    streams = [_guarded(one) for one in inputs]
    heads: list[tuple[int, int, Batch]] = []
    for number, stream in enumerate(streams):
        batch = next(stream, None)
        if batch:
            heapq.heappush(heads, (batch.clock, number, batch))
    while heads:
        _, number, batch = heapq.heappop(heads)
        yield number, batch
        following = next(streams[number], None)
        if following:
            heapq.heappush(heads, (following.clock, number, following))


def _guarded(one: Input) -> Iterator[Batch]:
    try:
        yield from one.source
    except FengsuiError as error:
        one.error = error


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes."""
    try:  # of this program alone; getrusage also counts what the parent held when it started us
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
        return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
    except (OSError, StopIteration):
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
