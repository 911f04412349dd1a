"""AlertTable: millions of alerts in columns of numbers, each told by its file and its number there."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlation.surprise.kinds import Kind
from fengsui.clock import SECOND
from fengsui.severity import Severity

HOSTS_KEPT = 200_000
KINDS_KEPT = 50_000
_FARS_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Host:
    """A host that alerts are about."""

    address: str
    name: str

    @property
    def key(self) -> str:
        """What tells it from others: its address, else its name."""
        return self.address or self.name


class AlertTable:
    """Alerts to be correlated.

    Attributes:
        hosts, kinds, fars: what the columns' numbers stand for.
        without_time, without_host: alerts that cannot be correlated, counted.
        crowded: alerts whose host or kind is one too many to be kept apart.
    """

    def __init__(self) -> None:
        self.hosts: list[Host] = []
        self.kinds: list[Kind] = []
        self.fars: list[str] = [""]
        self._host_numbers: dict[str, int] = {}
        self._kind_numbers: dict[tuple[str, str], int] = {}
        self._far_numbers: dict[str, int] = {"": 0}
        self._times = array("q")  # s
        self._columns = {name: array("i") for name in ("host", "kind", "far", "file", "number")}
        self.without_time = self.without_host = self.crowded = 0

    def __len__(self) -> int:
        return len(self._times)

    def add(
        self,
        file: int,
        number: int,
        *,
        time: int | None,
        host: Host,
        kind: Kind,
        far: str,
    ) -> None:
        """Take an alert in; `time` in ns. One without time or host is counted and left aside."""
        if time is None:
            self.without_time += 1
            return
        if not host.key:
            self.without_host += 1
            return
        host_number = self._host_numbers.get(host.key)
        if host_number is None:
            if len(self.hosts) >= HOSTS_KEPT:
                self.crowded += 1
                return
            host_number = self._host_numbers[host.key] = len(self.hosts)
            self.hosts.append(host)
        kind_number = self._kind_numbers.get((kind.tool, kind.key))
        if kind_number is None:
            if len(self.kinds) >= KINDS_KEPT:
                self.crowded += 1
                return
            kind_number = self._kind_numbers[kind.tool, kind.key] = len(self.kinds)
            self.kinds.append(kind)
        elif kind.severity is not None:
            self._worse(kind_number, kind.severity)
        far_number = self._far_numbers.get(far, 0)
        if far and not far_number and len(self.fars) < _FARS_KEPT:
            far_number = self._far_numbers[far] = len(self.fars)
            self.fars.append(far)
        self._times.append(time // SECOND)
        columns = self._columns
        columns["host"].append(host_number)
        columns["kind"].append(kind_number)
        columns["far"].append(far_number)
        columns["file"].append(file)
        columns["number"].append(number)

    def _worse(self, number: int, severity: Severity) -> None:
        known = self.kinds[number]
        if known.severity is None or severity > known.severity:
            self.kinds[number] = Kind(known.tool, known.key, known.title, severity)

    def times(self) -> NDArray[np.int64]:
        """Seconds since the epoch, in order of adding."""
        return np.frombuffer(self._times, np.int64)

    def column(self, name: str) -> NDArray[np.int32]:
        """Numbers of a column, in order of adding: `host`, `kind`, `far`, `file` or `number`."""
        return np.frombuffer(self._columns[name], np.int32)

    def order(self) -> NDArray[np.int64]:
        """Positions by second, then by names: the same for any order of adding."""
        hosts = _ranks([host.key for host in self.hosts])
        kinds = _ranks([f"{kind.tool}\0{kind.key}" for kind in self.kinds])
        fars = _ranks(self.fars)
        return np.lexsort(
            (
                fars[self.column("far")],
                kinds[self.column("kind")],
                hosts[self.column("host")],
                self.times(),
            )
        )


def _ranks(names: Sequence[str]) -> NDArray[np.int32]:
    ranks = np.empty(len(names), np.int32)
    ranks[np.argsort(np.array(names, dtype=object), kind="stable")] = np.arange(len(names))
    return ranks
