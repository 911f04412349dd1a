"""Who administers whom, learned from the run: edges seen before, and which hosts are servers.

A host with several clients of its administration services, or one that serves a directory (88, 389,
464, 636, 3268), is a server: talking to it is no sign of anything.
"""

from __future__ import annotations

from typing import Final

from detections.anomalies._bounded import Bounded
from detections.anomalies._sides import DOMAIN_SERVICES
from fengsui.loss import Losses

HOSTS: Final = 8_192
EDGES: Final = 65_536
SERVER_CLIENTS: Final = 5  # distinct clients of its services make a host a server
_DIRECTORY: Final = DOMAIN_SERVICES - {53, 135}


class AdminEdges:
    """Bounded; evictions in `losses` under `<name>.`."""

    def __init__(self, losses: Losses, name: str) -> None:
        self._clients: Bounded[str, set[str]] = Bounded(HOSTS, set, losses, f"{name}.servers")
        self._directories: Bounded[str, list[None]] = Bounded(
            1_024, list, losses, f"{name}.directories"
        )
        self._edges: Bounded[tuple[str, str, str], list[None]] = Bounded(
            EDGES, list, losses, f"{name}.edges"
        )

    def serves(self, target: str, port: int) -> None:
        """A connection to this port of the target worked."""
        if port in _DIRECTORY:
            self._directories.take(target)

    def learn(self, source: str, target: str, service: str) -> bool:
        """Remember an edge; True when it is new."""
        clients = self._clients.take(target)
        if len(clients) < SERVER_CLIENTS:
            clients.add(source)
        new = (source, target, service) not in self._edges
        self._edges.take((source, target, service))
        return new

    def clients(self, target: str) -> int:
        """Distinct clients of a host's administration services; stops at `SERVER_CLIENTS`."""
        return len(self._clients.find(target) or ())

    def is_server(self, target: str) -> bool:
        """Whether many use it, or it serves a directory."""
        return target in self._directories or self.clients(target) >= SERVER_CLIENTS
