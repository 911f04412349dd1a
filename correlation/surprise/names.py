"""Names: what the engine's numbers of hosts and kinds stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from correlation.surprise.case import Key
from correlation.surprise.kinds import Kind
from correlation.surprise.table import Host
from correlation.surprise.zones import Zone, zone_of
from fengsui.severity import Severity


class Names:
    """Hosts and kinds by number, each number given once."""

    def __init__(self) -> None:
        self.hosts: list[Host] = []
        self.kinds: list[Kind] = []
        self._zones: list[Zone] = []
        self._host_numbers: dict[str, int] = {}
        self._kind_numbers: dict[tuple[str, str], int] = {}

    def host(self, host: Host) -> int:
        """Number of a host."""
        number = self._host_numbers.setdefault(host.key, len(self.hosts))
        if number == len(self.hosts):
            self.hosts.append(host)
            self._zones.append(zone_of(host.address, host.key, host.name))
        return number

    def kind(self, kind: Kind) -> int:
        """Number of a kind; what its alerts say of it is joined."""
        number = self._kind_numbers.setdefault((kind.tool, kind.key), len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        else:
            self.kinds[number] = self.kinds[number].joined(kind)
        return number

    def has_room(self, host: Host, kind: Kind, hosts: int, kinds: int) -> bool:
        """Whether host and kind are known, or so few that another is no harm."""
        known = host.key in self._host_numbers or len(self.hosts) < hosts
        return known and ((kind.tool, kind.key) in self._kind_numbers or len(self.kinds) < kinds)

    def zone(self, host: int) -> Zone:
        """Zone of a host."""
        return self._zones[host]

    def name(self, key: Key) -> str:
        """A host and kind in words."""
        host, kind = self.hosts[key[0]], self.kinds[key[1]]
        return f"{host.key}\0{kind.tool}\0{kind.key}"

    def state(self) -> dict[str, Any]:
        """All names, for JSON."""
        return {
            "hosts": [[host.address, host.name] for host in self.hosts],
            "kinds": [
                [
                    kind.tool,
                    kind.key,
                    kind.title,
                    None if kind.severity is None else int(kind.severity),
                    list(kind.tactics),
                ]
                for kind in self.kinds
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        for address, name in state["hosts"]:
            self.host(Host(address, name))
        for tool, key, title, severity, tactics in state["kinds"]:
            weighed = None if severity is None else Severity(severity)
            self.kind(Kind(tool, key, title, weighed, tuple(tactics)))
