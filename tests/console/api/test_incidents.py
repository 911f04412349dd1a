"""The queue, an incident, acts, playbook runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fengsui.store.sql.state import SqlState
from tests.console.api.client import Browser, code
from tests.fengsui.store.sql.samples import make_alert, make_incident

CLOSE = {"verdict": "true", "reason": "seen on the host"}


@pytest.fixture(autouse=True)
def _filled(state: SqlState) -> None:
    state.put_alerts([make_alert("a1"), make_alert("a2", run="d1")])
    state.put_incidents(
        [make_incident("i1", score=55.5), make_incident("i2", run="d1", score=91, alerts=("a2",))],
        {},
    )


def _act(browser: Browser, kind: str, version: int, **values: str):
    body = {"kind": kind, "version": version, "values": values}
    return browser.post("/api/incidents/i1/acts", body)


def test_queue(analyst: Browser) -> None:
    page = analyst.get("/api/incidents").json()
    assert page["total"] == 2
    assert [row["id"] for row in page["items"]] == ["i2", "i1"]
    row = page["items"][1]
    assert row["title"]["zh"] == "主机 10.1.1.5 疑似外传数据"
    assert (row["score"], row["severity"], row["status"]) == (55.5, "medium", "new")
    assert (row["alerts"], row["tactics"], row["grown"]) == (1, ["command-and-control"], False)
    assert row["first"].endswith("Z")
    facets = page["facets"]
    assert facets["run"] == [{"key": "live", "count": 1}, {"key": "d1", "count": 1}]
    assert facets["owner"] == [{"key": "none", "count": 2}]
    assert row["entities"][0]["unit"] == "教育局"
    assert facets["severity"] == [{"key": "medium", "count": 1}, {"key": "critical", "count": 1}]


def test_queue_filters(analyst: Browser) -> None:
    def ids(**query: str) -> list[str]:
        return [row["id"] for row in analyst.get("/api/incidents", **query).json()["items"]]

    _act(analyst, "take", 0)
    assert ids(run="live") == ["i1"]
    assert ids(run="d1") == ["i2"]
    assert ids(owner="me") == ids(owner="analyst") == ids(status="open,waiting") == ["i1"]
    assert ids(owner="none") == ["i2"]
    assert ids(severity="critical") == ["i2"]
    assert ids(text="外传") == ["i2", "i1"]
    assert ids(sort="score", limit="1") == ["i1"]
    assert ids(since="2030-01-01T00:00:00Z") == []
    for bad in ({"status": "lost"}, {"severity": "loud"}, {"sort": "x"}, {"since": "soon"}):
        assert analyst.get("/api/incidents", **bad).status_code == 422
    assert analyst.get("/api/incidents", unknown="x").status_code == 422
    backwards = {"since": "2026-01-02", "until": "2026-01-01"}
    assert code(analyst.get("/api/incidents", **backwards)) == "bad_time"


def test_whole_incident(analyst: Browser, state: SqlState) -> None:
    case = analyst.get("/api/incidents/i1").json()
    assert case["parts"][0]["points"] == case["score"]
    assert case["stages"][0]["techniques"] == ["T1071.004"]
    assert (case["history"], case["similar_open"], case["alerts"]) == ([], 1, 1)
    state.put_incidents([make_incident("i3")], {"i1": "i3"})
    assert analyst.get("/api/incidents/i1").json()["id"] == "i3"
    assert code(analyst.get("/api/incidents/none")) == "not_found"


def test_acts(analyst: Browser) -> None:
    assert _act(analyst, "take", 0).json()["owner"] == "analyst"
    conflict = _act(analyst, "escalate", 0)
    assert (conflict.status_code, code(conflict)) == (409, "version_conflict")
    assert code(_act(analyst, "close", 1)) == "verdict_needed"
    assert code(_act(analyst, "assign", 1, owner="nobody")) == "no_user"
    case = _act(analyst, "close", 1, **CLOSE).json()
    assert (case["status"], case["verdict"]) == ("closed", "true")
    case = _act(analyst, "undo", 2).json()
    assert (case["status"], case["verdict"], len(case["history"])) == ("open", None, 3)
    assert _act(analyst, "burn", 3).status_code == 422


def test_a_closed_incident_that_grows_says_so(analyst: Browser, state: SqlState) -> None:
    _act(analyst, "close", 0, **CLOSE)
    assert analyst.get("/api/incidents/i1").json()["grown"] is False
    state.put_incidents([make_incident("i1", score=80)], {})
    case = analyst.get("/api/incidents/i1").json()
    assert (case["status"], case["grown"]) == ("closed", True)


def test_bulk_acts_tell_what_became_of_each(analyst: Browser) -> None:
    targets = [{"id": "i1", "version": 0}, {"id": "i2", "version": 7}, {"id": "x", "version": 0}]
    body = {"items": targets, "kind": "close", "values": CLOSE}
    result = analyst.post("/api/incidents/acts", body).json()
    assert result["done"] == ["i1"]
    assert [(each["id"], each["problem"]["code"]) for each in result["failed"]] == [
        ("i2", "version_conflict"),
        ("x", "not_found"),
    ]


def test_timeline(analyst: Browser, log_in: Callable[[str], Browser]) -> None:
    _act(analyst, "note", 0, text="asked the owner")
    _act(analyst, "close", 1, **CLOSE)
    analyst.post("/api/incidents/i1/runs", {"playbook": "contain"})
    story = analyst.get("/api/incidents/i1/story").json()
    (entry,) = story["timeline"]["entries"]
    assert entry["title"]["en"] == "DNS tunnel"
    assert entry["why"]["zh"] == "很多子域名"
    done = story["done"]
    assert [item["kind"] for item in done] == ["act", "act", "playbook"]
    assert done[0]["detail"]["zh"] == "asked the owner"
    assert done[1]["title"]["zh"] == "analyst 关闭了此事件，结论：属实"


def test_playbook_run(analyst: Browser, log_in: Callable[[str], Browser]) -> None:
    match = analyst.get("/api/incidents/i1/playbooks").json()["items"][0]
    assert (match["id"], match["why"]["en"]) == ("contain", "Contain")
    assert analyst.get("/api/playbooks").json()["items"][0]["steps"][0]["needs_approval"] is True
    run = analyst.post("/api/incidents/i1/runs", {"playbook": "contain"}).json()
    assert (run["status"], run["by"], run["pending"]["step"]) == (
        "waiting_approval",
        "analyst",
        "s1",
    )
    path = f"/api/runs/{run['id']}/decisions"
    answer = {"step": "s1", "approve": True, "reason": "agreed"}
    assert analyst.post(path, answer).status_code == 403
    responder = log_in("responder")
    decided = responder.post(path, answer).json()
    assert (decided["status"], decided["pending"]) == ("finished", None)
    assert decided["results"][0]["by"] == "responder"
    assert code(responder.post(path, answer)) == "not_waiting"
    assert [each["id"] for each in analyst.get("/api/incidents/i1/runs").json()["items"]] == [
        "run1"
    ]
    assert code(analyst.post("/api/incidents/i1/runs", {"playbook": "x"})) == "not_found"
    live = {"playbook": "contain", "mode": "live"}
    assert analyst.post("/api/incidents/i1/runs", live).status_code == 422


def test_alerts(analyst: Browser) -> None:
    def ids(**query: str) -> list[str]:
        return [item["id"] for item in analyst.get("/api/alerts", **query).json()["items"]]

    assert ids() == ["a1", "a2"]
    assert ids(run="live") == ["a1"]
    assert ids(run="d1", limit="1") == ["a2"]
    assert analyst.get("/api/alerts/a1").json()["facts"][0]["baseline"] == 3
    assert code(analyst.get("/api/alerts/none")) == "not_found"


def test_rules(analyst: Browser) -> None:
    rule = analyst.get("/api/rules").json()["items"][0]
    assert (rule["id"], rule["hits"]) == ("dns_tunnel", 2)
