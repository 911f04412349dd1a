"""Keeping carried files: those of the types that a policy names, by SHA-256, in a bounded folder.

A kept file is evidence and hostile: it is never opened, unpacked or run here, its name is its
SHA-256, and only its owner may read it. The oldest make room for new ones, counted. Processes and
threads may share a folder.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

from fengsui.clock import HOUR, WallClock
from fengsui.errors import SettingsError
from fengsui.loss import Losses

_AT_ONCE: Final = 64  # files being written; more are not kept, counted
_PART: Final = "part-"
_ABANDONED: Final = 24 * HOUR  # after which a part has lost its writer
_LOOK: Final = 30.0  # seconds between looks at what other processes have added
_ADDED: Final = 32  # and when we have added this share of the bound


class FileStore:
    """The folder of kept files.

    It is opened once and used through that, so that a process may give up the right to get there.

    Args:
        folder: made when it is not there, for its owner alone.
        types: media types to keep, also as patterns (`application/x-*`); none keeps nothing.
        most: bytes of all kept files; each further process may be over it by a 32nd.
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
        self._lock = Lock()  # over what follows
        self._added = 0
        self._looked = 0.0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            weakref.finalize(self, os.close, self.place)
            self._make_room()
        except OSError as error:
            raise SettingsError(
                f"The folder of kept files cannot be used: {error.strerror}",
                where=f"{folder}, from files.folder",
                next='Name another folder, or set files.keep = ["none"]',
            ) from error

    def _make_room(self) -> None:
        """Count what is there; where it is too much remove the oldest, and some more for a while."""
        self._looked = time.monotonic()
        self._added = self.bytes = 0
        rows: list[tuple[int, str, int]] = []
        with os.scandir(self.place) as entries:
            for entry in entries:
                try:
                    stat = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # another process was quicker
                    continue
                if entry.name.startswith(_PART):
                    if WallClock().now() - stat.st_mtime_ns > _ABANDONED:
                        self._remove(entry.name, "files.removed_unfinished")
                elif entry.is_file(follow_symlinks=False):
                    rows.append((stat.st_mtime_ns, entry.name, stat.st_size))
        self.bytes = sum(size for _, _, size in rows)
        enough = self._most if self.bytes <= self._most else self._most - self._most // _ADDED
        newest = max(rows, default=None)
        for row in sorted(rows):
            if self.bytes <= enough or (row == newest and self.bytes <= self._most):
                break
            _, name, size = row
            self.bytes -= size
            self._remove(name, "files.removed_oldest")

    def _remove(self, name: str, why: str) -> None:
        try:
            os.unlink(name, dir_fd=self.place)
        except FileNotFoundError:
            return
        except OSError:
            why = "files.not_removed"
        self._losses.add(why)

    def begin(
        self, kind: str, size: int | None, lost: Callable[[str, int], None]
    ) -> Keeping | None:
        """Begin to keep a file of this type and declared size; None where it is not wanted."""
        if not self.wants(kind):
            return None
        if size is not None and size > self._most_each:
            lost("file_too_large_to_keep", 1)
            return None
        name = _PART + secrets.token_hex(12)
        with self._lock:
            if self._open >= _AT_ONCE:
                lost("file_not_kept_busy", 1)
                return None
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                number = os.open(name, flags, 0o600, dir_fd=self.place)
            except OSError:
                lost("file_not_kept_disk", 1)
                return None
            self._open += 1
        return Keeping(self, os.fdopen(number, "wb"), name, lost)

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
        with self._lock:
            self._open -= 1

    def add(self, size: int) -> None:
        """Take a finished file into account, and make room."""
        with self._lock:
            self._added += size
            self.bytes += size
            share = self._added > self._most // _ADDED
            if self.bytes > self._most or share or time.monotonic() - self._looked > _LOOK:
                try:
                    self._make_room()
                except OSError:
                    self._losses.add("files.not_removed")


class Keeping:
    """One file being kept: written beside, and named by its SHA-256 when it is whole."""

    __slots__ = ("_file", "_hash", "_lost", "_part", "_size", "_store", "over")

    def __init__(
        self, store: FileStore, file: BinaryIO, part: str, lost: Callable[[str, int], None]
    ) -> None:
        self.over = False
        self._store = store
        self._file = file
        self._part = part
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
            with suppress(OSError):
                os.unlink(self._part, dir_fd=self._store.place)

    def finish(self) -> bool:
        """Name it by its SHA-256; whether it is kept."""
        if self.over:
            return False
        name = self._hash.hexdigest()
        try:
            self._file.close()
            place = self._store.place
            os.replace(self._part, name, src_dir_fd=place, dst_dir_fd=place)
        except OSError:
            self.drop("file_not_kept_disk")
            return False
        self.over = True
        self._store.close()
        self._store.add(self._size)
        return True
