"""SSDP: which devices and services are sought and announced by multicast (UPnP Device Architecture 2).

One event a message; word-for-word repeats in a flow are left out.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire.text_heads import head_of

_STARTS: Final = {b"M-SEARCH ": "M-SEARCH", b"NOTIFY * ": "NOTIFY", b"HTTP/1.1 ": "RESPONSE",
                  b"HTTP/1.0 ": "RESPONSE"}  # fmt: skip
_MOST_SEEN: Final = 256


class SsdpSession(Session):
    """Datagrams of one flow."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._seen: set[bytes] = set()

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message."""
        kind = _STARTS.get(data[:9])
        head = head_of(data, whole=True)
        if kind is None or head is None:
            raise WireError("no_message")
        print_of_it = hashlib.blake2b(data, digest_size=8).digest()
        if print_of_it in self._seen:
            return
        if len(self._seen) < _MOST_SEEN:
            self._seen.add(print_of_it)
        code = head.first.split(" ")[1:2]
        self.context.emit(
            "ssdp",
            time,
            {
                "ssdp.method": kind,
                "ssdp.st": head.get("ST"),
                "ssdp.nt": head.get("NT"),
                "ssdp.nts": head.get("NTS"),
                "ssdp.usn": head.get("USN"),
                "ssdp.server": head.get("SERVER"),
                "ssdp.location": head.get("LOCATION"),
                "ssdp.man": head.get("MAN").strip('"'),
                "ssdp.mx": head.length("MX"),
                "ssdp.status_code": int(code[0])
                if kind == "RESPONSE" and code and code[0].isdecimal() and len(code[0]) == 3
                else None,
                "user_agent.original": head.get("USER-AGENT"),
            },
            client=1 - side if kind == "RESPONSE" else side,
        )


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A search or an announcement; a reply only at the port."""
    del side
    if data[:9] in {b"M-SEARCH ", b"NOTIFY * "}:
        return b"HTTP/1." in data[:64]
    return data[:7] == b"HTTP/1." and 1900 in (flow.source_port, flow.destination_port)


PROTOCOL = Protocol(
    name="ssdp",
    title="Simple Service Discovery Protocol",
    standard="UPnP Device Architecture 2.0",
    transports=frozenset({"udp"}),
    ports=frozenset({1900}),
    session=SsdpSession,
    recognises=recognises,
    datasets={
        "ssdp": (
            "ssdp.method", "ssdp.st", "ssdp.nt", "ssdp.nts", "ssdp.usn", "ssdp.server",
            "ssdp.location", "ssdp.man", "ssdp.mx", "ssdp.status_code", "user_agent.original",
        )
    },
)  # fmt: skip
