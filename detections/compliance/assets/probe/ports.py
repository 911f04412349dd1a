"""Listening ports as another machine sees them: TCP connections to a list of ports, at a pace.

A connection is closed as soon as it is made, but that a port of telnet or FTP is given two seconds to
greet: so that what answers there is known, and not guessed by its number (RFC 854, RFC 959).
"""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.probe.pace import Pace
from fengsui.errors import UsageError

# GB/T 28448 L3-CES1-18 asks of needless ports; these are tried unless others are named.
# [PRACTICE] of risky ports, and what serves and manages hosts, devices and databases.
USUAL: Final = (
    20, 21, 22, 23, 25, 53, 69, 80, 110, 111, 135, 137, 138, 139, 143, 161, 389, 443, 445, 512, 513,
    514, 593, 623, 636, 873, 1099, 1433, 1521, 1723, 2049, 2181, 2375, 2379, 3128, 3260, 3306, 3389,
    4444, 5000, 5432, 5555, 5601, 5900, 5901, 5984, 5985, 5986, 6000, 6379, 7001, 8000, 8080, 8081,
    8088, 8443, 8888, 9000, 9090, 9092, 9200, 9300, 10250, 11211, 15672, 27017, 50070, 54321,
)  # fmt: skip
MOST_PORTS: Final = 4096
_SECONDS: Final = 1.5
_GREETING_SECONDS: Final = 2.0
_GREETS: Final = frozenset({21, 23, 2121, 2323})
_SHUT: Final = frozenset({errno.ECONNREFUSED, errno.ECONNRESET})


@dataclass(frozen=True, slots=True)
class PortsSeen:
    """`silent`: asked ports that neither took nor refused; `allowed` None: no list was given.

    `speaks`: by port, `telnet` or `ftp` where the greeting says so.
    """

    asked: tuple[int, ...]
    open: tuple[int, ...]
    silent: int
    allowed: tuple[int, ...] | None
    speaks: dict[int, str]


def ports_of(text: str) -> tuple[int, ...]:
    """Ports of `22,443,8000-8100`, each once, rising.

    Raises:
        UsageError: no ports, or too many.
    """
    found: set[int] = set()
    for part in filter(None, (each.strip() for each in text.replace("，", ",").split(","))):
        if not (match := re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part)):
            raise UsageError(f"{part[:20]} is no port", next="Such as 22,443,8000-8100")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 0 < first <= last < 1 << 16:
            raise UsageError(f"{part[:20]} is no port", next="1 to 65535")
        found.update(range(first, last + 1))
    if len(found) > MOST_PORTS:
        raise UsageError(f"{len(found)} ports are too many", next=f"At most {MOST_PORTS} at a time")
    return tuple(sorted(found))


def probe_ports(
    address: str, ports: Sequence[int], allowed: Sequence[int] | None, pace: Pace
) -> PortsSeen:
    """Try each port once."""
    taken: list[int] = []
    speaks: dict[int, str] = {}
    silent = 0
    for port in ports:
        pace.wait()
        try:
            with socket.create_connection((address, port), _SECONDS) as link:
                taken.append(port)
                if port in _GREETS and (said := _greeting(link)):
                    speaks[port] = said
        except OSError as error:
            silent += error.errno not in _SHUT
    listed = None if allowed is None else tuple(sorted(set(allowed)))
    return PortsSeen(tuple(ports), tuple(taken), silent, listed, speaks)


def _greeting(link: socket.socket) -> str:
    """What a server says first: telnet begins with IAC, FTP with 220."""
    link.settimeout(_GREETING_SECONDS)
    try:
        said = link.recv(256)
    except OSError:
        return ""
    if said.startswith(b"\xff"):
        return "telnet"
    return "ftp" if said.startswith((b"220 ", b"220-")) else ""
