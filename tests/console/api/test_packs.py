"""Packs in the API: an upload shows what it would change and changes nothing; installing swaps."""

from __future__ import annotations

import io
import zipfile

import pytest

from console.api.parts import ApiParts
from tests.console.api.client import Browser, code
from tests.console.api.conftest import SIGMA, SIGMA_ID

TWO = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a12"
RULE = SIGMA.replace(SIGMA_ID, TWO)


def packed(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.yml", text)
    return made.getvalue()


def upload(browser: Browser, data: bytes, name: str = "My Pack.zip"):
    return browser.call("POST", "/api/packs/uploads", files={"file": (name, data)})


def test_upload_install_update_remove(analyst: Browser) -> None:
    preview = upload(analyst, packed(a=RULE, bad="title: [")).json()
    assert (preview["name"], preview["signed"], preview["installed"]) == ("my_pack", False, None)
    assert [row["path"] for row in preview["added"]] == ["a.yml"]
    assert [(row["path"], row["line"]) for row in preview["refused"]] == [("bad.yml", 2)]
    assert len(analyst.get("/api/packs").json()["items"]) == 1
    body = {"upload": preview["upload"], "reason": "new"}
    assert code(analyst.post("/api/packs", body)) == "unsigned"
    made = analyst.post("/api/packs", {**body, "allow_unsigned": True}).json()
    assert (made["pack"]["rules"], made["pack"]["refused"], made["counts"]["added"]) == (1, 1, 1)
    assert code(analyst.post("/api/packs", {**body, "allow_unsigned": True})) == "not_found"
    row = analyst.get("/api/rules", origin="my_pack").json()["items"][0]
    assert (row["id"], row["pack"], row["origin"], row["signed"]) == (TWO, "my_pack", "pack", False)
    page = analyst.get("/api/packs/my_pack").json()
    assert [one["path"] for one in page["refused_items"]] == ["bad.yml"]

    low = RULE.replace("level: high", "level: low")
    analyst.call("PUT", f"/api/rules/{TWO}", json={"source": low, "version": 0})
    preview = upload(analyst, packed(a=RULE.replace("level: high", "level: critical"))).json()
    assert (preview["installed"]["name"], preview["counts"]["conflicts"]) == ("my_pack", 1)
    assert preview["removed"] == []
    body = {"upload": preview["upload"], "allow_unsigned": True}
    assert analyst.post("/api/packs", body).json()["pack"]["upstream_changed"] == 1
    page = analyst.get("/api/packs/my_pack").json()
    assert [one["id"] for one in page["upstream_changed_items"]] == [TWO]
    assert analyst.get(f"/api/rules/{TWO}").json()["severity"] == "low"

    assert analyst.post("/api/packs/my_pack/remove", {"reason": "x"}).json() == {"done": True}
    assert code(analyst.get(f"/api/rules/{TWO}")) == "not_found"
    assert code(analyst.get("/api/packs/my_pack")) == "not_found"
    assert code(analyst.post("/api/packs/my_pack/remove", {})) == "not_found"


CIRCLE = """title: One
name: one
id: 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a21
correlation: {type: event_count, rules: [two], timespan: 1h, condition: {gte: 2}}
---
title: Two
id: 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a22
name: two
correlation: {type: event_count, rules: [one], timespan: 1h, condition: {gte: 2}}
"""


def test_what_is_refused_is_named_in_both_languages_and_without_our_folders(
    analyst: Browser,
) -> None:
    """Two rules of one id, and correlations that name each other in a circle."""
    files = {"a": RULE, "b": RULE.replace("title: ", "title: Other "), "c": CIRCLE}
    preview = upload(analyst, packed(**files)).json()
    told = {(row["path"], row["line"]): row for row in preview["refused"]}
    assert (told["b.yml", 1]["reason"], told["b.yml", 1]["reason_zh"]) == (
        "its id is that of a.yml:1",
        "其 id 与 a.yml:1 相同",
    )
    assert {row["path"] for row in told.values() if "a cycle" in row["reason"]} == {"c.yml"}
    assert all("循环" in row["reason_zh"] for row in told.values() if row["path"] == "c.yml")
    body = {"upload": preview["upload"], "allow_unsigned": True}
    assert analyst.post("/api/packs", body).json()["pack"]["refused"] == 3
    listed = analyst.get("/api/rules", origin="my_pack", kind="correlation").json()
    assert {row["health"] for row in listed["items"]} == {"inert"}
    assert all("循环" in row["why_zh"] for row in listed["items"])
    assert listed["refused"][0]["reason"] == "its id is that of my_pack: a.yml:1"
    assert code(upload(analyst, packed(c=CIRCLE), "circle.zip")) == "nothing_loads"


@pytest.mark.parametrize(
    ("data", "status", "problem"),
    [
        (b"MZ", 422, "bad_zip"),
        (packed(a=RULE)[:-30], 422, "bad_zip"),
        (packed(**{"../a": RULE}), 422, "hostile_zip"),
        (packed(a="title: ["), 422, "nothing_loads"),
        (b"x" * 2_100_000, 413, "too_large"),
    ],
)
def test_bad_uploads_leave_nothing(
    analyst: Browser, parts: ApiParts, data: bytes, status: int, problem: str
) -> None:
    response = upload(analyst, data)
    assert (response.status_code, code(response)) == (status, problem)
    folder = parts.settings.settings.home / "rules"
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert problem == "nothing_loads" or not left
    assert not list(folder.glob("*.part"))


def test_names(analyst: Browser) -> None:
    preview = upload(analyst, packed(a=RULE)).json()
    body = {"upload": preview["upload"], "allow_unsigned": True}
    for name in ("../x", "builtin", "A"):
        assert code(analyst.post("/api/packs", {**body, "name": name})) == "bad_name"
    assert code(analyst.post("/api/packs", {**body, "upload": "../x"})) == "bad_request"
    made = analyst.post("/api/packs", {**body, "name": "other"}).json()
    assert made["pack"]["name"] == "other"
