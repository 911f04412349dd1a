from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.event import make_event
from sensors.intake.ordering import OrderedLines, bounds_of, keys_of

START = 1_760_000_000_000_000_000


def line(microseconds: int, number: int, size: int = 0) -> bytes:
    event = make_event(
        id=f"{number:032x}",
        time=START + microseconds * 1000,
        dataset="dns",
        fields={"dns.id": number, "message": "x" * size},
    )
    return event.raw + b"\n"


def ordered(batches: list[bytes], memory: int, folder: Path | None = None) -> bytes:
    out: list[bytes] = []
    lines = OrderedLines(out.append, memory=memory, folder=folder)
    for batch in batches:
        lines.put(batch)
    lines.finish()
    assert lines.runs == []
    return b"".join(out)


@given(
    st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(0, 300)), max_size=60),
    st.sampled_from([1, 500, 3000, 1 << 20]),
)
def test_any_lines_come_out_by_time_and_equal_times_in_their_order(
    given_lines: list[tuple[int, int]], memory: int
) -> None:
    times = [time // 7 * 7 if n % 2 else time % 5 for n, (time, _) in enumerate(given_lines)]
    lines = [line(times[n], n, size) for n, (_, size) in enumerate(given_lines)]
    expected = [lines[n] for n in sorted(range(len(lines)), key=lambda n: times[n])]
    assert ordered(lines, memory) == b"".join(expected)


def test_many_runs_are_merged_and_leave_nothing_behind(tmp_path: Path) -> None:
    chosen = random.Random(4)
    times = [chosen.randrange(2000) for _ in range(6000)]
    lines = [line(time, n) for n, time in enumerate(times)]
    out = ordered(lines, 2000, tmp_path)  # some 600 runs
    expected = sorted(range(6000), key=lambda n: times[n])
    assert [json.loads(one)["dns.id"] for one in out.splitlines()] == expected
    assert list(tmp_path.iterdir()) == []


def test_times_far_apart() -> None:
    stamps = [
        "1970-01-01T00:00:00.000000Z",
        "1999-12-31T23:59:59.999999Z",
        "2000-01-01T00:00:00.000000Z",
        "2026-02-28T23:59:59.999999Z",
        "2026-03-01T00:00:00.000000Z",
        "2262-04-11T23:47:16.854775Z",
    ]
    data = b"".join(
        b'{"event.id":"%032x","@timestamp":"%s","event.dataset":"x"}\n' % (n, stamp.encode())
        for n, stamp in enumerate(stamps)
    )
    keys = keys_of(data, *bounds_of(data))
    assert keys.tolist() == sorted(keys.tolist())
    assert len(set(keys.tolist())) == len(stamps)


def test_a_line_without_a_time_goes_with_the_one_before() -> None:
    odd = b'{"no":"time"}\n'
    batch = line(9, 1) + odd + line(3, 2)
    assert ordered([batch], 1 << 20) == line(3, 2) + line(9, 1) + odd
    assert ordered([odd, odd], 1 << 20) == odd + odd
    assert ordered([b"", b"{}"], 1 << 20) == b"{}\n"


def test_the_disk_under_the_runs_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None: ...

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Full())
    with pytest.raises(OSError, match="No space"):
        ordered([line(1, 1), line(2, 2)], 10)


def test_a_line_costs_little() -> None:
    chosen = random.Random(3)
    batch = [line(n + chosen.randrange(3000), n, 300) for n in range(20_000)]
    data = b"".join(batch)
    began = time.process_time()
    out = ordered([data], 1 << 20)  # in eight runs
    assert (time.process_time() - began) / len(batch) < 10e-6  # usually 1.3
    assert len(out) == len(data)
