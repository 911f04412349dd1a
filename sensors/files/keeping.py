"""Keeping carried files: those of the types that a policy names, by SHA-256, in a bounded folder.

A kept file is evidence and hostile: it is never opened, unpacked or run here, its name is its
SHA-256, and only its owner may read it. The oldest make room for new ones, counted.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, Final

from fengsui.errors import SettingsError
from fengsui.loss import Losses

_AT_ONCE: Final = 64  # files being written; more are not kept, counted
_PART: Final = "part-"


class FileStore:
    """The folder of kept files.

    Args:
        folder: made when it is not there, for its owner alone.
        types: media types to keep, also as patterns (`application/x-*`); none keeps nothing.
        most: bytes of all kept files.
        most_each: bytes of one; larger ones are not kept, counted.
        losses: where removed and refused files are counted.

    Raises:
        SettingsError: the folder cannot be used.
    """

    def __init__(
        self, folder: Path, types: Sequence[str], *, most: int, most_each: int, losses: Losses
    ) -> None:
        self.folder = folder
        self.bytes = 0
        self._types = tuple(types)
        self._most = most
        self._most_each = min(most, most_each)
        self._losses = losses
        self._open = 0
        self._wanted: dict[str, bool] = {}
        self._kept: OrderedDict[str, int] = OrderedDict()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._list()
        except OSError as error:
            raise SettingsError(
                f"The folder of kept files cannot be used: {error.strerror}",
                where=f"{folder}, from files.folder",
                next='Name another folder, or set files.keep = ["none"]',
            ) from error
        self._shrink()

    def _list(self) -> None:
        with os.scandir(self.folder) as entries:
            rows = [
                (e.stat().st_mtime_ns, e.name, e.stat().st_size) for e in entries if e.is_file()
            ]
        for _, name, size in sorted(rows):
            self._kept[name] = size
            self.bytes += size

    def begin(
        self, kind: str, size: int | None, lost: Callable[[str, int], None]
    ) -> Keeping | None:
        """Begin to keep a file of this type and declared size; None where it is not wanted."""
        if not self.wants(kind):
            return None
        if size is not None and size > self._most_each:
            lost("file_too_large_to_keep", 1)
            return None
        if self._open >= _AT_ONCE:
            lost("file_not_kept_busy", 1)
            return None
        try:
            number, path = tempfile.mkstemp(prefix=_PART, dir=self.folder)  # 0600
        except OSError:
            lost("file_not_kept_disk", 1)
            return None
        self._open += 1
        return Keeping(self, os.fdopen(number, "wb"), Path(path), lost)

    def wants(self, kind: str) -> bool:
        """Whether files of this media type are kept."""
        known = self._wanted.get(kind)
        if known is None:
            known = any(fnmatchcase(kind or "unknown", one) for one in self._types)
            self._wanted[kind] = known
        return known

    def too_large(self, size: int) -> bool:
        """Whether a file is larger than one may be."""
        return size > self._most_each

    def close(self) -> None:
        """One file less is being written."""
        self._open -= 1

    def add(self, name: str, size: int) -> None:
        """Take a finished file into account, and make room."""
        self.bytes += size - self._kept.pop(name, 0)
        self._kept[name] = size
        self._shrink()

    def _shrink(self) -> None:
        while self.bytes > self._most and self._kept:
            name, size = self._kept.popitem(last=False)
            self.bytes -= size
            self._losses.add("files.removed_oldest")
            try:
                (self.folder / name).unlink(missing_ok=True)
            except OSError:
                self._losses.add("files.not_removed")


class Keeping:
    """One file being kept: written beside, and named by its SHA-256 when it is whole."""

    __slots__ = ("_file", "_hash", "_lost", "_path", "_size", "_store", "over")

    def __init__(
        self, store: FileStore, file: BinaryIO, path: Path, lost: Callable[[str, int], None]
    ) -> None:
        self.over = False
        self._store = store
        self._file = file
        self._path = path
        self._lost = lost
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        """The next bytes; a full disk or a file too large ends it, counted."""
        if self.over:
            return
        self._size += len(data)
        if self._store.too_large(self._size):
            self.drop("file_too_large_to_keep")
            return
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError:
            self.drop("file_not_kept_disk")

    def drop(self, why: str = "") -> None:
        """Keep it not."""
        if self.over:
            return
        self.over = True
        self._store.close()
        if why:
            self._lost(why, 1)
        try:
            self._file.close()
        except OSError:  # what is still buffered does not fit either
            pass
        finally:
            self._path.unlink(missing_ok=True)

    def finish(self) -> bool:
        """Name it by its SHA-256; whether it is kept."""
        if self.over:
            return False
        name = self._hash.hexdigest()
        try:
            self._file.close()
            self._path.replace(self._store.folder / name)
        except OSError:
            self.drop("file_not_kept_disk")
            return False
        self.over = True
        self._store.close()
        self._store.add(name, self._size)
        return True
