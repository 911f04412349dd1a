"""Sessions of protocols that speak in lines, with stretches of bulk bytes between them.

Lines end with LF, a CR before it is no part of them; a line longer than `longest` is cut there and
counted. A side that is in bulk gets its bytes unbroken until it says that the bulk is over.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from sensors.protocol import Context, Session

_LONGEST: Final = 4096


class LineSession(Session):
    """Cuts both sides into lines.

    Attributes:
        longest: bytes of a line that are kept.
        bulk: whether a side's bytes go to `body` instead of `line`.
        stopped: set when nothing more is to be read.
    """

    longest = _LONGEST

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.bulk = [False, False]
        self.stopped = False
        self._waiting = [b"", b""]
        self._skipping = [False, False]

    @abstractmethod
    def line(self, side: int, line: bytes, time: int) -> None:
        """A whole line, without its end."""

    def body(self, side: int, data: bytes, time: int) -> int:
        """Bulk bytes of a side; the number used. What is not used waits for more."""
        del side, time
        return len(data)

    def waiting(self, side: int) -> bytes:
        """What no line was made of."""
        return self._waiting[side]

    def stop(self) -> None:
        """Nothing more is wanted of the flow."""
        self.stopped = True
        self.context.done()

    def switch(self, name: str = "") -> None:
        """What follows belongs to another protocol."""
        self.stopped = True
        self.context.switch(name)

    def data(self, side: int, data: bytes, time: int) -> None:
        """Cut into lines or hand on as bulk."""
        waiting = self._waiting[side]
        fresh = len(waiting)
        if waiting:
            data = waiting + data
        at = 0
        while at < len(data) and not self.stopped:
            if self.bulk[side]:
                used = self.body(side, data[at:] if at else data, time)
                if used <= 0 and self.bulk[side]:
                    break
                at += used
                fresh = at
                continue
            end = data.find(b"\n", max(at, fresh))
            if end < 0:
                break
            line, at = data[at:end], end + 1
            fresh = at
            self._line(side, line, time)
        self._keep(side, data[at:], time)

    def _line(self, side: int, line: bytes, time: int) -> None:
        if self._skipping[side]:
            self._skipping[side] = False
            return
        if len(line) > self.longest:
            self.context.lost("long_line")
        self.line(side, line[: self.longest].rstrip(b"\r"), time)

    def _keep(self, side: int, rest: bytes, time: int) -> None:
        if self.stopped or self.bulk[side] or len(rest) <= self.longest + 1:
            self._waiting[side] = rest
            return
        self._waiting[side] = b""
        if self._skipping[side]:
            return
        # Its beginning is a line as good as any; what follows up to the next LF is passed over.
        self._line(side, rest, time)
        self._skipping[side] = True

    def gap(self, side: int, size: int, time: int) -> None:
        """Lost bytes: begin again behind the next line end of that side."""
        del size, time
        self.context.lost("gap")
        self._waiting[side] = b""
        self._skipping[side] = not self.bulk[side]


def words_of(line: bytes) -> tuple[str, bytes]:
    """First word in upper case, and what follows behind white space."""
    word, _, rest = line.strip().partition(b" ")
    return word[:32].decode("latin-1").upper(), rest.strip()


def reply_of(line: bytes) -> tuple[int, bool, bytes] | None:
    """Code, whether more lines follow, and text of a reply `250-text` (RFC 5321, RFC 959).

    Some servers leave the blank behind the code out.
    """
    if len(line) < 3 or not line[:3].isdigit():
        return None
    mark = line[3:4]
    return int(line[:3]), mark == b"-", line[4:] if mark in {b" ", b"-", b"\t"} else line[3:]


def word_set(words: str) -> frozenset[str]:
    """Words of a text, for looking them up."""
    return frozenset(words.split())
