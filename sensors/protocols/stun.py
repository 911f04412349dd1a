"""STUN and TURN: how a host behind NAT learns its outer address, and relays it asks for.

One event a message, as Zeek's stun.log (package spicy-stun) has it: method, class, attributes; with
the outer address of its stun_nat.log beside them. Media on the same flow is not looked at.
Defined in RFC 8489, RFC 8656 and, for messages without the cookie, RFC 3489.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sensors.protocol import ORIGINATOR, Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import text

_COOKIE: Final = b"\x21\x12\xa4\x42"
_METHODS: Final = {
    1: "BINDING", 2: "SHARED_SECRET", 3: "ALLOCATE", 4: "REFRESH", 6: "SEND", 7: "DATA",
    8: "CREATE_PERMISSION", 9: "CHANNEL_BIND", 10: "CONNECT", 11: "CONNECTION_BIND",
    12: "CONNECTION_ATTEMPT", 0x80: "GOOG_PING",
}  # fmt: skip
_CLASSES: Final = ("REQUEST", "INDICATION", "RESPONSE_SUCCESS", "RESPONSE_ERROR")
_TEXT, _ADDRESS, _XOR, _NUMBER, _BYTES, _ERROR, _FLAG = range(7)
_ATTRIBUTES: Final = {
    0x0001: ("MAPPED_ADDRESS", _ADDRESS), 0x0002: ("RESPONSE_ADDRESS", _ADDRESS),
    0x0003: ("CHANGE_REQUEST", _NUMBER), 0x0004: ("SOURCE_ADDRESS", _ADDRESS),
    0x0005: ("CHANGED_ADDRESS", _ADDRESS), 0x0006: ("USERNAME", _TEXT), 0x0007: ("PASSWORD", _BYTES),
    0x0008: ("MESSAGE_INTEGRITY", _BYTES), 0x0009: ("ERROR_CODE", _ERROR),
    0x000A: ("UNKNOWN_ATTRIBUTES", _BYTES), 0x000B: ("REFLECTED_FROM", _ADDRESS),
    0x000C: ("CHANNEL_NUMBER", _NUMBER), 0x000D: ("LIFETIME", _NUMBER), 0x0012: ("XOR_PEER_ADDRESS", _XOR),
    0x0013: ("DATA", _BYTES), 0x0014: ("REALM", _TEXT), 0x0015: ("NONCE", _TEXT),
    0x0016: ("XOR_RELAYED_ADDRESS", _XOR), 0x0017: ("REQUESTED_ADDRESS_FAMILY", _NUMBER),
    0x0018: ("EVEN_PORT", _BYTES), 0x0019: ("REQUESTED_TRANSPORT", _NUMBER), 0x001A: ("DONT_FRAGMENT", _FLAG),
    0x001C: ("MESSAGE_INTEGRITY_SHA256", _BYTES), 0x001D: ("PASSWORD_ALGORITHM", _BYTES),
    0x001E: ("USERHASH", _BYTES), 0x0020: ("XOR_MAPPED_ADDRESS", _XOR), 0x0022: ("RESERVATION_TOKEN", _BYTES),
    0x0024: ("PRIORITY", _NUMBER), 0x0025: ("USE_CANDIDATE", _FLAG), 0x0026: ("PADDING", _BYTES),
    0x8020: ("XOR_MAPPED_ADDRESS", _XOR), 0x8022: ("SOFTWARE", _TEXT), 0x8023: ("ALTERNATE_SERVER", _ADDRESS),
    0x8028: ("FINGERPRINT", _NUMBER), 0x8029: ("ICE_CONTROLLED", _BYTES), 0x802A: ("ICE_CONTROLLING", _BYTES),
    0x802B: ("RESPONSE_ORIGIN", _ADDRESS), 0x802C: ("OTHER_ADDRESS", _ADDRESS),
    0xC057: ("GOOG_NETWORK_INFO", _NUMBER), 0xC001: ("GOOG_DELTA", _BYTES),
}  # fmt: skip
_FIELDS: Final = {"REALM": "stun.realm", "SOFTWARE": "stun.software", "USERNAME": "user.name"}
_MAPPED: Final = frozenset({"MAPPED_ADDRESS", "XOR_MAPPED_ADDRESS"})
_MOST: Final = 32  # attributes
_OTHER: Final = 500  # datagrams of another kind after which the flow is media


class StunSession(StreamSession):
    """One flow."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.udp = context.flow.transport == "udp"
        self.found = False
        self.other = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram is a message, or media."""
        if not self.udp:
            super().data(side, data, time)
        elif _size(data):
            self.found = True
            self.other = 0
            self._message(side, data, time)
        elif not self.found:
            raise WireError("no_stun")
        else:
            self.other += 1
            if self.other > _OTHER:
                self.context.done()

    def parse(self, side: int, data: bytes, time: int) -> int:
        """A message, or a channel's data (RFC 8656, 12.5), in a stream."""
        if len(data) < 4:
            return 0
        if 0x40 <= data[0] <= 0x7F and self.found:
            size = 4 + (int.from_bytes(data[2:4], "big") + 3 & ~3)
            return size if len(data) >= size else 0
        if len(data) < 20:
            return 0
        size = 20 + int.from_bytes(data[2:4], "big")
        if data[0] > 0x3F or data[4:8] != _COOKIE:
            raise WireError("no_stun")
        if len(data) < size:
            return 0
        self.found = True
        self._message(side, data[:size], time)
        return size

    def _message(self, side: int, data: bytes, time: int) -> None:
        kind = int.from_bytes(data[:2], "big")
        method = (kind & 0x000F) | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2
        what = (kind & 0x10) >> 4 | (kind & 0x100) >> 7
        classic = data[4:8] != _COOKIE
        number = data[4:20] if classic else data[8:20]
        fields: dict[str, str | int | bool | list[str] | None] = {
            "stun.is_orig": side == ORIGINATOR,
            "stun.trans_id": number.decode() if number.isascii() and number.decode().isprintable()
            else number.hex(),
            "stun.method": _METHODS.get(method, str(method)),
            "stun.class": _CLASSES[what],
            "event.action": _METHODS.get(method, str(method)).lower(),
            "event.outcome": {2: "success", 3: "failure"}.get(what),
        }  # fmt: skip
        types: list[str] = []
        values: list[str] = []
        for code, value in _attributes(data):
            name, form = _ATTRIBUTES.get(code, (f"0x{code:04x}", _BYTES))
            shown = _show(form, value, data[4:20])
            if name == "PASSWORD":
                shown = ""
                fields["stun.password_seen"] = True
            types.append(name)
            values.append(shown or "(empty)")
            if name in _FIELDS:
                fields[_FIELDS[name]] = shown
            elif name in _MAPPED and ":" in shown:
                fields["stun.mapped_ip"], fields["stun.mapped_port"] = _apart(shown)
            elif name == "XOR_RELAYED_ADDRESS" and ":" in shown:
                fields["stun.relayed_ip"], fields["stun.relayed_port"] = _apart(shown)
            elif name == "XOR_PEER_ADDRESS" and ":" in shown:
                fields["stun.peer_ip"], fields["stun.peer_port"] = _apart(shown)
            elif form == _ERROR and len(value) >= 4:
                fields["stun.error_code"] = (value[2] & 7) * 100 + value[3]
        fields["stun.attr_types"] = types
        fields["stun.attr_vals"] = values
        self.context.emit("stun", time, fields)


def _attributes(data: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    at = 20
    while at + 4 <= len(data) and len(found) < _MOST:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if at + 4 + size > len(data):
            break
        found.append((int.from_bytes(data[at : at + 2], "big"), data[at + 4 : at + 4 + size]))
        at += 4 + (size + 3 & ~3)
    return found


def _show(form: int, value: bytes, mask: bytes) -> str:
    """An attribute's value as text; `mask` is the cookie with the transaction id."""
    if form == _TEXT:
        return text(value, 256)
    if form in (_ADDRESS, _XOR) and len(value) in (8, 20):
        port, address = int.from_bytes(value[2:4], "big"), value[4:]
        if form == _XOR:
            port ^= int.from_bytes(mask[:2], "big")
            address = bytes(a ^ b for a, b in zip(address, mask, strict=False))
        if len(address) == 4:
            return f"{IPv4Address(address)}:{port}"
        return f"[{IPv6Address(address)}]:{port}"
    if form == _NUMBER and len(value) in (1, 2, 4):
        return str(int.from_bytes(value, "big"))
    if form == _ERROR and len(value) >= 4:
        return f"{(value[2] & 7) * 100 + value[3]} {text(value[4:], 128)}".strip()
    return value[:64].hex()


def _apart(shown: str) -> tuple[str, int]:
    host, _, port = shown.rpartition(":")
    return host.strip("[]"), int(port)


def _size(data: bytes) -> int:
    """Size of the message that this datagram is; 0 where it is none."""
    if len(data) < 20 or data[0] > 0x3F:
        return 0
    size = 20 + int.from_bytes(data[2:4], "big")
    if data[4:8] == _COOKIE:  # drafts of TURN had sizes that are no multiple of four
        return size if size == len(data) or (size < len(data) and not size & 3) else 0
    # RFC 3489 has no cookie: exact size, one of two methods, attributes that it knows.
    kind = int.from_bytes(data[:2], "big")
    if size != len(data) or kind not in (1, 2, 0x101, 0x102, 0x111, 0x112):
        return 0
    found = _attributes(data)
    whole = 20 + sum(4 + (len(value) + 3 & ~3) for _, value in found)
    known = all(1 <= code <= 0x20 or code >= 0x8000 for code, _ in found)
    return size if whole == size and known and any(data[4:20]) else 0


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The cookie, or a classic message that is whole."""
    del side
    if flow.transport == "tcp":
        return len(data) >= 20 and data[0] <= 0x3F and data[4:8] == _COOKIE and not data[3] & 3
    return bool(_size(data)) and (data[4:8] == _COOKIE or data[:2] != b"\0\2" or len(data) > 20)


PROTOCOL: Final = Protocol(
    name="stun",
    title="Session Traversal Utilities for NAT, and TURN",
    standard="RFC 8489, RFC 8656",
    transports=frozenset({"tcp", "udp"}),
    session=StunSession,
    recognises=recognises,
    ports=frozenset({3478}),
    datasets={
        "stun": (
            "stun.is_orig", "stun.trans_id", "stun.method", "stun.class", "stun.attr_types",
            "stun.attr_vals", "stun.mapped_ip", "stun.mapped_port", "stun.relayed_ip",
            "stun.relayed_port", "stun.peer_ip", "stun.peer_port", "stun.realm", "stun.software",
            "stun.error_code", "stun.password_seen", "user.name", "event.action", "event.outcome",
        )
    },
)  # fmt: skip
