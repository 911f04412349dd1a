"""Scanners: hyperscan's databases, kept on disk: one is loaded in a hundredth of the time of making it.

A kept one is named by its literals, hyperscan's version and the processor, and begins with a digest of
the rest: what is damaged or of another machine is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import hyperscan as _hyperscan

from detections.sigma.checked_file import DIGEST, is_whole, write_checked
from detections.sigma.tables import FOLDER

hyperscan: Any = _hyperscan

_WORTH = 64  # literals from which on keeping pays
_KEPT = 256  # scanners, those used last


def scanner(literals: Sequence[bytes], folder: Path | None = None) -> Any:
    """A database for these literals, ASCII case ignored; a match's id is the literal's position.

    Args:
        literals: not empty, no line breaks in them.
        folder: of those that are kept; in the user's own cache where none is given.
    """
    if len(literals) < _WORTH:
        return _made(literals)
    inside = folder or Path(FOLDER).expanduser() / "scanners"
    path = inside / f"{_name(literals)}.hs"
    found = _read(path)
    if found is None:
        found = _made(literals)
        _write(path, hyperscan.dumpb(found))
    return found


def _made(literals: Sequence[bytes]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=list(literals),
        ids=list(range(len(literals))),
        elements=len(literals),
        flags=hyperscan.HS_FLAG_CASELESS,
        literal=True,
    )
    return database


def _name(literals: Sequence[bytes]) -> str:
    content = b"".join(b"%d:%b" % (len(one), one) for one in literals)
    return hashlib.sha256(_machine() + content).hexdigest()[:40]


@cache
def _machine() -> bytes:
    """What a database is made for, besides its literals."""
    flags = ""
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open() as lines:
        flags = next((line for line in lines if line.startswith("flags")), "")
    return f"{hyperscan.__version__}\0{os.uname().machine}\0{flags}\0".encode()


def _read(path: Path) -> Any:
    try:
        data = path.read_bytes()
        if not is_whole(data[:DIGEST], data[DIGEST:]):
            return None
        found = hyperscan.loadb(data[DIGEST:], mode=hyperscan.HS_MODE_BLOCK)
        found.scratch = hyperscan.Scratch(found)
        os.utime(path)
    except (OSError, hyperscan.HyperscanError):
        return None
    return found


def _write(path: Path, data: bytes) -> None:
    """Keep one if that can be done."""
    with contextlib.suppress(OSError):
        write_checked(path, data)
        kept = sorted(path.parent.glob("*.hs"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-_KEPT]:
            old.unlink(missing_ok=True)
