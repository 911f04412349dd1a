"""Archives: the files inside a zip file, as a folder's."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO, Final, cast

from fengsui.errors import InputError

_MOST: Final = 100_000  # members of one archive


def members(archive: Path) -> list[str]:
    """Names of the files inside, in order; hidden ones left out.

    Raises:
        InputError: it is damaged, or has too many members.
    """
    try:
        with zipfile.ZipFile(archive) as found:
            names = sorted({one.filename for one in found.infolist() if not one.is_dir()})
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(archive, error) from error
    if len(names) > _MOST:
        raise _damaged(archive, ValueError(f"more than {_MOST:,} files"))
    return [
        name
        for name in names
        if not any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
    ]


def opened(archive: Path, name: str) -> BinaryIO:
    """A member to be read; it is unpacked as it is read.

    Args:
        archive: the zip file.
        name: the archive's path and the member's name behind it.

    Raises:
        InputError: it is damaged, or needs a password.
    """
    try:
        found = zipfile.ZipFile(archive)
        return cast("BinaryIO", found.open(name[len(f"{archive}/") :]))
    except RuntimeError as error:
        raise InputError(
            "This file of the archive needs a password",
            where=name,
            next="Unpack the archive and name the folder",
            code="encrypted",
        ) from error
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError) as error:
        raise _damaged(archive, error) from error


def _damaged(archive: Path, error: Exception) -> InputError:
    return InputError(
        f"The archive cannot be read: {error}",
        where=str(archive),
        next="Fetch it again; it is cut or damaged",
        code="damaged",
    )
