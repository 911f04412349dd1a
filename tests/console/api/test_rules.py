"""Rules in the API: the list, a page, the editor, states; nobody overwrites anybody silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.api.parts import ApiParts
from fengsui.clock import DAY
from fengsui.store.rule_states import RuleDay
from fengsui.store.sql.state import SqlState
from tests.console.api.client import Browser, code
from tests.console.api.conftest import SIGMA, SIGMA_ID, make_records
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0, make_alert

PAGE = f"/api/rules/{SIGMA_ID}"
NEW_ID = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a04"
NEW = SIGMA.replace(SIGMA_ID, NEW_ID).replace("Odd name", "Odder name")
LOW = SIGMA.replace("level: high", "level: low")


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [row["id"] for row in response.json()["items"]]


@pytest.fixture
def today(state: SqlState) -> None:
    day = T0 // DAY
    state.saw_rules(
        [
            RuleDay(SIGMA_ID, day, 3, 1000, 0.002),
            RuleDay(SIGMA_ID, day - 29, 1, 1000, 0.002),
            RuleDay(SIGMA_ID, day - 30, 9, 10, 0.1),
            RuleDay("dns_tunnel", day, 1, 0, 0.0),
        ]
    )
    state.put_alerts([make_alert("a1", rule=SIGMA_ID)])


@pytest.mark.usefixtures("today")
def test_the_list(log_in: Callable[[str], Browser]) -> None:
    page = log_in("viewer").get("/api/rules").json()
    assert [row["id"] for row in page["items"]] == ["dns_tunnel", SIGMA_ID]
    row = page["items"][1]
    assert (row["kind"], row["severity"], row["state"], row["health"], row["status"]) == (
        "sigma", "high", "experimental", "live", "live",
    )  # fmt: skip
    assert (row["hits"], row["hits_30d"], row["hits_by_day"][0], row["hits_by_day"][29]) == (
        1,
        4,
        1,
        3,
    )
    assert (row["cost_us"], row["cost_share"], len(row["hits_by_day"])) == (2.0, 1.0, 30)
    assert (row["origin"], row["path"], row["licence"], row["author"]) == (
        "builtin", "odd_name.yml", "Apache-2.0", "Ann",
    )  # fmt: skip
    assert (row["version"], row["revision"], row["editable"], row["parked"]) == (0, 0, True, None)
    assert page["items"][0]["editable"] is False
    assert page["facets"]["kind"] == [{"key": "anomaly", "count": 1}, {"key": "sigma", "count": 1}]
    assert {"key": "T1071.004", "count": 2} in page["facets"]["technique"]
    assert page["days_from"] < "2026-09-22"


def test_the_cost_of_an_old_capture_is_told_and_its_hits_are_not_of_this_month(
    log_in: Callable[[str], Browser], state: SqlState
) -> None:
    state.saw_rules([RuleDay(SIGMA_ID, T0 // DAY - 100, 3, 1000, 0.002)])
    row = log_in("viewer").get("/api/rules").json()["items"][1]
    assert (row["cost_us"], row["hits_30d"]) == (2.0, 0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "sigma"}, [SIGMA_ID]),
        ({"kind": "sigma,anomaly"}, ["dns_tunnel", SIGMA_ID]),
        ({"tactic": "command-and-control"}, [SIGMA_ID]),
        ({"technique": "T1071.004", "origin": "builtin", "kind": "sigma"}, [SIGMA_ID]),
        ({"q": "odd ANN"}, [SIGMA_ID]),
        ({"q": "奇怪"}, [SIGMA_ID]),
        ({"state": "draft"}, []),
        ({"health": "inert"}, []),
        ({"local": "true"}, []),
        ({"service": "dns"}, [SIGMA_ID]),
        ({"sort": "-title"}, [SIGMA_ID, "dns_tunnel"]),
        ({"sort": "title", "limit": 1, "offset": 1}, [SIGMA_ID]),
    ],
)
def test_filters(analyst: Browser, query: dict[str, Any], found: list[str]) -> None:
    assert ids(analyst.get("/api/rules", **query)) == found


def test_facets_ignore_their_own_choice(analyst: Browser) -> None:
    page = analyst.get("/api/rules", kind="sigma").json()
    assert len(page["facets"]["kind"]) == 2
    assert page["facets"]["severity"] == [{"key": "high", "count": 1}]


@pytest.mark.parametrize("query", [{"sort": "cost; drop"}, {"limit": -1}, {"nothing": 1}])
def test_bad_queries(analyst: Browser, query: dict[str, Any]) -> None:
    assert code(analyst.get("/api/rules", **query)) == "bad_request"


@pytest.mark.usefixtures("today")
def test_a_page(analyst: Browser) -> None:
    page = analyst.get(PAGE).json()
    assert page["source"] == SIGMA
    assert page["guidance"]["means"]["zh"] == "可能是僵尸主机。"
    assert page["guidance"]["check"][0]["query"].startswith("source.ip:{source.ip}")
    assert page["gbt20986"] == ["网络攻击事件/僵尸网络"]
    assert (page["references"], page["false_positives"]) == (["https://example.org/odd"], ["Tests"])
    assert [(one["kind"], one["fired"], one["ok"]) for one in page["samples"]] == [
        ("fire", True, True),
        ("quiet", False, True),
    ]
    assert (page["versions"], page["history"], page["back_tests"]) == ([], [], [])
    assert page["upstream"]["hash"] == page["hash"]
    other = analyst.get("/api/rules/dns_tunnel").json()
    assert (other["source"], other["editable"]) == ("", False)
    assert code(analyst.get("/api/rules/none")) == "not_found"
    hits = analyst.get(f"{PAGE}/hits", days=30).json()["items"]
    assert [row["hits"] for row in hits] == [1, 3]


def test_saving_comparing_reverting(analyst: Browser, state: SqlState) -> None:
    saved = analyst.call("PUT", PAGE, json={"source": LOW, "reason": "loud", "version": 0}).json()
    assert (saved["severity"], saved["local"], saved["version"]) == ("low", True, 1)
    assert saved["versions"][0]["current"] is True
    assert analyst.get("/api/rules", local="true").json()["total"] == 1
    diff = analyst.get(f"{PAGE}/diff", older=0, newer=1).json()
    assert (diff["added"], diff["removed"]) == (1, 1)
    assert "-level: high\n+level: low\n" in diff["unified"]
    assert analyst.get(f"{PAGE}/versions/1").json()["source"] == LOW
    upstream = analyst.get(f"{PAGE}/versions/0").json()
    assert (upstream["source"], upstream["origin"], upstream["current"]) == (
        SIGMA,
        "upstream",
        False,
    )
    assert code(analyst.get(f"{PAGE}/versions/9")) == "not_found"
    page = analyst.post(f"{PAGE}/revert", {"to": 0, "reason": "no", "version": 1}).json()
    assert (page["local"], page["version"], page["source"]) == (False, 2, SIGMA)
    assert [row["version"] for row in analyst.get(f"{PAGE}/versions").json()["items"]] == [2, 1]
    assert [row["kind"] for row in page["history"]] == ["upstream", "save"]


def test_a_conflict_shows_both_texts(analyst: Browser) -> None:
    analyst.call("PUT", PAGE, json={"source": LOW, "reason": "loud", "version": 0})
    other = SIGMA.replace("level: high", "level: critical")
    response = analyst.call("PUT", PAGE, json={"source": other, "reason": "", "version": 0})
    assert (response.status_code, code(response)) == (409, "version_conflict")
    told = response.json()["conflict"]
    assert (told["yours"], told["theirs"], told["base"]) == (other, LOW, SIGMA)
    assert (told["version"], told["by"], told["reason"]) == (1, "analyst", "loud")
    analyst.post(f"{PAGE}/state", {"state": "stable", "reason": "good", "revision": 0})
    response = analyst.post(f"{PAGE}/state", {"state": "retired", "reason": "x", "revision": 0})
    told = response.json()["conflict"]
    assert (told["yours"], told["theirs"], told["revision"]) == ("retired", "stable", 1)


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"source": "title: [", "version": 0}, 422, "bad_rule"),
        ({"source": NEW, "version": 0}, 422, "id_changed"),
        ({"source": LOW.replace("a.bad", "a.worse"), "version": 0}, 422, "samples_fail"),
        ({"source": LOW}, 422, "bad_request"),
        ({"source": "x" * 300_000, "version": 0}, 422, "bad_request"),
        ({"source": "x" * 2_000_000, "version": 0}, 413, "too_large"),
    ],
)
def test_what_is_not_saved(
    analyst: Browser, state: SqlState, body: dict[str, Any], status: int, problem: str
) -> None:
    response = analyst.call("PUT", PAGE, json=body)
    assert (response.status_code, code(response)) == (status, problem)
    assert state.rule_versions(SIGMA_ID) == []


def test_a_new_rule_lives(analyst: Browser, log_in: Callable[[str], Browser]) -> None:
    made = analyst.post("/api/rules", {"source": NEW, "reason": "seen"}).json()
    assert (made["id"], made["state"], made["status"], made["origin"]) == (
        NEW_ID, "draft", "draft", "local",
    )  # fmt: skip
    assert code(analyst.post("/api/rules", {"source": NEW})) == "rule_exists"
    response = analyst.post(f"/api/rules/{NEW_ID}/state", {"state": "stable", "reason": "x"})
    assert code(response) == "bad_step"
    for step in ("experimental", "stable", "retired"):
        page = analyst.post(f"/api/rules/{NEW_ID}/state", {"state": step, "reason": "x"}).json()
        assert page["state"] == step
    assert page["status"] == "retired"
    assert code(log_in("viewer").post(f"{PAGE}/park", {"reason": "x"})) == "forbidden"
    page = analyst.post(f"{PAGE}/park", {"reason": "dear"}).json()
    assert (page["parked"]["by"], page["parked"]["reason"], page["health"]) == (
        "analyst", "dear", "parked",
    )  # fmt: skip


def test_acts_on_several_and_back(analyst: Browser) -> None:
    analyst.post("/api/rules", {"source": NEW})
    items = [
        {"id": SIGMA_ID, "kind": "park"},
        {"id": NEW_ID, "kind": "state", "state": "experimental"},
        {"id": "none", "kind": "park"},
        {"id": SIGMA_ID, "kind": "state"},
    ]
    result = analyst.post("/api/rules/acts", {"items": items, "reason": "both"}).json()
    assert [one["id"] for one in result["done"]] == [SIGMA_ID, NEW_ID]
    assert [one["problem"]["code"] for one in result["failed"]] == ["not_found", "bad_step"]
    back = analyst.post("/api/rules/acts", {"items": result["undo"], "reason": "undo"}).json()
    assert (len(back["done"]), back["failed"]) == (2, [])
    assert analyst.get(PAGE).json()["parked"] is None
    assert analyst.get(f"/api/rules/{NEW_ID}").json()["state"] == "draft"


def test_samples_beside_a_rule(analyst: Browser) -> None:
    event = {"dns.question.name": "b.bad.example"}
    page = analyst.post(f"{PAGE}/samples", {"kind": "fire", "event": event, "reason": "x"}).json()
    assert page["samples"][-1] == {
        "rule": SIGMA_ID, "kind": "fire", "number": 1, "fired": True, "ok": True,
        "event": event, "kept": 1,
    }  # fmt: skip
    assert analyst.call("DELETE", f"{PAGE}/samples/1").json() == {"done": True}
    assert code(analyst.call("DELETE", f"{PAGE}/samples/1")) == "not_found"
    many = {"kind": "fire", "event": {str(n): n for n in range(300)}}
    assert code(analyst.post(f"{PAGE}/samples", many)) == "too_many_samples"


def test_validate(log_in: Callable[[str], Browser]) -> None:
    viewer = log_in("viewer")
    good = viewer.post("/api/rules/validate", {"source": SIGMA, "rule": SIGMA_ID}).json()
    assert (good["ok"], good["problems"]) == (True, [])
    assert (good["rules"][0]["id"], good["rules"][0]["health"]) == (SIGMA_ID, "live")
    assert [one["ok"] for one in good["samples"]] == [True, True]
    broken = SIGMA.replace("condition: selection", "condition: selektion")
    bad = viewer.post("/api/rules/validate", {"source": broken}).json()
    assert bad["ok"] is False
    problem = bad["problems"][0]
    assert problem["severity"] == "error"
    assert "selektion" in SIGMA.replace("selection", "selektion").splitlines()[problem["line"] - 1]
    for text in ("a: [", "", "\0", "a: &a [*a]", "- " * 2000, "title: x\n---\ntitle: y"):
        answer = viewer.post("/api/rules/validate", {"source": text})
        assert (answer.status_code, answer.json()["ok"]) == (200, False), text
        assert all(one["line"] >= 1 and one["column"] >= 1 for one in answer.json()["problems"])
    lost = viewer.post(
        "/api/rules/validate", {"source": SIGMA.replace("service: dns", "service: none")}
    ).json()
    assert (lost["ok"], lost["problems"][0]["severity"]) == (True, "warning")


def test_validating_is_bounded(analyst: Browser) -> None:
    answers = [analyst.post("/api/rules/validate", {"source": "a"}) for _ in range(121)]
    assert {one.status_code for one in answers[:120]} == {200}
    assert (answers[120].status_code, code(answers[120])) == (429, "too_many")
    assert int(answers[120].headers["retry-after"]) > 0


def test_trying_a_text_on_recent_events(analyst: Browser, events: MemoryStore) -> None:
    events.append(make_records())
    found = analyst.post("/api/rules/test", {"source": NEW}).json()
    assert (found["hits"], found["events"], found["partial"]) == (1, 1, False)
    assert found["sample"][0]["event"]["dns.question.name"] == "a.bad.example"
    assert code(analyst.post("/api/rules/test", {"source": "title: x"})) == "bad_rule"
    assert code(analyst.post("/api/rules/test", {"source": NEW, "since": "x"})) == "bad_time"
    assert code(analyst.post("/api/rules/test", {"source": NEW, "seconds": 99})) == "bad_request"


def test_a_back_test_is_a_job(analyst: Browser, state: SqlState) -> None:
    job = analyst.post("/api/rules/backtests", {"rule": SIGMA_ID, "since": "2026-01-01"}).json()
    assert (job["kind"], job["status"]) == ("backtest", "queued")
    stored = state.take_job(("backtest",))
    assert stored is not None
    assert stored.arguments["source"] == SIGMA
    state.put_job(replace(stored, status="done", result={"hits": 3}))
    assert analyst.get(PAGE).json()["back_tests"][0]["result"] == {"hits": 3}
    for body in ({}, {"rule": SIGMA_ID, "source": NEW}):
        assert code(analyst.post("/api/rules/backtests", body)) == "bad_request"
    assert code(analyst.post("/api/rules/backtests", {"rule": "none"})) == "not_found"
    assert code(analyst.post("/api/rules/backtests", {"source": "title: x"})) == "bad_rule"


def test_merging(analyst: Browser, parts: ApiParts) -> None:
    assert code(analyst.get(f"{PAGE}/merge")) == "not_found"
    analyst.call("PUT", PAGE, json={"source": LOW, "reason": "loud", "version": 0})
    file = parts.desk.editor.file(SIGMA_ID)
    assert file.upstream is not None
    theirs = SIGMA.replace("level: high", "level: critical")
    file.upstream.write_text(theirs, "utf-8")
    row = analyst.get("/api/rules", upstream_changed="true").json()["items"]
    assert [one["id"] for one in row] == [SIGMA_ID]
    merge = analyst.get(f"{PAGE}/merge").json()
    assert (merge["base"], merge["local"], merge["upstream"]) == (SIGMA, LOW, theirs)
    assert (merge["clean"], len(merge["conflicts"])) == (False, 1)
    body = {
        "choice": "merged",
        "source": merge["merged"],
        "version": merge["version"],
        "upstream_hash": merge["upstream_hash"],
    }
    assert code(analyst.post(f"{PAGE}/merge", body)) == "bad_rule"  # marks are no YAML
    stale = analyst.post(f"{PAGE}/merge", {**body, "upstream_hash": "00" * 32})
    assert code(stale) == "version_conflict"
    page = analyst.post(f"{PAGE}/merge", {**body, "choice": "local"}).json()
    assert (page["source"], page["local"], page["upstream_changed"]) == (LOW, True, False)


@pytest.mark.usefixtures("today")
def test_the_coverage_map(analyst: Browser) -> None:
    page = analyst.get("/api/rules/coverage").json()
    cells = {cell["id"]: cell for cell in page["techniques"]}
    assert set(cells) == {"T1071", "T1071.004"}
    cell = cells["T1071.004"]
    assert (cell["parent"], cell["live"], cell["hits_30d"]) == ("T1071", 2, 5)
    assert SIGMA_ID in cell["rules"]
    analyst.post(f"{PAGE}/park", {"reason": "dear"})
    page = analyst.get("/api/rules/coverage").json()
    assert (page["totals"]["live"], page["totals"]["parked"]) == (1, 1)
    tactics = {tactic["id"]: tactic for tactic in page["tactics"]}
    assert (len(tactics), tactics["command-and-control"]["live"]) == (14, 0)


def test_guidance_of_an_alert(analyst: Browser, state: SqlState, events: MemoryStore) -> None:
    records = make_records()
    events.append(records)
    state.put_alerts(
        [
            make_alert("a1", rule=SIGMA_ID, events=(records[1].id,)),
            make_alert("a2"),
            make_alert("a3", rule="gone", author="Bo", licence="DRL 1.1"),
        ]
    )
    told = analyst.get("/api/alerts/a1/guidance").json()
    first, second = told["guidance"]["check"]
    assert (first["query"], first["missing"]) == ("source.ip:10.1.1.5 AND event.dataset:dns", [])
    assert (second["query"], second["missing"]) == ("", ["user.name"])
    assert (told["licence"], told["state"], told["origin"]) == (
        "Apache-2.0", "experimental", "builtin",
    )  # fmt: skip
    assert analyst.get("/api/alerts/a2/guidance").json()["guidance"] is None
    gone = analyst.get("/api/alerts/a3/guidance").json()
    assert (gone["author"], gone["licence"], gone["guidance"]) == ("Bo", "DRL 1.1", None)
    assert code(analyst.get("/api/alerts/none/guidance")) == "not_found"
    assert ids(analyst.get("/api/alerts", rule=SIGMA_ID)) == ["a1"]
    assert ids(analyst.get("/api/alerts", since="2030-01-01T00:00:00Z")) == []
