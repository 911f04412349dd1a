"""DER (ITU-T X.690): stepping through type, length and value without trusting any of them."""

from __future__ import annotations

from typing import Final, NamedTuple

from sensors.protocol import WireError

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31


class Element(NamedTuple):
    """One value: its tag byte, where it begins, and where its content begins and ends."""

    tag: int
    at: int
    start: int
    end: int


def element(data: bytes, at: int, end: int) -> Element:
    """The value at `at`.

    Raises:
        WireError: it does not fit before `end`, or is in a form that DER does not have.
    """
    if at + 2 > end:
        raise WireError("der_truncated")
    tag = data[at]
    size = data[at + 1]
    start = at + 2
    if size >= 0x80:
        width = size & 0x7F
        if width == 0 or width > 4 or start + width > end:
            raise WireError("der_length")
        size = int.from_bytes(data[start : start + width], "big")
        start += width
    if tag & 0x1F == 0x1F or start + size > end:
        raise WireError("der_truncated")
    return Element(tag, at, start, start + size)


def children(data: bytes, start: int, end: int, most: int) -> list[Element]:
    """Values between `start` and `end`, at most `most`.

    Raises:
        WireError: one of them does not fit.
    """
    found: list[Element] = []
    while start < end and len(found) < most:
        one = element(data, start, end)
        found.append(one)
        start = one.end
    return found


def readable(data: bytes, start: int, end: int, most: int) -> tuple[list[Element], bool]:
    """Like `children`, but gives what comes before the first bad one, and whether all were good."""
    found: list[Element] = []
    try:
        while start < end and len(found) < most:
            one = element(data, start, end)
            found.append(one)
            start = one.end
    except WireError:
        return found, False
    return found, True


def object_id(content: bytes) -> str:
    """An object identifier in dotted form; "" where it is none."""
    if not content or len(content) > 64 or content[-1] & 0x80:
        return ""
    numbers: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
