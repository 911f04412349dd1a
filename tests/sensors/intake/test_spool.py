from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.errors import BusyError, InputError
from sensors.intake.spool import Spool, Spooled, read_batch


def batch(number: int, lines: bytes = b"{}\n", stream: str = "live") -> Spooled:
    return Spooled(stream, number, "events", 7, lines, {"a": 1})


def test_a_batch_comes_back_whole_and_stays_until_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    path = spool.put(batch(3, b'{"x":1}\n{"y":2}\n'))
    taken = read_batch(path)
    assert (taken.stream, taken.number, taken.clock, taken.lines) == (
        "live",
        3,
        7,
        b'{"x":1}\n{"y":2}\n',
    )
    assert list(Spool(tmp_path, 10_000).take(())) == [path]
    spool.done(taken)
    assert list(spool.take(())) == []
    assert spool.size() == 0


def test_streams_have_turns_and_each_keeps_its_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000_000)
    for number in range(40):
        spool.put(batch(number, stream="a"))
    spool.put(batch(0, stream="b"))
    first = list(spool.take(()))
    assert any(path.parent.name == "b" for path in first)
    a = [int(path.stem) for path in first if path.parent.name == "a"]
    assert a == list(range(len(a)))
    assert len(a) < 40
    following = [int(path.stem) for path in spool.take(set(first))]
    assert following[0] == len(a)


def test_a_clock_that_went_back_hides_no_batch(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.done(read_batch(spool.put(batch(9))))
    earlier = spool.put(batch(3))
    assert list(spool.take(())) == [earlier]


def test_a_full_spool_says_so_and_writes_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 100)
    with pytest.raises(BusyError) as caught:
        spool.put(batch(0, b"x" * 101))
    assert caught.value.code == "spool_full"
    assert list(spool.take(())) == []


def test_numbers_rise_across_restarts(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    first = spool.next_number("live", 5_000_000_000)
    spool.done(read_batch(spool.put(batch(first))))
    assert spool.next_number("live", 5_001_000_000) > first
    spool.put(batch(9_999))
    assert Spool(tmp_path, 10_000).next_number("live", 0) == 10_000


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"not json\n", b'{"kind":"events"}\n', b"\xff\n"]
)
def test_a_spoilt_batch_is_an_error_and_can_be_set_aside(tmp_path: Path, content: bytes) -> None:
    spool = Spool(tmp_path, 10_000)
    path = spool.put(batch(1))
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_batch(path)
    assert caught.value.code == "bad_batch"
    spool.set_aside(path)
    assert list(spool.take(())) == []
    assert path.with_suffix(".unreadable").exists()
