"""Framing of SMB on TCP: the NetBIOS session header in front of each message, RFC 1002 §4.3.

Port 445 uses the same header with a length of 24 bits (MS-SMB2 §2.1). A message is gathered whole,
but of one that carries a file's bytes only its head is: the rest goes by in the pieces in which it
comes, and is never joined. After lost bytes the next message is searched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from sensors.protocol import WireError

MESSAGE: Final = 0x00
REQUEST: Final = 0x81
POSITIVE: Final = 0x82
NEGATIVE: Final = 0x83
RETARGET: Final = 0x84
KEEP_ALIVE: Final = 0x85

_SHORT: Final = frozenset({REQUEST, POSITIVE, NEGATIVE, RETARGET, KEEP_ALIVE})
HEAD: Final = 192  # bytes that hold all heads in front of a file's bytes
_BULK: Final = 2048  # a shorter message is gathered whole
_MOST: Final = 256 * 1024  # of a message that is gathered; what is behind is stepped over
_SMB2: Final = b"\xfeSMB"
_SEARCHED: Final = 4  # of a searched magic, kept for the next piece
_STRAY: Final = 4  # messages that are no SMB, before the flow is given up


class Bulk(Protocol):
    """Takes the bytes of one message that go by."""

    def write(self, data: bytes) -> None:
        """The next bytes."""
        ...

    def skip(self, size: int) -> None:
        """`size` bytes are lost."""
        ...

    def over(self) -> None:
        """The message is over, or what follows is lost."""
        ...


Decide = Callable[[int, bytes, int, int], "tuple[int, Bulk] | None"]
Whole = Callable[[int, bytes, int, int], None]


def is_smb(data: bytes, at: int = 0) -> bool:
    """Whether an SMB header begins here: SMB1, SMB2, encrypted or compressed SMB3."""
    return data[at + 1 : at + 4] == b"SMB" and data[at] >= 0xFC


class SessionFrames:
    """One direction's messages.

    Args:
        side: which.
        decide: asked once with a long message's head: `(side, head, length, time)`; says at which
            offset its bulk begins and what takes it, or None to have it gathered whole.
        whole: given each other message: `(side, data, length, time)`; `data` is shorter than
            `length` where the message was longer than is gathered.
        lost: counts.

    Attributes:
        stray: messages in sequence that are no SMB.
    """

    def __init__(
        self, side: int, decide: Decide, whole: Whole, lost: Callable[[str], None]
    ) -> None:
        self.side = side
        self._decide = decide
        self._whole = whole
        self._lost = lost
        self._parts: list[bytes] = []  # of the message being gathered, header included
        self._have = 0
        self._length = -1  # of the message without header; -1 until the header is there
        self._bulk = 0  # bytes of the message still to pass
        self._taker: Bulk | None = None
        self._taken = False  # the message's head was handed over
        self._search = False
        self._tail = b""
        self.stray = 0

    def is_one(self, data: bytes) -> bool:
        """Whether these next bytes are one message, short and whole, of SMB2 in the clear."""
        size = len(data)
        return (
            4 < size <= _BULK
            and data[4:8] == _SMB2
            and int.from_bytes(data[:4], "big") == size - 4
            and not (self._have or self._bulk or self._search)
        )

    def data(self, data: bytes, time: int) -> None:
        """The next bytes."""
        at = 0
        if self._search:
            data = self._tail + data
            at = self._found(data)
            if at < 0:
                return
        end = len(data)
        while at < end:
            if not self._have and not self._bulk:
                size = int.from_bytes(data[at + 1 : at + 4], "big")
                if 4 <= size <= end - at - 4 and not data[at] and is_smb(data, at + 4):
                    self._at_once(data, at + 4, size, time)
                    at += 4 + size
                    continue
            at = self._pass_on(data, at) if self._bulk else self._gather(data, at, time)
            if self._search:
                data = data[at:]
                at, end = self._found(data), len(data)
                if at < 0:
                    return

    def _at_once(self, data: bytes, at: int, size: int, time: int) -> None:
        """A message that is there as a whole, from `at` on: the usual case."""
        self.stray = 0
        if size + 4 > _BULK:
            decided = self._decide(self.side, data[at : at + HEAD], size, time)
            if decided is not None:
                start, taker = decided
                taker.write(data[at + start : at + size])
                taker.over()
                return
        self._whole(self.side, data[at : at + min(size, _MOST)], size, time)

    def gap(self, size: int) -> None:
        """`size` bytes are lost."""
        self._lost("gap")
        if self._bulk >= size and self._taken:
            self._bulk -= size
            if self._taker:
                self._taker.skip(size)
            if not self._bulk:
                self._over()
            return
        if self._taken:
            self._over()
        self._reset()
        self._search = True
        self._tail = b""

    def _found(self, data: bytes) -> int:
        """Offset of the next message's header, or -1."""
        at = data.find(b"SMB")
        while at >= 0:
            start = at - 5
            if (
                start >= 0
                and data[start] == 0
                and data[start + 4] >= 0xFC
                and data[start + 1] < 0x20
            ):
                self._search = False
                self._tail = b""
                return start
            at = data.find(b"SMB", at + 1)
        self._tail = data[-_SEARCHED - 4 :]
        return -1

    def _gather(self, data: bytes, at: int, time: int) -> int:
        """Take what the message's next stage needs; the offset behind it."""
        have = self._have
        if self._length < 0:
            need = 4
        else:
            total = 4 + self._length
            need = total if total <= _BULK or self._taken else HEAD + 4
            need = min(need, _MOST)
        part = data[at : at + need - have] if at or len(data) > need - have else data
        self._parts.append(part)
        self._have = have = have + len(part)
        at += len(part)
        if have < need:
            return at
        joined = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = [joined]
        if self._length < 0:
            self._begin(joined)
            if not self._length:
                self._reset()
            return at
        self._stage(joined, time)
        return at

    def _begin(self, header: bytes) -> None:
        kind = header[0]
        self._length = int.from_bytes(header[1:4], "big")
        known = kind in _SHORT and self._length <= 1024
        if kind != MESSAGE and not known:  # a place was lost: search the next message
            self._stray_one()
            self._reset()
            self._search = True

    def _stage(self, joined: bytes, time: int) -> None:
        """A message's head, or all of it, is there."""
        length = self._length
        total = 4 + length
        if joined[0] != MESSAGE or length < 4 or not is_smb(joined, 4):
            self._no_smb(joined[0], total)
            return
        have = len(joined)
        if total > _BULK and not self._taken:
            decided = self._decide(self.side, joined[4:], length, time)
            self._taken = True
            if decided is None:
                return  # go on gathering
            start, self._taker = decided
            self._parts = []
            self._bulk = total - have
            self._taker.write(joined[start + 4 :])
            return
        self._taken = True
        self._bulk = total - have
        self._parts = []
        self._whole(self.side, joined[4:], length, time)
        if not self._bulk:
            self._reset()

    def _no_smb(self, kind: int, total: int) -> None:
        if kind == MESSAGE:
            self._stray_one()
        self._bulk = total - self._have
        self._taken = True
        if not self._bulk:
            self._reset()

    def _stray_one(self) -> None:
        self.stray += 1
        self._lost("no_smb")
        if self.stray >= _STRAY:
            raise WireError("not_smb")

    def _pass_on(self, data: bytes, at: int) -> int:
        size = min(self._bulk, len(data) - at)
        if self._taker:
            self._taker.write(data if size == len(data) else data[at : at + size])
        self._bulk -= size
        if not self._bulk:
            self._over()
        return at + size

    def _over(self) -> None:
        taker = self._taker
        self._reset()
        if taker:
            taker.over()

    def _reset(self) -> None:
        self._parts = []
        self._have = 0
        self._length = -1
        self._bulk = 0
        self._taker = None
        self._taken = False
