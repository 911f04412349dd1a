"""A web server asked in clear: one GET of /, its head, and whether somebody is to log in there.

A form with a field of kind password, or a challenge (RFC 9110 §11), asks for credentials that go
unencrypted; a move to https does not.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.probe.authority import CONNECT_SECONDS, unreachable
from detections.compliance.assets.probe.tls import headers_of
from fengsui.errors import InputError

_MOST_PAGE: Final = 262_144
_PASSWORD: Final = re.compile(rb"<input[^>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WebSeen:
    """`login`: `form`, the challenge's scheme, or ""; `secured`: it only moves to https."""

    headers: dict[str, str]
    login: str
    secured: bool


def probe_web(address: str, port: int, name: str, where: str) -> WebSeen:
    """One connection, one question.

    Raises:
        InputError: no answer, or no HTTP.
    """
    try:
        with socket.create_connection((address, port), CONNECT_SECONDS) as link:
            link.settimeout(CONNECT_SECONDS)
            link.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            data = _page(link)
    except OSError as error:
        raise unreachable(where, error) from error
    if not data.startswith(b"HTTP/"):
        raise InputError(
            "The service does not speak HTTP", where=where, next="Check the port", code="no_http"
        )
    headers = headers_of(data)
    challenge = headers.get("www-authenticate", "").split(" ")[0]
    moved = re.match(r"HTTP/\S+ 30[12378]", headers[":status"]) is not None
    return WebSeen(
        headers,
        challenge.lower() or ("form" if _PASSWORD.search(data) else ""),
        moved and headers.get("location", "").lower().startswith("https://"),
    )


def _page(link: socket.socket) -> bytes:
    data = b""
    while len(data) < _MOST_PAGE:
        try:
            more = link.recv(16_384)
        except TimeoutError:
            break  # what came so far is judged
        if not more:
            break
        data += more
    return data
