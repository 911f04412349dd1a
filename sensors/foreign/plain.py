"""Plain: a file's bytes without its compression, as far as they can be had."""

from __future__ import annotations

from typing import Final

from sensors.foreign.record import Problems
from sensors.logs.lines import Counted, unpacked

EVTX: Final = b"ElfFile\x00"


class Plain:
    """A file's bytes without its compression; what does not unpack is counted and ends it."""

    def __init__(self, stream: Counted, problems: Problems) -> None:
        head = stream.head
        self._inner = unpacked(stream, head)
        self.compressed = not EVTX.startswith(head)
        self._problems = problems

    def read(self, size: int, /) -> bytes:
        """The next bytes; empty at the end."""
        try:
            return self._inner.read(size)
        except Exception as error:  # noqa: BLE001 - gzip and zstd have many ways to be damaged
            self._problems.add("cut or damaged compression", -1, str(error))
            return b""

    def read_fully(self, size: int) -> bytes:
        """As many bytes as there are up to `size`."""
        found = b""
        while len(found) < size and (more := self.read(size - len(found))):
            found += more
        return found
