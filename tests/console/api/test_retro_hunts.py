"""Retro-hunts over the API: asked of the worker, followed, resumed; never a path of the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fengsui.store.sql.state import SqlState
from tests.console.api.client import Browser
from tests.console.api.conftest import SIGMA_ID, make_records
from tests.console.api.memory_store import MemoryStore

RETRO = "/api/retro-hunts"


@pytest.fixture(autouse=True)
def filled(events: MemoryStore) -> None:
    events.append(make_records())


def test_asked_and_followed(analyst: Browser, state: SqlState) -> None:
    made = analyst.post(RETRO, {"rules": [SIGMA_ID], "since": "2026-01-01"}).json()
    assert (made["kind"], made["what"], made["until"]) == ("rules", SIGMA_ID, None)
    assert made["job"]["status"] == "queued"
    job = state.take_job(("retro_hunt",))
    assert job is not None
    assert job.arguments["rules"] == [SIGMA_ID]
    error = {"code": "x", "what": "a", "where": "b", "next": "c"}
    state.put_job(replace(job, status="failed", result={"error": error}))
    shown = analyst.get(f"{RETRO}/{job.id}").json()
    assert (shown["error"]["what"], shown["found"]) == ("a", None)
    again = analyst.post(f"{RETRO}/{job.id}/resume", {}).json()
    assert again["job"]["id"] != job.id
    assert [one["job"]["id"] for one in analyst.get(RETRO).json()["items"]].count(job.id) == 1


def test_estimate(analyst: Browser) -> None:
    found = analyst.post(f"{RETRO}/estimate", {"query": "*"}).json()
    assert found["candidates"] == found["stored"] > 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_request"),
        ({"query": "a", "source": "b"}, "bad_request"),
        ({"query": "a:("}, "bad_query"),
        ({"rules": ["/etc/passwd"]}, "not_found"),
        ({"rules": ["../x.yml"]}, "not_found"),
        ({"rules": ["none"]}, "not_found"),
        ({"source": "title: x"}, "bad_rule"),
        ({"indicators": "x y"}, "bad_indicator"),
        ({"query": "*", "since": "never"}, "bad_time"),
    ],
)
def test_what_is_refused(analyst: Browser, body: dict[str, object], code: str) -> None:
    assert analyst.post(RETRO, body).json()["code"] == code


def test_there_is_none(analyst: Browser) -> None:
    assert analyst.get(f"{RETRO}/none").json()["code"] == "not_found"
    assert analyst.post(f"{RETRO}/none/resume", {}).json()["code"] == "not_found"
