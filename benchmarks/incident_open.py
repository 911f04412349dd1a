"""How long an incident takes to open, with ten alerts and with very many: prints a Markdown table.

    python benchmarks/incident_open.py [--alerts 100000] [--entities 500] [--rounds 15] [--home DIR]

Two synthetic incidents are put into one state and told once; then each call that the page makes is
asked of the whole application, in turns, and the median of the rounds is shown with the size of its
answer and the alerts that were read for it. `--home` keeps the installation, to look at it in the
console. The calls: the incident with its story (both tabs at first sight), the graph, the first page
of alerts, and a page of those of the heaviest edge.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from console.api.access import COOKIE
from console.security.tokens import token_digest
from console.wiring import make_app, open_stores
from fengsui.alert import Alert, Entity, Fact, alert_id
from fengsui.attack import TACTIC_ORDER
from fengsui.clock import HOUR, SECOND
from fengsui.ids import digest_id
from fengsui.incident import Incident, ScorePart, Stage
from fengsui.settings import load_settings
from fengsui.severity import Severity
from fengsui.store.state import State, User
from fengsui.text import literal

START = 1_790_000_000 * SECOND
TOKEN = "a-token-for-one-benchmark"
KINDS = (
    ("scan", ("T1046",), ("discovery",), Severity.MEDIUM, 0.7, "内部主机扫描", "Internal scan"),
    ("guess", ("T1110",), ("credential-access",), Severity.HIGH, 0.7, "口令猜测", "Guessing"),
    ("admin", ("T1021.002",), ("lateral-movement",), Severity.MEDIUM, 0.5, "连接管理共享", "Share"),
    ("beacon", ("T1071",), ("command-and-control",), Severity.HIGH, 0.8, "周期性外联", "Beacon"),
    ("upload", ("T1041",), ("exfiltration",), Severity.HIGH, 0.6, "疑似数据外传", "Upload"),
    ("odd", (), (), Severity.LOW, 0.3, "少见的客户端", "Odd client"),
)


def alerts_of(count: int, entities: int, seed: int) -> Iterator[Alert]:
    """Alerts of one long attack: some hosts that act, many that are acted upon, a few outside."""
    r = random.Random(seed)
    ours = [f"10.{seed}.{n // 250}.{n % 250 + 1}" for n in range(max(2, entities * 4 // 5))]
    outside = [f"203.0.113.{n % 250 + 1}" for n in range(max(1, entities // 10))]
    domains = [f"c{n}.bad{n % 7}.example" for n in range(max(1, entities // 10))]
    actors = ours[: max(1, len(ours) // 25)]
    for number in range(count):
        rule, techniques, tactics, severity, fidelity, zh, en = KINDS[
            r.choices(range(6), (30, 20, 20, 15, 3, 12))[0]
        ]
        actor = r.choice(actors)
        first = START + int(r.random() ** 2 * 40 * HOUR)
        named = [Entity("host", actor, "source", internal=True)]
        facts: tuple[Fact, ...] = ()
        if rule in {"beacon", "upload"}:
            place = r.randrange(len(domains))
            named += [
                Entity("host", outside[place % len(outside)], "c2"),
                Entity("domain", domains[place], "c2"),
            ]
            facts = (
                (Fact("megabytes_out", round(r.random() * 80, 1), None, "MB/h"),)
                if rule == "upload"
                else ()
            )
        else:
            named += [Entity("host", r.choice(ours), "target", internal=True)]
        key = f"{number}"
        yield Alert(
            id=alert_id(rule, key, str(seed), first),
            rule=f"bench.{rule}",
            title=literal(zh, en),
            kind="sigma",
            severity=severity,
            fidelity=fidelity,
            key=key,
            entities=tuple(dict.fromkeys(named)),
            events=(),
            first=first,
            last=first + r.randrange(60) * SECOND,
            raised=first,
            reason=literal(f"{actor}：{zh}（第 {number} 次）", f"{actor}: {en}, number {number}"),
            facts=facts,
            techniques=techniques,
            tactics=tactics,
            count=r.randrange(1, 5),
        )


def put(state: State, alerts: Sequence[Alert]) -> Incident:
    """The alerts and the one incident that they are."""
    ordered = sorted(alerts, key=lambda alert: (alert.first, alert.id))
    by_rule: dict[str, list[str]] = {}
    by_tactic: dict[str, list[Alert]] = {}
    for alert in ordered:
        by_rule.setdefault(alert.rule, []).append(alert.id)
        for tactic in alert.tactics:
            by_tactic.setdefault(tactic, []).append(alert)
    entities = sorted({e for alert in ordered for e in alert.entities}, key=repr)
    incident = Incident(
        id=digest_id("bench", ordered[0].id),
        title=literal(
            f"合成事件：{len(alerts)} 条告警", f"A synthetic incident of {len(alerts)} alerts"
        ),
        score=float(10 * len(by_rule)),
        severity=Severity.HIGH,
        parts=tuple(
            ScorePart(f"rule:{rule}", 10.0, literal("规则", "a rule"), tuple(ids))
            for rule, ids in by_rule.items()
        ),
        entities=tuple(entities[:200]),
        stages=tuple(
            Stage(tactic, group[0].techniques, group[0].first, tuple(a.id for a in group))
            for tactic in TACTIC_ORDER
            if (group := by_tactic.get(tactic))
        ),
        alerts=tuple(alert.id for alert in ordered),
        first=ordered[0].first,
        last=max(alert.last for alert in ordered),
    )
    state.put_alerts(ordered)
    state.put_incidents([incident], {})
    return incident


class Client:
    """Asks the application in this process."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, address: str) -> httpx.Response:
        """An answer.

        Raises:
            HTTPStatusError: it is a problem.
        """
        return asyncio.run(self._get(address)).raise_for_status()

    async def _get(self, address: str) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies={COOKIE: TOKEN}
        ) as client:
            return await client.get(address)


def calls(client: Client, incident: str) -> dict[str, str]:
    """What the page asks, by name."""
    base = f"/api/incidents/{incident}"
    edges = client.get(f"{base}/graph").json()["edges"]
    heaviest = max(edges, key=lambda edge: edge["alerts"])["id"]
    return {
        "the incident": base,
        "its story": f"{base}/story",
        "its graph": f"{base}/graph",
        "first 50 alerts": f"{base}/alerts?limit=50",
        "50 alerts of the heaviest edge": f"{base}/alerts?limit=50&pick={heaviest}",
    }


def measured(
    client: Client, incidents: dict[int, str], rounds: int
) -> dict[str, dict[int, tuple[float, int, Any]]]:
    """Median ms, bytes and the last answer of each call, by number of alerts; asked in turns."""
    asked = {count: calls(client, name) for count, name in incidents.items()}
    spent: dict[tuple[str, int], list[float]] = {}
    answers: dict[tuple[str, int], httpx.Response] = {}
    for _ in range(rounds):
        for count, named in asked.items():
            for name, address in named.items():
                start = time.perf_counter()
                answers[name, count] = client.get(address)
                spent.setdefault((name, count), []).append((time.perf_counter() - start) * 1e3)
    return {
        name: {
            count: (
                statistics.median(spent[name, count]),
                len(answers[name, count].content),
                answers[name, count].json(),
            )
            for count in asked
        }
        for name in next(iter(asked.values()))
    }


def app_of(home: Path) -> tuple[FastAPI, State]:
    """The application over a new installation, with one analyst logged in."""
    loaded = load_settings({}, home=home)
    stores = open_stores(loaded.settings, writable=True)
    stores.state.put_user(User("bench", ("analyst",), ""))
    stores.state.put_session(token_digest(TOKEN), "bench", 2**62)
    return make_app(loaded, stores), stores.state


def main() -> None:
    """Command line: see the module."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--alerts", type=int, default=100_000)
    options.add_argument("--entities", type=int, default=500)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--home", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        app, state = app_of(given.home or Path(temporary) / "home")
        incidents: dict[int, str] = {}
        for seed, (count, entities) in enumerate(((10, 8), (given.alerts, given.entities)), 1):
            incidents[count] = put(state, list(alerts_of(count, entities, seed))).id
        client = Client(app)
        start = time.perf_counter()
        for name in incidents.values():
            client.get(f"/api/incidents/{name}")
        told = time.perf_counter() - start
        table = measured(client, incidents, given.rounds)
        report(table, list(incidents), told)


def report(
    table: dict[str, dict[int, tuple[float, int, Any]]], counts: list[int], told: float
) -> None:
    """Print."""
    few, many = counts
    print(f"Telling both stories for the first time: {told:.1f} s\n")
    print(
        f"| call | ms, {few} alerts | ms, {many:,} | ratio | kB, {few} | kB, {many:,} | alerts read |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    total = {few: 0.0, many: 0.0}
    for name, row in table.items():
        (a, small, _), (b, large, answer) = row[few], row[many]
        if name in {"the incident", "its story"}:
            total[few] += a
            total[many] += b
        read = answer.get("read", "–")
        print(
            f"| {name} | {a:.1f} | {b:.1f} | {b / a:.1f} | {small / 1e3:.0f} | {large / 1e3:.0f} | {read} |"
        )
    print(
        f"| **opening the page** | {total[few]:.1f} | {total[many]:.1f} | "
        f"**{total[many] / total[few]:.1f}** | | | |"
    )
    graph = table["its graph"][many][2]
    print(
        f"\nIts graph: {graph['things']} things in {len(graph['nodes'])} nodes, "
        f"{len(graph['edges'])} edges, {len(graph['lines'])} activities"
    )


if __name__ == "__main__":
    main()
