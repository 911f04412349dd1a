"""A TFTP transfer: what was asked for, and how it went; shared by the request's flow and the data's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sensors.wire.reader import text

READ, WRITE, DATA, ACKNOWLEDGE, ERROR, OPTIONS = 1, 2, 3, 4, 5, 6
MODES: Final = frozenset({"netascii", "octet", "mail"})
ERRORS: Final = (
    "not defined", "file not found", "access violation", "disk full", "illegal operation",
    "unknown transfer id", "file already exists", "no such user", "option negotiation failed",
)  # fmt: skip


@dataclass(slots=True)
class Transfer:
    """State of one transfer.

    Attributes:
        opcode: READ or WRITE.
        block: bytes of a full block.
        last: number of the last data block in order.
        error: what the error message said.
        done: the short last block went by.
    """

    opcode: int
    name: str
    mode: str
    time: int
    block: int = 512
    last: int = 0
    size: int = 0
    error: str = ""
    error_code: int | None = None
    done: bool = False
    answered: bool = False


def request(data: bytes, time: int) -> Transfer | None:
    """A read or write request (RFC 1350), or None where it is none."""
    if len(data) < 6 or data[0] or data[1] not in {READ, WRITE}:
        return None
    parts = data[2:].split(b"\0", 64)
    if len(parts) < 3 or not parts[0]:
        return None
    mode = text(parts[1], 16).lower()
    if mode not in MODES or any(letter < 0x20 for letter in parts[0]):
        return None
    return Transfer(data[1], text(parts[0], 512), mode, time)


def block_size(data: bytes) -> int | None:
    """Value of `blksize` in an option acknowledgement (RFC 2348)."""
    parts = data[2:].split(b"\0", 64)
    for key, value in zip(parts[::2], parts[1::2], strict=False):
        if key.lower() == b"blksize" and value.isdigit() and len(value) < 6:
            return int(value)
    return None
