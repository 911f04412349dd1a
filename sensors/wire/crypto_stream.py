"""The CRYPTO stream of one side of a QUIC connection (RFC 9000 §19.6): its pieces in any order."""

from __future__ import annotations

from typing import Final

from sensors.protocol import WireError

_MOST: Final = 32 * 1024
_MOST_PIECES: Final = 256


class CryptoStream:
    """What came so far of the handshake messages.

    Attributes:
        data: what is there without a gap.
        done: whether nothing more is wanted.
    """

    __slots__ = ("_at", "_pieces", "_size", "data", "done")

    def __init__(self) -> None:
        self.data = b""
        self.done = False
        self._at = 0
        self._pieces: dict[int, bytes] = {}
        self._size = 0

    def add(self, offset: int, piece: bytes) -> None:
        """Another piece.

        Raises:
            WireError: there are more than any hello has.
        """
        self._size += len(piece)
        if offset + len(piece) > _MOST or self._size > 4 * _MOST:
            raise WireError("crypto_too_long")
        if len(self._pieces.get(offset, b"")) < len(piece):
            self._pieces[offset] = piece
        if len(self._pieces) > _MOST_PIECES:
            raise WireError("crypto_pieces")
        if offset > len(self.data):
            return
        for start in sorted(self._pieces):
            if start > len(self.data):
                break
            self.data += self._pieces.pop(start)[len(self.data) - start :]

    def message(self) -> tuple[int, bytes, bool] | None:
        """Kind and body of the next message, as far as they are there, and whether that is all."""
        at = self._at
        if len(self.data) < at + 4:
            return None
        end = at + 4 + int.from_bytes(self.data[at + 1 : at + 4], "big")
        return self.data[at], self.data[at + 4 : end], len(self.data) >= end

    def step(self) -> None:
        """Go on to the message behind this one."""
        self._at += 4 + int.from_bytes(self.data[self._at + 1 : self._at + 4], "big")
