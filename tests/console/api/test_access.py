"""Laws over all routes: nobody without a session, nobody without the role, no change unrecorded."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from console.api.access import Needs
from console.api.app import openapi
from console.api.parts import ApiParts
from console.api.routes.administration import user_version
from console.compliance.desk import Desk
from detections.compliance.events.registers import written
from fengsui.clock import SECOND
from fengsui.hashes import sha256
from fengsui.incident import Incident
from fengsui.store.rule_states import KeptSample
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Job, Replay, Role, SavedHunt, User
from fengsui.system import Attestation
from tests.console.api.client import PASSWORD, Browser, code
from tests.console.api.conftest import PCAP, SIGMA, SIGMA_ID, make_records, start_run
from tests.console.api.grouped import two_incidents
from tests.console.api.memory_store import MemoryStore
from tests.console.api.test_systems import SWITCH, file_sample
from tests.fengsui.store.sql.samples import T0, make_alert, make_incident, make_warning

PARKED_ID = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a02"
OTHER_ID = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a03"
NEW_RULE = SIGMA.replace(SIGMA_ID, "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a04")
LOUDER = SIGMA.replace("level: high", "level: critical")
RECORD = Attestation(
    "w1", "s1", "L3-PES1-01", "record", "whole", "", True, "E6", "ok", "", "x", "", T0, 1 << 62
)  # fmt: skip
LEAVERS = written("leavers", [{"account": "li", "kind": "vendor", "end": "2026-06-30"}])
VIEWER = user_version(User("viewer", ("viewer",), ""))
OPEN = {("POST", "/api/session")}  # logging in is how one gets a session
WORDS = {"kind": "host", "session": "C1", "number": "1"}


@cache
def _routes() -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, methods in openapi()["paths"].items()  # type: ignore[attr-defined]
        for method in methods
    ]


def _filled(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda hole: WORDS.get(hole.group(1), "x"), path)


def _api_routes(app: FastAPI) -> Iterator[APIRoute]:
    def walk(routes: Any) -> Iterator[APIRoute]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield route
            elif hasattr(route, "original_router"):
                yield from walk(route.original_router.routes)
            elif hasattr(route, "routes"):
                yield from walk(route.routes)

    yield from walk(app.routes)


def _needed(route: APIRoute) -> Needs | None:
    found = [d.call for d in route.dependant.dependencies if isinstance(d.call, Needs)]
    return found[0] if found else None


def test_there_are_routes() -> None:
    assert len(_routes()) > 45


def test_every_route_says_who_may_use_it(app: FastAPI) -> None:
    routes = [route for route in _api_routes(app) if route.name != "web_file"]
    assert len(routes) > 45
    silent = {route.name for route in routes if _needed(route) is None}
    assert silent == {"log_in"}


def test_nobody_comes_in_without_a_session(app: FastAPI) -> None:
    for method, path in set(_routes()) - OPEN:
        for cookies in ({}, {"fengsui_session": "guessed"}):
            browser = Browser(app)
            browser.cookies = cookies
            response = browser.call(method, _filled(path), json={})
            assert (response.status_code, code(response)) == (401, "not_logged_in"), path


def test_nobody_comes_in_with_another_role(app: FastAPI, log_in: Callable[[str], Browser]) -> None:
    browsers = {role: log_in(role) for role in get_args(Role)}
    checked = 0
    for route in _api_routes(app):
        needed = _needed(route)
        if needed is None or not needed.roles:
            continue
        path = route.path if route.path.startswith("/api") else f"/api{route.path}"
        for role in set(get_args(Role)) - set(needed.roles):
            for method in route.methods:
                response = browsers[role].call(method, _filled(path))
                assert (response.status_code, code(response)) == (403, "forbidden"), path
                checked += 1
    assert checked > 100


def test_security_administration_is_apart_from_data(log_in: Callable[[str], Browser]) -> None:
    for role in ("security_admin", "auditor"):
        assert log_in(role).get("/api/incidents").status_code == 403
    assert log_in("system_admin").get("/api/audit").status_code == 403
    assert log_in("auditor").get("/api/audit").status_code == 200


@pytest.mark.parametrize("header", [{"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": ""}])
def test_changes_need_the_csrf_value(analyst: Browser, header: dict[str, str]) -> None:
    response = analyst.post("/api/hunts", {"name": "n", "query": ""}, headers=header)
    assert (response.status_code, code(response)) == (403, "bad_csrf")


def test_changes_from_another_site_are_refused(analyst: Browser) -> None:
    evil = {"Origin": "http://evil.example"}
    response = analyst.post("/api/hunts", {"name": "n", "query": ""}, headers=evil)
    assert code(response) == "bad_origin"
    ours = {"Origin": "http://127.0.0.1:8600"}
    response = analyst.post("/api/hunts", {"name": "n", "query": ""}, headers=ours)
    assert response.status_code == 200


def test_a_one_time_password_must_be_changed_first(
    app: FastAPI, state: SqlState, analyst: Browser
) -> None:
    from dataclasses import replace

    user = state.user("analyst")
    assert user is not None
    state.put_user(replace(user, must_change=True))
    assert code(analyst.get("/api/incidents")) == "password_change_needed"
    assert analyst.get("/api/session").json()["user"]["must_change"] is True
    new = {"old": PASSWORD, "new": "something-new-1"}
    assert analyst.post("/api/session/password", new).status_code == 200
    assert analyst.get("/api/incidents").status_code == 200


def test_a_disabled_person_is_out_at_once(state: SqlState, analyst: Browser) -> None:
    from dataclasses import replace

    user = state.user("analyst")
    assert user is not None
    state.put_user(replace(user, disabled=True))
    assert analyst.get("/api/incidents").status_code == 401
    assert analyst.log_in("analyst").status_code == 401


def test_a_session_ends(analyst: Browser, clock: Any) -> None:
    clock.advance(T0 + 12 * 3600 * SECOND)
    assert analyst.get("/api/incidents").status_code == 401


FILED = {"name": "portal", "unit": "u", "s_level": 3, "a_level": 3}
NEW_SYSTEM = {"id": "s2", **FILED}
CHANGES: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("analyst", "PUT", "/api/session/language", {"language": "en"}, "language.choose"),
    (
        "analyst",
        "POST",
        "/api/session/password",
        {"old": PASSWORD, "new": "something-new-1"},
        "password.change",
    ),
    ("analyst", "DELETE", "/api/session", {}, "session.end"),
    ("analyst", "POST", "/api/incidents/i1/acts", {"kind": "take", "version": 0}, "incident.take"),
    (
        "analyst",
        "POST",
        "/api/incidents/acts",
        {"kind": "take", "items": [{"id": "i1", "version": 0}]},
        "incident.take",
    ),
    ("analyst", "POST", "/api/incidents/merge", {"reason": "same"}, "incident.merge"),
    ("analyst", "POST", "/api/incidents/i1/split", {"reason": "other"}, "incident.split"),
    ("analyst", "POST", "/api/incidents/i1/unjoin", {"reason": "other"}, "incident.split"),
    ("analyst", "POST", "/api/incidents/i1/runs", {"playbook": "contain"}, "run.start"),
    (
        "responder",
        "POST",
        "/api/runs/run1/decisions",
        {"step": "s1", "approve": True, "reason": "ok"},
        "run.decide",
    ),
    (
        "responder",
        "POST",
        "/api/situation/warnings/w1/acts",
        {"deed": "confirm", "version": 1, "reason": "seen"},
        "warning.confirm",
    ),
    ("compliance", "POST", "/api/compliance/runs", {}, "job.check"),
    ("compliance", "POST", "/api/compliance/systems", NEW_SYSTEM, "system.add"),
    ("compliance", "PUT", "/api/compliance/systems/s1", {**FILED, "version": 1}, "system.change"),
    ("compliance", "POST", "/api/compliance/systems/s1/runs", {}, "job.assess"),
    ("compliance", "POST", "/api/compliance/systems/s1/evidence", {}, "evidence.bring"),
    ("compliance", "POST", "/api/compliance/attachments", {}, "attachment.bring"),
    (
        "compliance",
        "POST",
        "/api/compliance/systems/s1/attestations",
        {"unit": "L3-PES1-01", "kind": "record", "step": "whole", "holds": True, "statement": "ok"},
        "attestation.add",
    ),
    (
        "compliance",
        "POST",
        "/api/compliance/systems/s1/attestations/w1/withdraw",
        {"reason": "wrong room"},
        "attestation.withdraw",
    ),
    (
        "compliance",
        "PUT",
        "/api/compliance/systems/s1/registers/leavers",
        {"rows": [{"account": "zhang", "kind": "leaver", "end": "2026-06-30"}]},
        "evidence.bring",
    ),
    (
        "compliance",
        "POST",
        "/api/compliance/systems/s1/registers/leavers/restore",
        {"sha256": sha256(LEAVERS)},
        "evidence.bring",
    ),
    (
        "compliance",
        "POST",
        "/api/compliance/systems/s1/tasks",
        {"unit": "L3-PES1-01", "assignee": "ops", "due": "2099-01-01"},
        "repair.made",
    ),
    (
        "compliance",
        "POST",
        "/api/compliance/tasks/t1/acts",
        {"kind": "prove", "text": "done", "version": 1},
        "repair.prove",
    ),
    ("analyst", "POST", "/api/drills", {"scenario": "first-intrusion"}, "job.drill"),
    ("analyst", "DELETE", "/api/drills/d1", {}, "job.purge"),
    ("analyst", "POST", "/api/jobs/j1/cancel", {}, "job.cancel"),
    ("analyst", "POST", "/api/hunts", {"name": "n", "query": "a"}, "hunt.save"),
    ("analyst", "DELETE", "/api/hunts/h1", {}, "hunt.drop"),
    ("security_admin", "POST", "/api/users", {"name": "cy", "roles": ["viewer"]}, "user.create"),
    (
        "security_admin",
        "PATCH",
        "/api/users/viewer",
        {"disabled": True, "version": VIEWER},
        "user.change",
    ),
    ("analyst", "POST", "/api/captures", {}, "job.replay"),
    ("analyst", "POST", "/api/rules", {"source": NEW_RULE}, "rule.save"),
    ("analyst", "PUT", f"/api/rules/{SIGMA_ID}", {"source": LOUDER, "version": 1}, "rule.save"),
    ("analyst", "POST", f"/api/rules/{SIGMA_ID}/revert", {"to": 0, "version": 1}, "rule.revert"),
    (
        "analyst",
        "POST",
        f"/api/rules/{SIGMA_ID}/merge",
        {"choice": "upstream", "version": 1, "upstream_hash": sha256(SIGMA.encode())},
        "rule.revert",
    ),
    (
        "analyst",
        "POST",
        f"/api/rules/{SIGMA_ID}/state",
        {"state": "stable", "reason": "good"},
        "rule.state",
    ),
    ("analyst", "POST", f"/api/rules/{SIGMA_ID}/park", {"reason": "dear"}, "rule.park"),
    ("analyst", "POST", f"/api/rules/{PARKED_ID}/unpark", {"reason": "ok"}, "rule.unpark"),
    (
        "analyst",
        "POST",
        "/api/rules/acts",
        {"items": [{"id": SIGMA_ID, "kind": "park"}], "reason": "dear"},
        "rule.park",
    ),
    (
        "analyst",
        "POST",
        f"/api/rules/{SIGMA_ID}/samples",
        {"kind": "quiet", "event": {"a": 1}},
        "rule.add_sample",
    ),
    ("analyst", "DELETE", f"/api/rules/{SIGMA_ID}/samples/1", {}, "rule.drop_sample"),
    ("analyst", "POST", "/api/rules/backtests", {"rule": SIGMA_ID}, "job.backtest"),
    ("analyst", "POST", "/api/retro-hunts", {"query": "*"}, "job.retro_hunt"),
    ("analyst", "POST", "/api/retro-hunts/r1/resume", {}, "job.retro_hunt"),
    ("system_admin", "POST", "/api/packs/uploads", {}, "pack.upload"),
    (
        "analyst",
        "POST",
        "/api/packs",
        {"upload": "ab" * 16, "allow_unsigned": True},
        "pack.install",
    ),
    ("analyst", "POST", "/api/packs/mine/remove", {}, "pack.remove"),
    ("analyst", "POST", "/api/session", {"name": "analyst", "password": PASSWORD}, "session.begin"),
]


ASKING = {  # these change nothing
    ("POST", "/api/rules/validate"),
    ("POST", "/api/rules/test"),
    ("POST", "/api/retro-hunts/estimate"),
}


@pytest.fixture
def filled(state: SqlState, events: MemoryStore) -> None:
    events.append(make_records())
    state.put_alerts([make_alert("a1")])
    state.put_incidents([make_incident("i1")], {})
    state.put_job(Job("j1", "replay", {}, "queued", "ann", T0))
    state.put_job(Job("r1", "retro_hunt", {"query": "*"}, "cancelled", "ann", T0))
    state.put_hunt(SavedHunt("h1", "n", "a", "ann", T0))
    state.put_replay(Replay("d1", "drill", "first-intrusion", (), T0))


def _with_rules(parts: ApiParts) -> None:
    editor, packs = parts.desk.editor, parts.desk.packs
    editor.save(SIGMA_ID, SIGMA.replace("level: high", "level: low"), "ann", "", 0)
    assert editor.create(SIGMA.replace(SIGMA_ID, PARKED_ID), "ann", "") == PARKED_ID
    editor.park(PARKED_ID, "ann", "dear", None)
    parts.state.add_sample(KeptSample(SIGMA_ID, 0, "quiet", {}, "ann", 0, ""))
    source = parts.settings.settings.home / "source"
    source.mkdir()
    (source / "one.yml").write_text(SIGMA.replace(SIGMA_ID, OTHER_ID), "utf-8")
    packs.install(packs.preview(packs.stage(source, "mine")), "ann", "", allow_unsigned=True)
    staged = packs.stage(source, "other")
    staged.folder.parent.rename(staged.folder.parent.with_name("ab" * 16))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("role", "method", "path", "body", "what"), CHANGES)
def test_every_change_is_recorded(
    state: SqlState,
    parts: ApiParts,
    log_in: Callable[[str], Browser],
    role: str,
    method: str,
    path: str,
    body: dict[str, Any],
    what: str,
    tmp_path: Path,
) -> None:
    browser = log_in(role)
    if path == "/api/runs/run1/decisions":
        case = state.case("i1")
        assert case is not None
        from tests.console.api.conftest import PLAYBOOK

        state.put_run(start_run(PLAYBOOK, case.incident, "rehearsal", "analyst"))
    given: dict[str, Any] = {"json": body}
    if path == "/api/captures":
        given = {"files": {"file": ("a.pcap", PCAP)}}
    if path.startswith(("/api/rules", "/api/packs")):
        _with_rules(parts)
    if path == "/api/packs/uploads":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("one.yml", SIGMA)
        given = {"files": {"file": ("a.zip", packed.getvalue())}}
    if path.startswith("/api/compliance"):
        file_sample(state)
        state.put_attestation(RECORD)
    if path.endswith("/restore"):
        brought = tmp_path / "leavers.csv"
        brought.write_bytes(LEAVERS)
        Desk(parts.settings.settings, state, parts.clock).bring(brought, "leavers.csv", "s1", "x")
    if path.endswith(("/evidence", "/attachments")):
        given = {"files": {"file": ("sw.cfg", SWITCH)}}
    if path.endswith(("/merge", "/split", "/unjoin")) and path.startswith("/api/incidents"):
        path, given["json"] = _grouped(path, body, two_incidents(state, parts))
    if path.startswith("/api/situation"):
        state.put_warnings([make_warning("w1")])
    before = state.audit_records(1)[0].number
    response = browser.call(method, path, **given)
    assert response.status_code == 200, response.text
    record = state.audit_records(1)[0]
    assert record.number == before + 1
    assert (record.by, record.what) == (role, what)
    assert PASSWORD not in str(record.detail)
    assert state.verify_audit() == []


def _grouped(
    path: str, body: dict[str, Any], incidents: list[Incident]
) -> tuple[str, dict[str, Any]]:
    """The change made of incidents that there are."""
    one = incidents[0]
    items = [{"id": each.id, "version": 0} for each in incidents]
    of: dict[str, Any] = {"version": 0, "alerts": [one.alerts[1]], "alert": one.alerts[1]}
    wanted = {"merge": ("items",), "split": ("version", "alerts"), "unjoin": ("version", "alert")}
    of["items"] = items
    chosen = {name: of[name] for name in wanted[path.rpartition("/")[2]]}
    return path.replace("/i1/", f"/{one.id}/"), body | chosen


def test_the_list_of_changes_is_complete() -> None:
    walked = {(method, _pattern(path)) for _, method, path, _, _ in CHANGES}
    unsafe = {(method, path) for method, path in _routes() if method != "GET"} - ASKING
    assert {(method, re.sub(r"{\w+}", "*", path)) for method, path in unsafe} == walked


def _pattern(path: str) -> str:
    words = f"leavers|s1|t1|w1|i1|run1|d1|j1|r1|h1|viewer|{SIGMA_ID}|{PARKED_ID}|mine|1"
    return re.sub(rf"/({words})(?=/|$)", "/*", path)
