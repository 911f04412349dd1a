"""Words of the house to fill a state with: by hand for cases, by hypothesis for laws."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fengsui.alert import Alert, Entity, Fact
from fengsui.asset import Asset, Network, System, Unit
from fengsui.clock import SECOND
from fengsui.control import Conformity, Finding
from fengsui.incident import Incident, ScorePart, Stage
from fengsui.playbook import Run, StepResult
from fengsui.severity import Severity
from fengsui.store.state import Job, Replay, SavedHunt
from fengsui.text import Text, literal
from fengsui.warning import Colour, Warned

T0 = 1_790_000_000 * SECOND


def make_alert(id: str = "a1", *, run: str = "", rule: str = "dns_tunnel", **more: Any) -> Alert:  # noqa: A002
    values: dict[str, Any] = {
        "title": literal("DNS 隧道", "DNS tunnel"),
        "kind": "anomaly",
        "severity": Severity.HIGH,
        "fidelity": 0.9,
        "key": "10.1.1.5",
        "entities": (
            Entity("host", "10.1.1.5", "source", internal=True),
            Entity("domain", "bad.example", "c2"),
        ),
        "events": ("e1", "e2"),
        "first": T0,
        "last": T0 + 60 * SECOND,
        "raised": T0 + 5 * SECOND,
        "reason": literal("很多子域名", "many subdomains"),
        "facts": (Fact("subdomains", 120, 3, ""),),
        "techniques": ("T1071.004",),
        "tactics": ("command-and-control",),
    }
    return Alert(id=id, run=run, rule=rule, **{**values, **more})


def make_incident(id: str = "i1", *, run: str = "", score: float = 55.5, **more: Any) -> Incident:  # noqa: A002
    values: dict[str, Any] = {
        "title": literal("主机 10.1.1.5 疑似外传数据", "10.1.1.5 seems to send data out"),
        "severity": Severity.of_score(score),
        "parts": (ScorePart("c2", score, literal("隧道", "a tunnel"), ("a1",)),),
        "entities": (Entity("host", "10.1.1.5", "source", internal=True),),
        "stages": (Stage("command-and-control", ("T1071.004",), T0, ("a1",)),),
        "alerts": ("a1",),
        "first": T0,
        "last": T0 + 60 * SECOND,
    }
    return Incident(id=id, run=run, score=score, **{**values, **more})


def make_warning(
    id: str = "w1",  # noqa: A002
    colour: Colour = "orange",
    *,
    incident: str = "i1",
    run: str = "",
    proposed: int = T0,
) -> Warned:
    return Warned(
        id=id,
        incident=incident,
        run=run,
        title=literal("主机外传数据", "A host sends data out"),
        colour=colour,
        proposed_colour=colour,
        reasons=(literal("很重要", "It matters"),),
        units=("教育局",),
        status="proposed",
        proposed=proposed,
        due=proposed + 1800 * SECOND,
    )


def make_finding(id: str = "f1", *, check: str = "log_sources", time: int = T0) -> Finding:  # noqa: A002
    return Finding(
        id=id,
        check=check,
        unit="L3-SMC1-04",
        verdict=Conformity.PARTLY,
        reason=literal("一个来源没有日志", "one source is silent"),
        facts=(Fact("sources", 3, 4, ""),),
        query="event.dataset:flow",
        result_hash="ab" * 32,
        time=time,
        since=T0,
        until=T0 + 1,
        repair=literal("接入它", "connect it"),
        author="Fengsui",
    )


def make_run(id: str = "r1", *, incident: str = "i1", started: int = T0) -> Run:  # noqa: A002
    nothing = literal("", "")
    result = StepResult("s1", nothing, "rehearsed", nothing, nothing, T0 + 1, T0, "ann")
    return Run(id, "contain", incident, "rehearsal", "running", started, "s2", (result,), "ann")


_words = st.text(max_size=12)
_times = st.integers(0, 2**62)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_tuples = st.lists(_words, max_size=3).map(tuple)
_scalars = st.one_of(_words, st.integers(-(2**53), 2**53), _numbers)
_json = st.dictionaries(_words, st.one_of(_scalars, st.booleans(), st.none(), st.lists(_scalars)))
texts = st.builds(Text, key=_words, values=st.dictionaries(_words, _scalars, max_size=3))
entities = st.builds(Entity, value=_words)
facts = st.builds(
    Fact,
    name=_words,
    value=st.one_of(_numbers, _words),
    baseline=st.one_of(st.none(), _numbers, _words),
    unit=_words,
)


def _many(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


parts = st.builds(ScorePart, name=_words, points=_numbers, why=texts, alerts=_tuples)
stages = st.builds(Stage, tactic=_words, techniques=_tuples, first=_times, alerts=_tuples)
alerts = st.builds(
    Alert,
    title=texts,
    reason=texts,
    fidelity=_numbers,
    entities=_many(entities),
    facts=_many(facts),
    events=_tuples,
    techniques=_tuples,
    tactics=_tuples,
    first=_times,
    last=_times,
    raised=_times,
    count=_times,
)
incidents = st.builds(
    Incident,
    title=texts,
    score=_numbers,
    parts=_many(parts),
    entities=_many(entities),
    stages=_many(stages),
    alerts=_tuples,
    first=_times,
    last=_times,
)
findings = st.builds(
    Finding,
    reason=texts,
    repair=texts,
    facts=_many(facts),
    time=_times,
    since=_times,
    until=_times,
)
results = st.builds(StepResult, name=texts, effect=texts, undo=texts, expires=_times, at=_times)
runs = st.builds(Run, started=_times, results=_many(results))
replays = st.builds(Replay, captures=_tuples, started=_times, finished=_times, summary=_json)
jobs = st.builds(Job, arguments=_json, created=_times, done=_times, total=_times, result=_json)
hunts = st.builds(SavedHunt, at=_times)
units = st.builds(Unit)
systems = st.builds(System, level=_times, s_level=_times, a_level=_times)
networks = st.builds(Network)
assets = st.builds(
    Asset, addresses=_tuples, logs=_tuples, criticality=_times, first=_times, last=_times
)
