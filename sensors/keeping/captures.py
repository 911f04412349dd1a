"""Packets of capture files into the ring: whole files, and those that are read on while they grow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from fengsui.errors import InputError
from sensors.keeping.keeper import Keeper
from sensors.keeping.records import Converter
from sensors.packet.layout import STATE
from sensors.packet.opening import decompressed, open_raw, read_header

_PIECE: Final = 1 << 20  # more than the largest record or block of a packet
_AHEAD: Final = 16 << 20  # bytes after which a file waits for the disk, unlike a wire
_HEAD: Final = 24  # of a pcap file


class Records:
    """The bytes of a capture, from its beginning and in pieces of any size, into the ring.

    Args:
        skip: bytes at the beginning whose packets were kept before.
    """

    def __init__(self, keeper: Keeper, name: str, skip: int = 0) -> None:
        self._keeper = keeper
        self._name = name
        self._skip = skip
        self._converter: Converter | None = None
        self._held = bytearray()
        self._ahead = 0
        self.packets = 0

    def put(self, data: bytes | memoryview) -> None:
        """The next bytes.

        Raises:
            InputError: it is no capture.
        """
        while self._skip and len(data):
            known, data = data[: self._skip], data[self._skip :]
            self._skip -= len(known)
            self._take(known, keep=False)
        self._take(data, keep=True)

    def _take(self, data: bytes | memoryview, *, keep: bool) -> None:
        self._held += data
        if self._converter is None:
            if len(self._held) < _HEAD:
                return
            state = np.zeros(1, STATE)
            del self._held[: read_header(bytes(self._held[:64]), state[0], self._name)]
            self._converter = Converter(state[0])
        whole = bytes(self._held)
        found = self._converter.take(whole)
        del self._held[: self._converter.used]
        if len(self._held) > _PIECE:
            raise InputError("a record is larger than any packet", where=self._name, code="damaged")
        for frames in found if keep else ():
            self._keeper.append(frames)
            self.packets += frames.packets
            self._ahead += len(frames.records)
        if self._ahead > _AHEAD:
            self._keeper.flush()
            self._ahead = 0


def keep_capture(keeper: Keeper, path: Path) -> int:
    """Keep the packets of a pcap or pcapng file, plain or compressed; how many.

    Raises:
        InputError: it is no capture or cannot be read.
    """
    name = str(path)
    raw, _ = open_raw(path, None, name)
    with raw:
        _, reader = decompressed(raw, name)
        records = Records(keeper, name)
        room = memoryview(bytearray(_PIECE))
        while size := reader.readinto(room):
            records.put(room[:size])
    return records.packets


class KeptStream(io.RawIOBase):
    """A plain capture that is read by somebody else, and kept as it passes by.

    What is no capture is told to its reader, not here.

    Args:
        skip: bytes at the beginning whose packets were kept before.
    """

    def __init__(self, source: BinaryIO, keeper: Keeper, name: str, skip: int = 0) -> None:
        super().__init__()
        self._source = source
        self._records: Records | None = Records(keeper, name, skip)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """As the source."""
        data = self._source.read(len(buffer)) or b""
        buffer[: len(data)] = data
        if self._records is not None:
            try:
                self._records.put(data)
            except InputError:
                self._records = None
        return len(data)
