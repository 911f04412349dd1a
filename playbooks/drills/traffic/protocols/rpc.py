"""DCE/RPC over a named pipe, signed and sealed by NTLM: headers in clear, stubs random (C706)."""

from __future__ import annotations

import random
import struct

from playbooks.drills.traffic.protocols import ntlm

# Service control manager ([MS-SCMR]) and the plain transfer syntax.
_SVCCTL = bytes.fromhex("81bb7a364498f135ad3298f038001003") + struct.pack("<I", 2)
_NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
_REQUEST, _RESPONSE, _BIND, _BIND_ACK, _AUTH3 = 0, 2, 11, 12, 16
_NTLM, _PRIVACY = 10, 6

OPEN_MANAGER, CREATE_SERVICE, START_SERVICE, CLOSE_HANDLE = 15, 12, 19, 0


def _unit(kind: int, call: int, body: bytes, auth: bytes) -> bytes:
    pad = -len(body) % 4
    trailer = struct.pack("<BBBBI", _NTLM, _PRIVACY, pad, 0, 79_231) + auth
    length = 16 + len(body) + pad + len(trailer)
    head = struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, length, len(auth), call)
    return head + body + bytes(pad) + trailer


def bind(call: int) -> bytes:
    """Bind to the service control manager."""
    context = struct.pack("<HBB", 0, 1, 0) + _SVCCTL + _NDR
    body = struct.pack("<HHIBBH", 4280, 4280, 0, 1, 0, 0) + context
    return _unit(_BIND, call, body, ntlm.negotiate_message())


def bound(rng: random.Random, call: int, domain: str, server: str) -> bytes:
    """The server accepts."""
    address = b"\\PIPE\\ntsvcs\0"
    place = struct.pack("<H", len(address)) + address
    place += bytes(-(len(place) + 8) % 4)
    body = struct.pack("<HHI", 4280, 4280, 0x53F0) + place
    body += struct.pack("<BBH", 1, 0, 0) + struct.pack("<HH", 0, 0) + _NDR
    return _unit(_BIND_ACK, call, body, ntlm.challenge_message(rng, domain, server))


def proof(rng: random.Random, call: int, user: tuple[str, str, str]) -> bytes:
    """The client's last word of the log-on."""
    return _unit(_AUTH3, call, bytes(4), ntlm.authenticate_message(rng, *user))


def request(rng: random.Random, call: int, operation: int, size: int) -> bytes:
    """A sealed call."""
    body = struct.pack("<IHH", size, 0, operation) + rng.randbytes(size)
    return _unit(_REQUEST, call, body, _signature(rng, call))


def response(rng: random.Random, call: int, size: int) -> bytes:
    """A sealed answer."""
    body = struct.pack("<IHBB", size, 0, 0, 0) + rng.randbytes(size)
    return _unit(_RESPONSE, call, body, _signature(rng, call))


def _signature(rng: random.Random, call: int) -> bytes:
    return struct.pack("<I", 1) + rng.randbytes(8) + struct.pack("<I", call)
