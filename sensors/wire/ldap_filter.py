"""LDAP search filters as text (RFC 4511 §4.5.1.7), in the form that Zeek and Wireshark print.

RFC 4515 with one difference: an AND or OR of more than two parts is nested from the left,
`(&(&(a=1)(b=2))(c=3))`. The binary values of a domain controller's ping (MS-ADTS 6.3.3) are readable.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import WireError
from sensors.wire import ber
from sensors.wire.reader import text

MOST_DEPTH: Final = 32
MOST_PARTS: Final = 256
MOST_TEXT: Final = 8192
_AND, _OR, _NOT, _EQUAL, _SUBSTRINGS, _GREATER, _LESS, _PRESENT, _ABOUT, _EXTENDED = (
    0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8, 0xA9,
)  # fmt: skip
_SIGNS: Final = {_EQUAL: "=", _GREATER: ">=", _LESS: "<=", _ABOUT: "~="}
_SPECIAL: Final = frozenset("()\0")


def filter_text(data: bytes, at: int, end: int) -> str:
    """The filter at `at`, cut to 8,192 letters.

    Raises:
        WireError: it is not well formed, or nested deeper than 32.
    """
    return _filter(data, ber.item(data, at, end), 0)[:MOST_TEXT]


def _filter(data: bytes, one: ber.Item, depth: int) -> str:
    if depth > MOST_DEPTH:
        raise WireError("filter_depth")
    if one.tag in {_AND, _OR}:
        inner = ber.items(data, one.start, one.end, MOST_PARTS)
        return _joined(
            "&" if one.tag == _AND else "|", [_filter(data, x, depth + 1) for x in inner]
        )
    if one.tag == _NOT:
        return f"(!{_filter(data, ber.item(data, one.start, one.end), depth + 1)})"
    if one.tag in _SIGNS:
        name, value = ber.items(data, one.start, one.end, 2)
        attribute = text(ber.content(data, name), 256)
        return f"({attribute}{_SIGNS[one.tag]}{_value(attribute, ber.content(data, value))})"
    if one.tag == _PRESENT:
        return f"({text(ber.content(data, one), 256)}=*)"
    if one.tag == _SUBSTRINGS:
        return _substrings(data, one)
    if one.tag == _EXTENDED:
        return _extended(data, one)
    raise WireError("filter")


def _joined(sign: str, parts: list[str]) -> str:
    if len(parts) < 2:
        return f"({sign}{''.join(parts)})"
    return f"({sign}" * (len(parts) - 1) + parts[0] + "".join(f"{part})" for part in parts[1:])


def _substrings(data: bytes, one: ber.Item) -> str:
    """`(attribute=first*middle*last)`."""
    name, pieces = ber.items(data, one.start, one.end, 2)
    first, last, middle = "", "", ""
    for piece in ber.items(data, pieces.start, pieces.end, 32):
        words = _plain(ber.content(data, piece))
        if piece.tag == 0x80:
            first = words
        elif piece.tag == 0x82:
            last = words
        else:
            middle += words + "*"
    return f"({text(ber.content(data, name), 256)}={first}*{middle}{last})"


def _extended(data: bytes, one: ber.Item) -> str:
    """`(attribute:rule:=value)`."""
    parts = ber.by_tag(data, one.start, one.end)
    rule, name, value = (
        _plain(ber.content(data, parts[tag])) if tag in parts else "" for tag in (0x81, 0x82, 0x83)
    )
    deep = 0x84 in parts and any(ber.content(data, parts[0x84]))
    return f"({name}{':dn' if deep else ''}{':' + rule if rule else ''}:={value})"


def _value(attribute: str, value: bytes) -> str:
    if attribute == "DomainGuid" and len(value) == 16:
        return (
            f"{value[3::-1].hex()}-{value[5:3:-1].hex()}-{value[7:5:-1].hex()}-"
            f"{value[8:10].hex()}-{value[10:].hex()}"
        )
    if attribute == "NtVer" and len(value) == 4:
        return f"0x{int.from_bytes(value, 'little'):08x}"
    if attribute == "DomainSid" and len(value) == 24:
        parts = [int.from_bytes(value[at : at + 4], "little") for at in range(8, 24, 4)]
        authority = int.from_bytes(value[2:8], "big")
        return "-".join(map(str, ("S", value[0], authority, *parts)))
    if attribute in {"objectSid", "AAC"}:
        return value[:64].hex(":")
    return _plain(value)


def _plain(value: bytes) -> str:
    """Text as it is; bytes that are none, and what would break the filter, as hexadecimal (RFC 4515)."""
    value = value[:1024]
    try:
        words = value.decode()
    except UnicodeDecodeError:
        return "".join(f"\\{byte:02x}" for byte in value)
    if _SPECIAL.isdisjoint(words):
        return words
    return "".join(f"\\{ord(x):02x}" if x in _SPECIAL else x for x in words)
