"""Management protocols that show credentials on the way, as flows show them.

By content where the sensor recognised the protocol, by port only where it recognised nothing and
both sides sent payload. Two kinds of sighting are unclear, neither for nor against: SNMP where the
version was not read, and HTTP with an Authorization header where the scheme was not (it may be a
challenge and no password).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from detections.compliance.evidence import Evidence, Row, in_scope, query_of
from fengsui.event import Event
from fengsui.store.event_store import TimeRange

PROTOCOLS: Final = ("telnet", "ftp", "rlogin", "rsh", "vnc", "snmpv1", "snmpv2c")
_PORTS: Final = {"21": "ftp", "23": "telnet", "513": "rlogin", "514": "rsh", "5900": "vnc"}
UNCLEAR: Final = ("snmp", "http-authorization")
BOTH_SPOKE: Final = "client.bytes:[1 TO *] AND server.bytes:[1 TO *]"
QUERY: Final = (
    "(event.dataset:flow AND network.protocol:("
    + " OR ".join((*PROTOCOLS, "snmp"))
    + ")) OR (event.dataset:flow AND network.transport:tcp AND NOT _exists_:network.protocol"
    f" AND destination.port:({' OR '.join(_PORTS)}) AND {BOTH_SPOKE})"
    " OR (event.dataset:http AND (http.request.headers.names:authorization OR _exists_:url.username))"
)
MOST: Final = 200_000  # sightings read


@dataclass(frozen=True, slots=True)
class Sightings:
    """Clear-text management toward some of our addresses: (address, protocol) → how often."""

    query: str
    clear: Counter[tuple[str, str]]
    unclear: Counter[tuple[str, str]]
    cut: bool

    def rows(self) -> list[Row]:
        """Rows of the answer, in a fixed order."""
        kinds = (("clear", self.clear), ("unclear", self.unclear))
        return [
            {"address": address, "protocol": protocol, "count": count, "kind": kind}
            for kind, counts in kinds
            for (address, protocol), count in sorted(counts.items())
        ]


def sightings(evidence: Evidence, addresses: Sequence[str], since: int) -> Sightings:
    """Look at the flows and requests toward these addresses since a time (ns)."""
    text = in_scope(evidence, QUERY)
    ours = frozenset(addresses)
    clear: Counter[tuple[str, str]] = Counter()
    unclear: Counter[tuple[str, str]] = Counter()
    read = 0
    for event in _scroll(evidence, text, since):
        read += 1
        if read > MOST:
            break
        address = event.text("destination.ip")
        if address in ours:
            protocol = _protocol(event)
            (unclear if protocol in UNCLEAR else clear)[address, protocol] += 1
    return Sightings(text, clear, unclear, read > MOST)


def _scroll(evidence: Evidence, text: str, since: int) -> Iterator[Event]:
    return evidence.events.scroll(query_of(text), TimeRange(since, evidence.now + 1))


def _protocol(event: Event) -> str:
    if event.dataset == "http":
        # Zeek gives the user name of Basic authentication only.
        return "http-basic" if event.get("url.username") else "http-authorization"
    return event.text("network.protocol") or _PORTS.get(event.text("destination.port"), "?")
