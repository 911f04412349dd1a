"""The filters of a writer in one file: they rule out what is not there, and never what is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensors.keeping import filter_log
from sensors.keeping.carving import PacketStore
from sensors.keeping.filter_log import FilterLog, ruled_out
from sensors.keeping.keeper import Keeper
from sensors.keeping.ring import Limits
from sensors.keeping.sealing import Key, make_keyring
from sensors.keeping.segments import list_segments
from tests.sensors.keeping.test_keeper import KEY, LIMITS, carve, fill, flow, traffic, web
from tests.sensors.packet.frames import MS, START

FLOWS = 60


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "sealed"])
def test_what_is_ruled_out_is_not_there(tmp_path: Path, key: Key | None) -> None:
    fill(tmp_path, traffic(FLOWS), key=key).close()
    keyring = make_keyring([key] if key else [])
    every = {segment.path.stem for segment in list_segments(tmp_path)}
    with_log = [ruled_out(tmp_path, (flow(20_000 + n).hash,), 0, 2**62, keyring) for n in range(60)]
    assert all(0 < len(every - out) <= 4 for out in with_log)  # a flow lies in up to four
    found = [carve(tmp_path, flow(20_000 + n), *keyring.values()) for n in range(FLOWS)]
    for path in tmp_path.glob("*.filters"):
        path.unlink()
    assert found == [carve(tmp_path, flow(20_000 + n), *keyring.values()) for n in range(FLOWS)]
    assert {one.packets for one in found} == {len(web(1))}


def test_times_rule_out_too(tmp_path: Path) -> None:
    fill(tmp_path, traffic(FLOWS)).close()
    wanted = (flow(20_000).hash,)
    assert len(ruled_out(tmp_path, wanted, START - 2, START - 1, {})) == len(
        list_segments(tmp_path)
    )
    within = ruled_out(tmp_path, wanted, START, START + 20 * MS, {})
    assert list_segments(tmp_path)[0].path.stem not in within


def test_without_the_key_times_alone_rule_out(tmp_path: Path) -> None:
    fill(tmp_path, traffic(FLOWS), key=KEY).close()
    assert not ruled_out(tmp_path, (flow(1).hash,), 0, 2**62, {})


def test_a_damaged_file_rules_out_what_is_before_the_damage(tmp_path: Path) -> None:
    fill(tmp_path, traffic(FLOWS)).close()
    (path,) = tmp_path.glob("*.filters")
    whole = path.read_bytes()
    every = ruled_out(tmp_path, (flow(1).hash,), 0, 2**62, {})
    last = 0
    for size in range(0, len(whole), 211):
        path.write_bytes(whole[:size])
        out = ruled_out(tmp_path, (flow(1).hash,), 0, 2**62, {})
        assert out <= every
        assert len(out) >= last
        last = len(out)
    path.write_bytes(bytes(300) + whole)
    assert not ruled_out(tmp_path, (flow(1).hash,), 0, 2**62, {})
    assert carve(tmp_path, flow(20_003)).packets == len(web(1))


def test_a_start_makes_it_anew(tmp_path: Path) -> None:
    fill(tmp_path, traffic(FLOWS)).close()
    (path,) = tmp_path.glob("*.filters")
    before = path.read_bytes()
    path.unlink()
    Keeper(tmp_path, LIMITS).close()
    assert path.read_bytes() == before
    list_segments(tmp_path)[1].index.unlink()  # one without an index is not in it
    (tmp_path / "gone.filters").write_bytes(before)  # a writer that is no more
    FilterLog(tmp_path, "sensor")
    assert len(path.read_bytes()) < len(before)
    assert [one.name for one in tmp_path.glob("*.filters")] == [path.name]


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_log, "_SLACK", 3)
    fill(tmp_path, traffic(400), Limits(400_000, segment=60_000, reserve=0)).close()
    (path,) = tmp_path.glob("*.filters")
    named = path.read_bytes().count(b"FSFILTR1")
    assert named <= 4 + 2 * len(list_segments(tmp_path))
    assert PacketStore(tmp_path).carve(flow(20_399), 0, 2**62).packets == len(web(1))


def test_what_the_disk_does_not_take_is_looked_for_in_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(filter_log, "append_to", full)
    keeper = fill(tmp_path, traffic(FLOWS))
    keeper.close()
    assert keeper.losses.as_json() == {}
    assert not list(tmp_path.glob("*.filters"))
    assert carve(tmp_path, flow(20_007)).packets == len(web(1))


def test_a_file_that_cannot_be_appended_to_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = filter_log.append_to, []

    def not_mine(path: Path, data: bytes) -> None:
        if path.suffix == filter_log.SUFFIX and path.exists() and not failed:
            failed.append(path)
            raise PermissionError(13, "Permission denied")
        real(path, data)

    monkeypatch.setattr(filter_log, "append_to", not_mine)
    fill(tmp_path, traffic(FLOWS)).close()
    assert failed
    (path,) = tmp_path.glob("*.filters")
    assert path.read_bytes().count(b"FSFILTR1") == len(list_segments(tmp_path))
