"""Opens whatever is named: a capture or a log, plain or compressed, told apart by content."""

from __future__ import annotations

import gzip
import sys
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from fengsui.errors import ForbiddenError, InputError
from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.intake.choosing import Chosen
from sensors.intake.magic import CAPTURES, STANDARD_INPUT
from sensors.logs.reader import LogReader
from sensors.packet.capture import CaptureSensor
from sensors.source import Source

__all__ = ["STANDARD_INPUT", "kind_of", "open_input", "sniff"]

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def open_input(
    path: str,
    *,
    sensor: str,
    max_flows: int,
    datasets: frozenset[str] | None = None,
    store: FileStore | None = None,
    hashes: tuple[str, ...] = HASHES,
) -> Source:
    """The source for a path; `-` is standard input, read as a capture.

    Args:
        path: of a capture or log.
        sensor: `observer.name` of the events.
        max_flows: flows of a capture that are tracked at once.
        datasets: those that are wanted; None for all.
        store: where files that a capture carries are kept when the policy wants them.
        hashes: made of each carried file.

    Raises:
        InputError: it is missing, empty, a directory, or neither a capture nor a known log.
        ForbiddenError: it may not be read.
    """
    capture = partial(
        CaptureSensor,
        sensor=sensor,
        max_flows=max_flows,
        datasets=datasets,
        store=store,
        hashes=hashes,
    )
    if path == STANDARD_INPUT:
        return capture(None, sys.stdin.buffer, name="standard input")
    file = Path(path)
    if kind_of(file) == "capture":
        return capture(file, name=file.name)
    source = LogReader(file, name=file.name, sensor=sensor)
    return source if datasets is None else Chosen(source, datasets)


def kind_of(path: Path) -> str:
    """`capture` by its magic number, else `log`; raises as `open_input` does."""
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
    except (OSError, EOFError, zstandard.ZstdError) as error:
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
    return "capture" if head in CAPTURES else "log"


def sniff(path: Path) -> str:
    """`capture` or `log`, after a look at what it holds: for files that somebody sends us.

    Raises:
        InputError: it is neither; also as `open_input`.
    """
    kind = kind_of(path)
    if kind == "log":
        next(iter(LogReader(path, name=path.name, sensor="upload")), None)
    return kind


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        if head[:2] == _GZIP:
            with gzip.open(file) as plain:
                return plain.read(4)
        if head == _ZSTD:
            with zstandard.ZstdDecompressor().stream_reader(cast("BinaryIO", file)) as plain:
                return plain.read(4)
        return head
