"""Files, shares and pipes that are open on one SMB connection, and the bytes that go in and out of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from fengsui.clock import to_iso
from fengsui.event import Value
from sensors.protocol import FileSink
from sensors.wire.rpc import Association

_EPOCH: Final = 116_444_736_000_000_000  # 1970 as FILETIME
_LATEST: Final = _EPOCH + 4_102_444_800 * 10_000_000  # 2100
# Pipes that are known as such where the share was not seen being connected.
_PIPES: Final = frozenset(
    {"spoolss", "winreg", "samr", "srvsvc", "netdfs", "lsarpc", "wkssvc", "svcctl", "netlogon",
     "atsvc", "epmapper", "browser", "eventlog", "efsrpc", "msftewds", "ntsvcs", "lsass", "drsuapi"}
)  # fmt: skip


class Tree:
    """A connected share.

    Attributes:
        path: as the client asked for it.
        kind: DISK, PIPE, PRINT, or "" where it was not seen.
        service: SMB1's word for it.
        system: its file system, as SMB1 says.
    """

    __slots__ = ("kind", "path", "service", "system")

    def __init__(self, path: str = "", kind: str = "") -> None:
        self.path = path
        self.kind = kind
        self.service = ""
        self.system = ""


class Transfer:
    """The bytes of one open file in one direction; takes the bulk of its messages.

    They go to a sink as long as they come in sequence from the file's begin.
    """

    __slots__ = ("_left", "_next", "_offset", "_sink", "size", "time")

    def __init__(self, sink: FileSink | None, time: int) -> None:
        self.time = time
        self.size = 0  # bytes that went by
        self._sink = sink
        self._next = 0  # offset of the next byte that the sink wants
        self._offset = 0
        self._left = 0

    def place(self, offset: int, size: int) -> None:
        """The next `size` bytes written are of the file's `offset`."""
        self._offset = offset
        self._left = size

    def write(self, data: bytes) -> None:
        """Bytes of the file."""
        if len(data) > self._left:
            data = data[: self._left]
        size = len(data)
        if not size:
            return
        self.size += size
        self._left -= size
        offset = self._offset
        self._offset = offset + size
        if self._sink is None:
            return
        ahead = offset - self._next
        if ahead > 0:
            self._sink.skip(ahead)
        elif ahead < 0:  # read or written again
            if -ahead >= size:
                return
            data = data[-ahead:]
        self._sink.write(data)
        self._next = self._offset

    def skip(self, size: int) -> None:
        """Bytes are lost: seen as a hole when the next come."""
        self._left = max(0, self._left - size)
        self._offset += size

    def over(self) -> None:
        """The message is over."""
        self._left = 0

    def end(self, time: int) -> None:
        """The file is closed."""
        if self._sink is not None:
            self._sink.end(time)


class Nowhere:
    """Takes bulk that nobody wants."""

    def write(self, data: bytes) -> None:
        """Drop."""

    def skip(self, size: int) -> None:
        """Drop."""

    def over(self) -> None:
        """Drop."""


NOWHERE: Final = Nowhere()


class OpenFile:
    """A file, directory or pipe between open and close.

    Attributes:
        opened: time of the request.
        number: the file id as text.
        key: and as its messages have it.
    """

    __slots__ = (
        "association", "key", "name", "number", "opened", "previous", "read", "session", "silent", "size",
        "times", "tree", "tree_id", "written",
    )  # fmt: skip

    def __init__(self, name: str, tree: Tree, opened: int) -> None:
        self.name = name
        self.tree = tree
        self.opened = opened
        self.number = ""
        self.key: bytes | int = 0
        self.previous = ""
        self.session = 0
        self.tree_id = 0
        self.size: int | None = None
        self.times: dict[str, Value | None] = {}
        self.read: Transfer | None = None
        self.written: Transfer | None = None
        self.association: Association | None = None
        self.silent = False  # a pipe that carries no DCE/RPC

    @property
    def is_pipe(self) -> bool:
        """Whether it is a pipe, as far as is known."""
        return self.tree.kind == "PIPE"

    @property
    def path(self) -> str:
        """Share and name together."""
        if not self.tree.path or not self.name:
            return self.name
        return f"{self.tree.path}\\{self.name.lstrip(chr(92))}"

    def transfer(
        self, reading: bool, offset: int, open_sink: Callable[[], FileSink], time: int
    ) -> Transfer:
        """The direction's transfer; made at its first message, with a sink if that is the file's begin."""
        found = self.read if reading else self.written
        if found is None:
            found = Transfer(open_sink() if not offset and not self.is_pipe else None, time)
            if reading:
                self.read = found
            else:
                self.written = found
        return found


def is_pipe_name(name: str) -> bool:
    """Whether a file of an unknown share is one of the pipes that every Windows has."""
    return name.lower().rpartition("\\")[2] in _PIPES


@lru_cache(maxsize=4096)
def date(filetime: int) -> str | None:
    """A FILETIME as ISO 8601; None where it is no date."""
    if not _EPOCH < filetime < _LATEST:
        return None
    return to_iso((filetime - _EPOCH) * 100)
