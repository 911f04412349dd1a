"""BER (ITU-T X.690) as LDAP, SNMP, Kerberos and MCS use it: definite lengths, one-byte tags, bounded.

Unlike `sensors.wire.der` this serves whole messages of a stream: it tells how long a message is
before all of it is there. Lengths need not be minimal: Active Directory writes `84 00 00 01 2c`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sensors.protocol import WireError

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OBJECT: Final = 0x06
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30
SET: Final = 0x31
MOST_HEADER: Final = 6  # a tag, a length byte and four bytes of length


class Item(NamedTuple):
    """A value: its tag byte, and where its content begins and ends."""

    tag: int
    start: int
    end: int


def head(data: bytes, at: int = 0) -> Item | None:
    """The value that begins at `at`, its content perhaps not all there; None where the header is cut.

    Raises:
        WireError: a tag of several bytes, or a length that is indefinite or above 4 bytes.
    """
    size = len(data)
    if at + 2 > size:
        return None
    tag = data[at]
    length = data[at + 1]
    start = at + 2
    if tag & 0x1F == 0x1F:
        raise WireError("ber_tag")
    if length >= 0x80:
        width = length & 0x7F
        if not 0 < width <= 4:
            raise WireError("ber_length")
        if start + width > size:
            return None
        length = int.from_bytes(data[start : start + width], "big")
        start += width
    return Item(tag, start, start + length)


def item(data: bytes, at: int, end: int) -> Item:
    """The value at `at`, whole before `end`.

    Raises:
        WireError: it does not fit.
    """
    found = head(data, at)
    if found is None or found.end > end or found.end > len(data):
        raise WireError("truncated")
    return found


def expect(data: bytes, at: int, end: int, tag: int) -> Item:
    """The value at `at`, which must have this tag.

    Raises:
        WireError: it has another, or does not fit.
    """
    found = item(data, at, end)
    if found.tag != tag:
        raise WireError("ber_tag")
    return found


def items(data: bytes, start: int, end: int, most: int = 64) -> list[Item]:
    """Values one behind the other between `start` and `end`, at most `most`.

    Raises:
        WireError: one does not fit.
    """
    found: list[Item] = []
    last = min(end, len(data))
    while start < end and len(found) < most:
        # The usual form, of two bytes in front, without the calls: certificates and tickets are full of it.
        if start + 2 <= last and data[start] & 0x1F != 0x1F and data[start + 1] < 0x80:
            one = Item(data[start], start + 2, start + 2 + data[start + 1])
            if one.end > last:
                raise WireError("truncated")
        else:
            one = item(data, start, end)
        found.append(one)
        start = one.end
    return found


def by_tag(data: bytes, start: int, end: int) -> dict[int, Item]:
    """Members of a sequence by their (context) tag; the first of each."""
    found: dict[int, Item] = {}
    for one in items(data, start, end):
        found.setdefault(one.tag, one)
    return found


def number(data: bytes, one: Item) -> int:
    """An INTEGER or ENUMERATED of at most 8 bytes.

    Raises:
        WireError: it is empty or longer.
    """
    if not 0 < one.end - one.start <= 8:
        raise WireError("ber_integer")
    return int.from_bytes(data[one.start : one.end], "big", signed=True)


def content(data: bytes, one: Item) -> bytes:
    """The content of a value."""
    return data[one.start : one.end]
