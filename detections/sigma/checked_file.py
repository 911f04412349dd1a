"""A file of the cache begins with the SHA-256 of the rest, so that what is damaged is made anew."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

DIGEST: Final = 32  # bytes


def write_checked(path: Path, body: bytes) -> None:
    """Write digest and body; of two processes that write at once, either's file is whole.

    Raises:
        OSError: the folder cannot be made or written, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(hashlib.sha256(body).digest() + body)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def is_whole(digest: bytes, body: bytes | memoryview) -> bool:
    """Whether the body is what was written with this digest."""
    return hashlib.sha256(body).digest() == digest
