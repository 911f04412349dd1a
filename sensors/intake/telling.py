"""Telling apart whether a file is a capture or a log, by its first bytes, without what reads either."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from fengsui.errors import ForbiddenError, InputError
from sensors.intake.magic import CAPTURES, LONGEST_MAGIC, foreign
from sensors.intake.unpacking import UNPACK_ERRORS, unpacking

_NEXT = "Give a capture (pcap, pcapng) or a log, plain or compressed with gzip, zstd, xz or bzip2"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def kind_of(path: Path) -> str:
    """`capture` by its magic number, else `log`; of the file itself or of what it packs.

    Raises:
        InputError: it is missing, empty, a directory, cut, or of a kind that is not read.
        ForbiddenError: it may not be read.
    """
    if path.is_dir():
        raise InputError(
            "This is a folder, not a capture or log",
            where=str(path),
            next=f"Name its files, for example {path}/*",
            code="is_a_directory",
        )
    try:
        head = _head(path)
    except FileNotFoundError as error:
        raise InputError(
            "There is no such file", where=str(path), next="Check the path", code="no_such_file"
        ) from error
    except PermissionError as error:
        raise ForbiddenError(
            "This file may not be read",
            where=str(path),
            next=f"Run: chmod u+r '{path}', or ask its owner",
        ) from error
    except (*UNPACK_ERRORS, EOFError, zstandard.ZstdError) as error:
        raise InputError(
            f"This file cannot be read: {error}",
            where=str(path),
            next="Check that it is whole; make it again if it was cut",
            code="unreadable",
        ) from error
    if not head:
        raise InputError(
            "This file is empty",
            where=str(path),
            next="Check that the capture was finished",
            code="empty",
        )
    if what := foreign(head):
        raise InputError(
            f"This is no capture or log that can be read; it looks like {what.partition(':')[0]}",
            where=str(path),
            next=_NEXT + (f"; first{what.partition(':')[2]}" if ":" in what else ""),
            code="not_a_capture",
        )
    return "capture" if head[:4] in CAPTURES else "log"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(LONGEST_MAGIC)
        file.seek(0)
        if head[:2] == _GZIP:
            with gzip.open(file) as plain:
                return plain.read(LONGEST_MAGIC)
        if head[:4] == _ZSTD:
            with zstandard.ZstdDecompressor().stream_reader(cast("BinaryIO", file)) as plain:
                return plain.read(LONGEST_MAGIC)
        packed = unpacking(file, head[:4])
        return packed.read(LONGEST_MAGIC) if packed else head
