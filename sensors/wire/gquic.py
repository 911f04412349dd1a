"""Google's own QUIC before TLS (Q024 to Q050): version and the tags of a client's hello.

Its crypto handshake is a list of tags (Langley and Chang, "QUIC Crypto", 2016). The fingerprint CYU
(Salesforce) is the MD5 of version and tags in order.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final

_HELLO: Final = b"CHLO"
_MOST_TAGS: Final = 64


def version_of(data: bytes) -> str:
    """`Q043` of a packet with a public header, or with a long one; "" where it is none."""
    if len(data) >= 13 and data[0] & 0x89 == 0x09 and data[9:10] == b"Q":
        version = data[9:13]
    elif len(data) >= 7 and data[0] & 0xC0 == 0xC0 and data[1:2] in {b"Q", b"T"}:
        version = data[1:5]
    else:
        return ""
    return version.decode() if version[1:].isdigit() else ""


def connections(data: bytes) -> tuple[bytes, bytes]:
    """Connection ids of destination and source: one of them is empty."""
    if data[0] & 0x80 == 0:
        return data[1:9], b""
    ends = data[5]  # lengths of both in one byte, less three
    to = (ends >> 4) + 3 if ends >> 4 else 0
    back = (ends & 15) + 3 if ends & 15 else 0
    return data[6 : 6 + to], data[6 + to : 6 + to + back]


def hello_tags(data: bytes) -> list[tuple[str, bytes]]:
    """Tags and values of the client's hello somewhere in `data`; none where there is no hello."""
    at = data.find(_HELLO)
    if at < 0 or at + 8 > len(data):
        return []
    count = int.from_bytes(data[at + 4 : at + 6], "little")
    values = at + 8 + 8 * count
    if not 0 < count <= _MOST_TAGS or values > len(data):
        return []
    found: list[tuple[str, bytes]] = []
    begin = 0
    for number in range(count):
        tag, end = struct.unpack_from("<4sI", data, at + 8 + 8 * number)
        if end < begin:
            break
        name = tag.rstrip(b"\0").decode("latin-1")
        found.append((name, data[values + begin : values + end]))
        begin = end
    return found


def cyu(version: str, tags: list[tuple[str, bytes]]) -> tuple[str, str]:
    """The fingerprint's text and its MD5."""
    words = f"{version[2:]},{'-'.join(tag for tag, _ in tags)}"
    return words, hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()
