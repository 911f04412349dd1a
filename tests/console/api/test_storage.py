"""The console says which store it is on and how it fares, also when the store does not answer."""

from __future__ import annotations

import pytest

from fengsui.errors import StoreError
from fengsui.store.sql.state import SqlState
from tests.console.api.client import Browser
from tests.console.api.conftest import make_records
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0


def test_how_it_fares(analyst: Browser, events: MemoryStore, state: SqlState) -> None:
    events.append(make_records())
    found = analyst.get("/api/store").json()
    assert (found["kind"], found["status"], found["backup"]) == ("embedded", "good", None)
    assert found["events"] > 0
    assert {one["what"] for one in found["findings"]} == {"disk", "segments"}
    about = {"folder": "/b", "events": 3, "seconds": 1.5, "cipher": "sm4-gcm"}
    state.put_health("backup", T0, about)
    state.put_health("work", T0, {"lag_seconds": 2.5, "waiting": 3})
    found = analyst.get("/api/store").json()
    assert found["backup"]["cipher"] == "sm4-gcm"
    assert found["lag_seconds"] == 2.5
    state.put_health(
        "work", T0, {"lag_seconds": 9e7, "waiting": 0}
    )  # an old capture, all of it read
    assert analyst.get("/api/store").json()["lag_seconds"] == 0.0
    assert "backup" not in analyst.get("/api/health").json()["roles"]


def test_a_store_that_does_not_answer(
    analyst: Browser, events: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise StoreError("It is down", where="here", next="Start it")

    monkeypatch.setattr(events, "statistics", down)
    monkeypatch.setattr(events, "describe", down)
    found = analyst.get("/api/store").json()
    assert (found["status"], found["findings"][0]["next"]) == ("bad", "Start it")
    assert analyst.get("/api/health").status_code == 200
