"""Whether an SNMP agent answers to default communities: one GET of sysObjectID each, by v1 and v2c.

RFC 1157 (v1), RFC 3416 (v2c); an agent that does not know a community says nothing. Only the words
that makers ship are tried: it is no guessing of passwords. The answer's value is not kept.
"""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.probe.pace import Pace

SNMP_PORT: Final = 161
COMMUNITIES: Final = ("public", "private")
_VERSIONS: Final = {"v1": 0, "v2c": 1}
_SYS_OBJECT_ID: Final = bytes([0x2B, 6, 1, 2, 1, 1, 2, 0])  # 1.3.6.1.2.1.1.2.0
_SECONDS: Final = 1.0
_RESPONSE: Final = 0xA2


@dataclass(frozen=True, slots=True)
class SnmpSeen:
    """`answered`: each as `v2c public`, in the order asked; `asked` how many questions."""

    answered: tuple[str, ...]
    asked: int


def probe_snmp(address: str, port: int, pace: Pace) -> SnmpSeen:
    """Ask by each version with each community, once."""
    answered: list[str] = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for word in COMMUNITIES:
        for name, version in _VERSIONS.items():
            pace.wait()
            with socket.socket(family, socket.SOCK_DGRAM) as link:
                link.settimeout(_SECONDS)
                number = secrets.randbelow(1 << 30) + 1
                try:
                    link.connect((address, port))
                    link.send(request(version, word, number))
                    if answers(link.recv(4096), number):
                        answered.append(f"{name} {word}")
                except OSError:
                    continue  # nothing there, or it says nothing
    return SnmpSeen(tuple(answered), len(COMMUNITIES) * len(_VERSIONS))


def request(version: int, community: str, number: int) -> bytes:
    """A GetRequest for sysObjectID.0."""
    name = _tlv(0x30, _tlv(0x06, _SYS_OBJECT_ID) + _tlv(0x05, b""))
    body = _integer(number) + _integer(0) + _integer(0) + _tlv(0x30, name)
    return _tlv(0x30, _integer(version) + _tlv(0x04, community.encode()) + _tlv(0xA0, body))


def answers(data: bytes, number: int) -> bool:
    """Whether a datagram is the response to the request of a number, whatever it says."""
    try:
        _, message, _ = _taken(data)
        _, _, rest = _taken(message)  # version
        _, _, rest = _taken(rest)  # community
        kind, body, _ = _taken(rest)
        tag, value, _ = _taken(body)
    except ValueError:
        return False
    return kind == _RESPONSE and tag == 0x02 and int.from_bytes(value, "big", signed=True) == number


def _tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size])
    return bytes([tag]) + length + value


def _integer(value: int) -> bytes:
    return _tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _taken(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag, value and what follows of one BER element.

    Raises:
        ValueError: it is cut, or no definite length.
    """
    if len(data) < 2:
        raise ValueError("cut")
    size, place = data[1], 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or len(data) < 2 + count:
            raise ValueError("length")
        size, place = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    if len(data) < place + size:
        raise ValueError("cut")
    return data[0], data[place : place + size], data[place + size :]
