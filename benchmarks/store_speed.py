"""Speed and size of the embedded event store on synthetic telemetry.

    python benchmarks/store_speed.py [--events 1000000] [--folder DIR]

Five datasets over seven days, about 1 kB and 30 fields an event, Zipf-like hosts and domains. Appends
in batches of 20,000 with `maintain` every ten batches; CPU of this process, all threads, generation and
loading of compiled code not counted. Then compaction to the end, and a reading process of its own for the
searches.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fengsui.clock import DAY, HOUR, SECOND, WallClock, to_iso
from fengsui.event import Event
from fengsui.query.lucene import parse_lucene
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.embedded.intake import warm_up
from fengsui.store.event_store import ALWAYS, Histogram, Terms, TimeRange

START = 1_770_000_000 * SECOND
DAYS = 7
BATCH = 20_000
SHARES = {"flow": 45, "dns": 25, "tls": 15, "http": 10, "ids": 5}
HOSTS = [f"10.{20 + n % 12}.{n % 60}.{n % 250 + 1}" for n in range(3000)]
SERVERS = [f"{20 + n % 180}.{n * 7 % 250}.{n * 13 % 250}.{n % 250 + 1}" for n in range(20_000)]
DOMAINS = [
    f"{w}{n}.{t}"
    for n in range(700)
    for w in ("mail", "cdn", "api", "www")
    for t in ("example.cn", "gov.example", "cloud.test")
]
COMMON = {
    "event.module": "packet",
    "event.kind": "event",
    "event.category": "network",
    "observer.name": "probe-1",
    "observer.type": "probe",
    "network.transport": "tcp",
    "network.type": "ipv4",
    "network.direction": "outbound",
    "cn.plane": "data",
    "cn.zone": "office",
    "cn.unit": "bureau-7",
    "cn.retention": "r184",
}


def rank(random_: random.Random, size: int) -> int:
    """Zipf-like index."""
    return min(size - 1, int(size ** random_.random()) - 1)


def body(dataset: str, r: random.Random) -> str:
    """The fields that repeat, for one of many templates."""
    fields: dict[str, object] = dict(COMMON)
    domain = DOMAINS[rank(r, len(DOMAINS))]
    name = f"u{r.randrange(10**6)}.{domain}" if r.random() < 0.08 else domain
    if dataset == "flow":
        fields |= {
            "network.protocol": r.choice(["tls", "http", "dns", "ssh"]),
            "network.bytes": int(r.paretovariate(0.7) * 200) % 10**9,
            "network.packets": r.randrange(1, 900),
            "source.bytes": r.randrange(60, 10**6),
            "destination.bytes": r.randrange(60, 10**7),
            "source.packets": r.randrange(1, 400),
            "event.duration": r.randrange(10**11),
            "zeek.connection.state": r.choice(["SF", "S0", "REJ"]),
            "zeek.connection.history": r.choice(["ShADadFf", "S", "Sr"]),
            "client.bytes": r.randrange(10**5),
            "server.bytes": r.randrange(10**6),
        }
    elif dataset == "dns":
        fields |= {
            "dns.question.name": name,
            "dns.question.type": r.choice(["A", "AAAA", "TXT", "HTTPS"]),
            "dns.question.class": "IN",
            "dns.question.registered_domain": domain,
            "dns.question.top_level_domain": "cn",
            "dns.response_code": r.choice(["NOERROR"] * 9 + ["NXDOMAIN"]),
            "dns.answers.data": [r.choice(SERVERS)],
            "dns.answers.ttl": [r.choice([60, 300, 3600])],
            "dns.resolved_ip": [r.choice(SERVERS)],
            "dns.answers_count": 1,
            "dns.bytes": r.randrange(60, 400),
            "dns.type": "answer",
            "dns.id": r.randrange(65536),
        }
    elif dataset == "tls":
        fields |= {
            "tls.client.server_name": name,
            "tls.version": "1.3",
            "tls.cipher": "TLS_AES_128_GCM_SHA256",
            "tls.client.ja3": f"{r.randrange(400):032x}",
            "tls.client.ja4": f"t13d1516h2_{r.randrange(300):012x}",
            "tls.established": True,
            "tls.next_protocol": "h2",
            "destination.domain": name,
        }
    elif dataset == "http":
        path = (
            "/search?q=" + str(r.randrange(10**6)) + ("&cmd=whoami" if r.random() < 0.002 else "")
        )
        fields |= {
            "url.domain": name,
            "url.full": f"http://{name}{path}",
            "url.path": "/search",
            "http.request.method": r.choice(["GET", "POST"]),
            "http.response.status_code": r.choice([200, 301, 404]),
            "http.response.body.bytes": r.randrange(10**6),
            "user_agent.original": f"Mozilla/5.0 (X11; rv:{r.randrange(40)})",
            "destination.domain": name,
        }
    else:
        fields |= {
            "rule.name": f"ET RULE {r.randrange(500)}",
            "rule.id": str(2_000_000 + r.randrange(500)),
            "rule.category": "Potentially Bad Traffic",
            "event.severity": r.randrange(1, 4),
            "message": "signature matched",
        }
    return json.dumps(fields, separators=(",", ":"))[1:]


def events(count: int, seed: int = 1) -> Iterator[list[Event]]:
    """Batches in order of time, with some lateness."""
    r = random.Random(seed)
    bodies = {name: [body(name, r) for _ in range(20_000)] for name in SHARES}
    names = [name for name, share in SHARES.items() for _ in range(share)]
    step = DAYS * DAY // count
    for first in range(0, count, BATCH):
        batch: list[Event] = []
        for number in range(first, min(first + BATCH, count)):
            name = names[r.randrange(100)]
            at = to_iso(START + number * step + r.randrange(20) * SECOND)
            session = f"{r.getrandbits(128):032x}"
            batch.append(
                Event(
                    f'{{"event.id":"{r.getrandbits(128):032x}","@timestamp":"{at}","event.dataset":"{name}",'
                    f'"event.start":"{at}","source.ip":"{HOSTS[rank(r, 3000)]}",'
                    f'"source.port":{r.randrange(1024, 65536)},'
                    f'"destination.ip":"{SERVERS[rank(r, 20_000)]}",'
                    f'"destination.port":{r.choice((443, 80, 53, 22))},'
                    f'"zeek.session_id":"{session}","network.community_id":"1:{session[:27]}=",'
                    f"{r.choice(bodies[name])}".encode()
                )
            )
        yield batch


def peak_megabytes() -> float:
    """Peak resident memory of this process alone (`ru_maxrss` starts from the parent's)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # macOS counts bytes


class _Later(WallClock):
    """A clock that can be moved on, so that compaction may finish at once."""

    shift = 0

    def now(self) -> int:
        return super().now() + self.shift


def load(folder: Path, count: int) -> None:
    clock = _Later()
    store = EmbeddedEventStore(folder, writable=True, clock=clock)
    warm_up()
    appended = maintained = wall = 0.0
    raw = 0
    sample: list[Event] = []
    for number, batch in enumerate(events(count)):
        raw += sum(len(event.raw) for event in batch)
        before, begun = time.process_time(), time.perf_counter()
        assert store.append(batch).added == len(batch)
        appended += time.process_time() - before
        wall += time.perf_counter() - begun
        if number == 0:
            sample = batch
        if number % 10 == 9:
            before = time.process_time()
            store.maintain(START + number * BATCH * (DAYS * DAY // count))
            maintained += time.process_time() - before
    before = time.process_time()
    assert store.append(sample).added == 0
    again = time.process_time() - before
    clock.shift = 3 * HOUR
    before = time.process_time()
    finish(store)
    clock.shift += HOUR
    finish(store)
    finished = time.process_time() - before
    size = sum(one.bytes for one in store.statistics())
    peak = peak_megabytes()
    print(f"events                              {count:,} of {raw / count:,.0f} bytes of JSON")
    print(
        f"append with idempotence             {count / appended:,.0f} events/CPU-s,"
        f" {count / wall:,.0f} events/s"
    )
    print(
        f"append and compaction meanwhile     {count / (appended + maintained):,.0f} events/CPU-s"
    )
    print(
        f"append, compaction to the end       {count / (appended + maintained + finished):,.0f} events/CPU-s"
    )
    print(f"the same batch again                {len(sample) / again:,.0f} events/CPU-s, 0 added")
    print(
        f"size                                {size / count:.0f} bytes/event,"
        f" {len(_segments(store))} segments"
    )
    print(f"writer's peak memory                {peak:,.0f} MB (with the generator)", flush=True)
    store.close()


def finish(store: EmbeddedEventStore) -> None:
    """Compact until nothing changes any more."""
    last: list[int] = []
    while last != (last := sorted(_segments(store))):
        store.maintain(START + (DAYS + 3) * DAY)


def _segments(store: EmbeddedEventStore) -> list[int]:
    return [one.rows for one in store._catalogue.segments()]  # noqa: SLF001


def kinds_of(store: EmbeddedEventStore) -> dict[str, Callable[[], object]]:
    """Every kind of search and aggregate, with other values at each call."""
    r = random.Random(7)
    day = TimeRange(START + 3 * DAY, START + 4 * DAY)
    newest = store.search(parse_lucene("*"), limit=200).events
    some_id = [str(one["event.id"]) for one in newest]
    session = [str(one["zeek.session_id"]) for one in newest]

    def search(
        text: Callable[[], str], within: TimeRange = ALWAYS, columns: bool = True
    ) -> Callable[[], object]:
        shown = [
            "@timestamp",
            "event.dataset",
            "source.ip",
            "destination.ip",
            "destination.port",
            "dns.question.name",
            "url.full",
        ]
        return lambda: store.search(parse_lucene(text()), within, columns=shown if columns else ())

    return {
        "everything, newest 50": search(lambda: "*"),
        "source.ip": search(lambda: f"source.ip:{HOSTS[rank(r, 3000)]}"),
        "source.ip, all fields": search(lambda: f"source.ip:{HOSTS[rank(r, 3000)]}", columns=False),
        "exact domain": search(lambda: f"dns.question.name:{DOMAINS[rank(r, len(DOMAINS))]}"),
        "domain suffix": search(lambda: f"dns.question.name:*.{DOMAINS[rank(r, 900)]}"),
        "substring of url.full": search(lambda: "url.full:*cmd=*"),
        "CIDR /16, one day": search(lambda: f"source.ip:10.{20 + r.randrange(12)}.0.0/16", day),
        "event.id": lambda: store.get(r.choice(some_id)),
        "zeek.session_id": search(lambda: f"zeek.session_id:{r.choice(session)}"),
        "bytes and NOT": search(lambda: "network.bytes:>1000000 NOT destination.port:443"),
        "Sigma-like over dns": search(
            lambda: (
                f"dns.question.name:(*u9*{r.randrange(10)}* OR /x[0-9]+\\..*/ OR *tunnel*) "
                "dns.question.type:TXT"
            )
        ),
        "histogram by hour, all": lambda: store.aggregate(parse_lucene("*"), Histogram(HOUR)),
        "histogram of a domain": lambda: store.aggregate(
            parse_lucene("tls.client.server_name:*cdn*"), Histogram(HOUR)
        ),
        "terms top 20, tls, one day": lambda: store.aggregate(
            parse_lucene("event.dataset:tls"), Terms("tls.client.server_name", 20), day
        ),
        "terms top 20, source.ip, all": lambda: store.aggregate(
            parse_lucene("*"), Terms("source.ip", 20)
        ),
        "a word anywhere": search(lambda: f"u{r.randrange(100, 999)}"),
    }


def timing(run: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of wall time, and of CPU over all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def row(timed: Sequence[tuple[float, float]]) -> str:
    """Median and 95th percentile of both."""
    wall, cpu = zip(*timed, strict=True)
    ends = [(statistics.median(one), statistics.quantiles(one, n=20)[-1]) for one in (wall, cpu)]
    return f"{ends[0][0]:8.0f}{ends[0][1]:8.0f}{ends[1][0]:10.0f}{ends[1][1]:10.0f}"


def read(folder: Path, repeats: int) -> None:
    store = EmbeddedEventStore(folder, writable=False, memory_megabytes=256)
    print(f"{'search (ms)':36}{'p50':>8}{'p95':>8}{'CPU p50':>10}{'CPU p95':>10}")
    for name, run in kinds_of(store).items():
        run()
        timed = [timing(run) for _ in range(repeats)]
        print(f"{name:36}{row(timed)}", flush=True)
    peak = peak_megabytes()
    print(f"reader's peak memory                {peak:,.0f} MB")
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--read", action="store_true", help="only search an existing folder")
    chosen = parser.parse_args()
    if chosen.read:
        read(chosen.folder, chosen.repeats)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary) / "store"
        load(folder, chosen.events)
        command = [sys.executable, __file__, "--read", "--folder", str(folder)]
        subprocess.run([*command, "--repeats", str(chosen.repeats)], check=True)


if __name__ == "__main__":
    main()
