"""Uploads, drills, compliance runs and other long work: asked for, not done here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.api import asking
from console.api.parts import ApiParts
from console.api.uploads import harmless
from fengsui.control import Conformity
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Job, Replay
from fengsui.text import literal
from tests.console.api.client import Browser, code
from tests.console.api.conftest import PCAP
from tests.fengsui.store.sql.samples import T0, make_alert, make_finding, make_incident

CARD = {
    "drill": "d1",
    "scenario": "first-intrusion",
    "seed": 1,
    "steps": [],
    "detected": 8,
    "late": 0,
    "missed": 0,
    "false_alerts": 0,
    "false_incidents": 0,
    "false_alert_ids": [],
    "false_incident_ids": [],
    "capture_seconds": 1800.0,
}


def _upload(browser: Browser, content: bytes, name: str = "a.pcap"):
    return browser.call("POST", "/api/captures", files={"file": (name, content)})


def test_upload_becomes_a_job(analyst: Browser, state: SqlState, parts: ApiParts) -> None:
    job = _upload(analyst, PCAP + b"x" * 300_000, "../../etc/办公 网.pcap").json()
    assert (job["kind"], job["status"], job["by"]) == ("replay", "queued", "analyst")
    assert "path" not in str(job)
    stored = state.take_job(["replay"])
    assert stored is not None
    (path,) = stored.arguments["paths"]
    assert Path(path).parent == parts.settings.settings.captures_folder
    assert Path(path).read_bytes() == PCAP + b"x" * 300_000
    assert stored.arguments["name"] == "办公_网.pcap"
    assert stored.arguments["kind"] == "capture"


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        ({"files": {"file": ("a.pcap", b"MZ not a capture")}}, 422, "not_input"),
        ({"files": {"file": ("a.pcap", PCAP + b"x" * 2_200_000)}}, 413, "too_large"),
        ({"files": {"file": ("a.pcap", PCAP + b"x" * 2_001_000)}}, 413, "too_large"),
        ({"files": {"other": ("a.pcap", PCAP)}}, 422, "bad_upload"),
        ({"files": [("file", ("a", PCAP)), ("file", ("b", PCAP))]}, 422, "bad_upload"),
        ({"json": {}}, 422, "bad_upload"),
        ({"content": b"", "headers": {"Content-Type": "multipart/form-data"}}, 422, "bad_upload"),
        (
            {
                "content": b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc',
                "headers": {"Content-Type": "multipart/form-data; boundary=b"},
            },
            422,
            "bad_upload",
        ),
        (
            {
                "content": b"garbage",
                "headers": {"Content-Type": "multipart/form-data; boundary=b"},
            },
            422,
            "bad_upload",
        ),
    ],
)
def test_bad_uploads_leave_nothing(
    analyst: Browser,
    state: SqlState,
    parts: ApiParts,
    given: dict[str, object],
    status: int,
    expected: str,
) -> None:
    response = analyst.call("POST", "/api/captures", **given)
    assert (response.status_code, code(response)) == (status, expected)
    folder = parts.settings.settings.captures_folder
    assert not folder.exists() or list(folder.iterdir()) == []
    assert state.jobs() == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [("..\\..\\x.pcap", "x.pcap"), ("", "upload"), ("...", "upload"), ("a b;c", "a_b_c")],
)
def test_harmless_names(name: str, kept: str) -> None:
    assert harmless(name) == kept


def test_the_queue_is_bounded(
    analyst: Browser, state: SqlState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WAITING_MOST", 3)
    for number in range(3):
        state.put_job(Job(f"j{number}", "drill", {}, "queued", "ann", T0))
    response = analyst.post("/api/drills", {"scenario": "first-intrusion"})
    assert (response.status_code, code(response)) == (409, "queue_full")


def test_jobs_are_seen_and_cancelled(analyst: Browser, state: SqlState) -> None:
    job = analyst.post("/api/drills", {"scenario": "first-intrusion", "seed": 7}).json()
    stored = state.take_job(["drill"])
    assert stored is not None
    assert stored.arguments == {"scenario": "first-intrusion", "seed": 7}
    state.put_job(replace(stored, done=3, total=8, message="step 3"))
    seen = analyst.get(f"/api/jobs/{job['id']}").json()
    assert (seen["status"], seen["done"], seen["total"]) == ("running", 3, 8)
    assert analyst.get("/api/jobs").json()["items"] == [seen]
    assert analyst.post(f"/api/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
    assert code(analyst.post(f"/api/jobs/{job['id']}/cancel")) == "ended"
    assert code(analyst.get("/api/jobs/none")) == "not_found"
    assert code(analyst.post("/api/drills", {"scenario": "none"})) == "not_found"


def test_scorecards(analyst: Browser, state: SqlState) -> None:
    state.put_scorecard("d1", CARD)
    state.put_replay(Replay("d1", "drill", "first-intrusion", ("/x/y.pcap",), T0))
    card = analyst.get("/api/drills/d1").json()
    assert (card["detected"], card["name"]["zh"]) == (8, "首次入侵")
    assert card["started"].startswith("2026")
    assert analyst.get("/api/drills").json()["items"] == [card]
    assert analyst.get("/api/scenarios").json()["items"][0]["steps"] == 8
    assert analyst.get("/api/replays").json()["items"][0]["captures"] == ["y.pcap"]
    assert code(analyst.get("/api/drills/none")) == "not_found"


def test_a_scorecard_names_what_saw_a_step(analyst: Browser, state: SqlState) -> None:
    seen = {"alerts": ["a1", "gone"], "incidents": [], "rules": ["dns_tunnel"], "seconds": 12.0}
    what = {"name": "tunnel", "title": literal("隧道", "A tunnel").as_json(), "techniques": []}
    step = {**what, **seen, "start": "2026-09-21T14:13:20Z", "status": "detected"}
    state.put_scorecard("d1", {**CARD, "steps": [step]})
    state.put_alerts([make_alert("a1")])
    titles = analyst.get("/api/drills/d1").json()["titles"]
    assert {rule: title["zh"] for rule, title in titles.items()} == {"dns_tunnel": "DNS 隧道"}


def test_purging_a_drill(analyst: Browser, state: SqlState) -> None:
    state.put_scorecard("d1", CARD)
    state.put_incidents([make_incident("i1", run="d1")], {})
    job = analyst.call("DELETE", "/api/drills/d1").json()
    assert job["kind"] == "purge"
    stored = state.take_job(["purge"])
    assert stored is not None
    assert stored.arguments == {"run": "d1"}
    assert (state.case("i1"), state.scorecards()) == (None, [])
    state.put_replay(Replay("r1", "replay", "a", (), T0))
    for run in ("d1", "r1", "none"):
        assert code(analyst.call("DELETE", f"/api/drills/{run}")) == "not_found"


def test_compliance(log_in: Callable[[str], Browser], state: SqlState) -> None:
    assessor = log_in("compliance")
    page = assessor.get("/api/compliance").json()
    unit = page["areas"][0]["units"][0]
    assert (unit["verdict"], unit["finding"], page["catalogue_units"]) == (None, None, 211)
    good = replace(make_finding("f1"), verdict=Conformity.CONFORMS)
    bad = replace(make_finding("f2", check="other", time=T0 + 1), verdict=Conformity.DOES_NOT)
    state.put_findings([good, bad])
    page = assessor.get("/api/compliance").json()
    unit = page["areas"][0]["units"][0]
    assert (unit["verdict"], unit["finding"]["id"]) == ("does_not", "f2")
    assert [each["verdict"] for each in unit["history"]] == ["does_not", "conforms"]
    assert unit["checks"][0]["id"] == "log_sources"
    assert page["counts"]["does_not"] == 1
    assert assessor.post("/api/compliance/runs").json()["kind"] == "check"
