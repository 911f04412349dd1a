"""What an SSH server offers before anybody logs in: versions, algorithms, ways to log in.

RFC 4253 §4.2 (identification), §7.1 (SSH_MSG_KEXINIT). Ways to log in stand behind a key exchange:
the system's own client asks for them with no credentials, where it is installed.
"""

from __future__ import annotations

import re
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.probe.authority import (
    BETWEEN_SECONDS,
    CONNECT_SECONDS,
    unreachable,
)
from fengsui.errors import InputError

_MOST_BYTES: Final = 65_536
_MOST_LINES: Final = 50
_KEXINIT: Final = 20
_LISTS: Final = (
    "kexalgorithms", "hostkeyalgorithms", "ciphers", "ciphers_back", "macs", "macs_back",
    "compression", "compression_back", "languages", "languages_back",
)  # fmt: skip
_METHODS: Final = re.compile(r"Permission denied \(([a-z0-9,-]+)\)")
_NULL: Final = "/dev/null"


@dataclass(frozen=True, slots=True)
class SshService:
    """`offers`: name lists of its KEXINIT by kind; `methods` None where they were not asked."""

    banner: str
    offers: dict[str, tuple[str, ...]]
    methods: frozenset[str] | None


def probe_ssh(address: str, port: int, where: str) -> SshService:
    """One connection for the offer, one more for the ways to log in.

    Raises:
        InputError: no answer, or no SSH server.
    """
    try:
        with socket.create_connection((address, port), CONNECT_SECONDS) as link:
            link.settimeout(CONNECT_SECONDS)
            reader = _Reader(link)
            banner = reader.banner()
            if banner.startswith("SSH-1.") and not banner.startswith("SSH-1.99"):
                return SshService(banner, {}, None)
            link.sendall(b"SSH-2.0-Fengsui_check\r\n")
            offers = parse_kexinit(reader.packet())
    except OSError as error:
        raise unreachable(where, error) from error
    except ValueError as error:
        raise InputError(
            "The service does not speak SSH", where=where, next="Check the port", code="no_ssh"
        ) from error
    time.sleep(BETWEEN_SECONDS)
    return SshService(banner, offers, _methods(address, port))


class _Reader:
    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._held = b""

    def _more(self) -> None:
        data = self._link.recv(8192)
        if not data or len(self._held) > _MOST_BYTES:
            raise ValueError("closed")
        self._held += data

    def banner(self) -> str:
        """The identification; lines may stand before it."""
        for _ in range(_MOST_LINES):
            while b"\n" not in self._held:
                self._more()
            line, _, self._held = self._held.partition(b"\n")
            if line.startswith(b"SSH-"):
                return line.rstrip(b"\r").decode("ascii", "replace")[:255]
        raise ValueError("no identification")

    def packet(self) -> bytes:
        """Payload of one packet in clear."""
        while len(self._held) < 5:
            self._more()
        size = int.from_bytes(self._held[:4], "big")
        if not 2 <= size <= 35_000:
            raise ValueError("size")
        while len(self._held) < 4 + size:
            self._more()
        return self._held[5 : 4 + size - self._held[4]]


def parse_kexinit(payload: bytes) -> dict[str, tuple[str, ...]]:
    """Name lists of a KEXINIT.

    Raises:
        ValueError: it is none.
    """
    if len(payload) < 17 or payload[0] != _KEXINIT:
        raise ValueError("no KEXINIT")
    place, found = 17, dict[str, tuple[str, ...]]()
    for name in _LISTS:
        size = int.from_bytes(payload[place : place + 4], "big")
        text = payload[place + 4 : place + 4 + size]
        if len(text) != size or place + 4 > len(payload):
            raise ValueError("cut")
        found[name] = tuple(text.decode("ascii", "replace").split(",")) if text else ()
        place += 4 + size
    return found


def _methods(address: str, port: int) -> frozenset[str] | None:
    """Ways to log in, as the server names them to somebody without credentials."""
    client = shutil.which("ssh")
    if client is None:
        return None
    options = {
        "BatchMode": "yes", "PreferredAuthentications": "none", "PubkeyAuthentication": "no",
        "StrictHostKeyChecking": "no", "UserKnownHostsFile": _NULL, "GlobalKnownHostsFile": _NULL,
        "ConnectTimeout": str(CONNECT_SECONDS), "LogLevel": "INFO", "ClearAllForwardings": "yes",
    }  # fmt: skip
    words = [client, "-F", _NULL, "-T", "-p", str(port)]
    words += [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    # A name that nobody has: what is offered to strangers, and no account's failures are counted.
    user = f"fengsui-{secrets.token_hex(4)}"
    try:
        done = subprocess.run(  # noqa: S603 -- fixed words, an address and a number
            [*words, "-l", user, "--", address, "true"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=CONNECT_SECONDS * 3,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode == 0:
        return frozenset({"none"})
    found = _METHODS.search(done.stderr.decode("utf-8", "replace"))
    return frozenset(found.group(1).split(",")) if found else None
