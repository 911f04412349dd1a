"""Probes of a registered asset against real servers on this machine, and their records."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.probe.pace import Pace, in_hours, pace_of
from detections.compliance.assets.probe.ports import ports_of
from detections.compliance.assets.probe.record import (
    Leave,
    ProbeOrder,
    probe_asset,
    read_probe,
    spoken_of,
)
from detections.compliance.assets.probe.snmp import answers, probe_snmp, request
from detections.compliance.assets.reading import read_evidence
from fengsui.clock import HOUR, EventClock, WallClock, from_iso
from fengsui.errors import FengsuiError, ForbiddenError, InputError, UsageError

LEAVE = Leave("李四", ("127.0.0.1",), 100.0)
PAGES = {
    "form": b"<form><input name=u><input type='password' name=p></form>",
    "plain": b"<p>hello</p>",
}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.fixture
def web() -> Iterator[Callable[[str], int]]:
    """A web server in clear: a page with a password, one without, a challenge, or a move to https."""
    running: list[ThreadingHTTPServer] = []

    def serve(kind: str) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = PAGES.get(kind, b"")
                self.send_response({"moved": 301, "basic": 401}.get(kind, 200))
                self.send_header("Set-Cookie", "JSESSIONID=topsecret; Path=/")
                if kind == "moved":
                    self.send_header("Location", "https://portal.example.cn/")
                if kind == "basic":
                    self.send_header("WWW-Authenticate", 'Basic realm="x"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        running.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        port: int = running[-1].server_address[1]
        return port

    yield serve
    for one in running:
        one.shutdown()
        one.server_close()


@pytest.fixture
def telnet() -> Iterator[int]:
    """What greets as telnet does: IAC DO TERMINAL-TYPE."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def greet() -> None:
            try:
                while True:
                    link, _ = server.accept()
                    link.sendall(b"\xff\xfd\x18login: ")
                    link.close()
            except OSError:
                return

        threading.Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Callable[[str], int]]:
    """A real SNMP agent with a community."""
    program = shutil.which("snmpd") or "/usr/sbin/snmpd"
    if not Path(program).exists():
        pytest.skip("snmpd")
    running: list[subprocess.Popen[bytes]] = []

    def serve(community: str) -> int:
        port = free_port()
        settings = tmp_path / "snmpd.conf"
        settings.write_text(
            f"rocommunity {community} 127.0.0.1\nagentaddress udp:127.0.0.1:{port}\n"
        )
        command = [program, "-f", "-C", "-c", str(settings), "-Lf", "/dev/null", "-I", "-smux"]
        environment = {"SNMP_PERSISTENT_DIR": str(tmp_path), "PATH": "/usr/bin:/usr/sbin"}
        running.append(subprocess.Popen(command, env=environment))
        for _ in range(100):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
                link.settimeout(0.1)
                link.connect(("127.0.0.1", port))
                link.send(request(1, community, 7))
                try:
                    if answers(link.recv(4096), 7):
                        return port
                except OSError:
                    time.sleep(0.05)
        raise AssertionError("snmpd does not answer")

    yield serve
    for one in running:
        one.terminate()
        one.wait(10)


def order(*ports: int, **changes: object) -> ProbeOrder:
    made = ProbeOrder("web-1", "127.0.0.1", LEAVE, ports, None, {}, free_port())
    return replace(made, **changes)  # type: ignore[arg-type]


def judged(data: bytes, tmp_path: Path) -> dict[str, set[str]]:
    """Failing steps by unit."""
    path = tmp_path / "web-1.probe.json"
    path.write_bytes(data)
    found: dict[str, set[str]] = {}
    for finding in judge_asset(read_evidence(path)):
        failed = {step.name for step in finding.steps if step.state is False}
        found.setdefault(finding.check.unit, set()).update(failed)
        assert finding.verdict.value != "conforms"  # a look from outside is never all
        assert finding.reason().render("zh")
    return found


def test_a_port_beyond_the_list_is_named(web: Callable[[str], int], tmp_path: Path) -> None:
    port = web("plain")
    data = probe_asset(order(port, allowed=(22,)), WallClock(), "王敏")
    assert judged(data, tmp_path)["L3-CES1-18"] == {"ports_listed"}
    listed = probe_asset(order(port, allowed=(22, port)), WallClock(), "王敏")
    assert judged(listed, tmp_path)["L3-CES1-18"] == set()
    without = probe_asset(order(port), WallClock(), "王敏")
    assert judged(without, tmp_path)["L3-CES1-18"] == set()


@pytest.mark.parametrize(
    ("kind", "failed"),
    [("form", {"clear_login"}), ("basic", {"clear_login"}), ("plain", set()), ("moved", set())],
)
def test_a_login_in_clear_is_named(
    web: Callable[[str], int], tmp_path: Path, kind: str, failed: set[str]
) -> None:
    port = web(kind)
    data = probe_asset(order(port, speak={port: "http"}), WallClock(), "王敏")
    assert b"topsecret" not in data
    assert judged(data, tmp_path)["L3-CES1-27"] == failed


def test_telnet_is_known_by_its_greeting(
    telnet: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detections.compliance.assets.probe.ports._GREETS", {telnet})
    data = probe_asset(order(telnet), WallClock(), "王敏")
    assert judged(data, tmp_path)["L3-CES1-03"] == {"clear_ways"}


def test_default_communities_of_a_real_agent(agent: Callable[[str], int], tmp_path: Path) -> None:
    found = judged(probe_asset(order(snmp_port=agent("public")), WallClock(), "王敏"), tmp_path)
    assert found["L3-CES1-06"] == {"communities"}
    assert found["L3-CES1-03"] == {"clear_ways"}
    assert probe_snmp("127.0.0.1", agent("n0t-default"), Pace(100)).answered == ()


def test_the_leave_is_in_the_record(tmp_path: Path) -> None:
    leave = Leave("李四", ("127.0.0.1", "127.0.0.2"), 50.0, "00:00-23:59")
    clock = EventClock(from_iso("2026-11-21T01:00:00Z"))
    document = orjson.loads(probe_asset(order(leave=leave), clock, "王敏"))
    assert document["leave"] == {
        "approved_by": "李四",
        "scope": ["127.0.0.1", "127.0.0.2"],
        "rate": 50.0,
        "hours": "00:00-23:59",
    }
    assert (document["by"], document["asset"]) == ("王敏", "web-1")
    path = tmp_path / "x"
    path.write_bytes(orjson.dumps(document))
    assert read_probe(path).name == "web-1"


@pytest.mark.parametrize(
    ("leave", "error"),
    [
        (Leave("", ("127.0.0.1",)), ForbiddenError),
        (Leave("李四", ()), ForbiddenError),
        (Leave("李四", ("10.1.1.1",)), ForbiddenError),
        (Leave("李四", ("127.0.0.1",), 10, "22:00-06:00"), ForbiddenError),
        (Leave("李四", ("127.0.0.1",), 5000), UsageError),
        (Leave("李四", ("127.0.0.1",), 10, "22-6"), UsageError),
    ],
)
def test_without_leave_nothing_is_sent(leave: Leave, error: type[FengsuiError]) -> None:
    noon = EventClock(from_iso("2026-11-21T04:00:00Z"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        with pytest.raises(error):
            probe_asset(order(server.getsockname()[1], leave=leave), noon, "王敏")
        with pytest.raises(BlockingIOError):
            server.accept()


@given(st.binary(max_size=60), st.integers(0, 3000))
def test_a_changed_record_is_refused(
    tmp_path_factory: pytest.TempPathFactory, put: bytes, at: int
) -> None:
    whole = probe_of_nothing()
    changed = whole[:at] + put + whole[at + len(put) :]
    path = tmp_path_factory.mktemp("record") / "x"
    path.write_bytes(changed)
    try:
        found = read_probe(path).name
    except InputError:
        found = ""
    assert found == ("web-1" if changed.strip() == whole.strip() else "")


def probe_of_nothing(kept: list[bytes] = []) -> bytes:  # noqa: B006 - made once
    if not kept:
        kept.append(probe_asset(order(), WallClock(), "王敏"))
    return kept[0]


@given(st.binary(max_size=80))
def test_any_datagram_may_come(data: bytes) -> None:
    assert not answers(data, 7) or data[:1]


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 47))
def test_hours_may_pass_midnight(first: int, last: int, hour: int) -> None:
    span = {h % 24 for h in range(first, last + (24 if last < first else 0))}
    now = from_iso("2026-11-21T00:00:00Z") + (hour - 8) * HOUR
    assert in_hours(f"{first:02}:00-{last:02}:00", now) is (hour % 24 in span)


@pytest.mark.parametrize("text", ["0", "65536", "a", "9-8", "1-65535", "22;23"])
def test_ports_are_ports(text: str) -> None:
    with pytest.raises(UsageError):
        ports_of(text)
    assert ports_of("443，22, 8000-8002") == (22, 443, 8000, 8001, 8002)
    with pytest.raises(UsageError):
        spoken_of(f"{text}=ssh")


def test_a_pace_is_kept() -> None:
    waited: list[float] = []
    pace = pace_of(100, lambda: waited.append(time.monotonic()))
    for _ in range(4):
        pace.wait()
    assert time.monotonic() - waited[0] >= 0.029
