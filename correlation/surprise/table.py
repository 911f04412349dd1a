"""AlertTable: millions of alerts in columns of numbers, each told by its file and its number there."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from correlation.surprise.kinds import Kind
from fengsui.clock import SECOND
from fengsui.severity import Severity

HOSTS_KEPT = 65_536
KINDS_KEPT = 50_000
_SAID_KEPT = (
    150_000  # different alerts but for their time; beyond them addresses outside are not told
)
_STRAY_GAP = 30 * 86_400  # s of silence beyond which a few alerts have a wrong time
_STRAYS = 0.01  # share of all alerts that are a few
_LATEST = (1 << 62) // SECOND
_FIELDS = ("host", "kind", "far", "other")


@dataclass(frozen=True, slots=True)
class Host:
    """A host that alerts are about."""

    address: str
    name: str

    @property
    def key(self) -> str:
        """What tells it from others: its address, else its name."""
        return self.address or self.name

    def joined(self, other: Host) -> Host:
        """The same host by two of its alerts: of several names the first in their order."""
        if not other.name or (self.name and self.name <= other.name):
            return self
        return other


class TabledAlert(Protocol):
    """A named tuple of what an alert says, its time (ns) first, as the readers of alerts give it."""

    @property
    def time(self) -> int | None:
        """Nanoseconds since the epoch."""
        ...

    @property
    def tool(self) -> str:
        """Who raised it."""
        ...

    @property
    def kind(self) -> str:
        """What makes two alerts of a tool the same sort."""
        ...

    @property
    def title(self) -> str:
        """As the tool words it."""
        ...

    @property
    def host(self) -> str:
        """Name of the host."""
        ...

    @property
    def address(self) -> str:
        """Address of the host."""
        ...

    @property
    def far(self) -> str:
        """An address outside, or ""."""
        ...

    @property
    def severity(self) -> Severity | None:
        """As the tool weighs it."""
        ...

    @property
    def tactics(self) -> tuple[str, ...]:
        """Of ATT&CK that the tool names."""
        ...

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """Kind and value of other entities."""
        ...

    def __getitem__(self, part: slice, /) -> tuple[Any, ...]:
        """Fields by place."""
        ...


class AlertTable:
    """Alerts to be correlated.

    Attributes:
        hosts, kinds, fars, others: what the columns' numbers stand for.
        without_time, without_host: alerts that cannot be correlated, counted.
        crowded: alerts whose host or kind is one too many to be kept apart.
    """

    def __init__(self) -> None:
        self.hosts: list[Host] = []
        self.kinds: list[Kind] = []
        self.fars: list[str] = [""]
        self.others: list[tuple[tuple[str, str], ...]] = [()]
        self._numbers: dict[Any, int] = {}  # of hosts, kinds, addresses and entities
        self._said: dict[tuple[Any, ...], int] = {}
        self._fields = {name: array("i") for name in _FIELDS}  # by what is said
        self._times = array("q")  # s
        self._columns = {name: array("i") for name in ("said", "file", "number")}
        self._believed = (0, (0, 0))  # for so many alerts
        self.without_time = self.without_host = self.crowded = 0

    def __len__(self) -> int:
        return len(self._times)

    @property
    def set_aside(self) -> int:
        """Alerts that cannot be correlated."""
        return self.without_time + self.without_host + self.crowded

    def add(self, file: int, number: int, alert: TabledAlert) -> None:
        """Take an alert in. One without time or host is counted and left aside."""
        time = alert.time
        if time is None or not -_LATEST < time // SECOND < _LATEST:
            self.without_time += 1
            return
        tail = alert[1:]
        said = self._said.get(tail)
        if said is None:
            if not (alert.address or alert.host):
                self.without_host += 1
                return
            said = self._say(alert, tail)
            if said is None:
                self.crowded += 1
                return
        self._times.append(time // SECOND)
        self._columns["said"].append(said)
        self._columns["file"].append(file)
        self._columns["number"].append(number)

    def _say(self, alert: TabledAlert, tail: tuple[Any, ...]) -> int | None:
        """Number of what an alert says beside its time; None where there is no room."""
        host = self._host(Host(alert.address, alert.host))
        kind = self._kind(Kind(alert.tool, alert.kind, alert.title, alert.severity, alert.tactics))
        if host is None or kind is None:
            return None
        far = other = 0
        known: tuple[Any, ...] = tail
        if len(self._said) >= _SAID_KEPT:
            known = (host, kind)
            if known in self._said:
                return self._said[known]
            if len(self._said) >= 2 * _SAID_KEPT:
                return None
        else:
            far = self._number(alert.far, self.fars) if alert.far else 0
            other = self._number(alert.others, self.others) if alert.others else 0
        for name, value in zip(_FIELDS, (host, kind, far, other), strict=True):
            self._fields[name].append(value)
        self._said[known] = len(self._said)
        return self._said[known]

    def _number(self, value: Any, values: list[Any]) -> int:
        number = self._numbers.setdefault(value, len(values))
        if number == len(values):
            values.append(value)
        return number

    def _host(self, host: Host) -> int | None:
        number = self._numbers.setdefault(("host", host.key), len(self.hosts))
        if number < len(self.hosts):
            self.hosts[number] = self.hosts[number].joined(host)
            return number
        if number >= HOSTS_KEPT:
            del self._numbers["host", host.key]
            return None
        self.hosts.append(host)
        return number

    def _kind(self, kind: Kind) -> int | None:
        key = ("kind", kind.tool, kind.key)
        number = self._numbers.setdefault(key, len(self.kinds))
        if number < len(self.kinds):
            self.kinds[number] = self.kinds[number].joined(kind)
            return number
        if number >= KINDS_KEPT:
            del self._numbers[key]
            return None
        self.kinds.append(kind)
        return number

    def times(self) -> NDArray[np.int64]:
        """Seconds since the epoch, in order of adding."""
        return np.frombuffer(self._times, np.int64)

    def said(self) -> NDArray[np.int32]:
        """Number of what each alert says, in order of adding."""
        return np.frombuffer(self._columns["said"], np.int32)

    def field(self, name: str) -> NDArray[np.int32]:
        """By number of what is said: its `host`, `kind`, `far` or `other`."""
        return np.frombuffer(self._fields[name], np.int32)

    def column(self, name: str) -> NDArray[np.int32]:
        """Numbers in order of adding: `file`, `number`, or a field of what is said."""
        if name in self._columns:
            return np.frombuffer(self._columns[name], np.int32)
        return self.field(name)[self.said()]

    def order(self) -> NDArray[np.int32]:
        """Positions by second, then by names: the same for any order of adding."""
        hosts = _ranks([host.key for host in self.hosts])
        kinds = _ranks([f"{kind.tool}\0{kind.key}" for kind in self.kinds])
        fars = _ranks(self.fars)
        others = _ranks([repr(other) for other in self.others])
        said = np.lexsort(
            (
                others[self.field("other")],
                fars[self.field("far")],
                kinds[self.field("kind")],
                hosts[self.field("host")],
            )
        )
        rank = np.empty(len(said), np.int64)
        rank[said] = np.arange(len(said))
        times = self.times()
        start = int(times.min()) if len(times) else 0
        keys = times - start
        keys *= max(1, len(said))
        keys += rank[self.said()]
        return np.argsort(keys).astype(np.int32)  # equal keys are alerts that say the same

    def strays(self) -> int:
        """How many alerts have a time that is not believed."""
        first, last = self.believed()
        times = self.times()
        if not len(times) or (times.min() >= first and times.max() <= last):
            return 0
        return int(np.count_nonzero((times < first) | (times > last)))

    def believed(self) -> tuple[int, int]:
        """First and last second that are believed: a few alerts years away have a wrong clock."""
        if not len(self):
            return 0, 0
        if self._believed[0] != len(self):
            self._believed = (len(self), self._span())
        return self._believed[1]

    def _span(self) -> tuple[int, int]:
        times = np.sort(self.times())
        few = int(_STRAYS * len(times))
        low, high = 0, len(times) - 1
        gaps = np.flatnonzero(np.diff(times) > _STRAY_GAP)
        early, late = gaps[gaps < few], gaps[gaps >= high - few]
        if len(early):
            low = int(early[-1]) + 1
        if len(late):
            high = int(late[0])
        return int(times[low]), int(times[high])


def _ranks(names: Sequence[str]) -> NDArray[np.int32]:
    ranks = np.empty(len(names), np.int32)
    ranks[np.argsort(np.array(names, dtype=object), kind="stable")] = np.arange(len(names))
    return ranks
