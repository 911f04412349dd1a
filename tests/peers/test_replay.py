"""tcpreplay puts a capture on a wire, and `fengsui sense` on it says what reading the file says."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sensors.intake.spool import read_batch
from tests.peers.keys import Keys
from tests.peers.lan import SERVER, Lan, program
from tests.peers.seen import Event, read

pytestmark = pytest.mark.peers

# What depends on when, where and by whom a packet was seen; dates inside protocols stay.
_OF_THE_MOMENT = {
    "@timestamp", "event.id", "event.start", "event.end", "event.duration", "event.created",
    "zeek.session_id", "observer.name", "observer.ingress.interface.name",
}  # fmt: skip


def content(events: list[Event]) -> Counter[str]:
    """Events without what depends on the moment."""
    return Counter(
        json.dumps({k: v for k, v in event.items() if k not in _OF_THE_MOMENT}, sort_keys=True)
        for event in events
        # Neighbour discovery goes on as long as the hosts are up: past a flow's time-out.
        if event["network.transport"] != "ipv6-icmp"
    )


class Wire:
    """A pair of interfaces without addresses in a namespace of its own."""

    def __init__(self, word: str) -> None:
        self.space, self.near, self.far = f"{word}r", f"{word}x", f"{word}y"

    def build(self) -> None:
        self._ip("netns", "add", self.space)
        inside = ("ip", "netns", "exec", self.space)
        quiet = ("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        subprocess.run([*inside, *quiet], check=True, capture_output=True)
        pair = ("type", "veth", "peer", "name", self.far)
        self._ip("-n", self.space, "link", "add", self.near, *pair)
        for name in (
            self.near,
            self.far,
        ):  # frames of a capture behind segmentation offload are long
            self._ip("-n", self.space, "link", "set", name, "mtu", "65535", "up")

    def close(self) -> None:
        subprocess.run(["ip", "netns", "del", self.space], check=False, capture_output=True)

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def wire(lan: Lan) -> Iterator[Wire]:
    made = Wire(lan.near[:-1])
    try:
        made.build()
        yield made
    finally:
        made.close()


def capturing(state: Path) -> bool:
    """Whether the sensor has reported that it captures, as the console's health page shows it."""
    if not state.exists():
        return False
    opened = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        rows = opened.execute("select document from health where role = 'sense'").fetchall()
    except sqlite3.OperationalError:  # its tables are being made
        return False
    finally:
        opened.close()
    return any('"capturing"' in str(document) for (document,) in rows)


@contextmanager
def sensing(wire: Wire, home: Path) -> Iterator[None]:
    """`fengsui sense` on the far end, from when it listens until it has ended by itself."""
    settings = {
        "FENGSUI_HOME": str(home),
        "FENGSUI_SENSOR_INTERFACES": wire.far,
        "FENGSUI_SENSOR_NAME": "live",
    }
    inside = ["ip", "netns", "exec", wire.space]
    log = home / "sense.log"
    with log.open("wb") as out:
        sensor = subprocess.Popen(
            [*inside, str(Path(sys.executable).parent / "fengsui"), "sense"],
            stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **settings},
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 40
        while not capturing(home / "state.sqlite"):
            assert sensor.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        sensor.terminate()
        status = sensor.wait(30)
    assert status == 0, log.read_text()


def spooled(home: Path) -> list[Event]:
    """What the worker would take."""
    events: list[Event] = []
    for path in sorted(home.rglob("*.batch")):
        events += [json.loads(line) for line in read_batch(path).lines.splitlines()]
    return events


def recorded(lan: Lan, keys: Keys) -> Path:
    """One capture of a talk with OpenSSL, and of what the tests before have recorded."""
    words = ("-accept", "9443", "-cert", str(keys.certificate), "-key", str(keys.key), "-www")
    with lan.serve("openssl", "s_server", *words, tcp=9443), lan.watched() as seen:
        curl = program("curl", "curl")
        for version in ("1.2", "1.3"):
            page = f"https://{SERVER}:9443/"
            lan.run(curl, "-sSko", "/dev/null", f"--tlsv{version}", "--tls-max", version, page)
    assert len(seen.of("tls")) == 2
    whole = lan.folder / "replay.cap"
    parts = sorted(lan.folder.glob("*.pcap"), key=lambda path: int(path.stem))
    whole.write_bytes(b"".join(p.read_bytes()[24 if n else 0 :] for n, p in enumerate(parts)))
    return whole


def test_the_wire_says_what_the_file_says(lan: Lan, keys: Keys, wire: Wire, tmp_path: Path) -> None:
    tcpreplay = program("tcpreplay", "tcpreplay")
    capture = recorded(lan, keys)
    with sensing(wire, tmp_path):
        told = subprocess.run(
            ["ip", "netns", "exec", wire.space, tcpreplay, "-q", "-i", wire.near, "--mbps=200",
             str(capture)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        time.sleep(0.3)
    assert "Failed packets:            0" in told.stdout, told.stdout
    live, file = content(spooled(tmp_path)), content(read(capture).events)
    missing, more = file - live, live - file
    shown: list[Any] = [*list(missing.elements())[:10], "---", *list(more.elements())[:10]]
    assert sum(file.values()) >= 4
    assert not missing, shown
    assert not more, shown
