"""Whatever is asked, the answer is an answer or a problem report, never an accident."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from console.api.app import openapi
from fengsui.store.embedded.store import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from fengsui.store.sql.state import SqlState
from fengsui.store.state import User
from tests.console.api.client import Browser, code
from tests.console.api.conftest import make_records
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import make_alert, make_incident

NASTY = [
    "",
    "\0",
    "'; DROP TABLE incident; --",
    "%_\\%",
    "../../etc/passwd",
    "烽燧🔥\u202e",
    "x" * 9_000,
    "(" * 300,
    "source.ip:[* TO *] AND NOT (",
    "source.ip:999.1.1.1/99",
    "-1",
    "1e999",
    "99999999999999999999999999",
    "9999-12-31T23:59:59.999999999Z",
    '{"a": [1,2',
]
ROLES = ("viewer", "analyst", "responder", "compliance", "system_admin")


@pytest.fixture
def events(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    """The real store where its own parsing is asked, the double where it is not."""
    if "queries" not in request.function.__name__:
        yield MemoryStore()
        return
    store = EmbeddedEventStore(tmp_path / "events", writable=True)
    store.append(make_records())
    yield store
    store.close()


@pytest.fixture
def browser(state: SqlState, analyst: Browser) -> Browser:
    user = state.user("analyst")
    assert user is not None
    state.put_user(User(user.name, ROLES, user.password_hash))
    state.put_alerts([make_alert("a1")])
    state.put_incidents([make_incident("i1")], {})
    return analyst


@cache
def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths: Any = openapi()["paths"]
    return [
        (method.upper(), path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if path not in {"/api/stream", "/api/session"}
    ]


def _checked(response: Any, what: object) -> None:
    assert response.status_code != 500, (what, response.text)
    if response.status_code >= 400:
        code(response)


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_nasty_queries(browser: Browser, nasty: str) -> None:
    for method, path, operation in _operations():
        names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
        searching = path in {"/api/events", "/api/incidents"}
        if method != "GET" or not names or not (searching or nasty in NASTY[:4]):
            continue
        whole = path.replace("{session}", "C1").replace("{kind}", "host").replace("{value}", "x")
        required = {"field": "source.ip"} if "field" in names else {}
        for name in names:
            _checked(browser.get(whole, **{**required, name: nasty}), (path, name))


@pytest.mark.parametrize("nasty", NASTY[1:7], ids=range(6))
def test_nasty_paths(browser: Browser, nasty: str) -> None:
    for method, path, _ in _operations():
        if "{" not in path:
            continue
        whole = path.replace("{kind}", "host")
        for name in ("incident", "alert", "session", "number", "value", "event", "drill", "job",
                     "run", "hunt", "name"):  # fmt: skip
            whole = whole.replace("{" + name + "}", quote(nasty, safe=""))
        _checked(browser.call(method, whole, json={}), whole[:80])


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"x"', b"{", b'{"name":{}}', b"\xff\xfe", b"[" * 5000, b'{"a":1e999}'],
)
def test_nasty_bodies(browser: Browser, body: bytes) -> None:
    for method, path, operation in _operations():
        if "requestBody" in operation:
            whole = path.replace("{incident}", "i1").replace("{run}", "r").replace("{name}", "x")
            headers = {"Content-Type": "application/json"}
            _checked(browser.call(method, whole, content=body, headers=headers), (path, body))
