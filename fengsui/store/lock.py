"""One writer of an installation: a lock on a file, which ends with the process that holds it."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO, Final

from fengsui.errors import BusyError, StoreError

FILE: Final = "writer.lock"


def writer_lock(folder: Path, inner: str = "") -> IO[bytes]:
    """Take the lock of a folder, which is made with a folder `inner` in it; closing gives it back.

    Raises:
        BusyError: another process holds it (code `store_in_use`).
        StoreError: the folder cannot be made.
    """
    try:
        (folder / inner).mkdir(parents=True, exist_ok=True)
        file = (folder / FILE).open("ab")
    except OSError as error:
        raise StoreError(
            f"The event store cannot be made: {error.strerror}",
            where=str(folder),
            next="Choose a folder that can be written to",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise BusyError(
            "Another process writes to this event store",
            where=str(folder),
            next="Stop it first, or read only",
            code="store_in_use",
        ) from error
    return file
