"""A range correlated anew: the same for the same alerts, else said before it is done, and audited."""

from __future__ import annotations

from pathlib import Path

from console.published import document
from console.recorrelating import apply, recorrelate
from console.wiring import open_stores
from fengsui.alert import Alert, Entity
from fengsui.asset import Asset
from fengsui.clock import SECOND
from fengsui.event import Event, make_event
from fengsui.ids import event_id
from fengsui.settings import load_settings
from fengsui.store.event_store import ALWAYS
from fengsui.store.state import Act, CaseFilter, Plan
from tests.fengsui.store.sql.samples import make_alert, make_incident

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


def _foreign(at: int, kind: str, host: str) -> Event:
    fields = {
        "event.kind": "alert",
        "event.module": "t",
        "rule.id": kind,
        "rule.name": kind,
        "host.ip": [host],
        "source.ip": host,
        "log.level": "high",
    }
    made = event_id("ids", at, "test", f"{kind}{host}{at}".encode())
    return make_event(id=made, time=at, dataset="ids", fields=fields)  # type: ignore[arg-type]


def test_what_alerts_no_longer_make_is_withdrawn_unless_somebody_acted(tmp_path: Path) -> None:
    settings = load_settings({}, home=tmp_path / "home").settings
    with open_stores(settings, writable=True) as stores:
        state, events = stores.state, stores.events
        events.append([_foreign(T + n * 20 * SECOND, f"odd{n % 9}", "10.0.0.5") for n in range(40)])
        state.put_alerts(
            [make_alert("stale", run="", key="10.0.0.9", first=T, last=T, kind="foreign")]
        )
        for name in ("false", "taken"):
            state.put_incidents(
                [make_incident(name, alerts=("stale",), first=T, last=T, origin="foreign")], {}
            )
        state.act("taken", Act("take", "li", T), 0)
        result = recorrelate(settings, events, state, "", ALWAYS)
        told = result.as_json()
        assert [row["id"] for row in told["gone"]] == ["false"]
        assert [row["id"] for row in told["kept"]] == ["taken"]
        document("incidents-recorrelate").model_validate({**told, "applied": True})
        apply(result, state, "cli:li", "")
        assert state.case("false") is None
        assert state.case("taken") is not None
        again = recorrelate(settings, events, state, "", ALWAYS).as_json()
        assert again["gone"] == again["new"] == again["changed"] == []
