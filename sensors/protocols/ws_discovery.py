"""WS-Discovery: which cameras and other devices are sought and answer (OASIS WS-DD 1.1, ONVIF core).

One event a message, repeats left out. The SOAP is searched for a few elements, never parsed as XML.
"""

from __future__ import annotations

import re
from typing import Final

from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire.reader import text

_LONGEST: Final = 32 * 1024
_MOST_SEEN: Final = 256
_ACTION: Final = re.compile(
    rb"(?:discovery|/ws-dd/ns/discovery/2009/01)/"
    rb"(ProbeMatches|Probe|ResolveMatches|Resolve|Hello|Bye)\s*<"
)
_ELEMENT: Final = re.compile(
    rb"<(?:[A-Za-z_][\w.\-]{0,31}:)?(MessageID|RelatesTo|Types|Scopes|XAddrs|Address|MetadataVersion)"
    rb"(?:\s[^<>]{0,512})?>([^<]{0,4096})<"
)


class WsDiscoverySession(Session):
    """Datagrams of one flow."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._seen: set[bytes] = set()

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message."""
        data = data[:_LONGEST]
        action = _ACTION.search(data)
        if action is None:
            raise WireError("no_action")
        found: dict[bytes, list[bytes]] = {}
        for match in _ELEMENT.finditer(data):
            found.setdefault(match.group(1), []).append(match.group(2).strip())
        identity = found.get(b"MessageID", [b""])[0][:128]
        if identity and identity in self._seen:
            return
        if len(self._seen) < _MOST_SEEN:
            self._seen.add(identity)
        addresses = [
            one for one in found.get(b"Address", []) if one[:4].lower() in {b"urn:", b"uuid"}
        ]
        self.context.emit(
            "ws_discovery",
            time,
            {
                "ws_discovery.action": text(action.group(1)),
                "ws_discovery.message_id": text(identity),
                "ws_discovery.relates_to": text(found.get(b"RelatesTo", [b""])[0], 128),
                "ws_discovery.endpoints": _words(addresses),
                "ws_discovery.types": _words(found.get(b"Types", [])),
                "ws_discovery.scopes": _words(found.get(b"Scopes", [])),
                "ws_discovery.xaddrs": _words(found.get(b"XAddrs", [])),
                "ws_discovery.metadata_version": text(found.get(b"MetadataVersion", [b""])[0], 16),
            },
            client=side if b"Matches" not in action.group(1) else 1 - side,
        )


def _words(values: list[bytes]) -> list[str]:
    words = [text(word, 512) for value in values[:64] for word in value.split()]
    return list(dict.fromkeys(words))[:64]


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A SOAP envelope that names the discovery's namespace."""
    del side
    if b"<" not in data[:8]:
        return False
    if 3702 not in (flow.destination_port, flow.source_port) and b"discovery" not in data[:4096]:
        return False
    return b"nvelope" in data[:512] and bool(_ACTION.search(data[:_LONGEST]))


PROTOCOL = Protocol(
    name="ws_discovery",
    title="Web Services Dynamic Discovery",
    standard="OASIS WS-Discovery 1.1, ONVIF core specification",
    transports=frozenset({"udp"}),
    ports=frozenset({3702}),
    session=WsDiscoverySession,
    recognises=recognises,
    datasets={
        "ws_discovery": (
            "ws_discovery.action", "ws_discovery.message_id", "ws_discovery.relates_to",
            "ws_discovery.endpoints", "ws_discovery.types", "ws_discovery.scopes",
            "ws_discovery.xaddrs", "ws_discovery.metadata_version",
        )
    },
)  # fmt: skip
