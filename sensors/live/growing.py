"""Files that are still being written: a capture is read on as it grows, a log in pieces of whole lines.

A growing file ends when nothing was added for a while, or when it was rotated: its name leads to
another file, to none, or to a shorter one. What its writer still adds after the rename is read too.
"""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from threading import Event
from typing import Final, Literal

End = Literal["quiet", "rotated", "truncated", "stopped"]
_LOOK: Final = 0.2  # seconds between looks for more
_LINGER: Final = (
    2.0  # seconds without growth, in which a writer learns that its file was rotated away
)
_HEAD: Final = 64 * 1024  # of a log, in which its own comment lines may stand
_TAIL: Final = 1 << 20  # no line is longer


class GrowingFile(io.RawIOBase):
    """A file whose end is not believed until nothing was added for `quiet` seconds.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, *, quiet: float, stop: Event) -> None:
        super().__init__()
        self._path = path
        self._file = path.open("rb", buffering=0)
        self._quiet = quiet
        self._stop = stop
        self.taken = 0
        self.end: End | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """What is there; waits for more at the end of the file; 0 once that is its end."""
        grew = time.monotonic()
        while self.end is None:
            size = self._file.readinto(buffer) or 0
            if size:
                self.taken += size
                return size
            self.end = self._ended(time.monotonic() - grew)
            if self.end is None:
                self._stop.wait(_LOOK)
        return 0

    def _ended(self, quiet: float) -> End | None:
        if self._stop.is_set():
            return "stopped"
        size = self._size()
        if size is None:
            return "rotated" if quiet >= min(_LINGER, self._quiet) else None
        if size < self.taken:
            return "truncated"
        return "quiet" if quiet >= self._quiet else None

    def _size(self) -> int | None:
        """Bytes of what the name leads to, or None when that is another file or none."""
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return None
        held = os.fstat(self._file.fileno())
        return now.st_size if (now.st_dev, now.st_ino) == (held.st_dev, held.st_ino) else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class LogPiece(io.RawIOBase):
    """The whole lines of a log behind `start`, with the comment lines of its head before them.

    Zeek's and W3C's logs name their columns in lines that begin with `#`; a piece without them could
    not be read.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, start: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        head = self._file.read(_HEAD) if start else b""
        lines = head[:start].splitlines(keepends=True)
        self._head = b"".join(line for line in lines if line[:1] == b"#" and line[-1:] == b"\n")
        self.end = self._whole(start)
        self._at = start
        self._file.seek(start)

    def _whole(self, start: int) -> int:
        """The end of the last line that has one."""
        size = self._file.seek(0, io.SEEK_END)
        begin = max(start, size - _TAIL)
        self._file.seek(begin)
        tail = self._file.read(size - begin)
        return begin + tail.rfind(b"\n") + 1 if b"\n" in tail else begin

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Head first, then the lines; 0 at the end of the last whole one."""
        if self._head:
            data, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            data = self._file.read(min(len(buffer), self.end - self._at))
            self._at += len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
