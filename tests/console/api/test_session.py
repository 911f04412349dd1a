"""Logging in, failing to, and what stays of it."""

from __future__ import annotations

from fastapi import FastAPI

from console.security.tokens import token_digest
from fengsui.clock import MINUTE, EventClock
from fengsui.store.sql.state import SqlState
from tests.console.api.client import PASSWORD, Browser, code
from tests.fengsui.store.sql.samples import T0


def test_log_in_and_out(app: FastAPI, state: SqlState) -> None:
    browser = Browser(app)
    response = browser.log_in("analyst")
    assert response.json()["user"] == {
        "name": "analyst",
        "roles": ["analyst"],
        "language": "zh",
        "must_change": False,
    }
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # plain HTTP on the own machine
    assert browser.get("/api/session").json() == response.json()
    token = browser.cookies["fengsui_session"]
    assert state.session(token_digest(token), T0) == "analyst"
    assert state.session(token, T0) is None  # the token itself is kept nowhere
    assert browser.call("DELETE", "/api/session").status_code == 200
    browser.cookies = {"fengsui_session": token}
    assert browser.get("/api/session").status_code == 401


def test_cookie_is_secure_over_https(app: FastAPI) -> None:
    response = Browser(app, "https://127.0.0.1:8600").log_in("analyst")
    assert "Secure" in response.headers["set-cookie"]


def test_who_exists_is_not_told(app: FastAPI) -> None:
    browser = Browser(app)
    wrong = browser.log_in("analyst", "wrong-password")
    nobody = browser.log_in("nobody", "wrong-password")
    assert code(wrong) == code(nobody) == "bad_login"
    assert wrong.json()["title"] == nobody.json()["title"]


def test_five_failures_and_one_has_to_wait(
    app: FastAPI, clock: EventClock, state: SqlState
) -> None:
    browser = Browser(app)
    for _ in range(5):
        assert browser.log_in("analyst", "wrong-password").status_code == 401
    response = browser.log_in("analyst")
    assert (response.status_code, code(response)) == (429, "too_many")
    assert response.headers["retry-after"] == "300"
    assert Browser(app).log_in("viewer").status_code == 200
    clock.advance(T0 + 5 * MINUTE)
    assert browser.log_in("analyst").status_code == 200
    refused = [r for r in state.audit_records() if r.what == "session.refused"]
    assert len(refused) == 5
    assert "wrong-password" not in str(refused)


def test_an_address_that_tries_many_names_has_to_wait(app: FastAPI) -> None:
    browser = Browser(app)
    for number in range(30):
        browser.log_in(f"name{number}", "wrong-password")
    assert code(browser.log_in("analyst")) == "too_many"


def test_a_new_password_ends_other_logins(app: FastAPI) -> None:
    here, there = Browser(app), Browser(app)
    here.log_in("analyst")
    there.log_in("analyst")
    for new in ("short", "aaaaaaaaaaaaaaaa", "my-analyst-password"):
        response = here.post("/api/session/password", {"old": PASSWORD, "new": new})
        assert code(response) in {"weak_password", "bad_request"}
    response = here.post("/api/session/password", {"old": "wrong", "new": "something-new-1"})
    assert code(response) == "wrong_password"
    response = here.post("/api/session/password", {"old": PASSWORD, "new": "something-new-1"})
    assert response.status_code == 200
    assert here.get("/api/session").status_code == 200
    assert there.get("/api/session").status_code == 401
    assert Browser(app).log_in("analyst", "something-new-1").status_code == 200


def test_guessing_the_old_password_has_an_end(app: FastAPI) -> None:
    browser = Browser(app)
    browser.log_in("analyst")
    given = {"old": "wrong", "new": "something-new-1"}
    for _ in range(5):
        browser.post("/api/session/password", given)
    assert code(browser.post("/api/session/password", given)) == "too_many"


def test_language(analyst: Browser) -> None:
    response = analyst.call("PUT", "/api/session/language", json={"language": "en"})
    assert response.json()["user"]["language"] == "en"
    response = analyst.call("PUT", "/api/session/language", json={"language": "fr"})
    assert code(response) == "bad_request"
