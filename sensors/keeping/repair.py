"""After a crash: segments without an index get one of what is whole in them."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from fengsui.errors import FengsuiError
from fengsui.loss import Losses
from sensors.keeping.data_file import HEAD, SealedReader, sealed_size
from sensors.keeping.sealing import Key, Keyring, key_of
from sensors.keeping.segment_index import build, read_head, write_index
from sensors.keeping.segments import Segment, list_segments, scan

log = logging.getLogger(__name__)


def repair(folder: Path, writer: str, keyring: Keyring) -> Losses:
    """Look through a writer's segments before it begins anew; what was lost of them is counted."""
    losses = Losses()
    for left in folder.glob(f"*.{writer}.*.writing"):
        left.unlink(missing_ok=True)
    for segment in list_segments(folder):
        if segment.writer == writer and not _is_whole(segment):
            losses.add("packets.unfinished_segments")
            try:
                _mend(segment, keyring, losses)
            except (FengsuiError, OSError):
                log.exception("A segment cannot be indexed", extra={"path": str(segment.path)})
                losses.add("packets.unreadable_segments")
    return losses


def _is_whole(segment: Segment) -> bool:
    """Whether it has an index, and as many bytes as that says."""
    try:
        head = read_head(segment.index)
        size = sealed_size(head.size, head.blocks) if head.is_sealed else head.size
        return segment.path.stat().st_size >= size
    except (FengsuiError, OSError):
        return False


def _mend(segment: Segment, keyring: Keyring, losses: Losses) -> None:
    if segment.is_sealed and segment.path.stat().st_size <= HEAD.size:
        segment.path.unlink()
        return
    blocks = None
    sealed: tuple[Key, bytes] | None = None
    with segment.reader(keyring) as reader:
        found = scan(segment, reader)
        if isinstance(reader, SealedReader):
            blocks = reader.blocks
            sealed = _sealed(segment.path, keyring)
    losses.add("packets.cut_bytes", found.rest)
    if not found.facts.packets:
        segment.index.unlink(missing_ok=True)
        segment.path.unlink(missing_ok=True)
        return
    if sealed is None:
        os.truncate(segment.path, found.facts.size)
    write_index(segment.index, found.facts, build(found.hashes, found.offsets), sealed, blocks)


def _sealed(path: Path, keyring: Keyring) -> tuple[Key, bytes]:
    with path.open("rb") as file:
        _, name, salt = HEAD.unpack(file.read(HEAD.size))
    return key_of(keyring, name, path), salt
