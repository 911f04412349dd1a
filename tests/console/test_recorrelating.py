"""A range correlated anew: the same for the same alerts, else said before it is done, and audited."""

from __future__ import annotations

from pathlib import Path

from console.published import document
from console.recorrelating import apply, recorrelate
from console.wiring import open_stores
from fengsui.alert import Alert, Entity
from fengsui.asset import Asset
from fengsui.clock import SECOND
from fengsui.settings import load_settings
from fengsui.store.event_store import ALWAYS
from fengsui.store.state import CaseFilter, Plan
from tests.fengsui.store.sql.samples import make_alert

T = 1_790_000_000 * SECOND


def _alert(name: str, host: str, at: int) -> Alert:
    entities = (Entity("host", host, "source", internal=True),)
    first = T + at * SECOND
    return make_alert(name, rule=name, key=host, entities=entities, first=first, last=first)


def test_a_range_is_correlated_anew(tmp_path: Path) -> None:
    settings = load_settings({}, home=tmp_path / "home").settings
    with open_stores(settings, writable=True) as stores:
        state, events = stores.state, stores.events
        state.put_alerts([_alert("a", "10.0.0.1", 0), _alert("b", "10.0.0.2", 60)])
        first = recorrelate(settings, events, state, "", ALWAYS)
        told = document("incidents-recorrelate").model_validate(
            {**first.as_json(), "applied": False}
        )
        assert len(told.new) == 2  # type: ignore[attr-defined]
        assert state.cases(CaseFilter())[1] == 0  # only said
        apply(first, state, "cli:li", "")
        assert state.cases(CaseFilter())[1] == 2
        assert state.audit_records(1)[0].what == "incidents.recorrelate"
        again = recorrelate(settings, events, state, "", ALWAYS).as_json()
        assert (again["same"], again["new"], again["changed"], again["gone"]) == (2, [], [], [])

        both = Asset("pc", "PC", ("10.0.0.1", "10.0.0.2"), criticality=4)
        state.put_plan(Plan(assets=(both,)))  # it turns out to be one machine, and an important one
        joined = recorrelate(settings, events, state, "", ALWAYS)
        (changed,) = joined.as_json()["changed"]
        assert changed["score"] > changed["score_before"]
        assert len(joined.absorbed) == 1
        apply(joined, state, "cli:li", "")
        assert state.cases(CaseFilter())[1] == 1
