"""Where evidence and attachments lie: under the installation's folder, by their SHA-256."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from fengsui.errors import NotFoundError, StoreError
from fengsui.settings import Settings

_HASH: Final = frozenset("0123456789abcdef")


def evidence_folder(settings: Settings) -> Path:
    """Host bundles and configurations that were brought."""
    return settings.home / "evidence"


def attachment_folder(settings: Settings) -> Path:
    """Documents behind attestations and proofs."""
    return settings.home / "attachments"


def keep(source: Path, folder: Path, sha256: str, name: str) -> Path:
    """Copy a file to its place; a file of the same content is there already.

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    target = folder / sha256 / name
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        part.replace(target)
    except OSError as error:
        raise StoreError(
            f"The file cannot be kept: {error.strerror}",
            where=str(folder),
            next="Make room on the disk or mend the folder's permissions",
            code="file_not_kept",
        ) from error
    return target


def kept(folder: Path, sha256: str) -> Path:
    """The file of a digest.

    Raises:
        NotFoundError: it is not there.
    """
    place = folder / sha256
    if len(sha256) == 64 and set(sha256) <= _HASH and place.is_dir():
        for path in sorted(place.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                return path
    raise NotFoundError(
        "The file is not kept here", where=sha256[:12], next="Bring it again", code="no_such_file"
    )
