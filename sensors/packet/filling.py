"""Keeping the input buffer of compiled code full, and naming what is wrong with the input."""

from __future__ import annotations

import zlib

import zstandard

from fengsui.errors import InputError
from fengsui.loss import Losses
from sensors.intake.unpacking import UNPACK_ERRORS
from sensors.packet.layout import INPUT, INPUT_SIZE, Tables
from sensors.packet.opening import Reader, read_header

_READ = 256 * 1024  # small enough to stay in the cache


class Filler:
    """Moves bytes from a reader into the input region of `tables`."""

    def __init__(self, tables: Tables, reader: Reader, name: str) -> None:
        self._view = tables.arena.data[INPUT : INPUT + INPUT_SIZE]
        self._state = tables.state[0]
        self._reader = reader
        self._name = name
        self._damaged = ""
        self.bytes = 0

    def begin(self) -> None:
        """Read and check the container's header.

        Raises:
            InputError: it is no capture, or cannot be decompressed.
        """
        have = 0
        while have < 64 and (size := self._read(have, 4096)):
            have += size
        if self._damaged and have == 0:
            raise InputError(
                f"the compressed capture cannot be read: {self._damaged}",
                where=self._name,
                next="get a whole copy",
                code="damaged",
            )
        head = bytes(self._view[: min(have, 64)])
        self._state["position"] = read_header(head, self._state, self._name)
        self._state["limit"] = have

    def fill(self) -> bool:
        """Move what is left to the front and read on; False at the end."""
        position = int(self._state["position"])
        left = int(self._state["limit"]) - position
        if position:
            self._view[:left] = bytes(self._view[position : position + left])
        self._state["position"] = 0
        size = self._read(left, _READ)
        self._state["limit"] = left + size
        return size > 0

    def _read(self, at: int, most: int) -> int:
        try:
            size = self._reader.readinto(self._view[at : at + most])
        except (*UNPACK_ERRORS, zlib.error, zstandard.ZstdError) as error:
            self._damaged = str(error)
            return 0
        self.bytes += size
        return size

    def end(self, losses: Losses, *, stopped: bool) -> None:
        """Count how the input ended; `stopped` where what follows could not be read."""
        left = int(self._state["limit"]) - int(self._state["position"])
        if self._damaged:
            losses.add("capture.damaged_compression")
        if getattr(self._reader, "cut", False):
            losses.add("capture.cut_compression")
        if stopped:
            while size := self._read(0, INPUT_SIZE):
                left += size
            losses.add("capture.unread_bytes", left)
        elif left or self._state["skip"]:
            losses.add("capture.cut_record")
