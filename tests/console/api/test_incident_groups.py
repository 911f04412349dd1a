"""Merges, splits and their undo through the API, with the real correlation behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.api.parts import ApiParts
from fengsui.incident import Incident
from fengsui.store.sql.state import SqlState
from tests.console.api.client import Browser, code
from tests.console.api.grouped import two_incidents


@pytest.fixture
def incidents(state: SqlState, parts: ApiParts) -> list[Incident]:
    """Two incidents, on two hosts, of two alerts each."""
    return two_incidents(state, parts)


def _merge(
    browser: Browser, incidents: list[Incident], version: int = 0, reason: str = "same"
) -> Any:
    items = [{"id": one.id, "version": version} for one in incidents]
    return browser.post("/api/incidents/merge", {"items": items, "reason": reason})


def test_a_merge_is_kept_told_and_undone(
    analyst: Browser, incidents: list[Incident], state: SqlState
) -> None:
    one, two = incidents
    done = _merge(analyst, incidents).json()
    assert (done["id"], done["alerts"], done["version"]) == (one.id, 4, 1)
    assert analyst.get(f"/api/incidents/{two.id}").json()["id"] == one.id
    (decided,) = analyst.get(f"/api/incidents/{one.id}/decisions").json()["items"]
    assert (decided["kind"], decided["by"], decided["together"]) == ("merge", "analyst", 4)
    assert next(record.what for record in state.audit_records(5)) == "incident.merge"
    body = {"kind": "undo", "version": 1, "values": {}}
    assert analyst.post(f"/api/incidents/{one.id}/acts", body).status_code == 200
    assert {row["id"] for row in analyst.get("/api/incidents").json()["items"]} == {one.id, two.id}
    (decided,) = analyst.get(f"/api/incidents/{one.id}/decisions").json()["items"]
    assert decided["undone_by"] == "analyst"
    stored = [state.case(each.id).incident for each in incidents]  # type: ignore[union-attr]
    assert [each.score for each in stored] == [each.score for each in incidents]


def test_a_split_makes_two_and_undo_one(analyst: Browser, incidents: list[Incident]) -> None:
    one = incidents[0]
    body = {"version": 0, "alerts": [one.alerts[1]], "reason": "not it"}
    done = analyst.post(f"/api/incidents/{one.id}/split", body).json()
    assert done["kept"]["id"] == one.id
    assert done["apart"]["id"] != one.id
    rows = {row["id"]: row["alerts"] for row in analyst.get("/api/incidents").json()["items"]}
    assert rows[one.id] == rows[done["apart"]["id"]] == 1
    undo = {"kind": "undo", "version": done["version"], "values": {}}
    assert analyst.post(f"/api/incidents/{one.id}/acts", undo).status_code == 200
    assert analyst.get(f"/api/incidents/{done['apart']['id']}").json()["id"] == one.id


def test_a_join_is_undone_by_its_alert(analyst: Browser, incidents: list[Incident]) -> None:
    one = incidents[0]
    (join,) = one.joins
    (told,) = analyst.get(f"/api/incidents/{one.id}/alerts").json()["joins"]
    assert (told["alert"], told["to"], told["leaves"]) == (join.alert, one.alerts[0], 1)
    assert "10.1.1.5" in told["why"]["zh"]
    assert told["to_title"]["zh"]
    body = {"version": 0, "alert": join.alert, "reason": "another person's laptop"}
    done = analyst.post(f"/api/incidents/{one.id}/unjoin", body)
    assert done.status_code == 200
    first = {"version": 1, "alert": one.alerts[0], "reason": ""}
    assert code(analyst.post(f"/api/incidents/{one.id}/unjoin", first)) == "bad_alerts"


def test_what_cannot_be_grouped_says_why(
    analyst: Browser, incidents: list[Incident], state: SqlState
) -> None:
    one, two = incidents
    assert code(_merge(analyst, incidents, version=7)) == "version_conflict"
    assert code(_merge(analyst, [one, one])) == "too_few"
    for alerts in (list(one.alerts), ["x"], [two.alerts[0]]):
        body = {"version": 0, "alerts": alerts, "reason": ""}
        assert code(analyst.post(f"/api/incidents/{one.id}/split", body)) == "bad_alerts"
    for kind in ("merge", "split"):
        body = {"kind": kind, "version": 0, "values": {}}
        assert code(analyst.post(f"/api/incidents/{one.id}/acts", body)) == "bad_kind"
    values = {"verdict": "false", "reason": "a scanner of ours"}
    analyst.post(f"/api/incidents/{one.id}/acts", {"kind": "close", "version": 0, "values": values})
    assert code(_merge(analyst, [one, two], version=1)) in {"version_conflict", "case_closed"}
    assert state.judged()["r0"].false == 1
    trusts = analyst.get("/api/alerts/trust").json()
    assert {row["rule"]: row["false_share"] for row in trusts["items"]} == {"r0": 1.0, "r1": 1.0}


def test_what_stands_below_the_line_is_listed(
    analyst: Browser, incidents: list[Incident], parts: ApiParts
) -> None:
    weak = analyst.get("/api/alerts/weak").json()
    assert (weak["total"], weak["items"][0]["rule"]) == (1, "weak")
    assert analyst.get("/api/alerts/weak", text="nothing such").json()["total"] == 0
    above = analyst.get("/api/incidents", line="above").json()
    assert above["total"] == 2
    budget = parts.settings.settings.correlation.model_copy(update={"budget": 1})
    object.__setattr__(parts.settings.settings, "correlation", budget)
    assert analyst.get("/api/incidents", line="above").json()["total"] == 1
    (below,) = analyst.get("/api/incidents", line="below").json()["items"]
    assert below["below_line"]
    assert 0 <= below["risk_now"] <= below["score"]
    take = {"kind": "take", "version": 0, "values": {}}
    analyst.post(f"/api/incidents/{below['id']}/acts", take)
    assert analyst.get("/api/incidents", line="below").json()["total"] == 0


def test_a_viewer_decides_nothing(
    log_in: Callable[[str], Browser], incidents: list[Incident]
) -> None:
    viewer = log_in("viewer")
    assert _merge(viewer, incidents).status_code == 403
    body = {"version": 0, "alerts": [incidents[0].alerts[1]], "reason": ""}
    assert viewer.post(f"/api/incidents/{incidents[0].id}/split", body).status_code == 403


def test_the_queue_counts_and_narrows_by_unit(
    analyst: Browser, incidents: list[Incident], parts: ApiParts
) -> None:
    units = {"10.1.1.5": "教育局", "10.1.1.6": "卫健委"}
    object.__setattr__(parts, "unit_of", lambda address: units.get(address, ""))
    page = analyst.get("/api/incidents").json()
    assert page["facets"]["unit"] == [{"key": "卫健委", "count": 1}, {"key": "教育局", "count": 1}]
    page = analyst.get("/api/incidents", unit="卫健委").json()
    assert [row["id"] for row in page["items"]] == [incidents[1].id]
    assert len(page["facets"]["unit"]) == 2  # a facet ignores its own choice
    assert analyst.get("/api/incidents", unit="无此单位").json()["total"] == 0
