"""Heads of the HTTP kind (SIP, RTSP, SSDP): a first line, then header fields up to an empty line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sensors.wire.reader import text
from sensors.wire.sasl import unwrapped

_MOST_FIELDS: Final = 128
_LONGEST: Final = 2048
_DIGEST_USER: Final = re.compile(r'username\s*=\s*(?:"([^"]{0,256})"|([^\s,"]{1,256}))', re.I)


@dataclass(frozen=True, slots=True)
class Head:
    """A head as read.

    Attributes:
        first: first line.
        fields: names in upper case and values, in order.
        size: bytes with the empty line.
    """

    first: str
    fields: list[tuple[str, str]]
    size: int

    def get(self, *names: str) -> str:
        """First value of a field that has one of these names, or ""."""
        return next((value for name, value in self.fields if name in names), "")

    def all(self, *names: str) -> list[str]:
        """All values of fields that have one of these names."""
        return [value for name, value in self.fields if name in names]

    def length(self, *names: str) -> int | None:
        """Content length, None where none is given or it is no number."""
        value = self.get(*names)
        return int(value) if value.isdecimal() and len(value) < 12 else None


def head_of(data: bytes, *, whole: bool = False) -> Head | None:
    """The head at the front of `data`; None while it is not complete.

    `whole` means that nothing follows, so a missing empty line does not matter.
    """
    at = data.find(b"\r\n\r\n")
    other = data.find(b"\n\n", 0, at if at >= 0 else len(data))
    if other >= 0:
        block, size = data[:other], other + 2
    elif at >= 0:
        block, size = data[:at], at + 4
    elif whole:
        block, size = data, len(data)
    else:
        return None
    lines = block.split(b"\n", _MOST_FIELDS)
    fields: list[tuple[str, str]] = []
    for raw in lines[1:_MOST_FIELDS]:
        line = raw.rstrip(b"\r")
        if line[:1] in {b" ", b"\t"} and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {text(line.strip(), _LONGEST)}"[:_LONGEST])
            continue
        key, mark, rest = line.partition(b":")
        if mark:
            fields.append((text(key.strip(), 64).upper(), text(rest.strip(), _LONGEST)))
    return Head(text(lines[0].rstrip(b"\r"), _LONGEST), fields, size)


def user_in(credentials: str) -> str:
    """User name of an Authorization field: Digest or Basic (RFC 7616, RFC 7617)."""
    scheme, _, rest = credentials.partition(" ")
    if scheme.lower() == "basic":
        return text(unwrapped(rest.encode()).partition(b":")[0], 256)
    match = _DIGEST_USER.search(rest)
    return (match.group(1) or match.group(2) or "") if match else ""
