"""The ring: what goes in comes out by flow; bounded; nothing lost unsaid; sealed where wanted."""

from __future__ import annotations

import errno
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fengsui.clock import HOUR, SECOND, EventClock
from fengsui.errors import InputError, SettingsError, StoreError
from sensors.keeping import keeper as keeping
from sensors.keeping import ring, segment_writer
from sensors.keeping.captures import keep_capture
from sensors.keeping.carving import PacketStore
from sensors.keeping.flow_key import FlowKey, make_key
from sensors.keeping.keeper import Keeper
from sensors.keeping.ring import Limits
from sensors.keeping.sealing import Key, load_key, make_keyring, open_file, seal_file
from sensors.keeping.segments import list_segments
from sensors.packet.slice import slice_flow
from tests.sensors.keeping.test_records import ring_block
from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    SERVER,
    START,
    Connection,
    ethernet,
    frame,
    ip,
    pcap,
    pcapng,
    tcp,
    udp,
)

KEY = Key(bytes(range(32)))
OTHER = Key(bytes(32))
LIMITS = Limits(100_000_000, segment=60_000, reserve=0)
Packets = list[tuple[int, bytes]]


def web(port: int, start: int = START) -> Packets:
    connection = Connection(443, port, start).open()
    connection.say(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    connection.say(1, bytes(5000))
    return connection.close().packets


def traffic(count: int = 100) -> Packets:
    return sorted(packet for n in range(count) for packet in web(20_000 + n, START + n * 7 * MS))


def records(packets: Packets) -> bytes:
    return pcap(packets, nano=True)[24:]


def flow(port: int, target: int = 443) -> FlowKey:
    return make_key(CLIENT, port, SERVER, target, "tcp")


def fill(folder: Path, packets: Packets, limits: Limits = LIMITS, **given: Any) -> Keeper:
    keeper = Keeper(folder, limits, **given)
    for start in range(0, len(packets), 50):
        keeper.block(records(packets[start : start + 50]))
    keeper.flush()
    return keeper


def carve(folder: Path, key: FlowKey, *keys: Key, **given: Any) -> Any:
    return PacketStore(folder, make_keyring(keys)).carve(key, 0, 2**62, **given)


@pytest.fixture(params=[None, KEY], ids=["plain", "sealed"])
def key(request: pytest.FixtureRequest) -> Key | None:
    found: Key | None = request.param
    return found


def test_a_flow_comes_out_as_it_went_in(tmp_path: Path, key: Key | None) -> None:
    folder = tmp_path / "ring"
    keeper = fill(folder, traffic(), key=key)
    keys = [key] if key else []
    assert len(list_segments(folder)) > 5
    while_written = carve(folder, flow(20_099), *keys)  # of a segment that has no index yet
    keeper.close()
    assert keeper.losses.as_json() == {}
    for port in (20_000, 20_042, 20_099):
        wanted = pcap(web(port, START + (port - 20_000) * 7 * MS), nano=True)
        found = carve(folder, flow(port), *keys)
        assert (found.pcap, found.bounded, found.lost) == (wanted, False, 0)
    assert while_written == found
    assert not carve(folder, flow(1), *keys).packets
    other = make_key(CLIENT, 20_042, SERVER, 443, "udp")
    assert not carve(folder, other, *keys).packets


def test_the_same_as_a_scan_of_the_capture(tmp_path: Path) -> None:
    capture = tmp_path / "a.pcapng"
    capture.write_bytes(pcapng(traffic(30)))
    keeper = Keeper(tmp_path / "ring", LIMITS)
    assert keep_capture(keeper, capture) == len(traffic(30))
    keeper.close()
    found = carve(tmp_path / "ring", flow(20_007))
    scanned = slice_flow(
        [capture], source=CLIENT, source_port=20_007, destination=SERVER, destination_port=443,
        transport="tcp", since=0, until=2**62,
    )  # fmt: skip
    assert (found.pcap, found.packets) == (scanned.pcap, scanned.packets)


def test_times_and_bounds(tmp_path: Path) -> None:
    first, again = web(20_000), web(20_000, START + HOUR)
    fill(tmp_path, first + again).close()
    store = PacketStore(tmp_path)
    assert store.carve(flow(20_000), START, START + SECOND).pcap == pcap(first, nano=True)
    assert store.carve(flow(20_000), START + HOUR, START + 2 * HOUR).pcap == pcap(again, nano=True)
    few = carve(tmp_path, flow(20_000), max_packets=3)
    assert (few.packets, few.bounded) == (3, True)
    few = carve(tmp_path, flow(20_000), max_bytes=200)
    assert few.bounded
    assert len(few.pcap) <= 24 + 200
    assert store.count(flow(20_000), 0, 2**62) == len(first + again)
    assert store.count(flow(20_000), 0, START - 1) == 0


def test_fragments_belong_to_their_flow(tmp_path: Path) -> None:
    segment = struct.pack(">HHHH", 5000, 53, 2008, 0) + bytes(2000)

    def piece(number: int, offset: int, data: bytes, more: bool) -> bytes:
        packet = bytearray(ip(CLIENT, SERVER, 17, data, offset >> 3 | (0x2000 if more else 0)))
        packet[4:6] = struct.pack(">H", number)
        return ethernet(bytes(packet))

    mine = [piece(7, 0, segment[:1000], True), piece(7, 1000, segment[1000:], False)]
    others = [piece(8, 0, b"\0\1\0\2" + bytes(996), True), piece(8, 1000, bytes(500), False)]
    packets = [(START + n, data) for n, data in enumerate([*mine, *others])]
    fill(tmp_path, packets).close()
    found = carve(tmp_path, make_key(CLIENT, 5000, SERVER, 53, "udp"))
    assert found.pcap == pcap(packets[:2], nano=True)


def test_flows_in_tunnels(tmp_path: Path) -> None:
    inner = ip("10.1.1.5", "10.2.2.6", 6, tcp(CLIENT, 5, SERVER, 6, "S", 1, 0)[34:])
    packets = [(START, frame(CLIENT, SERVER, 4, inner)), (START + 1, frame(CLIENT, SERVER, 4, b""))]
    fill(tmp_path, packets).close()
    assert carve(tmp_path, make_key("10.1.1.5", 5, "10.2.2.6", 6, "tcp")).packets == 1
    assert carve(tmp_path, make_key(CLIENT, 0, SERVER, 0, "4")).packets == 2


def test_a_hash_alone_gives_nothing_out(tmp_path: Path) -> None:
    """Whoever made two flows with one hash would still not get one into the other's evidence."""
    keeper = Keeper(tmp_path, LIMITS)
    frames = keeping.index_records(records(web(20_000)))
    frames.hashes[:] = flow(20_001).hash
    keeper.append(frames)
    keeper.close()
    assert PacketStore(tmp_path).count(flow(20_001), 0, 2**62) == frames.packets
    assert carve(tmp_path, flow(20_001)).packets == 0


def test_the_oldest_make_room(tmp_path: Path) -> None:
    fill(tmp_path, traffic(300), Limits(400_000, segment=60_000, reserve=0)).close()
    sizes = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert 200_000 < sizes <= 400_000
    assert not carve(tmp_path, flow(20_000)).packets
    assert carve(tmp_path, flow(20_299)).packets == len(web(1))
    assert len(list(tmp_path.glob("*.index"))) == len(list(tmp_path.glob("*.pcap")))


def test_the_old_make_room(tmp_path: Path) -> None:
    clock = EventClock(START)
    keeper = fill(tmp_path, web(20_000), Limits(10**9, age=HOUR, reserve=0), clock=clock)
    keeper.close()
    path = list_segments(tmp_path)[0].path
    os.utime(path, ns=(START, START))
    clock.advance(START + HOUR // 2)
    Keeper(tmp_path, Limits(10**9, age=HOUR, reserve=0), clock=clock).close()
    assert path.exists()
    clock.advance(START + 2 * HOUR)
    Keeper(tmp_path, Limits(10**9, age=HOUR, reserve=0), clock=clock).close()
    assert not path.exists()
    assert not list(tmp_path.iterdir())


def test_after_a_crash(tmp_path: Path, key: Key | None) -> None:
    keeper = fill(tmp_path / "ring", traffic(20), key=key)
    shutil.copytree(tmp_path / "ring", tmp_path / "crashed")
    keeper.close()
    folder = tmp_path / "crashed"
    torn = next(s.path for s in list_segments(folder) if not s.index.exists())
    os.truncate(torn, torn.stat().st_size - 10)
    keys = [key] if key else []
    before = carve(folder, flow(20_019), *keys)  # a reader does not mind
    keeper = Keeper(folder, LIMITS, key=key)
    keeper.close()
    losses = keeper.losses.as_json()
    assert losses["packets.unfinished_segments"] == 1
    assert all(segment.index.exists() for segment in list_segments(folder))
    after = carve(folder, flow(20_019), *keys)
    assert before == after
    if key is None:  # of a sealed one the whole last block is gone
        assert len(web(1)) - 3 <= after.packets <= len(web(1))
        assert losses["packets.cut_bytes"] > 0
    assert carve(folder, flow(20_000), *keys).packets == len(web(1))


def test_a_crash_of_another_writer_is_not_ours(tmp_path: Path) -> None:
    one = fill(tmp_path, web(20_000), writer="one")
    two = fill(tmp_path, web(20_001), writer="two")
    assert two.losses.as_json() == {}
    assert carve(tmp_path, flow(20_000)).packets == carve(tmp_path, flow(20_001)).packets > 0
    one.close()
    two.close()
    assert len(list(tmp_path.glob("*.index"))) == 2


def test_a_full_disk_pauses_the_ring_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: Key | None
) -> None:
    clock = EventClock(START)
    keeper = fill(tmp_path, web(20_000), key=key, clock=clock)
    write = os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sensors.keeping.data_file.os.write", full)
    keeper.block(records(web(20_001)))
    keeper.flush()
    keeper.block(records(web(20_002)))
    keeper.flush()
    assert keeper.status()["state"] == "paused"
    assert keeper.status()["why"] == "No space left on device"
    lost = keeper.losses.as_json()
    assert lost["packets.disk_full_packets"] == 2 * len(web(1))
    assert lost["packets.pauses"] == 1
    monkeypatch.setattr("sensors.keeping.data_file.os.write", write)
    keeper.block(records(web(20_003)))  # still pausing
    keeper.flush()
    clock.advance(START + 6 * SECOND)
    keeper.block(records(web(20_004)))
    keeper.close()
    assert keeper.status()["state"] == "writing"
    keys = [key] if key else []
    counts = [carve(tmp_path, flow(port), *keys).packets for port in range(20_000, 20_005)]
    assert counts == [len(web(1)), 0, 0, 0, len(web(1))]
    assert keeper.losses.as_json()["packets.disk_full_packets"] == 3 * len(web(1))
    assert all(segment.index.exists() for segment in list_segments(tmp_path))


def test_what_a_full_disk_took_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    monkeypatch.setattr(segment_writer, "_WRITE", 3000)  # so that appending writes

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sensors.keeping.data_file.os.write", full)
    for port in range(20_000, 20_005):
        keeper.block(records(web(port)))
    keeper.close()
    assert keeper.losses.as_json()["packets.disk_full_packets"] == 5 * len(web(1))
    assert keeper.status()["packets"] == 0


def test_the_reserve_is_left_free(tmp_path: Path) -> None:
    keeper = fill(tmp_path, web(20_000), Limits(10**9, reserve=10**18))
    assert keeper.status()["why"] == "the disk is full up to the reserve"
    keeper.close()
    assert keeper.losses.as_json()["packets.disk_full_packets"] == len(web(1))
    assert not list(tmp_path.iterdir())


def test_a_slow_disk_drops_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_QUEUE", 10_000)
    keeper = Keeper(tmp_path, LIMITS)
    keeper.block(records(traffic(20)))
    keeper.close()
    lost = keeper.losses.as_json()
    assert lost["packets.slow_disk_packets"] == len(traffic(20))
    assert lost["packets.slow_disk_bytes"] == len(records(traffic(20)))


def test_broken_records_are_counted(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    keeper.block(records(web(20_000)) + b"\xff" * 40)
    keeper.block(b"\xff" * 7)
    keeper.close()
    assert keeper.losses.as_json() == {"packets.broken_bytes": 47}
    assert carve(tmp_path, flow(20_000)).packets == len(web(1))


def test_each_link_type_has_segments_of_its_own(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    raw = [(time, data[14:]) for time, data in web(20_000)]
    keeper.block(records(web(20_001)))
    keeper.block(records(raw), 101)
    keeper.close()
    assert [segment.link for segment in list_segments(tmp_path)] == [1, 101]
    assert carve(tmp_path, flow(20_000)).pcap == pcap(raw, nano=True, link=101)


def test_a_quiet_link_ends_its_segments_too(tmp_path: Path) -> None:
    clock = EventClock(START)
    keeper = fill(tmp_path, web(20_000), clock=clock)
    clock.advance(START + 2 * HOUR)
    keeper.flush()
    keeper.flush()
    assert list(tmp_path.glob("*.index"))
    keeper.close()


def test_what_is_removed_meanwhile_is_told(tmp_path: Path) -> None:
    fill(tmp_path, traffic(20)).close()
    store = PacketStore(tmp_path)
    store.overview()  # remembers the heads
    last = list_segments(tmp_path)[-1]
    last.path.unlink()
    found = store.carve(flow(20_019), 0, 2**62)
    assert found.lost in {0, 1}  # not listed any more
    (tmp_path / last.path.name).mkdir()  # listed, and cannot be read
    assert store.carve(flow(20_019), 0, 2**62).lost == 1


def test_the_wrong_key_says_so(tmp_path: Path) -> None:
    keeper = fill(tmp_path, traffic(20), key=KEY)
    for keys in ([], [OTHER]):
        with pytest.raises(InputError) as caught:
            carve(tmp_path, flow(20_000), *keys)
        assert caught.value.code == "wrong_key"
        assert KEY.id.hex() in caught.value.what
    keeper.close()
    overview = PacketStore(tmp_path, make_keyring([OTHER])).overview()
    assert (overview.keys, overview.unreadable) == ((KEY.id.hex(),), 1)
    later = fill(tmp_path, web(30_000), key=OTHER)  # a new key; the old one still opens the old
    later.close()
    assert carve(tmp_path, flow(30_000), OTHER, KEY).packets == len(web(1))
    assert carve(tmp_path, flow(20_000), OTHER, KEY).packets == len(web(1))


def test_nothing_of_a_sealed_ring_is_in_the_clear(tmp_path: Path) -> None:
    packets = [(START, udp(CLIENT, 7, SERVER, 53, b"a-secret-that-nobody-may-read" * 9))]
    fill(tmp_path, packets, key=KEY).close()
    key = make_key(CLIENT, 7, SERVER, 53, "udp")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert b"a-secret" not in content
        assert struct.pack("<Q", key.hash) not in content
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("suffix", [".sealed", ".index"])
def test_what_was_tampered_with_says_so(tmp_path: Path, suffix: str) -> None:
    fill(tmp_path, web(20_000), key=KEY).close()
    path = next(tmp_path.glob(f"*{suffix}"))
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        carve(tmp_path, flow(20_000), KEY)
    assert caught.value.code == "tampered"


def test_a_damaged_index_is_done_without_and_made_again(tmp_path: Path) -> None:
    fill(tmp_path, web(20_000)).close()
    path = next(tmp_path.glob("*.index"))
    path.write_bytes(path.read_bytes()[:-3])
    assert carve(tmp_path, flow(20_000)).packets == len(web(1))
    keeper = Keeper(tmp_path, LIMITS)
    keeper.close()
    assert keeper.losses.as_json() == {"packets.unfinished_segments": 1}
    assert PacketStore(tmp_path).overview().unfinished == 0


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.pcap").write_bytes(b"mine")
    (tmp_path / "lost+found").mkdir()
    fill(tmp_path, traffic(100), Limits(200_000, segment=60_000, reserve=0)).close()
    assert (tmp_path / "notes.pcap").read_bytes() == b"mine"
    assert PacketStore(tmp_path / "none").overview().packets == 0


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        Keeper(tmp_path / "file" / "ring", LIMITS)
    assert caught.value.code == "packets_folder"


def test_a_block_of_the_smallest_packets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "MAX_ENTRIES", 500)
    packets = [(START + n, udp(CLIENT, n, SERVER, 53, b"")) for n in range(2000)]
    fill(tmp_path, packets, Limits(10**9, reserve=0)).close()
    assert len(list_segments(tmp_path)) >= 4
    assert segment_writer.MAX_ENTRIES * 24 < 64 << 20
    assert carve(tmp_path, make_key(CLIENT, 1999, SERVER, 53, "udp")).packets == 1


@pytest.fixture
def key_file(tmp_path: Path) -> Callable[[bytes, int], Path]:
    def write(content: bytes, mode: int) -> Path:
        path = tmp_path / "packets.key"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


def test_key_files(key_file: Callable[[bytes, int], Path], tmp_path: Path) -> None:
    assert load_key(key_file(KEY.master, 0o600)).id == KEY.id
    assert load_key(key_file(KEY.master.hex().encode() + b"\n", 0o400)).id == KEY.id
    bad = [(KEY.master, 0o640, "key_permissions"), (KEY.master[:31], 0o600, "bad_key"),
           (b"x" * 64, 0o600, "bad_key")]  # fmt: skip
    for content, mode, code in bad:
        path = key_file(content, 0o600)
        path.chmod(0o600)
        with pytest.raises(SettingsError) as caught:
            load_key(key_file(content, mode))
        assert caught.value.code == code
        path.chmod(0o600)
    with pytest.raises(SettingsError) as caught:
        load_key(tmp_path / "none")
    assert caught.value.code == "key_missing"


def test_sealed_slices(tmp_path: Path) -> None:
    sealed = seal_file(KEY, b"a pcap")
    assert b"a pcap" not in sealed
    assert open_file(make_keyring([KEY]), sealed, tmp_path) == b"a pcap"
    assert open_file({}, b"plain", tmp_path) == b"plain"
    for keyring, data in (({}, sealed), (make_keyring([KEY]), sealed[:-1] + b"x")):
        with pytest.raises(InputError):
            open_file(keyring, data, tmp_path)


def test_blocks_of_a_ring_as_the_live_sensor_has_them(tmp_path: Path) -> None:
    packets = web(20_000)
    block = memoryview(bytearray(ring_block([(*packet, -1) for packet in packets])))
    keeper = Keeper(tmp_path, LIMITS)
    keeper.ring(block, 48, len(packets))
    block[:] = bytes(len(block))  # the kernel's again
    keeper.ring(block, 48, 1)
    keeper.close()
    assert carve(tmp_path, flow(20_000)).pcap == pcap(packets, nano=True)
