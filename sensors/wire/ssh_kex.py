"""What an SSH key exchange tells: algorithm lists, what the two agree on, HASSH (RFC 4253 section 7)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from sensors.wire.reader import Reader, text

_LISTS: Final = 10
_LONGEST_LIST: Final = 8192

# Places in the ten name lists of SSH_MSG_KEXINIT.
KEX, HOST_KEY, CIPHER_UP, CIPHER_DOWN, MAC_UP, MAC_DOWN, PACKED_UP, PACKED_DOWN = range(8)


@dataclass(frozen=True, slots=True)
class KeyExchange:
    """Name lists of one side's SSH_MSG_KEXINIT, as sent."""

    lists: tuple[str, ...]

    def hassh(self, *, server: bool) -> tuple[str, str]:
        """HASSH of a client or HASSHServer of a server: MD5 and the string under it."""
        places = (
            (KEX, CIPHER_DOWN, MAC_DOWN, PACKED_DOWN)
            if server
            else (KEX, CIPHER_UP, MAC_UP, PACKED_UP)
        )
        words = ";".join(self.lists[place] for place in places)
        return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest(), words


def key_exchange(payload: bytes) -> KeyExchange:
    """Read SSH_MSG_KEXINIT, with its message number."""
    reader = Reader(payload, 17)  # message number and cookie
    return KeyExchange(tuple(text(reader.take(reader.u32()), _LONGEST_LIST) for _ in range(_LISTS)))


def agreed(client: str, server: str) -> str:
    """First of the client's algorithms that the server has too."""
    known = set(server.split(","))
    return next(
        (name for name in client.split(",") if name in known), "Algorithm negotiation failed"
    )


def agreed_both_ways(client: KeyExchange, server: KeyExchange, place: int) -> str:
    """What both directions use; `place` is that of the client's direction."""
    up = agreed(client.lists[place], server.lists[place])
    down = agreed(client.lists[place + 1], server.lists[place + 1])
    return up if up == down else f"To server: {up}, to client: {down}"


def fingerprint(blob: bytes) -> str:
    """MD5 of a host key as pairs with colons, as `ssh-keygen -E md5 -l` writes it."""
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")


def fingerprint_sha256(blob: bytes) -> str:
    """SHA-256 of a host key as `ssh-keygen -l` writes it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def is_key_reply(payload: bytes) -> bool:
    """Whether the first string of a reply is a key blob: it begins with the name of its kind."""
    size = int.from_bytes(payload[5:9], "big")
    return 3 < size < 64 and payload[9:13] in {b"ssh-", b"ecds", b"rsa-", b"sk-s", b"sk-e", b"x509"}


def spoken(banner: str) -> frozenset[int]:
    """Versions that a greeting offers; 1.99 is both (RFC 4253 section 5.1)."""
    if banner.startswith("SSH-1.99"):
        return frozenset({1, 2})
    return frozenset({1} if banner[4:5] == "1" else {2} if banner[4:5] == "2" else ())
