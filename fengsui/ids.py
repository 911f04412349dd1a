"""Deterministic ids: the same thing met twice has the same id, so writing it twice is harmless."""

from __future__ import annotations

import hashlib
from importlib import import_module

ID_LENGTH = 32  # hexadecimal digits, 128 bits


def digest_id(*parts: str | int | bytes) -> str:
    """128 bits over length-prefixed parts, as 32 hexadecimal digits (BLAKE2b)."""
    state = hashlib.blake2b(digest_size=ID_LENGTH // 2)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def event_id(dataset: str, time: int, source: str, original: bytes) -> str:
    """Id of an event: `time` in ns, `source` a file-independent origin, `original` the raw record."""
    return digest_id(dataset, time, source, original)


def salted_id(event: str, run: str) -> str:
    """Id of the same event inside a drill, so that a drill never merges with real telemetry."""
    return digest_id(event, run)


def random_id() -> str:
    """Id of something that has no content to hash (a session, a job)."""
    # Imported here: random numbers, of which most commands need none.
    text: str = import_module("secrets").token_hex(ID_LENGTH // 2)
    return text
