"""The situation over the API: gauges that open, unknown where little is seen, warnings decided by people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.situation.keeping import SituationKeeper
from fengsui.asset import Asset, Network, Unit
from fengsui.clock import DAY, HOUR, SECOND, EventClock
from fengsui.event import make_event
from fengsui.severity import Severity
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Plan, Replay, SourceSeen
from tests.console.api.client import Browser, code
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0, make_alert, make_incident, make_warning

PLAN = Plan(
    units=(Unit("edu", "区教育局", "李明", 100), Unit("health", "区卫健委")),
    networks=(
        Network("10.1.0.0/16", "办公区", "data", "edu"),
        Network("10.2.0.0/16", "视频区", "video", "health"),
    ),
    assets=(
        Asset(
            "web", "web01", ("10.1.1.5",), "edu", "办公区", "data", "server", 4, responsible="李明"
        ),
        Asset("cam", "cam01", ("10.2.1.5",), "health", "视频区", "video", "camera", 1),
    ),
)


def _flow(number: int, source: str, destination: str, **more: object):
    fields = {
        "source.ip": source,
        "destination.ip": destination,
        "destination.bytes": 10,
        "source.bytes": 10,
        "observer.name": "s",
        **{name.replace("_", "."): value for name, value in more.items()},
    }
    return make_event(id=f"{number:032x}", time=T0 - HOUR, dataset="flow", fields=fields)  # type: ignore[arg-type]


@pytest.fixture
def responder(log_in: Callable[[str], Browser]) -> Browser:
    return log_in("responder")


@pytest.fixture(autouse=True)
def _filled(state: SqlState, events: MemoryStore) -> None:
    state.put_plan(PLAN)
    events.append(
        [
            _flow(1, "10.1.1.5", "10.2.1.5", cn_plane="data"),
            _flow(2, "192.0.2.7", "10.1.1.5", cn_plane="data", network_direction="inbound"),
            _flow(3, "10.2.1.5", "10.1.1.5", cn_plane="video"),
        ]
    )
    state.saw_sources([SourceSeen("s", "flow", 3, T0 - 20 * DAY, T0 - HOUR)])
    report = {"events": 3, "losses": {}}
    for role in ("sense", "work"):
        state.put_health(role, T0 - SECOND, report)
    state.put_alerts([make_alert("a1"), make_alert("alone", severity=Severity.LOW)])
    state.put_incidents([make_incident("i1", score=95, alerts=("a1",))], {})


def _gauges(browser: Browser, **query: str) -> dict[str, dict]:
    answer = browser.get("/api/situation", **query)
    assert answer.status_code == 200, answer.text
    return {each["gauge"]: each for each in answer.json()["gauges"]}


def test_each_gauge_opens_into_what_it_sums(analyst: Browser) -> None:
    gauges = _gauges(analyst)
    assert gauges["visibility"]["value"] == pytest.approx(100)
    assert gauges["threat"]["value"] == pytest.approx(95, abs=0.1)
    for gauge in gauges.values():
        assert sum(part["points"] for part in gauge["parts"]) == pytest.approx(
            gauge["seen"], abs=0.01
        )
        for part in gauge["parts"]:
            total = sum(item["points"] for item in part["items"])
            assert total == pytest.approx(part["points"], abs=0.01)
    (part, *_rest) = gauges["threat"]["parts"]
    assert part["link"] == {"page": "queue", "words": {"severity": "critical", "run": "live"}}
    assert part["items"][0]["id"] == "i1"
    reachable = next(p for p in gauges["exposure"]["parts"] if p["name"] == "service")
    assert [item["id"] for item in reachable["items"]] == ["10.1.1.5"]


def test_blind_means_unknown_with_a_lower_bound(
    analyst: Browser, state: SqlState, events: MemoryStore
) -> None:
    far = [Asset(f"x{n}", f"x{n}", (f"10.9.0.{n}",), "edu", criticality=4) for n in range(20)]
    state.put_plan(Plan(PLAN.units, (), PLAN.networks, (*PLAN.assets, *far)))
    for role in ("sense", "work"):
        state.put_health(role, T0 - HOUR, {"events": 0, "losses": {}})
    gauges = _gauges(analyst)
    assert gauges["visibility"]["value"] < 60
    assert gauges["threat"]["value"] is None
    assert gauges["threat"]["level"] is None
    assert gauges["threat"]["seen"] == pytest.approx(95, abs=0.1)
    assert gauges["threat"]["unknown"]["zh"]


def test_without_a_register_nothing_can_be_told(analyst: Browser, state: SqlState) -> None:
    state.put_plan(Plan())
    state.put_health("sense", T0, {"events": 0, "losses": {}})
    body = analyst.get("/api/situation", run="d9").json()
    assert body["code"] == "not_found"
    gauges = _gauges(analyst)
    assert gauges["visibility"]["parts"]  # the source that sends is expected to go on


def test_scopes_have_gauges_of_their_own(analyst: Browser) -> None:
    told = analyst.get("/api/situation").json()
    scopes = {(row["kind"], row["id"]) for row in told["scopes"]}
    assert {("unit", "edu"), ("unit", "health"), ("zone", "办公区"), ("plane", "video")} <= scopes
    assert _gauges(analyst, kind="unit", id="edu")["threat"]["value"] == pytest.approx(95, abs=0.1)
    assert _gauges(analyst, kind="unit", id="health")["threat"]["value"] == 0
    assert analyst.get("/api/situation", kind="unit", id="nobody").status_code == 404
    assert analyst.get("/api/situation", kind="planet").status_code == 422


def test_units_are_compared_fairly(analyst: Browser, state: SqlState) -> None:
    rows = analyst.get("/api/situation/units").json()["items"]
    assert [row["id"] for row in rows] == ["edu", "health"]
    edu = rows[0]
    assert (edu["alerts"], edu["assets"], edu["users"], edu["incidents"]) == (2, 1, 100, 1)
    assert edu["by_asset"]["raw"] == 2
    assert edu["by_asset"]["mean"] < edu["by_asset"]["shrunk"] < 2
    assert rows[1]["by_user"]["raw"] is None  # nobody told how many people work there


def test_forecasts_say_when_there_is_too_little(analyst: Browser) -> None:
    alerts, links = analyst.get("/api/situation/forecasts").json()["items"]
    assert (alerts["unit"], alerts["hours"], alerts["past"]) == ("alerts", [], None)
    assert alerts["have_days"] < alerts["need_days"]
    assert links["capacity"] is None


def test_attacks_are_flows_between_places(analyst: Browser) -> None:
    told = analyst.get("/api/situation/attacks").json()
    assert told["alerts"] == 2
    (flow,) = told["flows"]
    assert flow["source"] == {"kind": "zone", "unit": "区教育局", "zone": "办公区"}
    assert flow["target"]["kind"] == "outside"
    assert (flow["alerts"], flow["severity"]) == (2, "high")


def test_a_run_is_seen_on_its_own_clock(analyst: Browser, state: SqlState) -> None:
    made = {"inputs": [{"name": "x", "records": 10, "losses": {}, "error": None,
                        "first": "2020-01-01T00:00:00Z", "last": "2020-01-02T00:00:00Z"}]}  # fmt: skip
    state.put_replay(Replay("r1", "replay", "old", (), T0, T0, {"kind": "replay", **made}))
    told = analyst.get("/api/situation", run="r1").json()
    assert told["at"].startswith("2020-01-02")
    assert told["run_kind"] == "replay"
    assert told["newest"] is None
    assert told["counts"]["incidents"] == {}  # what happened years later is not of this run


def test_the_worker_keeps_days_and_proposes_warnings(
    responder: Browser, state: SqlState, events: MemoryStore, clock: EventClock
) -> None:
    keeper = SituationKeeper(state, events, clock)
    keeper.look()
    keeper.look()
    (warned,) = responder.get("/api/situation/warnings").json()["items"]
    assert (warned["incident"], warned["colour"], warned["status"]) == ("i1", "red", "proposed")
    assert warned["reasons"]
    days = responder.get("/api/situation/days").json()["items"]
    assert {day["gauge"] for day in days} == {"threat", "exposure", "visibility", "response"}
    clock.advance(T0 + 3 * HOUR)
    keeper.look()
    (warned,) = responder.get("/api/situation/warnings").json()["items"]
    assert warned["escalated"]
    whats = [record.what for record in state.audit_records(10)]
    assert whats.count("warning.propose") == whats.count("warning.escalate") == 1


def test_a_warning_is_decided_by_a_responder_with_a_reason(
    responder: Browser, analyst: Browser, state: SqlState
) -> None:
    state.put_warnings([make_warning("w1")])
    path = "/api/situation/warnings/w1/acts"
    body = {"deed": "confirm", "version": 1, "reason": "seen"}
    assert analyst.post(path, body).status_code == 403
    assert responder.post(path, {**body, "reason": ""}).status_code == 422
    done = responder.post(path, {**body, "colour": "red"}).json()
    assert (done["status"], done["colour"], done["history"][0]["by"]) == (
        "confirmed",
        "red",
        "responder",
    )
    assert code(responder.post(path, body)) == "version_conflict"
    assert code(responder.post(path, {**body, "version": 2})) == "bad_deed"
    lifted = responder.post(path, {"deed": "lift", "version": 2, "reason": "over"}).json()
    assert lifted["status"] == "lifted"
