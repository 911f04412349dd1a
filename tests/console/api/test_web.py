"""Static files, and never anything outside their folder."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from console.api.parts import ApiParts
from tests.console.api.client import Browser


@pytest.fixture
def built_web(parts: ApiParts) -> None:
    (parts.web / "assets").mkdir(parents=True)
    (parts.web / "index.html").write_text("<html>the console</html>")
    (parts.web / "assets" / "app-1a2b.js").write_text("let x")
    (parts.web.parent / "secret.txt").write_text("secret")


def test_advice_when_nothing_is_built(app: FastAPI) -> None:
    response = Browser(app).get("/")
    assert response.status_code == 200
    assert "make web" in response.text
    assert Browser(app).get("/queue").status_code == 503


@pytest.mark.usefixtures("built_web")
def test_files_and_pages(app: FastAPI) -> None:
    browser = Browser(app)
    for path in ("/", "/queue", "/incidents/abc?tab=story"):
        response = browser.get(path)
        assert (response.status_code, response.text) == (200, "<html>the console</html>")
        assert response.headers["cache-control"] == "no-cache"
    assert browser.call("HEAD", "/").status_code == 200
    response = browser.get("/assets/app-1a2b.js")
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-type"].startswith("text/javascript")
    assert browser.get("/assets/gone.js").status_code == 404
    assert browser.get("/api/gone").status_code == 404


@pytest.mark.usefixtures("built_web")
@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd"]
)
def test_nothing_outside(app: FastAPI, path: str) -> None:
    response = Browser(app).get(path)
    assert "secret" not in response.text.replace("the console", "")
    assert "root:" not in response.text
