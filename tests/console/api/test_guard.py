"""The outermost layer: names, sizes, headers, and errors that tell nothing of the inside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI

from console.api.app import equip
from console.api.guard import JSON_LIMIT, is_our_name
from console.api.parts import ApiParts
from fengsui.errors import StoreError
from tests.console.api.client import Browser, code


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8600", True),
        ("localhost:8600", True),
        ("LOCALHOST", True),
        ("[::1]:8600", True),
        ("10.1.2.3", True),
        ("soc.example", True),
        ("evil.example", False),
        ("evil.example:8600", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("[evil]", False),
        ("", False),
    ],
)
def test_names(host: str, ours: bool) -> None:
    assert is_our_name(host, "soc.example") is ours


def test_another_name_is_refused(app: FastAPI) -> None:
    response = Browser(app, "http://evil.example").get("/api/session")
    assert (response.status_code, code(response)) == (400, "bad_host")


def test_headers_on_everything(app: FastAPI) -> None:
    for path in ("/", "/api/session", "/nothing", "/api/nothing"):
        headers = Browser(app).get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        if path.startswith("/api"):
            assert headers["cache-control"] == "no-store"


def test_large_bodies_are_refused_before_anybody_is_asked(app: FastAPI) -> None:
    browser = Browser(app)
    response = browser.call("POST", "/api/session", content=b"x" * (JSON_LIMIT + 1))
    assert (response.status_code, code(response)) == (413, "too_large")

    async def pieces():
        for _ in range(20):
            yield b"x" * 100_000

    response = browser.call("POST", "/api/session", content=pieces())
    assert (response.status_code, code(response)) == (413, "too_large")
    response = browser.call(
        "POST", "/api/captures", content=b"", headers={"Content-Length": "999999999999"}
    )
    assert code(response) == "too_large"


def test_what_is_not_there(analyst: Browser) -> None:
    response = analyst.get("/api/nothing")
    assert (response.status_code, code(response)) == (404, "not_found")
    response = analyst.call("PUT", "/api/incidents")
    assert (response.status_code, code(response)) == (405, "method_not_allowed")


def test_bodies_that_do_not_fit_are_explained_without_their_values(app: FastAPI) -> None:
    browser = Browser(app)
    response = browser.post("/api/session", {"name": "ann", "password": ["secret-value"]})
    assert (response.status_code, code(response)) == (422, "bad_request")
    assert response.json()["errors"][0]["where"] == "body.password"
    assert "secret-value" not in response.text
    response = browser.post("/api/session", {"name": "a", "password": "b", "admin": True})
    assert code(response) == "bad_request"
    response = browser.call("POST", "/api/session", content=b"{not json")
    assert code(response) == "bad_request"


def test_the_inside_stays_inside(
    app: FastAPI, parts: ApiParts, analyst: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    def unlucky() -> list[object]:
        raise ZeroDivisionError("secret detail")

    equip(app, replace(parts, rules=unlucky))  # type: ignore[arg-type]
    response = analyst.get("/api/rules")
    assert (response.status_code, code(response)) == (500, "internal")
    assert "secret" not in response.text
    assert response.json()["id"] in {getattr(record, "id", "") for record in caplog.records}
    assert "secret detail" in caplog.text


def test_a_store_that_is_down_is_503_without_its_path(
    app: FastAPI, parts: ApiParts, analyst: Browser
) -> None:
    def down() -> list[object]:
        raise StoreError("The store cannot be read", where="/secret/path", next="Wait")

    equip(app, replace(parts, rules=down))  # type: ignore[arg-type]
    response = analyst.get("/api/rules")
    assert (response.status_code, code(response)) == (503, "store")
    assert "/secret/path" not in response.text
