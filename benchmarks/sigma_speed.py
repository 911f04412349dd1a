"""Speed of the Sigma engine, in events per CPU-second of one process.

    python benchmarks/sigma_speed.py [--bench ../shared/bench] [--events 100000] [--naive 300]

Two tables. (a) Own rules on own flow, dns, http and tls events made here. (b) All public Windows
rules on Windows events as they are (`sigma/` of the bench), JSON parsing included, beside a naive
interpreter that tries every rule on every event: their ratio is what to compare between machines.
Every event's hits are checked against the oracle on the naive sample.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import orjson
import zstandard

from detections.detections import OWN_RULES
from detections.detector import Context
from detections.sigma.coverage import plan
from detections.sigma.engine import SigmaDetector
from detections.sigma.loader import load
from detections.sigma.logsources import WINDOWS, routing
from detections.sigma.matcher import Entry, Matcher
from detections.sigma.oracle import holds
from fengsui.event import Event, Value, make_event

REPEATS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One measured line."""

    what: str
    rules: int
    events: int
    hits: int
    rate: float  # events per CPU-second


def main() -> None:
    """Measure and print both tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    arguments.add_argument("--events", type=int, default=100_000)
    arguments.add_argument("--naive", type=int, default=300, help="events for the naive engine")
    chosen = arguments.parse_args()
    rows = own(chosen.events)
    if (chosen.bench / "sigma").is_dir():
        rows += windows(chosen.bench / "sigma", chosen.events, chosen.naive)
    print(f"{'what':52} {'rules':>6} {'events':>8} {'hits':>7} {'events/CPU-s':>13}")
    for row in rows:
        print(f"{row.what:52} {row.rules:6} {row.events:8} {row.hits:7} {row.rate:13,.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


def own(count: int) -> list[Row]:
    """Own rules on own events that are ordinary, as nearly all events are."""
    rules = load([OWN_RULES]).rules
    rows: list[Row] = []
    for dataset in ("flow", "dns", "http", "tls"):
        events = [_ordinary(dataset, number) for number in range(count)]
        for event in events:
            event.fields  # noqa: B018 - parsed before, as in the worker
        detector = SigmaDetector(rules, Context(lambda address: address.startswith("10.")))
        best, hits = 0.0, 0
        for _ in range(REPEATS):
            started = time.process_time()
            hits = sum(len(list(detector.observe(event, 0))) for event in events)
            best = max(best, count / (time.process_time() - started))
        live = sum(rule.status == "live" for rule in detector.rules)
        rows.append(Row(f"own rules, {dataset} events, parsed", live, count, hits, best))
    return rows


def windows(folder: Path, count: int, naive: int) -> list[Row]:
    """All public Windows rules on Windows events."""
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(fileobj=BytesIO(_unpacked(folder / "sigmahq_rules.tar.zst"))) as archive:
            archive.extractall(place, filter="data")
        started = time.process_time()
        loaded = load([Path(place)])
        loading = time.process_time() - started
    entries, _ = plan(loaded.rules, [WINDOWS])
    lines = _unpacked(folder / "windows_events_100k.jsonl.zst").splitlines()[:count]
    rules = len({entry.rule for entry in entries})
    rows = [
        Row(
            f"load {len(loaded.rules)} public rules: {loading:.2f} CPU-s",
            len(loaded.rules),
            0,
            0,
            0,
        )
    ]
    for portable in (False, True):
        matcher = Matcher(entries, routing(), portable=portable)
        name = "re2" if portable else "hyperscan"
        for run in ("first", "again"):
            rate, hits = _stream(matcher, lines)
            rows.append(
                Row(
                    f"Windows rules, {name}, {run}, with JSON parsing",
                    rules,
                    len(lines),
                    hits,
                    rate,
                )
            )
    rows.append(_naive(entries, lines[:: max(len(lines) // naive, 1)][:naive], matcher, rules))
    return rows


def _stream(matcher: Matcher, lines: Sequence[bytes]) -> tuple[float, int]:
    gc.collect()
    started, hits = time.process_time(), 0
    for line in lines:
        fields = orjson.loads(line)
        hits += len(matcher.match(WINDOWS, fields, line))
    return len(lines) / (time.process_time() - started), hits


def _naive(entries: Sequence[Entry], lines: Sequence[bytes], matcher: Matcher, rules: int) -> Row:
    """Every rule on every event by the oracle; stops when the engine disagrees."""
    started, hits = time.process_time(), 0
    for line in lines:
        fields = orjson.loads(line)
        found = [entry.rule for entry in entries if holds(entry.condition, fields)]
        hits += len(set(found))
        if sorted(set(found)) != matcher.match(WINDOWS, fields, line):
            raise SystemExit(f"engine and oracle differ on {line!r}")
    rate = len(lines) / (time.process_time() - started)
    return Row("Windows rules, naive interpreter, every rule", rules, len(lines), hits, rate)


def _ordinary(dataset: str, number: int) -> Event:
    fields: dict[str, Value | None] = {
        "source.ip": f"10.1.{number % 250}.{number % 200}",
        "source.port": 1024 + number % 60_000,
        "destination.ip": f"203.0.113.{number % 250}",
        "destination.port": 443,
        "network.transport": "tcp",
        "network.type": "ipv4",
        "network.direction": "outbound" if number % 3 else "internal",
        "network.community_id": "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
    }
    host = f"www{number % 997}.example{number % 13}.com"
    fields |= _special(dataset, number, host)
    return make_event(id=f"{number:032x}", time=number * 1_000_000, dataset=dataset, fields=fields)


def _special(dataset: str, number: int, host: str) -> dict[str, Value | None]:
    match dataset:
        case "flow":
            return {
                "network.protocol": ("tls", "dns", "http")[number % 3],
                "zeek.connection.state": ("SF", "S0", "RSTO")[number % 3],
                "client.bytes": 900,
                "server.bytes": 9000,
                "event.duration": 1_500_000,
            }
        case "dns":
            return {
                "dns.question.name": host,
                "dns.question.type": ("A", "AAAA", "TXT")[number % 3],
                "dns.question.registered_domain": host.partition(".")[2],
                "dns.response_code": "NOERROR",
                "dns.answers.data": ["203.0.113.7", "203.0.113.8"],
            }
        case "http":
            path = f"/static/{number}/app.js"
            return {
                "http.request.method": "GET",
                "http.version": "1.1",
                "url.domain": host,
                "url.original": path,
                "url.path": path,
                "url.full": f"http://{host}{path}",
                "url.extension": "js",
                "user_agent.original": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0",
                "http.response.status_code": 200,
                "http.response.mime_type": "text/javascript",
            }
        case _:
            return {
                "tls.client.server_name": host,
                "tls.version": "1.3",
                "tls.client.ja4": "t13d1516h2_8daaf6152771_b186095e22b6",
                "tls.established": True,
            }


def _unpacked(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(BytesIO(path.read_bytes())).read()


if __name__ == "__main__":
    main()
