"""An incident of thousands of alerts is told, drawn and paged like one of ten, and loses none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.stories import MANY, StoryKeeper
from fengsui.alert import Alert, Entity
from fengsui.clock import MINUTE, SECOND, EventClock
from fengsui.incident import ALERTS_KEPT, Incident, ScorePart, Stage
from fengsui.severity import Severity
from fengsui.store.sql import codecs
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Act
from fengsui.text import literal
from tests.console.api.client import Browser, code
from tests.console.api.conftest import KNOWN
from tests.fengsui.store.sql.samples import T0

RULES = ("scan", "beacon")


def _alert(number: int, run: str = "") -> Alert:
    beacon = number % 10 == 9
    to = (
        Entity("domain", "c2.example", "c2")
        if beacon
        else Entity("host", f"10.1.2.{number % 200}", "target", True)
    )
    first = T0 + number * 7 * SECOND
    return Alert(
        id=f"{run or 'a'}{number:06}",
        rule=RULES[beacon],
        title=literal("心跳" if beacon else "扫描", "Beacon" if beacon else "Scan"),
        kind="anomaly",
        severity=Severity.HIGH if beacon else Severity.MEDIUM,
        fidelity=0.8,
        key=str(number),
        entities=(Entity("host", "10.1.1.5", "source", True), to),
        events=(),
        first=first,
        last=first,
        raised=first,
        reason=literal("原因", "why"),
        techniques=("T1071",) if beacon else ("T1046",),
        tactics=("command-and-control",) if beacon else ("discovery",),
        run=run,
    )


def _put(state: SqlState, name: str, count: int, run: str = "") -> Incident:
    alerts = [_alert(number, run) for number in range(count)]
    ids = tuple(alert.id for alert in alerts)
    scans = tuple(a.id for a in alerts if a.rule == "scan")
    incident = Incident(
        id=name,
        title=literal("事件", "An incident"),
        score=60.0,
        severity=Severity.HIGH,
        parts=(ScorePart("rule:scan", 60.0, literal("规则", "a rule"), scans),),
        entities=(Entity("host", "10.1.1.5", "source", True),),
        stages=(Stage("discovery", ("T1046",), alerts[0].first, scans),),
        alerts=ids,
        first=alerts[0].first,
        last=alerts[-1].last,
        run=run,
    )
    state.put_alerts(alerts)
    state.put_incidents([incident], {})
    return incident


def _all(browser: Browser, incident: str, **query: Any) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        page = browser.get(
            f"/api/incidents/{incident}/alerts", after=after, limit=300, **query
        ).json()
        found += [alert["id"] for alert in page["items"]]
        assert page["read"] <= 2_500
        after = page["after"]
        if not after:
            return found


@pytest.fixture
def reader(log_in: Callable[[str], Browser]) -> Browser:
    return log_in("viewer")


def test_each_call_reads_as_little_for_thousands_as_for_ten(
    reader: Browser, state: SqlState, clock: EventClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = codecs.read
    sizes: dict[str, list[tuple[int, int]]] = {}
    for name, count in (("few", 10), ("many", MANY + 1500)):
        incident = _put(state, name, count, run=name)
        StoryKeeper(state, lambda _run: KNOWN, clock).tell(incident)

    def counted(text: str) -> dict[str, Any]:
        read.append(len(text))
        return original(text)

    monkeypatch.setattr(codecs, "read", counted)
    monkeypatch.setattr(SqlState, "alert_ids", lambda *_: pytest.fail("reads all ids"))
    for name in ("few", "many"):
        edge = reader.get(f"/api/incidents/{name}/graph").json()["edges"][0]["id"]
        for path in ("", "/story", "/graph", "/alerts?limit=50", f"/alerts?limit=50&pick={edge}"):
            read.clear()
            answer = reader.get(f"/api/incidents/{name}{path}")
            assert answer.status_code == 200, answer.text
            key = path.partition("&")[0]
            sizes.setdefault(key, []).append((len(read), len(answer.content)))
            assert len(read) <= 520  # rows with a document: one page of alerts at most
            assert sum(read) < 1_000_000
    for path in ("", "/story", "/graph"):
        (few, _), (many, size) = sizes[path]
        assert many <= few + 2
        assert size < 200_000


def test_what_is_stored_of_an_incident_is_bounded_and_all_its_alerts_are_there(
    reader: Browser, state: SqlState
) -> None:
    incident = _put(state, "many", 1200)
    kept = state.case("many")
    assert kept is not None
    assert len(kept.incident.alerts) == len(kept.incident.stages[0].alerts) == ALERTS_KEPT
    case = reader.get("/api/incidents/many").json()
    assert (case["alerts"], case["parts"][0]["alerts"], case["stages"][0]["alerts"]) == (
        1200,
        1080,
        1080,
    )
    assert case["parts"][0]["title"]["zh"] == "扫描"
    assert tuple(state.alert_ids("many")) == incident.alerts
    assert tuple(_all(reader, "many")) == incident.alerts
    assert len(_all(reader, "many", tactic="command-and-control")) == 120
    assert len(_all(reader, "many", rule="beacon")) == 120


def test_sentences_entries_nodes_and_edges_open_their_alerts(
    reader: Browser, state: SqlState
) -> None:
    _put(state, "i9", 700)
    story = reader.get("/api/incidents/i9/story").json()
    assert (story["told"], story["alerts"]) == (700, 700)
    assert {count["key"]: count["count"] for count in story["tactics"]} == {
        "discovery": 630,
        "command-and-control": 70,
    }
    for part in (*story["sentences"], story["timeline"]["entries"][0]):
        assert len(_all(reader, "i9", pick=part["id"])) == part["alerts"]
    graph = reader.get("/api/incidents/i9/graph").json()
    assert sum(count for line in graph["lines"] for _, count in line["slots"]) == 700
    for part in (*graph["edges"], *graph["nodes"]):
        assert len(_all(reader, "i9", pick=part["id"])) == part["alerts"]
    group = next(node for node in graph["nodes"] if node["group"])
    opened = reader.get("/api/incidents/i9/graph", opened=group["group"]).json()
    assert len(opened["nodes"]) == len(graph["nodes"]) - 1 + group["many"]
    edge = opened["edges"][0]
    assert len(_all(reader, "i9", pick=edge["id"], opened=group["group"])) == edge["alerts"]


def test_problems(reader: Browser, state: SqlState, log_in: Callable[[str], Browser]) -> None:
    _put(state, "i9", 5)
    for part in ("story", "graph", "alerts"):
        assert code(reader.get(f"/api/incidents/none/{part}")) == "not_found"
        assert log_in("auditor").get(f"/api/incidents/i9/{part}").status_code == 403
    assert code(reader.get("/api/incidents/i9/alerts", pick="e000")) == "no_such_pick"
    for after in ("x", "1", "-1:a", "9" * 30 + ":a"):
        assert code(reader.get("/api/incidents/i9/alerts", after=after)) == "bad_cursor"


def test_like_incidents_of_the_past_tell_what_was_decided(
    reader: Browser, state: SqlState, clock: EventClock
) -> None:
    keeper = StoryKeeper(state, lambda _run: KNOWN, clock)
    for name in ("past", "now"):
        keeper.tell(_put(state, name, 30, run=name))
    act = Act("close", "analyst", T0, {"verdict": "false", "reason": "备份任务"})
    state.act("past", act, 0)
    (alike,) = reader.get("/api/incidents/now/story").json()["alike"]
    assert (alike["id"], alike["verdict"], alike["verdict_reason"]) == ("past", "false", "备份任务")
    assert alike["likeness"] == 1.0
    assert [title["zh"] for title in alike["rules"]] == ["心跳", "扫描"]
    assert alike["techniques"] == ["T1046", "T1071"]


def test_a_story_follows_its_incident(reader: Browser, state: SqlState, clock: EventClock) -> None:
    _put(state, "i9", 5)
    assert reader.get("/api/incidents/i9/story").json()["told"] == 5
    _put(state, "i9", 8)
    assert reader.get("/api/incidents/i9/story").json()["told"] == 8


def test_a_large_one_that_lost_alerts_is_told_anew(state: SqlState, clock: EventClock) -> None:
    keeper = StoryKeeper(state, lambda _run: KNOWN, clock)
    incident = replace(_put(state, "i9", 20), size=MANY + 1)
    assert keeper.of(incident).size == 20
    _put(state, "i9", 12)  # eight were split off
    assert keeper.of(incident).size == 20
    clock.advance(T0 + MINUTE)
    assert (keeper.of(incident).size, keeper.of(incident).stale) == (12, False)


def test_a_large_one_that_grows_is_told_again_at_most_every_half_minute(
    state: SqlState, clock: EventClock
) -> None:
    keeper = StoryKeeper(state, lambda _run: KNOWN, clock)
    incident = replace(_put(state, "i9", 20), size=MANY + 1)
    told: list[str] = []
    keeper.tell = lambda one: told.append(one.id)  # type: ignore[method-assign, assignment, return-value]
    for _ in range(3):
        keeper.changed([incident])
        keeper.keep()
    assert told == ["i9"]
    clock.advance(T0 + MINUTE)
    keeper.keep()
    assert told == ["i9", "i9"]
    keeper.changed([incident])
    keeper.keep(every=True)
    assert told == ["i9"] * 3
