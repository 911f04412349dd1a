"""Digests for evidence: SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016), as hexadecimal text.

SM3 comes from OpenSSL where it is built in (hundreds of MB/s). Some builds leave it out; then the
plain Python below is used: the same digest at about 0.3 MB/s, so `sm3_is_fast` tells large users.
"""

from __future__ import annotations

import hashlib
import struct
from functools import cache
from pathlib import Path
from typing import Final, Protocol

_MASK: Final = 0xFFFFFFFF
_INITIAL: Final = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip
_CHUNK: Final = 1 << 20


class Hash(Protocol):
    """What `hashlib` objects and `PlainSM3` have in common."""

    def update(self, data: bytes, /) -> None:
        """Take more data."""
        ...

    def hexdigest(self) -> str:
        """Digest of what was taken so far."""
        ...


def sha256(data: bytes) -> str:
    """SHA-256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sm3(data: bytes) -> str:
    """SM3 of `data`, 64 hexadecimal digits."""
    state = new_sm3()
    state.update(data)
    return state.hexdigest()


def new_sm3() -> Hash:
    """SM3 to be fed piece by piece, from OpenSSL where it has it."""
    return hashlib.new("sm3") if sm3_is_fast() else PlainSM3()


@cache
def sm3_is_fast() -> bool:
    """Whether OpenSSL does the work."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return False
    return True


def file_digests(path: Path) -> tuple[str, str]:
    """SHA-256 and SM3 of a file, read once in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    first, second = hashlib.sha256(), new_sm3()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            first.update(piece)
            second.update(piece)
    return first.hexdigest(), second.hexdigest()


class PlainSM3:
    """SM3 in plain Python (GB/T 32905-2016, 5.2 and 5.3)."""

    def __init__(self, data: bytes = b"") -> None:
        self._state: tuple[int, ...] = _INITIAL
        self._rest = b""
        self._length = 0
        self.update(data)

    def update(self, data: bytes, /) -> None:
        """Take more data."""
        self._length += len(data)
        block = self._rest + data
        whole = len(block) - len(block) % 64
        for start in range(0, whole, 64):
            self._state = _compress(self._state, block[start : start + 64])
        self._rest = block[whole:]

    def hexdigest(self) -> str:
        """Digest of what was taken so far: pads as in 5.2, without changing the state."""
        padding = b"\x80" + b"\0" * (-(len(self._rest) + 9) % 64)
        tail = self._rest + padding + struct.pack(">Q", 8 * self._length)
        state = self._state
        for start in range(0, len(tail), 64):
            state = _compress(state, tail[start : start + 64])
        return "".join(f"{word:08x}" for word in state)


def _rotate(word: int, bits: int) -> int:
    bits %= 32
    return (word << bits | word >> (32 - bits)) & _MASK


def _expand(block: bytes) -> list[int]:
    words = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        mixed = words[j - 16] ^ words[j - 9] ^ _rotate(words[j - 3], 15)
        mixed ^= _rotate(mixed, 15) ^ _rotate(mixed, 23)  # P1
        words.append(mixed ^ _rotate(words[j - 13], 7) ^ words[j - 6])
    return words


def _compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = _expand(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16
        constant = 0x79CC4519 if early else 0x7A879D8A
        ss1 = _rotate((_rotate(a, 12) + e + _rotate(constant, j)) & _MASK, 7)
        ss2 = ss1 ^ _rotate(a, 12)
        ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if early else (e & f) | (~e & _MASK & g)
        tt1 = (ff + d + ss2 + (words[j] ^ words[j + 4])) & _MASK
        tt2 = (gg + h + ss1 + words[j]) & _MASK
        a, b, c, d = tt1, a, _rotate(b, 9), c
        e, f, g, h = tt2 ^ _rotate(tt2, 9) ^ _rotate(tt2, 17), e, _rotate(f, 19), g  # P0
    return tuple(new ^ old for new, old in zip((a, b, c, d, e, f, g, h), state, strict=True))
