"""A file carried by a protocol: its type, size and hashes as it goes by.

One event of dataset `files` a file, stamped with its begin as Zeek's files.log is. Nothing is kept
of it unless a policy asks (`sensors.files.keeping`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fengsui.event import Value
from fengsui.hashes import Hash, new_sm3, sm3_is_fast
from sensors.files.digests import CHUNK, HASHES, Digests
from sensors.files.keeping import FileStore, Keeping
from sensors.files.kind import EMPTY_START, HEAD, LONG_HEAD, kind_of
from sensors.protocol import FieldValues

Emit = Callable[[int, FieldValues], None]
Lost = Callable[[str, int], None]

_SLOW_SM3: Final = 1 << 20
_MOST_NAME: Final = 255
_MOST_PATH: Final = 1024


def _not_counted(what: str, count: int) -> None:
    """For callers that do not count."""
    del what, count


class CarriedFile:
    """One file on its way; at its end an event of dataset `files`.

    Args:
        emit: writes the event: time in ns and fields.
        name: as the protocol calls it, "" where it does not.
        path: where it lies, with its name.
        size: as declared, None where it is not.
        time: when it began, ns; 0 where only its end is known, which then stamps the event.
        lost: counts what is left out.
        store: where it is kept when the policy wants it.
        hashes: which to make; of `HASHES`.
    """

    __slots__ = (
        "_begun", "_cut", "_declared", "_digests", "_emit", "_gathered", "_keeping", "_lost",
        "_missing", "_name", "_path", "_seen", "_sm3", "_store", "_waiting", "head", "over",
    )  # fmt: skip

    def __init__(
        self,
        emit: Emit,
        *,
        name: str = "",
        path: str = "",
        size: int | None = None,
        time: int = 0,
        lost: Lost = _not_counted,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
    ) -> None:
        self._emit = emit
        self._name = name[:_MOST_NAME]
        self._path = path[:_MOST_PATH]
        self._declared = size
        self._begun = time
        self._lost = lost
        self._store = store
        self._seen = 0
        self._missing = 0
        self._cut = False
        self._gathered: list[bytes] = []
        self._waiting = 0
        self._keeping: Keeping | None = None
        self._sm3: Hash | None = None
        if "sm3" in hashes and not sm3_is_fast():
            self._sm3 = new_sm3()
            hashes = tuple(one for one in hashes if one != "sm3")
        self._digests: Digests | None = Digests(hashes)
        self.over = False
        self.head = b""

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes; they may be overwritten afterwards."""
        if self.over:
            return
        size = len(data)
        if self._waiting + size < CHUNK:
            self._gathered.append(bytes(data))
            self._waiting += size
            return
        at = 0
        if self._waiting:
            at = CHUNK - self._waiting
            self._gathered.append(bytes(data[:at]))
            self._waiting = CHUNK
            self._flush()
        for start in range(at, size - CHUNK + 1, CHUNK):
            self._take(data[start : start + CHUNK])
            at = start + CHUNK
        if at < size:
            self._gathered.append(bytes(data[at:]))
            self._waiting = size - at

    def skip(self, size: int) -> None:
        """`size` bytes are lost."""
        if self.over:
            return
        self._missing += size
        self.cut()

    def cut(self) -> None:
        """The file is not whole: no hashes."""
        if not self._cut:
            self._flush()
            self._cut = True
            self._digests = None
            self._sm3 = None
            if self._keeping:
                self._keeping.drop()
                self._keeping = None

    def end(self, time: int) -> None:
        """The file is over; `time` 0 where that is not known.

        One of which nothing was seen or missed leaves no event.
        """
        if self.over:
            return
        self._flush()
        if self._declared is not None and self._seen + self._missing < self._declared:
            self.cut()
        self.over = True
        if self._seen or self._missing:
            self._emit(self._begun or time, self._fields(time))
        elif self._keeping:
            self._keeping.drop()

    def _flush(self) -> None:
        """Take what was gathered."""
        if self._waiting:
            gathered = self._gathered
            data = gathered[0] if len(gathered) == 1 else b"".join(gathered)
            self._gathered = []
            self._waiting = 0
            self._take(data)

    def _take(self, data: bytes | memoryview) -> None:
        """Hash, and keep, the next chunk."""
        begin = self.head or data[: len(EMPTY_START)]
        most = LONG_HEAD if begin[: len(EMPTY_START)] == EMPTY_START else HEAD
        if len(self.head) < most:
            first = not self.head
            self.head += data[: most - len(self.head)]
            if first and self._store is not None and not self._cut:
                self._keeping = self._store.begin(
                    kind_of(self.head, self._name), self._declared, self._lost
                )
        self._seen += len(data)
        if self._digests is not None:
            self._digests.update(data)
        if self._sm3 is not None:
            self._sm3.update(bytes(data))
            if self._seen > _SLOW_SM3:
                self._sm3 = None
                self._lost("sm3_left_out", 1)
        if self._keeping is not None:
            self._keeping.write(bytes(data))

    def _fields(self, time: int) -> FieldValues:
        name = self._name or self._path.replace("\\", "/").rpartition("/")[2]
        fields: dict[str, Value | None] = {
            "file.name": name,
            "file.extension": extension(name),
            "file.path": self._path,
            "file.size": self._seen,
            "file.mime_type": kind_of(self.head, name),
        }
        if self._begun and time:
            fields["event.duration"] = max(0, time - self._begun)
        if self._declared is not None and self._declared != self._seen:
            fields["file.size_declared"] = self._declared
        if self._missing:
            fields["file.missing_bytes"] = self._missing
        if self._cut:
            fields["fengsui.parse"] = "cut"
            return fields
        if self._digests is not None:
            for one, digest in self._digests.digests():
                fields["file.hash." + one] = digest
        if self._sm3 is not None:
            fields["file.hash.sm3"] = self._sm3.hexdigest()
        if self._keeping is not None:
            fields["file.kept"] = self._keeping.finish() or None
        return fields


class Unwanted:
    """A file that nobody asked for: nothing is done with it."""

    def write(self, data: bytes | memoryview) -> None:
        """Nothing."""

    def skip(self, size: int) -> None:
        """Nothing."""

    def end(self, time: int) -> None:
        """Nothing."""


UNWANTED: Final = Unwanted()


def extension(name: str) -> str:
    """Lower-case letters behind the last dot of a file's name, at most 16; "" where there are none."""
    stem, dot, last = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    return last.lower() if stem and dot and 0 < len(last) <= 16 else ""
