"""User names out of the log-ins of text protocols (RFC 4954, RFC 4616, RFC 2195, RFC 7628).

Only the name is taken; what holds a password is not looked at any further.
"""

from __future__ import annotations

import binascii
from typing import Final

from sensors.wire.reader import text

_MOST: Final = 256


def unwrapped(word: bytes) -> bytes:
    """Base64 undone; empty where it is none."""
    try:
        return binascii.a2b_base64(word.strip() + b"=" * (-len(word.strip()) % 4))
    except binascii.Error:
        return b""


def user_of(mechanism: str, answer: bytes) -> str:
    """User name in the first answer of a mechanism, as sent (base64)."""
    data = unwrapped(answer)
    if mechanism == "PLAIN":
        parts = data.split(b"\0")
        name = parts[1] if len(parts) >= 3 else b""
    elif mechanism == "LOGIN":
        name = data
    elif mechanism in {"CRAM-MD5", "CRAM-SHA1"}:
        name = data.rpartition(b" ")[0]
    elif mechanism in {"XOAUTH2", "OAUTHBEARER"}:
        _, mark, name = data.partition(b"user=" if mechanism == "XOAUTH2" else b"a=")
        name = name.split(b"\x01")[0].split(b",")[0] if mark else b""
    elif mechanism.startswith("SCRAM-"):
        _, mark, name = data.partition(b"n=")
        name = name.split(b",")[0] if mark else b""
    else:
        name = b""
    return text(name, _MOST)
