"""The log reader: every line accounted, whatever the file holds."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.ecs import faults
from fengsui.errors import FengsuiError, ForbiddenError, InputError
from fengsui.event import Event, split_lines
from sensors.logs.lines import LONGEST_LINE
from sensors.logs.reader import LogReader, format_of
from sensors.source import Summary
from tests.sensors.logs.samples import CONN_HEADER, CONN_ROW, EVE_FLOW


def read(data: bytes, name: str = "conn.log") -> tuple[list[Event], LogReader]:
    reader = LogReader(None, io.BytesIO(data), name=name, sensor="east")
    events = [event for batch in reader for event in split_lines(batch.lines)]
    return events, reader


def accounted(summary: Summary, events: int) -> None:
    assert sum(summary.kinds.values()) == summary.records
    assert sum(summary.events.values()) == events


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_plain_gzip_and_zstd_give_the_same(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "conn.log"
    path.write_bytes(pack(CONN_HEADER + CONN_ROW + b"\n"))
    reader = LogReader(path, name=path.name, sensor="east")
    batches = list(reader)
    [event] = split_lines(batches[0].lines)
    assert event.text("zeek.session_id") == "Cabc"
    assert event.text("observer.name") == "east"
    assert reader.size == path.stat().st_size == batches[-1].done
    assert batches[-1].clock == event.time + 2_500_000_000
    assert reader.summary.kinds == {"zeek.header": 7, "zeek.conn": 1}


def test_ids_do_not_depend_on_the_file_or_the_sensor() -> None:
    one, _ = read(CONN_HEADER + CONN_ROW)
    two, _ = read(CONN_HEADER + b"#open\t2026-01-01-00-00-00\n" + CONN_ROW + b"\n", "x.log")
    assert one[0].id == two[0].id


def test_batches_of_a_thousand() -> None:
    reader = LogReader(
        None, io.BytesIO(CONN_HEADER + (CONN_ROW + b"\n") * 2500), name="c", sensor="s"
    )
    assert [batch.count for batch in reader] == [1000, 1000, 500]


def test_bad_lines_are_counted_with_their_numbers() -> None:
    rows = [CONN_ROW, b"three\tcolumns\tonly", b"\xff\xfe\x00", b"", CONN_ROW, CONN_ROW[:40]]
    events, reader = read(CONN_HEADER + b"\n".join(rows))
    assert len(events) == 2
    assert reader.summary.losses.as_json() == {"zeek.bad_line": 2, "zeek.cut_line": 1}
    assert reader.bad_lines == [9, 10, 13]
    accounted(reader.summary, 2)


def test_an_absurd_line_is_dropped_and_the_next_one_kept() -> None:
    long = b"x" * (3 * LONGEST_LINE)
    tracemalloc.start()
    events, reader = read(CONN_HEADER + long + b"\n" + CONN_ROW + b"\n" + long)
    tracemalloc.stop()
    assert len(events) == 1
    assert reader.summary.losses.as_json() == {"log.long_line": 2}
    accounted(reader.summary, 1)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_archive_keeps_its_good_part(pack: Callable[[bytes], bytes]) -> None:
    rows = b"".join(CONN_ROW.replace(b"Cabc", b"C%d" % n) + b"\n" for n in range(8000))
    data = pack(CONN_HEADER + rows)
    events, reader = read(data[: len(data) * 9 // 10])
    assert events
    assert reader.summary.losses.as_json()["log.cut_file"] == 1


def test_archives_put_together_are_read_to_the_end() -> None:
    for pack in (gzip.compress, zstandard.compress):
        data = pack(CONN_HEADER + CONN_ROW + b"\n") + pack(CONN_ROW + b"\n")
        assert len(read(data)[0]) == 2


def test_a_bomb_of_zeros_stays_small() -> None:
    bomb = zstandard.compress(bytes(100_000_000))
    tracemalloc.start()
    with pytest.raises(InputError):
        read(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "unknown_log"),
        (b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "unknown_log"),
        (b"\x00" * 5_000_000, "unknown_log"),
        (b'{"a": 1}\n', "unknown_log"),
        (b"[" * 100_000, "unknown_log"),
        (b"\x1f\x8b\x08\x00garbage garbage garbage", "bad_compression"),
        (CONN_HEADER + b"not\ta\trow\n", "no_usable_line"),
    ],
)
def test_what_is_no_log_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert caught.value.code == code
    assert caught.value.next


def test_a_header_without_rows_is_an_empty_log_not_an_error() -> None:
    events, reader = read(CONN_HEADER)
    assert events == []
    assert reader.summary.kinds == {"zeek.header": 7}


def test_folder_and_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.log"):
        with pytest.raises(InputError):
            list(LogReader(path, name=str(path), sensor="s"))


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "conn.log"
    path.write_bytes(CONN_HEADER)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ForbiddenError):
        list(LogReader(path, name="conn.log", sensor="s"))


def test_format_is_told_by_content() -> None:
    zeek, eve = format_of([CONN_HEADER.split(b"\n")[0]]), format_of([EVE_FLOW])
    assert zeek is not None
    assert eve is not None
    assert (zeek.name, eve.name) == ("zeek", "eve")
    assert format_of([b"hello"]) is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=200) | st.just(CONN_ROW), max_size=8))
def test_no_bytes_kill_the_run(lines: list[bytes]) -> None:
    try:
        events, reader = read(CONN_HEADER + b"\n".join(lines))
    except FengsuiError:
        return
    accounted(reader.summary, len(events))
    assert all(faults(event.fields) == [] for event in events)


BENCH = [
    "zeek/c2_beacon_72h/http.2024-04-19.log.zst",
    "zeek/c2_beacon_72h/dns.2024-04-20.log.zst",
    "zeek/c2_beacon_72h/ssl.2024-04-21.log.zst",
    "zeek/port_scans/horizontal.conn.log",
    "zeek/port_scans/vertical.conn.log",
    "zeek/apt29_day1/combined_zeek.json.zst",
    "eve/malicious.eve.json.zst",
]


@pytest.mark.bench
@pytest.mark.parametrize("name", BENCH)
def test_real_logs_leave_nothing_out(bench: Callable[[str], Path], name: str) -> None:
    path = bench(name)
    reader = LogReader(path, name=path.name, sensor="bench")
    events = [event for batch in reader for event in split_lines(batch.lines)]
    accounted(reader.summary, len(events))
    assert reader.summary.losses.as_json() == {}
    assert [fault for event in events for fault in faults(event.fields)] == []
