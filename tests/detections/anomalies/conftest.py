"""Events made by hand and what each detector must say to them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType

import pytest

import detections.anomalies as shelf
from detections.detector import Context
from fengsui.alert import Alert
from fengsui.clock import SECOND, from_iso, to_iso
from fengsui.event import Event, Value, make_event
from fengsui.ids import digest_id
from fengsui.registry import parts

START = from_iso("2026-11-20T08:00:00Z")
CLIENT, SERVER, OUTSIDE = "10.1.2.3", "10.1.0.9", "198.51.100.7"


def internal(address: str) -> bool:
    """Our address plan."""
    return address.startswith(("10.", "192.168.", "fd00:"))


@dataclass
class Maker:
    """Makes events; `at` is seconds after the start."""

    run: str = ""

    def event(self, dataset: str, at: float, fields: dict[str, Value | None]) -> Event:
        time = START + int(at * SECOND)
        base: dict[str, Value | None] = {"source.ip": CLIENT, "destination.ip": OUTSIDE}
        base |= {"fengsui.run": self.run or None} | fields
        return make_event(
            id=digest_id(dataset, time, repr(sorted(map(str, base.items())))),
            time=time,
            dataset=dataset,
            fields=base,
        )

    def flow(self, at: float, **named: Value | None) -> Event:
        """A TCP flow on port 443 that carried data; give fields by `source_ip=` and so on."""
        seconds = named.pop("seconds", 1.0)
        assert isinstance(seconds, float | int)
        fields: dict[str, Value | None] = {
            "destination.port": 443,
            "network.transport": "tcp",
            "zeek.connection.state": "SF",
            "client.bytes": 500,
            "server.bytes": 900,
            "source.bytes": 800,
            "destination.bytes": 1200,
            "source.packets": 6,
            "destination.packets": 6,
            "event.duration": int(seconds * SECOND),
            "event.end": to_iso(START + int((at + seconds) * SECOND)),
        }
        return self.event("flow", at, fields | _named(named))

    def dead(self, at: float, **named: Value | None) -> Event:
        """A TCP flow without an answer."""
        nothing: dict[str, Value | None] = {
            "zeek_connection_state": "S0",
            "client_bytes": None,
            "server_bytes": None,
            "destination_bytes": 0,
            "destination_packets": 0,
        }
        return self.flow(at, **(nothing | named))

    def http(self, at: float, **named: Value | None) -> Event:
        """A browser's GET that came with a page."""
        fields: dict[str, Value | None] = {
            "destination.port": 80,
            "network.transport": "tcp",
            "network.protocol": "http",
            "http.request.method": "GET",
            "url.domain": "www.example.org",
            "url.original": "/",
            "url.path": "/",
            "user_agent.original": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0",
            "http.response.status_code": 200,
            "http.response.mime_type": "text/html",
        }
        return self.event("http", at, fields | _named(named))

    def tls(self, at: float, name: str = "", **named: Value | None) -> Event:
        """A TLS handshake."""
        fields: dict[str, Value | None] = {
            "destination.port": 443,
            "network.transport": "tcp",
            "tls.client.server_name": name,
        }
        return self.event("tls", at, fields | _named(named))

    def dns(self, at: float, name: str, **named: Value | None) -> Event:
        """An answered question."""
        fields: dict[str, Value | None] = {
            "destination.ip": "10.1.0.53",
            "destination.port": 53,
            "network.transport": "udp",
            "dns.question.name": name,
            "dns.question.type": "A",
            "dns.response_code": "NOERROR",
            "dns.type": "answer",
        }
        return self.event("dns", at, fields | _named(named))


def _named(fields: dict[str, Value | None]) -> dict[str, Value | None]:
    """`source_ip` → `source.ip`; names with an underscore of their own are told by the registry."""
    from fengsui.ecs import registry

    known = {name.replace(".", "_"): name for name in registry()}
    return {known[name]: value for name, value in fields.items()}


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture(scope="session")
def modules() -> dict[str, ModuleType]:
    return {module.__name__.rpartition(".")[2]: module for module in parts(shelf)}


Feed = Callable[..., list[Alert]]


@pytest.fixture
def feed(modules: dict[str, ModuleType]) -> Feed:
    """`feed("scan", events)`: alerts of a fresh detector that sees the events one by one."""

    def run(name: str, events: Iterable[Event], **context: frozenset[str]) -> list[Alert]:
        detector = modules[name].make(Context(internal, **context))
        found: list[Alert] = []
        now = START
        for event in events:
            end = event.get("event.end")
            now = max(now, from_iso(end) if end else event.time)
            if event.dataset in detector.datasets:
                found.extend(detector.observe(event, now))
                found.extend(detector.advance(now))
        return found

    return run


def scenarios(make: Maker) -> dict[str, list[Event]]:
    """For each module of the shelf, events on which it must speak."""
    dice = random.Random(7)
    code = "abcdefghijklmnopqrstuvwxyz0123456789"

    def word(length: int) -> str:
        return "".join(dice.choices(code, k=length))

    beat = [
        make.http(60 * n + dice.uniform(-9, 9), url_domain="c2.evil.example") for n in range(40)
    ]
    tunnel = [make.dns(n, f"{word(40)}.t.evil.example", dns_question_type="TXT") for n in range(20)]
    knocks = [
        make.dead(n, destination_ip=f"10.1.9.{n}", destination_port=445) for n in range(1, 20)
    ]
    guesses = [
        make.flow(3 * n, destination_ip=SERVER, destination_port=22, server_bytes=1800 + n)
        for n in range(14)
    ]
    edges = [
        make.flow(30 * n, destination_ip=f"10.1.7.{n}", destination_port=445) for n in range(1, 9)
    ]
    upload = [
        make.flow(60 * n, client_bytes=4 << 20, server_bytes=9000, seconds=50) for n in range(6)
    ]
    calls = [make.dead(90 * n, destination_port=447) for n in range(8)]
    cast = [
        make.dead(
            n / 4,
            destination_ip=f"203.0.113.{n}",
            destination_port=6892,
            network_transport="udp",
        )
        for n in range(1, 60)
    ]
    generated = [
        make.dns(5 * n, f"{word(14)}.example", dns_response_code="NXDOMAIN") for n in range(15)
    ]
    irc = [make.flow(0, destination_port=6667, network_protocol="irc")]
    mail = [
        make.flow(9 * n, destination_ip=f"203.0.113.{n}", destination_port=25) for n in range(1, 12)
    ]
    pool = [make.tls(0, "xmr-eu1.nanopool.org", destination_port=14433)]
    dropper = [
        make.http(
            0,
            url_domain=OUTSIDE,
            url_path="/a/1.gif",
            http_response_mime_type="application/x-dosexec",
            http_response_headers_content_type="image/gif",
            user_agent_original=None,
        ),
        make.http(20, url_domain="gate.evil.example", http_request_method="POST", url_path="/g"),
    ]
    tools = [
        make.flow(
            60 * n,
            destination_ip=f"10.1.7.{n}",
            destination_port=445,
            client_bytes=380_000,
            server_bytes=12_000,
        )
        for n in range(2)
    ]
    remote = [
        make.flow(0, destination_ip="10.1.7.7", destination_port=135),
        make.flow(2, destination_ip="10.1.7.7", destination_port=49_700),
    ]
    return {
        "beacon": beat,
        "brute_force": guesses,
        "dead_contacts": calls,
        "dga": generated,
        "dns_tunnel": tunnel,
        "exfiltration": upload,
        "infection": dropper,
        "lateral": edges,
        "mining": pool,
        "protocol_port": irc,
        "remote_execution": remote,
        "scan": knocks,
        "spam": mail,
        "spray": cast,
        "tool_transfer": tools,
    }


@pytest.fixture
def attacks(make: Maker) -> dict[str, list[Event]]:
    return scenarios(make)


@pytest.fixture
def attacks_in_drill() -> dict[str, list[Event]]:
    return scenarios(Maker(run="drill-1"))
