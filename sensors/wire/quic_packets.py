"""QUIC packets (RFC 9000, 9001, 9369 and the drafts before): heads, keys of Initial packets, frames.

The keys of Initial packets follow from what everybody can read; they hide nothing from a listener.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB

from sensors.protocol import WireError

INITIAL, ZERO_RTT, HANDSHAKE, RETRY = range(4)
V1: Final = 1
V2: Final = 0x6B3343CF
_DRAFT_22: Final = bytes.fromhex("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a")
_DRAFT_23: Final = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
_DRAFT_29: Final = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_SALT_V1: Final = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
# Salts of the Initial secret by version; faceb… is Facebook's mvfst, Q and T Google's.
SALTS: Final = {
    V1: _SALT_V1,
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
    0xFF000016: _DRAFT_22,
    **dict.fromkeys(range(0xFF000017, 0xFF00001D), _DRAFT_23),
    **dict.fromkeys(range(0xFF00001D, 0xFF000021), _DRAFT_29),
    0xFF000021: _SALT_V1,
    0xFF000022: _SALT_V1,
    0xFACEB001: _DRAFT_22,
    **dict.fromkeys((0xFACEB002, 0xFACEB00E, 0xFACEB011, 0xFACEB012, 0xFACEB013), _DRAFT_23),
    0x51303530: bytes.fromhex("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45"),
    0x54303530: bytes.fromhex("7ff579e5acd072915580304c43a2367c60488310"),
    0x54303531: bytes.fromhex("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d"),
}
# Kind by the two bits of the first byte; version 2 counts them differently.
_KINDS: Final = (INITIAL, ZERO_RTT, HANDSHAKE, RETRY)
_KINDS_V2: Final = (RETRY, INITIAL, ZERO_RTT, HANDSHAKE)
RESERVED: Final = 0x0A0A0A0A  # the pattern 0x?a?a?a?a (RFC 9000 §15)
GOOGLE: Final = frozenset({0x51303530, 0x54303530, 0x54303531})
_NAMES: Final = {V1: "1", V2: "quicv2"}
_FACEBOOK: Final = 0xFACEB
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO, _CLOSE = 0, 1, 2, 3, 6, 0x1C
_GOOGLES_CRYPTO: Final = 8  # and 6, 7 are other things in those versions
_MOST_FRAMES: Final = 512
_INNER: Final = bytes(one ^ 0x36 for one in range(256))
_OUTER: Final = bytes(one ^ 0x5C for one in range(256))


class Head(NamedTuple):
    """A long header.

    Attributes:
        kind: INITIAL, ZERO_RTT, HANDSHAKE, RETRY; -1 where the version is not known.
        number_at: where the packet number begins.
        end: where the packet ends as it says; beyond the datagram where that was cut.
    """

    version: int
    kind: int
    destination: bytes
    source: bytes
    number_at: int
    end: int


def candidates(version: int) -> tuple[int, ...]:
    """Versions with whose salt an Initial packet of `version` may open; none where it is not known.

    A client that asks with a reserved version, to be told the server's, uses what it speaks itself.
    """
    if version in SALTS:
        return (version,)
    return (V1, 0xFF00001D, 0xFF00001B) if version & 0x0F0F0F0F == RESERVED else ()


def long_head(data: bytes, at: int) -> Head:
    """Read the long header at `at`.

    Raises:
        WireError: it does not fit.
    """
    if at + 7 > len(data):
        raise WireError("truncated")
    first = data[at]
    version = int.from_bytes(data[at + 1 : at + 5], "big")
    place = at + 5
    destination, place = _connection(data, place)
    source, place = _connection(data, place)
    if not candidates(version):
        return Head(version, -1, destination, source, place, len(data))
    kind = (_KINDS_V2 if version == V2 else _KINDS)[first >> 4 & 3]
    if kind == RETRY:
        return Head(version, kind, destination, source, place, len(data))
    if kind == INITIAL:
        size, place = varint(data, place)
        place += size
    size, place = varint(data, place)
    return Head(version, kind, destination, source, place, place + size)


def _connection(data: bytes, at: int) -> tuple[bytes, int]:
    """A connection id with its length before it."""
    if at >= len(data):
        raise WireError("truncated")
    end = at + 1 + data[at]
    if end > len(data):
        raise WireError("truncated")
    return data[at + 1 : end], end


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length (RFC 9000 §16), and where it ends.

    Raises:
        WireError: it does not fit.
    """
    if at >= len(data):
        raise WireError("truncated")
    width = 1 << (data[at] >> 6)
    if at + width > len(data):
        raise WireError("truncated")
    value = int.from_bytes(data[at : at + width], "big")
    return value & ((1 << (8 * width - 2)) - 1), at + width


class Keys:
    """Keys of one side's Initial packets (RFC 9001 §5.2)."""

    __slots__ = ("_gcm", "_iv", "_key", "_mask")

    def __init__(self, version: int, destination: bytes, *, server: bool) -> None:
        initial = _digest(SALTS[version], destination)
        secret = _expand(initial, b"server in" if server else b"client in", 32)
        prefix = b"quicv2 " if version == V2 else b"quic "
        self._key = _expand(secret, prefix + b"key", 16)
        self._iv = int.from_bytes(_expand(secret, prefix + b"iv", 12), "big")
        # Each block by itself, as RFC 9001 §5.4.3 says: one encryptor serves all packets.
        header = Cipher(AES(_expand(secret, prefix + b"hp", 16)), ECB())  # noqa: S305
        self._mask = header.encryptor().update
        self._gcm: AESGCM | None = None

    def open(self, data: bytes, at: int, head: Head) -> bytes | None:
        """What an Initial packet holds; None where these are not its keys.

        Of a packet that was cut short, which cannot be verified, what is there.
        """
        sample = data[head.number_at + 4 : head.number_at + 20]
        if len(sample) < 16:
            return None
        mask = self._mask(sample)
        first = data[at] ^ (mask[0] & 0x0F)
        width = (first & 3) + 1
        number = int.from_bytes(data[head.number_at : head.number_at + width], "big")
        number ^= int.from_bytes(mask[1 : 1 + width], "big")
        place = head.number_at + width
        nonce = (self._iv ^ number).to_bytes(12, "big")
        if head.end > len(data):
            if first & 0x0C:
                return None
            counter = CTR(nonce + b"\0\0\0\2")
            return Cipher(AES(self._key), counter).decryptor().update(data[place:])
        plain = bytes((first,)) + data[at + 1 : head.number_at] + number.to_bytes(width, "big")
        if self._gcm is None:
            self._gcm = AESGCM(self._key)
        try:
            return self._gcm.decrypt(nonce, data[place : head.end], plain)
        except InvalidTag:
            return None


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label of TLS 1.3 with an empty context, for at most 32 bytes."""
    return _digest(secret, _info(label, size))[:size]


def _digest(key: bytes, message: bytes) -> bytes:
    """HMAC with SHA-256 (RFC 2104) of a key of at most a block: half the time of OpenSSL's own."""
    block = key.ljust(64, b"\0")
    return sha256(
        block.translate(_OUTER) + sha256(block.translate(_INNER) + message).digest()
    ).digest()


@cache
def _info(label: bytes, size: int) -> bytes:
    name = b"tls13 " + label
    return size.to_bytes(2, "big") + bytes((len(name),)) + name + b"\0\1"


def frames(data: bytes, version: int = V1) -> tuple[list[tuple[int, bytes]], bool]:
    """Offset and data of the CRYPTO frames of an Initial packet, and whether it closes the connection.

    What is cut or belongs into no Initial packet ends the reading.
    """
    found: list[tuple[int, bytes]] = []
    crypto = _GOOGLES_CRYPTO if version in GOOGLE else _CRYPTO
    at = 0
    try:
        for _ in range(_MOST_FRAMES):
            if at >= len(data):
                break
            kind = data[at]
            if kind == _PADDING:
                at = len(data) - len(data[at:].lstrip(b"\0"))
                if at >= len(data):
                    break
                kind = data[at]
            if kind == crypto:
                offset, at = varint(data, at + 1)
                size, at = varint(data, at)
                found.append((offset, data[at : at + size]))
                at += size
            elif kind in {_ACK, _ACK_ECN}:
                at = _behind_ack(data, at + 1, ecn=kind == _ACK_ECN)
            elif kind == _PING:
                at += 1
            else:
                return found, kind == _CLOSE
    except WireError:
        pass
    return found, False


def _behind_ack(data: bytes, at: int, *, ecn: bool) -> int:
    """Where an ACK frame ends (RFC 9000 §19.3)."""
    _, at = varint(data, at)
    _, at = varint(data, at)
    ranges, at = varint(data, at)
    for _ in range(1 + 2 * min(ranges, len(data)) + (3 if ecn else 0)):
        _, at = varint(data, at)
    return at


def version_name(version: int) -> str:
    """A version as Zeek writes it; Google's ones by their own letters."""
    if version in _NAMES:
        return _NAMES[version]
    if version >> 8 == 0xFF0000:
        return f"draft-{version & 0xFF}"
    if version >> 12 == _FACEBOOK:
        return f"mvfst ({version:x})"
    letters = version.to_bytes(4, "big")
    if letters[:1] in {b"Q", b"T"} and letters[1:].isdigit():
        return letters.decode()
    return f"unknown-{version:x}"
