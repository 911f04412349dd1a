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
from tests.sensors.live.frames import query, udp

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


def record(number: int) -> bytes:
    packet = udp("192.0.2.1", "192.0.2.53", (5000 + number, 53), query(7, f"n{number}.example.com"))
    return struct.pack("<4I", 1_700_000_000 + number, 0, len(packet), len(packet)) + packet


class Running:
    def __init__(self, home: Path, interfaces: str) -> None:
        self.home = home
        self.problems: list[FengsuiError] = []
        loaded = load_settings({"FENGSUI_SENSOR_INTERFACES": interfaces}, home=home)
        self.state: State = make_state(loaded.settings)
        self._stop = Event()
        role = Sense(loaded.settings, self.state, self.problems.append)
        self._thread = Thread(target=role.run, args=(self._stop,))
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

    def end(self) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.state.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    begun: list[Running] = []

    def run(interfaces: str = "") -> Running:
        begun.append(Running(tmp_path, interfaces))
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
