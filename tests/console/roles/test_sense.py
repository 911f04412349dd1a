"""The sensor role over files that arrive and grow; interfaces that are not there harm nothing."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from console.roles import sense as module
from console.roles.sense import Sense
from console.wiring import make_state
from fengsui.errors import FengsuiError
from fengsui.settings import load_settings
from fengsui.store.state import State
from sensors.intake.spool import read_batch
from sensors.keeping.carving import PacketStore
from sensors.keeping.flow_key import make_key
from tests.sensors.live.frames import query, udp
from tests.sensors.packet.frames import Connection, pcap

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


def record(number: int) -> bytes:
    packet = udp("192.0.2.1", "192.0.2.53", (5000 + number, 53), query(7, f"n{number}.example.com"))
    return struct.pack("<4I", 1_700_000_000 + number, 0, len(packet), len(packet)) + packet


class Running:
    def __init__(self, home: Path, interfaces: str, **more: str) -> None:
        self.home = home
        self.problems: list[FengsuiError] = []
        loaded = load_settings({"FENGSUI_SENSOR_INTERFACES": interfaces, **more}, home=home)
        self.state: State = make_state(loaded.settings)
        self._stop = Event()
        self._role = Sense(loaded.settings, self.state, self.problems.append)
        self._thread = Thread(target=self._role.run, args=(self._stop,))
        self._thread.start()

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def events(self) -> list[dict[str, Any]]:
        found = []
        for path in sorted((self.home / "spool").glob("live/*.batch")):
            found += [json.loads(line) for line in read_batch(path).lines.splitlines()]
        return found

    def names(self) -> set[str]:
        return {e["dns.question.name"] for e in self.events() if e["event.dataset"] == "dns"}

    def report(self) -> dict[str, Any]:
        _, document = self.state.health().get("sense", (0, {}))
        return dict(document)

    def losses(self) -> dict[str, int]:
        return dict(self.report()["losses"])

    def finish(self) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def end(self) -> None:
        self.finish()
        self.state.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    begun: list[Running] = []

    def run(interfaces: str = "", **more: str) -> Running:
        begun.append(Running(tmp_path, interfaces, **more))
        return begun[-1]

    yield run
    for each in begun:
        each.end()


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_capture_that_grows_is_read_on(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_QUIET", 2.0)
    running = start()
    path = running.inbox / "growing.pcap"
    with path.open("wb") as file:
        file.write(HEADER)
        for number in range(14):  # more than three seconds
            file.write(record(number))
            file.flush()
            time.sleep(0.4)
    assert running.report()["growing"] == [str(path)]
    until(lambda: len(running.names()) == 14)
    until(lambda: running.report()["growing"] == [])
    assert sum(event["event.dataset"] == "flow" for event in running.events()) == 14


def test_a_log_that_grows_is_read_piece_by_piece(start: Callable[..., Running]) -> None:
    running = start()
    path = running.inbox / "eve.json"
    line = {
        "timestamp": "2023-11-14T22:13:20.000000+0000", "event_type": "dns", "proto": "UDP",
        "src_ip": "192.0.2.1", "src_port": 5000, "dest_ip": "192.0.2.53", "dest_port": 53,
        "dns": {"type": "query", "id": 1, "rrname": "", "rrtype": "A"},
    }  # fmt: skip

    def write(name: str) -> None:
        line["dns"]["rrname"] = name  # type: ignore[index]
        with path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    write("one.example.com")
    until(lambda: running.names() == {"one.example.com"})
    write("two.example.com")
    until(lambda: running.names() == {"one.example.com", "two.example.com"})
    questions = [e["dns.question.name"] for e in running.events()]
    assert questions == ["one.example.com", "two.example.com"]  # the first was not read again


def test_an_interface_that_is_not_there_is_told_and_files_go_on(
    start: Callable[..., Running],
) -> None:
    running = start("fsnone0")
    (running.inbox / "a.pcap").write_bytes(HEADER + record(1))
    until(lambda: running.names() == {"n1.example.com"})
    until(lambda: bool(running.report().get("interfaces")))
    (row,) = running.report()["interfaces"]
    assert (row["name"], row["status"]) == ("fsnone0", "failed")
    assert row["problem"]["code"] == "no_such_interface"
    assert [problem.code for problem in running.problems] == ["no_such_interface"]


def test_packets_and_files_of_captures_are_kept_and_told(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_QUIET", 2.0)
    running = start("", FENGSUI_PACKETS_KEEP="true", FENGSUI_FILES_KEEP="all")
    (running.inbox / "whole.pcap").write_bytes(HEADER + b"".join(record(n) for n in range(20, 25)))
    talk = Connection(80, 40_001).open()
    talk.say(0, b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
    talk.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    (running.inbox / "web.pcap").write_bytes(pcap(talk.close().packets))
    with (running.inbox / "growing.pcap").open("wb") as file:
        file.write(HEADER)
        for number in range(14):
            file.write(record(number))
            file.flush()
            time.sleep(0.4)
    until(lambda: len(running.names()) == 19)
    until(lambda: running.report()["growing"] == [])
    wanted = 14 + 5 + len(talk.packets)
    until(lambda: running.report()["packets"][0]["packets"] == wanted)
    (row,) = running.report()["packets"]
    assert (row["writer"], row["state"], row["interface"]) == ("sensor-1-files", "writing", "")
    assert running.report()["packet_store"]["folder"] == str(tmp_path / "packets")
    (kept,) = (tmp_path / "files").iterdir()
    assert kept.read_bytes() == b"hello"
    assert [e["file.kept"] for e in running.events() if e["event.dataset"] == "files"] == [True]
    running.finish()
    assert not running.losses()
    store = PacketStore(tmp_path / "packets")
    for number in (3, 22):
        key = make_key("192.0.2.1", 5000 + number, "192.0.2.53", 53, "udp")
        assert store.carve(key, 0, 2**62).packets == 1


def test_where_nothing_is_asked_for_nothing_is_kept(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    running = start()
    (running.inbox / "a.pcap").write_bytes(HEADER + record(1))
    until(lambda: running.names() == {"n1.example.com"})
    until(lambda: bool(running.report()))
    assert (running.report()["packets"], running.report()["packet_store"]) == ([], None)
    assert not (tmp_path / "packets").exists()
    assert not (tmp_path / "files").exists()
