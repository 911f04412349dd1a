"""DHCP messages (RFC 2131, RFC 2132): their fixed part and the options of interest as fields."""

from __future__ import annotations

from typing import Final, NamedTuple

from fengsui.event import Value
from sensors.protocol import WireError
from sensors.wire.reader import text

COOKIE: Final = b"\x63\x82\x53\x63"
TYPES: Final = {
    1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE",
    8: "INFORM", 9: "FORCERENEW", 10: "LEASEQUERY", 11: "LEASEUNASSIGNED", 12: "LEASEUNKNOWN",
    13: "LEASEACTIVE", 14: "BULKLEASEQUERY", 15: "LEASEQUERYDONE",
}  # fmt: skip
_TEXTS: Final = {
    12: "dhcp.host_name", 15: "dhcp.domain", 60: "dhcp.vendor_class", 67: "dhcp.boot_file",
    66: "dhcp.tftp_server",
}  # fmt: skip
_LISTS: Final = {3: "dhcp.routers", 6: "dhcp.dns_servers"}
_MOST_OPTIONS: Final = 128

Fields = dict[str, Value | None]


class Message(NamedTuple):
    """One message: what every one has, and its options by number."""

    reply: bool
    transaction: int
    kind: int
    ciaddr: str
    yiaddr: str
    giaddr: str
    mac: str
    options: dict[int, bytes]


def message(data: bytes) -> Message:
    """Read a datagram.

    Raises:
        WireError: it is no BOOTP message.
    """
    if len(data) < 236 or data[0] not in {1, 2}:
        raise WireError("message")
    options: dict[int, bytes] = {}
    if data[236:240] == COOKIE:
        _options(data, 240, len(data), options)
        overload = options.get(52, b"\0")[:1]
        if overload in {b"\1", b"\3"}:
            _options(data, 108, 236, options)
        if overload in {b"\2", b"\3"}:
            _options(data, 44, 108, options)
    size = data[2] if 0 < data[2] <= 16 else 6
    return Message(
        reply=data[0] == 2,
        transaction=int.from_bytes(data[4:8], "big"),
        kind=(options.get(53) or b"\0")[0],
        ciaddr=_address(data[12:16]),
        yiaddr=_address(data[16:20]),
        giaddr=_address(data[24:28]),
        mac=data[28 : 28 + size].hex(":") if any(data[28 : 28 + size]) else "",
        options=options,
    )


def _options(data: bytes, at: int, end: int, found: dict[int, bytes]) -> None:
    """Options by number; those that come in parts are joined (RFC 3396)."""
    count = 0
    while at < end and data[at] != 255 and count < _MOST_OPTIONS:
        if data[at] == 0:
            at += 1
            continue
        if at + 2 > end:
            return
        value = data[at + 2 : min(at + 2 + data[at + 1], end)]
        found[data[at]] = found.get(data[at], b"") + value
        at += 2 + data[at + 1]
        count += 1


def _address(raw: bytes) -> str:
    return ".".join(map(str, raw)) if any(raw) else ""


def fields_of(options: dict[int, bytes]) -> Fields:
    """Fields that mean the same whoever sends them."""
    fields: Fields = {}
    for number, value in options.items():
        if number in _TEXTS:
            fields[_TEXTS[number]] = text(value, 256)
        elif number in _LISTS:
            fields[_LISTS[number]] = _addresses(value)
    if len(options.get(1, b"")) == 4:
        fields["dhcp.subnet_mask"] = _address(options[1])
    if len(options.get(50, b"")) == 4:
        fields["dhcp.requested_addr"] = _address(options[50])
    if len(options.get(54, b"")) == 4:
        fields["dhcp.server_id"] = _address(options[54])
    if len(options.get(51, b"")) == 4:
        fields["dhcp.lease_time"] = int.from_bytes(options[51], "big")
    if 55 in options:
        fields["dhcp.parameters"] = [str(number) for number in options[55][:64]]
    if 77 in options:
        fields["dhcp.user_class"] = text(options[77], 256).strip()
    if 81 in options:
        fields["dhcp.client_fqdn"] = _full_name(options[81])
    if 82 in options:
        fields.update(_relay(options[82]))
    return fields


def _addresses(value: bytes) -> list[str]:
    return [".".join(map(str, value[at : at + 4])) for at in range(0, min(len(value), 64) - 3, 4)]


def _full_name(value: bytes) -> str:
    """Option 81 (RFC 4702): flags, two result codes, then letters or labels."""
    if len(value) < 4:
        return ""
    return labels(value[3:])[0] if value[0] & 4 else text(value[3:], 256)


def labels(value: bytes, most: int = 16) -> list[str]:
    """Names in DNS's form, without compression; the first, cut, where it goes on past the end."""
    found: list[str] = []
    parts: list[str] = []
    at = 0
    while at < len(value) and len(found) < most:
        size = value[at]
        if size == 0:
            found.append(".".join(parts))
            parts = []
        elif size > 63:
            break
        else:
            parts.append(text(value[at + 1 : at + 1 + size], 64))
        at += 1 + size
    if parts:
        found.append(".".join(parts))
    return found or [""]


def _relay(value: bytes) -> Fields:
    """Option 82 (RFC 3046): where the relay says that the client is connected."""
    fields: Fields = {}
    at = 0
    while at + 2 <= len(value):
        part = value[at + 2 : at + 2 + value[at + 1]]
        if value[at] in {1, 2}:
            name = "dhcp.circuit_id" if value[at] == 1 else "dhcp.remote_id"
            fields[name] = readable(part)
        elif value[at] == 6:
            fields["dhcp.subscriber_id"] = readable(part)
        at += 2 + value[at + 1]
    return fields


def readable(value: bytes) -> str:
    """Text where all of it is printable ASCII, else hexadecimal."""
    value = value[:128]
    return value.decode() if value.isascii() and value.decode().isprintable() else value.hex(":")
