"""Laws over all routes: nobody without a session, nobody without the role, no change unrecorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from console.api.access import Needs
from console.api.app import openapi
from fengsui.clock import SECOND
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Job, Replay, Role, SavedHunt
from tests.console.api.client import PASSWORD, Browser, code
from tests.console.api.conftest import PCAP, make_records, start_run
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0, make_alert, make_incident

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
    ("analyst", "POST", "/api/incidents/i1/runs", {"playbook": "contain"}, "run.start"),
    (
        "responder",
        "POST",
        "/api/runs/run1/decisions",
        {"step": "s1", "approve": True, "reason": "ok"},
        "run.decide",
    ),
    ("compliance", "POST", "/api/compliance/runs", {}, "job.check"),
    ("analyst", "POST", "/api/drills", {"scenario": "first-intrusion"}, "job.drill"),
    ("analyst", "DELETE", "/api/drills/d1", {}, "job.purge"),
    ("analyst", "POST", "/api/jobs/j1/cancel", {}, "job.cancel"),
    ("analyst", "POST", "/api/hunts", {"name": "n", "query": "a"}, "hunt.save"),
    ("analyst", "DELETE", "/api/hunts/h1", {}, "hunt.drop"),
    ("security_admin", "POST", "/api/users", {"name": "cy", "roles": ["viewer"]}, "user.create"),
    ("security_admin", "PATCH", "/api/users/viewer", {"disabled": True}, "user.change"),
    ("analyst", "POST", "/api/captures", {}, "job.replay"),
    ("analyst", "POST", "/api/session", {"name": "analyst", "password": PASSWORD}, "session.begin"),
]


@pytest.fixture
def filled(state: SqlState, events: MemoryStore) -> None:
    events.append(make_records())
    state.put_alerts([make_alert("a1")])
    state.put_incidents([make_incident("i1")], {})
    state.put_job(Job("j1", "replay", {}, "queued", "ann", T0))
    state.put_hunt(SavedHunt("h1", "n", "a", "ann", T0))
    state.put_replay(Replay("d1", "drill", "first-intrusion", (), T0))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("role", "method", "path", "body", "what"), CHANGES)
def test_every_change_is_recorded(
    state: SqlState,
    log_in: Callable[[str], Browser],
    role: str,
    method: str,
    path: str,
    body: dict[str, Any],
    what: str,
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
    before = state.audit_records(1)[0].number
    response = browser.call(method, path, **given)
    assert response.status_code == 200, response.text
    record = state.audit_records(1)[0]
    assert record.number == before + 1
    assert (record.by, record.what) == (role, what)
    assert PASSWORD not in str(record.detail)
    assert state.verify_audit() == []


def test_the_list_of_changes_is_complete() -> None:
    walked = {(method, _pattern(path)) for _, method, path, _, _ in CHANGES}
    unsafe = {(method, path) for method, path in _routes() if method != "GET"}
    assert {(method, re.sub(r"{\w+}", "*", path)) for method, path in unsafe} == walked


def _pattern(path: str) -> str:
    return re.sub(r"/(i1|run1|d1|j1|h1|viewer)(?=/|$)", "/*", path)
