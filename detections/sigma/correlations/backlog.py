"""Backlog: entries of many groups in columns, until one group of them is looked at.

A batch of base hits that completes nothing costs a group nothing here: its entries lie in the batch's
chunk, sorted by group, and four columns (time of the newest entry, how many, until when silent, times of
the last few) tell what the next batch needs to know. A group is opened, that is its entries are moved
into a `Window`, when an event of it goes through a lane or completes something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from detections.sigma.correlations.fields import LONGEST, Key
from detections.sigma.correlations.shapes import Form
from detections.sigma.correlations.windows import NEVER, Window

_MOST_CHUNKS = 64
_FEW = 4096  # entries that are rather moved into windows than looked through in columns
_SPARE = 1024  # spellings remembered besides two a group

Column = Any  # numpy array of int64


class Chunk(NamedTuple):
    """Entries of one batch.

    Attributes:
        starts, ends: where each group's entries stand in `times` and `order`; `starts` moves up when
            entries go into a window.
        times: ns, group by group.
        order: places in the batch, in the same order.
        events, payloads: by place in the batch; no payloads where the form keeps none.
        arrival: the number before the batch's first.
        newest: of all times.
    """

    starts: Column
    ends: Column
    times: Column
    order: Column
    events: Sequence[object]
    payloads: Sequence[object]
    arrival: int
    newest: int


class Numbers(dict[object, int]):
    """Numbers of groups by their value as events write it; a new value gets one.

    Raises:
        KeyError: looked up with what is no text, or too long a one.
    """

    def __init__(self, windows: dict[Key, Window]) -> None:
        self._windows = windows
        self.by_key: dict[Key, int] = {}
        self.shown: list[str] = []
        self.opened: set[int] = set()

    def __missing__(self, text: object) -> int:
        if not isinstance(text, str) or len(text) > LONGEST:
            raise KeyError(text)
        key = text.lower()
        number = self.by_key.get(key)
        if number is None:
            number = self.by_key[key] = len(self.shown)
            self.shown.append(text)
            if key in self._windows:
                self.opened.add(number)
        elif not self.shown[number]:
            self.shown[number] = text
        if len(self) >= 2 * len(self.shown) + _SPARE:
            self.clear()
        self[text] = number
        return number


class Backlog:
    """The columns of one correlation's groups.

    Args:
        form: of its windows.
        windows: those that are made, by key.
        spelled: to be emptied when windows are no longer up to date.

    Attributes:
        numbers: of the groups.
        newest, silent, held: by number: time of the newest entry and end of the silence (ns), and
            entries, at most.
        tails: times of the newest entries, from the oldest; as many as come before one that can
            complete something.
        back: how many these are.
    """

    def __init__(
        self, form: Form, windows: dict[Key, Window], spelled: dict[object, Window]
    ) -> None:
        self._form = form
        self._windows = windows
        self._spelled = spelled
        self.back = max(form.least, 1) - 1
        self._begin()

    def _begin(self) -> None:
        self.numbers = Numbers(self._windows)
        self._keys: list[Key] = []
        self._chunks: list[Chunk] = []
        self.newest: Column = np.empty(0, np.int64)
        self.silent: Column = self.newest.copy()
        self.held: Column = self.newest.copy()
        self.tails: Column = np.empty((0, self.back), np.int64)

    def __len__(self) -> int:
        """Groups that are known."""
        return len(self.numbers.shown)

    @property
    def staged(self) -> int:
        """Entries that are in no window."""
        return sum(int((chunk.ends - chunk.starts).sum()) for chunk in self._chunks)

    def closed(self) -> None:
        """Bring the columns up to date with the windows that were open."""
        more = len(self) - len(self.newest)
        if more:
            room = np.full(more, NEVER)
            self.newest = np.concatenate((self.newest, room))
            self.silent = np.concatenate((self.silent, room))
            self.held = np.concatenate((self.held, np.zeros(more, np.int64)))
            self.tails = np.concatenate((self.tails, np.full((more, self.back), NEVER)))
            self._keys += list(self.numbers.by_key)[len(self._keys) :]
        back = self.back
        for number in self.numbers.opened:
            window = self._windows.get(self._keys[number])
            times = window.times if window is not None else []
            self.newest[number] = times[-1] if times else NEVER
            self.silent[number] = window.silent if window is not None else NEVER
            self.held[number] = len(times)
            if back:
                tail = times[-back:]
                self.tails[number] = [NEVER] * (back - len(tail)) + tail
        self.numbers.opened.clear()
        self._spelled.clear()

    def put(self, chunk: Chunk) -> None:
        """Take a batch's entries, each newer than all others of its group; columns closed before."""
        if len(self._chunks) >= _MOST_CHUNKS:
            self._emptied()
        self._chunks.append(chunk)
        counts = chunk.ends - chunk.starts
        here = np.flatnonzero(counts)
        if not len(here):
            return
        ends, counts = chunk.ends[here], counts[here]
        self.newest[here] = chunk.times[ends - 1]
        self.held[here] += counts
        if self.back:
            rank = counts[:, None] - self.back + np.arange(self.back)
            first = ends - counts
            new = chunk.times[np.maximum(first[:, None] + rank, 0)]
            at = np.clip(rank + self.back, 0, self.back - 1)
            old = np.take_along_axis(self.tails[here], at, 1)
            self.tails[here] = np.where(rank >= 0, new, old)

    def key(self, number: int) -> Key:
        """Of a group's number."""
        return self._keys[number]

    def find(self, key: Key) -> Window | None:
        """The window of a group with all its entries, which may change it then."""
        number = self.numbers.by_key.get(key)
        if number is None or number in self.numbers.opened:
            return self._windows.get(key)
        self.numbers.opened.add(number)
        return self._windows.get(key) if self._unheld(number) else self.moved(number)

    def _unheld(self, number: int) -> bool:
        return number >= len(self.newest) or self.newest[number] == NEVER

    def moved(self, number: int, end: int | None = None) -> Window:
        """The window of a group with its entries moved there; of the last chunk those before `end`."""
        window = self._window(number)
        last = len(self._chunks) - 1
        for place, chunk in enumerate(self._chunks):
            if number < len(chunk.starts):
                start = int(chunk.starts[number])
                stop = int(chunk.ends[number]) if end is None or place < last else end
                if start < stop:
                    self._move(window, chunk, start, stop)
                    chunk.starts[number] = stop
        self._tidied(window)
        return window

    def _window(self, number: int) -> Window:
        key = self._keys[number]
        window = self._windows.get(key)
        if window is None:
            shown = (self.numbers.shown[number],)
            window = self._windows[key] = Window(self._form.measure(), shown)
            window.silent = int(self.silent[number])
        return window

    def _move(self, window: Window, chunk: Chunk, start: int, end: int) -> None:
        places = chunk.order[start:end].tolist()
        times = chunk.times[start:end].tolist()
        events, payloads = chunk.events, chunk.payloads
        window.times += times
        window.events += [events[place] for place in places]
        if payloads:
            some = [payloads[place] for place in places]
            window.payloads += some
            window.measure.last.update(zip(some, times, strict=True))
        window.arrival = chunk.arrival + places[-1] + 1

    def _tidied(self, window: Window) -> None:
        form = self._form
        if len(window.times) >= window.tidy_at:
            window.tidy(window.times[-1] - form.timespan - form.lateness, form)

    def over(self, key: Key, keep: int) -> bool:
        """Whether no entry of a group is as new as `keep` (ns)."""
        number = self.numbers.by_key.get(key)
        if number is None or number in self.numbers.opened or number >= len(self.newest):
            return True
        return bool(self.newest[number] < keep)

    def sweep(self, keep: int) -> None:
        """Forget groups without an entry as new as `keep` (ns), and chunks that nothing needs."""
        over = self.newest < keep
        if self.staged < _FEW or 2 * int(over.sum()) > len(self):
            self.unload()
            return
        for number in np.flatnonzero(over).tolist():
            self.numbers.shown[number] = ""  # the group's next event spells it
        self.numbers.clear()
        self.newest[over] = self.silent[over] = NEVER
        self.tails[over] = NEVER
        self.held[over] = 0
        needed = keep - self._form.timespan - self._form.lateness
        self._chunks = [chunk for chunk in self._chunks if chunk.newest >= needed]
        for chunk in self._chunks:
            gone = np.flatnonzero(over[: len(chunk.starts)])
            chunk.starts[gone] = chunk.ends[gone]

    def unload(self) -> None:
        """Move everything into windows and begin anew."""
        self._emptied()
        for number in np.flatnonzero(self.newest != NEVER).tolist():
            if self._keys[number] in self._windows:
                self._tidied(self._windows[self._keys[number]])
        self._spelled.clear()
        self._begin()

    def _emptied(self) -> None:
        for chunk in self._chunks:
            here = np.flatnonzero(chunk.ends > chunk.starts)
            runs = zip(
                here.tolist(), chunk.starts[here].tolist(), chunk.ends[here].tolist(), strict=True
            )
            for number, start, end in runs:
                self._move(self._window(number), chunk, start, end)
        self._chunks = []
