from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocol import WireError
from sensors.wire.netbios_session import Bulk, SessionFrames

MAGIC = b"\xfeSMB"


class Takes:
    """A SessionFrames and everything that it hands on."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.passed: list[bytes] = []
        self.missing = 0
        self.ended = 0
        self.lost: list[str] = []
        self.frames = SessionFrames(0, self.decide, self.whole, self.lost.append)

    def decide(self, side: int, head: bytes, length: int, time: int) -> tuple[int, Bulk] | None:
        self.passed.append(b"")
        return (100, self) if head[4] == 1 else None

    def whole(self, side: int, data: bytes, length: int, time: int) -> None:
        self.messages.append(data)

    def write(self, data: bytes) -> None:
        self.passed[-1] += data

    def skip(self, size: int) -> None:
        self.missing += size

    def over(self) -> None:
        self.ended += 1


def framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(3, "big") + message


SHORT = framed(MAGIC + bytes(60))
BULK = framed(MAGIC + b"\1" + bytes(95) + bytes(range(256)) * 20)
LONG = framed(MAGIC + b"\0" + b"x" * 5000)
STREAM = SHORT + b"\x85\0\0\0" + BULK + SHORT + LONG + BULK


@pytest.mark.parametrize("piece", [1, 3, 150, 1460, len(STREAM)])
def test_pieces(piece: int) -> None:
    takes = Takes()
    for at in range(0, len(STREAM), piece):
        takes.frames.data(STREAM[at : at + piece], 0)
    assert takes.messages == [SHORT[4:], SHORT[4:], LONG[4:]]
    assert [one for one in takes.passed if one] == [BULK[104:]] * 2
    assert takes.ended == 2
    assert takes.lost == []


def test_what_is_too_long_is_cut() -> None:
    takes = Takes()
    long = framed(MAGIC + b"\0" + bytes(1 << 20))
    for at in range(0, len(long), 1460):
        takes.frames.data(long[at : at + 1460], 0)
    takes.frames.data(SHORT, 0)
    first, second = takes.messages
    assert len(first) == 256 * 1024 - 4
    assert second == SHORT[4:]


def test_gaps() -> None:
    takes = Takes()
    takes.frames.data(BULK[:300], 0)
    takes.frames.gap(1000)
    takes.frames.data(BULK[1300:] + SHORT, 0)
    assert takes.missing == 1000
    assert takes.messages == [SHORT[4:]]
    takes.frames.data(SHORT[:10], 0)
    takes.frames.gap(77)
    for byte in b"SMB rest\0\0" + LONG + SHORT:
        takes.frames.data(bytes([byte]), 0)
    assert takes.messages[1:] == [LONG[4:], SHORT[4:]]


def test_no_smb_at_all() -> None:
    takes = Takes()
    with pytest.raises(WireError, match="not_smb"):
        takes.frames.data(framed(b"no such thing") * 9, 0)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.sampled_from([SHORT, BULK, LONG[:900]])), max_size=8
    )
)
def test_noise(parts: list[bytes]) -> None:
    takes = Takes()
    try:
        for part in parts:
            takes.frames.data(part, 0)
            takes.frames.gap(3)
    except WireError:
        pass
