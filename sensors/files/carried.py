"""A file carried by a protocol: its hashes and size as it goes by, without being kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from fengsui.event import Value
from sensors.protocol import FieldValues

Emit = Callable[[int, FieldValues], None]
_HEAD: Final = 4096  # bytes that tell what a file is


class CarriedFile:
    """One file on its way; at its end an event of dataset `files`.

    Args:
        emit: writes the event: time in ns and fields.
        name: as the protocol calls it, "" where it does not.
        path: where it lies, with its name.
        size: as declared, None where it is not.
    """

    def __init__(self, emit: Emit, *, name: str = "", path: str = "", size: int | None = None):
        self._emit = emit
        self._name = name
        self._path = path
        self._declared = size
        self._seen = 0
        self._missing = 0
        self.over = False
        self._hashes: dict[str, Any] = {
            "md5": hashlib.md5(usedforsecurity=False),
            "sha1": hashlib.sha1(usedforsecurity=False),
            "sha256": hashlib.sha256(),
        }
        self.head = b""

    def write(self, data: bytes) -> None:
        """The next bytes."""
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        self._seen += len(data)
        for one in self._hashes.values():
            one.update(data)

    def skip(self, size: int) -> None:
        """`size` bytes are lost."""
        self._missing += size

    def end(self, time: int) -> None:
        """The file is over."""
        if self.over:
            return
        self.over = True
        fields: dict[str, Value | None] = {"file.size": self._seen, "file.name": self._name}
        if not self._missing:
            for name, one in self._hashes.items():
                fields[f"file.hash.{name}"] = one.hexdigest()
        self._emit(time, fields)
