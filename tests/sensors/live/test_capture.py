"""Live capture on a pair of interfaces of our own: nothing lost unsaid, one bad interface harms no other."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.errors import BusyError, FengsuiError
from sensors.keeping.carving import PacketStore
from sensors.keeping.flow_key import make_key
from sensors.keeping.sealing import load_key, make_keyring
from sensors.live.capture import Capture, LiveCapture
from sensors.live.interface import Interface
from sensors.live.kept import KeptFiles, KeptPackets
from tests.sensors.live.conftest import Wire, ip, until
from tests.sensors.live.frames import query, tagged, udp
from tests.sensors.packet.frames import CLIENT, SERVER, Connection


class Running:
    """A capture with what it has found and said."""

    def __init__(self, interfaces: list[Interface], **kept: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self.problems: list[FengsuiError] = []
        self.refuse = 0
        self.live = LiveCapture(
            interfaces, Capture("test", 4096, every=0.1, **kept), self._put, self.problems.append
        )
        self.live.start()

    def _put(self, lines: bytes, _clock: int) -> None:
        if self.refuse:
            self.refuse -= 1
            raise BusyError("full")
        self.events += [json.loads(line) for line in lines.splitlines()]

    def of(self, name: str) -> dict[str, Any]:
        return next(row for row in self.live.report() if row["name"] == name)

    def ready(self, *names: str) -> None:
        """Wait until the workers look at their rings."""
        until(lambda: all(self.of(name)["status"] == "capturing" for name in names))

    def workers(self) -> list[int]:
        return [worker.process.pid for worker in self.live._workers()]


@pytest.fixture
def running(wire: Wire) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def run(*interfaces: Interface, **kept: Any) -> Running:
        started.append(Running(list(interfaces), **kept))
        return started[-1]

    yield run
    for each in started:
        each.live.stop()


def flows(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event.dataset"] == "flow"]


def test_what_is_on_the_wire_becomes_events_with_interface_and_plane(
    wire: Wire, running: Callable[..., Running]
) -> None:
    capture = running(Interface(wire.far, plane="video", ring_megabytes=4))
    capture.ready(wire.far)
    wire.send(udp("192.0.2.1", "192.0.2.53", (5000, 53), query(7, "www.example.com")))
    until(lambda: capture.of(wire.far)["packets"] == 1)
    capture.live.stop()
    dns = next(event for event in capture.events if event["event.dataset"] == "dns")
    assert dns["dns.question.name"] == "www.example.com"
    assert dns["observer.ingress.interface.name"] == wire.far
    assert dns["cn.plane"] == "video"
    assert len(flows(capture.events)) == 1
    assert capture.of(wire.far)["status"] == "stopped"
    assert not capture.live.losses().as_json()


@pytest.mark.parametrize("tags", [(200,), (300, 42)])
def test_tag_from_the_ring_reaches_the_event(
    wire: Wire, running: Callable[..., Running], tags: tuple[int, ...]
) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    wire.send(tagged(udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"x" * 40), *tags))
    until(lambda: capture.of(wire.far)["packets"] == 1)
    capture.live.stop()
    (flow,) = flows(capture.events)
    names = ("network.vlan.id", "network.inner.vlan.id")
    found = [int(flow[name]) for name in names if name in flow]
    assert found == list(tags)
    assert flow["network.bytes"] == 20 + 8 + 40


def test_idle_link_stops_on_a_signal(wire: Wire, running: Callable[..., Running]) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    (pid,) = capture.workers()
    os.kill(pid, signal.SIGTERM)
    until(lambda: pid not in capture.workers())
    capture.ready(wire.far)  # nobody told the capture to stop: another worker sits there
    capture.live.stop()
    until(lambda: not capture.workers())


def test_bad_interfaces_are_told_in_three_lines_and_harm_no_other(
    wire: Wire, running: Callable[..., Running]
) -> None:
    ip("link add fsdown type veth peer name fspeer")
    capture = running(
        Interface("fsnone"),
        Interface("fsdown"),
        Interface(wire.near, filter="tcp portt 80"),
        Interface(wire.far, ring_megabytes=4),
    )
    capture.ready(wire.far)
    until(lambda: len(capture.problems) >= 3)
    codes = {capture.of(name)["problem"]["code"] for name in ("fsnone", "fsdown", wire.near)}
    assert codes == {"no_such_interface", "interface_down", "bad_filter"}
    assert all(len(str(problem).splitlines()) == 3 for problem in capture.problems)
    assert {problem.code for problem in capture.problems} == codes  # each told once


def test_interface_that_comes_up_later_is_captured(
    wire: Wire, running: Callable[..., Running]
) -> None:
    capture = running(Interface("fslate", ring_megabytes=4))
    until(lambda: capture.of("fslate")["status"] == "failed")
    ip("link add fslate type veth peer name fspeer")
    ip("link set fslate up")
    capture.ready("fslate")
    assert capture.of("fslate")["problem"] is None


def test_interface_that_goes_down_is_counted_and_captured_again(
    wire: Wire, running: Callable[..., Running]
) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    ip(f"link set {wire.far} down")
    until(lambda: capture.of(wire.far)["status"] == "down")
    assert capture.live.losses().as_json()["live.interface_down"] == 1
    ip(f"link set {wire.far} up")
    capture.ready(wire.far)
    wire.send(udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"after"))
    until(lambda: capture.of(wire.far)["packets"] == 1)


def test_interface_that_is_removed_is_told_and_found_again(
    wire: Wire, running: Callable[..., Running]
) -> None:
    ip("link add fsplug type veth peer name fspeer")
    ip("link set fsplug up")
    capture = running(Interface("fsplug", ring_megabytes=4))
    capture.ready("fsplug")
    ip("link del fsplug")
    until(lambda: capture.of("fsplug")["status"] == "failed")
    assert capture.problems[-1].code == "no_such_interface"
    ip("link add fsplug type veth peer name fspeer")
    ip("link set fsplug up")
    capture.ready("fsplug")


def test_kernel_drops_are_counted(wire: Wire, running: Callable[..., Running]) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    (pid,) = capture.workers()
    os.kill(pid, signal.SIGSTOP)
    sent = 6000
    frame = udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"x" * 1400)
    wire.send(*[frame] * sent)
    os.kill(pid, signal.SIGCONT)
    until(lambda: capture.of(wire.far)["packets"] == sent)
    capture.live.stop()
    row = capture.of(wire.far)
    assert row["drops"] > 0
    assert row["freezes"] > 0
    assert capture.live.losses().as_json()["live.kernel_drops"] == row["drops"]
    assert sum(flow["network.packets"] for flow in flows(capture.events)) == sent - row["drops"]


def test_workers_share_an_interface_by_flow(wire: Wire, running: Callable[..., Running]) -> None:
    capture = running(Interface(wire.far, workers=2, ring_megabytes=4))
    until(lambda: capture.of(wire.far)["workers"] == 2)
    for port in range(3000, 3100):
        wire.send(udp("192.0.2.1", "192.0.2.2", (port, 9999), b"there"))
        wire.send(udp("192.0.2.2", "192.0.2.1", (9999, port), b"back"))
    until(lambda: capture.of(wire.far)["packets"] == 200)
    shares = [worker.report.packets for worker in capture.live._workers()]
    capture.live.stop()
    assert len(shares) == 2
    assert all(share > 20 for share in shares)
    assert len(flows(capture.events)) == 100
    assert {flow["network.packets"] for flow in flows(capture.events)} == {2}


def test_only_what_the_filter_names_is_seen(wire: Wire, running: Callable[..., Running]) -> None:
    capture = running(Interface(wire.far, filter="udp port 53", ring_megabytes=4))
    capture.ready(wire.far)
    wire.send(udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"x"))
    wire.send(udp("192.0.2.1", "192.0.2.2", (4000, 53), b"y"))
    until(lambda: capture.of(wire.far)["packets"] >= 1)
    capture.live.stop()
    assert [flow["destination.port"] for flow in flows(capture.events)] == [53]


def test_a_full_spool_holds_back_and_loses_nothing(
    wire: Wire, running: Callable[..., Running]
) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    capture.refuse = 3
    wire.send(udp("192.0.2.1", "192.0.2.53", (5000, 53), query(7, "www.example.com")))
    until(lambda: capture.of(wire.far)["packets"] == 1)
    capture.live.stop()
    assert len(flows(capture.events)) == 1
    assert not capture.live.losses().as_json()


def test_worker_that_dies_is_told_and_replaced(wire: Wire, running: Callable[..., Running]) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    (pid,) = capture.workers()
    os.kill(pid, signal.SIGKILL)
    until(lambda: any(problem.code == "worker_ended" for problem in capture.problems))
    capture.ready(wire.far)
    assert capture.live.losses().as_json()["live.failed_workers"] == 1
    assert capture.of(wire.far)["restarts"] == 1


def test_worker_has_no_privileges(wire: Wire, running: Callable[..., Running]) -> None:
    capture = running(Interface(wire.far, ring_megabytes=4))
    capture.ready(wire.far)
    (pid,) = capture.workers()
    with Path(f"/proc/{pid}/status").open() as file:
        rows = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    assert [int(rows[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [0] * 4
    assert rows["NoNewPrivs"] == "1"


def web_talk(body: bytes) -> list[bytes]:
    """A web page over TCP: what both sides send."""
    talk = Connection(80, 40_001).open()
    talk.say(0, b"GET /a.exe HTTP/1.1\r\nHost: a\r\n\r\n")
    talk.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return [frame for _, frame in talk.close().packets]


@pytest.mark.parametrize("user", ["", "nobody"])
def test_packets_and_files_are_kept_where_the_workers_user_could_not_go(
    wire: Wire, running: Callable[..., Running], tmp_path: Path, user: str
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    key = tmp_path / "packets.key"
    key.touch(mode=0o600)
    key.write_bytes(bytes(32))
    packets = KeptPackets(str(home / "packets"), 10**9, 0, 1 << 20, 0, str(key))
    files = KeptFiles(str(home / "files"), ["*"], 1 << 20, 1 << 20)
    capture = running(
        Interface(wire.far, ring_megabytes=4), user=user, packets=packets, files=files
    )
    capture.ready(wire.far)
    (pid,) = capture.workers()
    assert key.read_bytes().hex() not in Path(f"/proc/{pid}/cmdline").read_text()
    body = b"MZ" + bytes(5000)
    wire.send(*web_talk(body))
    until(lambda: capture.live.kept()[0].get("packets", 0) >= len(web_talk(body)))
    capture.live.stop()
    (kept,) = capture.live.kept()
    assert (kept["writer"], kept["state"]) == (f"test-{wire.far}-0", "writing")
    assert not capture.live.losses().as_json()
    (held,) = (home / "files").iterdir()
    assert held.read_bytes() == body
    assert held.owner() == (user or "root")
    store = PacketStore(home / "packets", make_keyring([load_key(key)]))
    found = store.carve(make_key(CLIENT, 40_001, SERVER, 80, "tcp"), 0, 2**62)
    assert found.packets == len(web_talk(body))
    assert all(path.owner() == (user or "root") for path in (home / "packets").iterdir())


def test_where_packets_cannot_be_kept_decoding_goes_on(
    wire: Wire, running: Callable[..., Running], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    packets = KeptPackets(str(tmp_path / "file" / "packets"), 10**9, 0, 1 << 20, 0)
    files = KeptFiles(str(tmp_path / "file" / "files"), ["*"], 1 << 20, 1 << 20)
    capture = running(Interface(wire.far, ring_megabytes=4), packets=packets, files=files)
    capture.ready(wire.far)
    wire.send(*web_talk(b"MZ"))
    until(lambda: capture.of(wire.far)["packets"] == len(web_talk(b"MZ")))
    capture.live.stop()
    assert {event["event.dataset"] for event in capture.events} == {"flow", "http", "files"}
    (kept,) = capture.live.kept()
    assert kept["state"] == "failed"
    assert "Not a directory" in kept["why"]
    losses = capture.live.losses().as_json()
    assert losses == {"files.unusable_folder": 1, "packets.unusable_folder": 1}
