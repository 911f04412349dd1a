"""NTLMSSP, the three messages of an NTLM log-on (MS-NLMP §2.2), wherever they are carried.

Says who logs on from which host and what the server calls itself. The responses (from which a
password can be guessed) are never read.
"""

from __future__ import annotations

import struct
from typing import Final

from fengsui.event import Value
from sensors.wire.reader import text, utf16

SIGNATURE: Final = b"NTLMSSP\0"
NEGOTIATE: Final = 1
CHALLENGE: Final = 2
AUTHENTICATE: Final = 3

_UNICODE: Final = 0x0000_0001
_VERSION: Final = 0x0200_0000
_PAIRS: Final = {
    1: "ntlm.server_nb_computer_name",
    2: "ntlm.server_nb_domain_name",
    3: "ntlm.server_dns_computer_name",
    4: "ntlm.server_dns_domain_name",
    5: "ntlm.server_tree_name",
}
_MOST_NAME: Final = 512

FIELDS: Final = (
    "network.protocol", "event.outcome", "user.name", "user.domain", "ntlm.host", "ntlm.success",
    "ntlm.version", "ntlm.server_nb_computer_name", "ntlm.server_nb_domain_name",
    "ntlm.server_dns_computer_name", "ntlm.server_dns_domain_name", "ntlm.server_tree_name",
    "ntlm.server_version",
)  # fmt: skip


def kind(token: bytes) -> int:
    """Which message a token is: NEGOTIATE, CHALLENGE, AUTHENTICATE, or 0."""
    if len(token) < 12 or not token.startswith(SIGNATURE):
        return 0
    number = int.from_bytes(token[8:12], "little")
    return number if number <= AUTHENTICATE else 0


def _named(token: bytes, at: int, flags: int) -> str:
    """The text whose length and offset stand at `at`."""
    if at + 8 > len(token):
        return ""
    size, _most, start = struct.unpack_from("<HHI", token, at)
    data = token[start : start + min(size, _MOST_NAME)]
    return utf16(data) if flags & _UNICODE else text(data)


def _version(token: bytes, at: int, flags: int) -> str | None:
    if not flags & _VERSION or at + 8 > len(token):
        return None
    major, minor, build = struct.unpack_from("<BBH", token, at)
    return f"{major}.{minor} build {build} rev {token[at + 7]}"


def authenticate(token: bytes) -> dict[str, Value | None]:
    """Fields of an AUTHENTICATE message: who, from where."""
    flags = int.from_bytes(token[60:64], "little") if len(token) >= 64 else _UNICODE
    return {
        "user.domain": _named(token, 28, flags),
        "user.name": _named(token, 36, flags),
        "ntlm.host": _named(token, 44, flags),
        "ntlm.version": _version(token, 64, flags),
    }


def challenge(token: bytes) -> dict[str, Value | None]:
    """Fields of a CHALLENGE message: the server's names and version."""
    found: dict[str, Value | None] = {}
    flags = int.from_bytes(token[20:24], "little")
    found["ntlm.server_version"] = _version(token, 48, flags)
    if len(token) < 48:
        return found
    size, _most, at = struct.unpack_from("<HHI", token, 40)
    end = min(at + size, len(token))
    for _ in range(16):
        if at + 4 > end:
            break
        pair, length = struct.unpack_from("<HH", token, at)
        at += 4
        if not pair:
            break
        name = _PAIRS.get(pair)
        if name:
            found[name] = utf16(token[at : at + min(length, _MOST_NAME)])
        at += length
    return found


class Logon:
    """One NTLM log-on, gathered over its messages.

    Attributes:
        time: of its first message.
        fields: of an event of dataset `ntlm`.
    """

    __slots__ = ("fields", "last", "time")

    def __init__(self, time: int) -> None:
        self.time = time
        self.last = 0
        self.fields: dict[str, Value | None] = {}

    def take(self, token: bytes) -> int:
        """Read a message; which it was, 0 for none."""
        found = kind(token)
        if found == CHALLENGE:
            self.fields.update(challenge(token))
        elif found == AUTHENTICATE:
            self.fields.update(authenticate(token))
        self.last = found or self.last
        return found

    def finished(self, success: bool | None) -> dict[str, Value | None]:
        """Fields of the event, with what came of it (None: not seen)."""
        self.fields["network.protocol"] = "ntlm"
        self.fields["ntlm.success"] = success
        self.fields["event.outcome"] = (
            "unknown" if success is None else "success" if success else "failure"
        )
        return self.fields
