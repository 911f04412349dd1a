"""An application over a real state and sample parts, with one person of each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI

from console.api.app import create_app, equip
from console.api.parts import ApiParts, Cut, DissectedPacket, DissectionNode, PacketRow
from console.correlating import make_regrouping
from console.rules.desk import RuleDesk
from console.security.passwords import hash_password
from console.situation.desk import SituationDesk
from console.stories import StoryKeeper
from correlation.entities import CorrelationContext
from detections.detector import Context
from fengsui.clock import SECOND, EventClock
from fengsui.control import Check, Control
from fengsui.errors import InputError, MissingToolError, NotFoundError
from fengsui.event import Event, Fields, make_event
from fengsui.incident import Incident
from fengsui.playbook import Playbook, Run, RunMode, Step, StepResult
from fengsui.rule import Rule
from fengsui.settings import load_settings
from fengsui.severity import Severity
from fengsui.store.sql.state import SqlState, open_state
from fengsui.store.state import Role, User
from fengsui.text import Text, literal
from tests.console.api.client import PASSWORD, Browser
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0

NAMED = literal("遏制", "Contain")
STEP = Step("s1", NAMED, "action", "block", {}, needs_approval=True, on_success="", on_failure="")
PLAYBOOK = Playbook("contain", NAMED, NAMED, ("impact",), "s1", {"s1": STEP}, {})
SESSION = "CabcdefghijklmnopQ"
PCAP = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")


@dataclass
class Scenario:
    id: str = "first-intrusion"
    name = literal("首次入侵", "First intrusion")
    description = literal("八步", "Eight steps")
    steps: int = 8


class SamplePackets:
    """Writes what it was asked for; `missing` acts as if no dissector were installed."""

    def __init__(self) -> None:
        self.sliced: list[Sequence[Path]] = []
        self.missing = False
        self.count = 2
        self.why: Text | None = Text("console.packets.no_capture")

    def held(self, flow: Fields) -> Text | None:
        return self.why

    def slice_flow(self, captures: Sequence[Path], flow: Fields, target: Path) -> Cut:
        self.sliced.append(captures)
        target.write_bytes(PCAP)
        return Cut(self.count, self.count > 2, "captures" if self.why else "store")

    def pcap(self, path: Path) -> bytes:
        return path.read_bytes()

    def packet_list(self, pcap: Path, limit: int) -> tuple[list[PacketRow], int]:
        if self.missing:
            raise MissingToolError("tshark is not installed", next="apt-get install tshark")
        assert pcap.read_bytes() == PCAP
        rows = [PacketRow(n, T0, "10.1.1.5", "192.0.2.9", "DNS", 80, "query") for n in (1, 2)]
        return rows[:limit], 2

    def packet_detail(self, pcap: Path, number: int) -> DissectedPacket:
        if number > 2:
            raise NotFoundError("There is no such packet")
        tree = DissectionNode("IPv4", None, (DissectionNode("TTL", "64"),))
        return DissectedPacket(number, (tree,), b"E\x00" + b"abc" * 10)


def start_run(playbook: Playbook, incident: Incident, mode: RunMode, by: str) -> Run:
    result = StepResult("s1", NAMED, "waiting_approval", NAMED, NAMED, 0, T0)
    return Run("run1", playbook.id, incident.id, mode, "waiting_approval", T0, "s1", (result,), by)


def decide(run: Run, step: str, approve: bool, by: str, reason: str) -> Run:
    done = replace(run.results[0], status="rehearsed" if approve else "skipped", by=by)
    return replace(run, status="finished" if approve else "rejected", next_step="", results=(done,))


def sniff(path: Path) -> str:
    if path.read_bytes()[:4] == PCAP[:4]:
        return "capture"
    raise InputError("Neither a capture nor a known log", next="Upload another", code="not_input")


def make_records(run: str = "") -> list[Event]:
    both: Fields = {
        "zeek.session_id": SESSION,
        "source.ip": "10.1.1.5",
        "source.port": 50000,
        "destination.ip": "192.0.2.9",
        "destination.port": 53,
        "network.transport": "udp",
        "observer.name": "sensor-1",
    }
    if run:
        both["fengsui.run"] = run
    dns = {"dns.question.name": "a.bad.example", "dns.question.registered_domain": "bad.example"}
    return [
        make_event(id="e" * 31 + "1", time=T0, dataset="flow", fields=both),
        make_event(id="e" * 31 + "2", time=T0 + SECOND, dataset="dns", fields={**both, **dns}),
    ]


RULE = Rule(
    "dns_tunnel", NAMED, "anomaly", Severity.HIGH, "stable", "live", "dns", ("T1071.004",), ()
)
SIGMA_ID = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a01"
SIGMA = f"""title: Odd name asked
title_zh: 查询了奇怪的域名
id: {SIGMA_ID}
status: experimental
description: A name that nothing of ours asks for.
references: [https://example.org/odd]
author: Ann
license: Apache-2.0
tags: [attack.command-and-control, attack.t1071.004]
logsource: {{product: fengsui, service: dns}}
detection:
  selection:
    dns.question.name|endswith: .bad.example
  condition: selection
falsepositives: [Tests]
level: high
fengsui:
  gbt20986: [网络攻击事件/僵尸网络]
  guidance:
    means: It may be a bot.
    means_zh: 可能是僵尸主机。
    check:
      - question: What else did it ask?
        question_zh: 它还问了什么？
        query: source.ip:{{source.ip}} AND event.dataset:dns
      - question: Which user?
        query: user.name:{{user.name}}
  samples:
    fire: [{{dns.question.name: a.bad.example}}]
    quiet: [{{dns.question.name: a.good.example}}]
"""
KNOWN = CorrelationContext(
    lambda address: address.startswith("10."),
    unit_of=lambda address: "教育局" if address.startswith("10.") else "",
)
CONTROL = Control("L3-SMC1-04", "8.1.5.4", "c)", literal("安全管理中心", "SMC"), NAMED, NAMED)
CHECK = Check("log_sources", "L3-SMC1-04", NAMED)


@pytest.fixture
def clock() -> EventClock:
    return EventClock(T0)


@pytest.fixture
def events() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def packets() -> SamplePackets:
    return SamplePackets()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated state with one person of each role, to be copied."""
    path = tmp_path_factory.mktemp("template") / "state.sqlite"
    state = open_state(f"sqlite:///{path}", EventClock(T0))
    hashed = hash_password(PASSWORD)
    for role in get_args(Role):
        state.put_user(User(role, (role,), hashed))
    state.close()
    return path


@pytest.fixture
def state(tmp_path: Path, clock: EventClock, template: Path) -> Iterator[SqlState]:
    (tmp_path / "home").mkdir()
    path = shutil.copy(template, tmp_path / "home" / "state.sqlite")
    opened = open_state(f"sqlite:///{path}", clock)
    yield opened
    opened.close()


@pytest.fixture
def parts(
    tmp_path: Path, state: SqlState, events: MemoryStore, clock: EventClock, packets: SamplePackets
) -> ApiParts:
    settings = load_settings({"FENGSUI_CONSOLE_UPLOAD_MEGABYTES": "2"}, home=tmp_path / "home")
    context = Context(lambda address: address.startswith("10."))
    builtin = tmp_path / "rules"
    builtin.mkdir()
    (builtin / "odd_name.yml").write_text(SIGMA, "utf-8")
    return ApiParts(
        state=state,
        events=events,
        settings=settings,
        desk=RuleDesk(settings.settings, state, lambda: events, context, builtin),
        regrouping=make_regrouping(settings.settings, events, state),
        situation=SituationDesk(state, events, clock),
        clock=clock,
        playbooks=[PLAYBOOK],
        match_playbooks=lambda _incident: [(PLAYBOOK, NAMED)],
        start_run=start_run,
        decide=decide,
        rules=lambda: [RULE],
        controls=lambda: [CONTROL],
        checks=lambda: [CHECK],
        scenarios=lambda: [Scenario()],
        packets=packets,
        sniff_upload=sniff,
        is_internal=lambda address: address.startswith("10."),
        stories=StoryKeeper(state, lambda _run: KNOWN, clock),
        unit_of=lambda address: "教育局" if address.startswith("10.") else "",
        web=tmp_path / "web",
    )


@pytest.fixture(scope="session")
def built() -> dict[str, FastAPI]:
    return {}


@pytest.fixture
def app(parts: ApiParts, built: dict[str, FastAPI]) -> FastAPI:
    """Building takes a quarter of a second, so it is done once and equipped anew for each test."""
    if "app" not in built:
        built["app"] = create_app(parts)
    equip(built["app"], parts)
    return built["app"]


@pytest.fixture
def log_in(app: FastAPI) -> Callable[[str], Browser]:
    """`log_in("analyst")`: a browser of the person who has just this role."""

    def logged_in(name: str) -> Browser:
        browser = Browser(app)
        assert browser.log_in(name).status_code == 200
        return browser

    return logged_in


@pytest.fixture
def analyst(log_in: Callable[[str], Browser]) -> Browser:
    return log_in("analyst")
