"""What a capture worker keeps beside its events: recent packets, and carried files of a policy.

A worker is told of both on its command line, gets at their folders and keys before it gives up its
privileges, and uses them afterwards. Keys are named by their files: command lines are no secret.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fengsui.errors import StoreError

_CLOSED: Final = 0o077  # bits of a mode that let others in


@dataclass(frozen=True, slots=True)
class KeptPackets:
    """The packet store of the settings: `sensors.keeping.ring.Limits` and the files of its keys."""

    folder: str
    size: int
    age: int
    segment: int
    reserve: int
    key_file: str = ""
    old_key_files: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The folder of carried files: `sensors.files.keeping.FileStore`."""

    folder: str
    types: list[str]
    most: int
    most_each: int


def writer_name(sensor: str, *more: str) -> str:
    """Name of a writer of segments: the same after each start, and nobody else's in the folder."""
    whole = "-".join((sensor, *more))
    plain = re.sub(r"[^0-9A-Za-z_-]", "-", whole)
    if plain == whole and len(plain) <= 64:
        return plain
    return f"{plain[:55]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def give_folder(folder: Path, user: str) -> None:
    """Make a folder for what is kept; where root works for `user`, it is that user's.

    A folder that others may look into is left as it is unless it is empty, and files in it change
    hands with it only: who may write there cannot have root give away a file of its own choice.

    Raises:
        StoreError: it cannot be made, or it is another's.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not user or os.geteuid() != 0:
            return
        entry = pwd.getpwnam(user)
        held = folder.stat()
        if held.st_uid == entry.pw_uid:
            return
        ours = held.st_uid == 0 and (not held.st_mode & _CLOSED or not any(folder.iterdir()))
        if not ours:
            raise PermissionError(13, f"it is neither {user}'s nor closed")
        for path in folder.iterdir():
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    except OSError as error:
        raise StoreError(
            f"What is captured cannot be kept in this folder: {error.strerror}",
            where=str(folder),
            next=f"chown {user or 'it to the user of the sensor'} {folder}, or name another folder",
            code="kept_folder",
        ) from error
