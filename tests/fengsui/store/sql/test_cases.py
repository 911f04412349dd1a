"""What correlation writes and what people do never overwrite each other."""

from __future__ import annotations

import pytest

from fengsui.clock import SECOND
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.severity import Severity
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Act, ActKind, CaseFilter
from tests.fengsui.store.sql.samples import T0, make_alert, make_incident


def _act(state: SqlState, kind: ActKind, by: str = "ann", incident: str = "i1", **values: str):
    case = state.case(incident)
    assert case is not None
    return state.act(incident, Act(kind, by, T0, values), case.version)


def _close(state: SqlState, incident: str = "i1"):
    return _act(state, "close", incident=incident, verdict="true", reason="seen on the host")


def test_incident_comes_back_whole(state: SqlState) -> None:
    incident = make_incident()
    state.put_incidents([incident], {})
    case = state.case("i1")
    assert case is not None
    assert case.incident == incident
    assert (case.status, case.owner, case.verdict, case.version) == ("new", "", None, 0)
    assert state.case("nothing") is None


def test_acts_change_the_case_and_raise_its_version(state: SqlState) -> None:
    state.put_incidents([make_incident()], {})
    case = _act(state, "take")
    assert (case.status, case.owner, case.version) == ("open", "ann", 1)
    case = _act(state, "assign", owner="bo")
    assert (case.owner, case.version) == ("bo", 2)
    assert _act(state, "escalate").escalated
    assert _act(state, "wait").status == "waiting"
    case = _close(state)
    assert (case.status, case.verdict, case.verdict_reason) == (
        "closed",
        "true",
        "seen on the host",
    )
    case = _act(state, "reopen")
    assert (case.status, case.verdict, case.verdict_reason) == ("open", None, "")
    assert [act.kind for act in case.history] == [
        "take", "assign", "escalate", "wait", "close", "reopen",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("close", {}, "verdict_needed"),
        ("close", {"verdict": "true"}, "verdict_needed"),
        ("close", {"verdict": "maybe", "reason": "x"}, "verdict_needed"),
        ("close", {"verdict": "true", "reason": "  "}, "verdict_needed"),
        ("assign", {}, "owner_needed"),
        ("note", {"text": " "}, "text_needed"),
        ("reopen", {}, "case_not_closed"),
        ("undo", {}, "nothing_to_undo"),
    ],
)
def test_acts_that_do_not_fit(
    state: SqlState, kind: ActKind, values: dict[str, str], code: str
) -> None:
    state.put_incidents([make_incident()], {})
    with pytest.raises(InputError) as caught:
        _act(state, kind, **values)
    assert caught.value.code == code
    case = state.case("i1")
    assert case is not None
    assert (case.version, case.history) == (0, ())


def test_a_closed_case_must_be_reopened_first(state: SqlState) -> None:
    state.put_incidents([make_incident()], {})
    _close(state)
    with pytest.raises(InputError) as caught:
        _act(state, "take")
    assert caught.value.code == "case_closed"


def test_undo_restores_and_history_only_grows(state: SqlState) -> None:
    state.put_incidents([make_incident()], {})
    taken = _act(state, "take")
    _close(state)
    case = _act(state, "undo")
    assert (case.status, case.owner, case.verdict) == (taken.status, taken.owner, None)
    case = _act(state, "undo")
    assert (case.status, case.owner) == ("new", "")
    assert [act.kind for act in case.history] == ["take", "close", "undo", "undo"]
    assert case.version == 4


def test_somebody_else_acted(state: SqlState) -> None:
    state.put_incidents([make_incident()], {})
    state.act("i1", Act("take", "ann", T0), 0)
    with pytest.raises(BusyError) as caught:
        state.act("i1", Act("take", "bo", T0), 0)
    assert caught.value.code == "version_conflict"
    with pytest.raises(NotFoundError):
        state.act("nothing", Act("take", "bo", T0), 0)


def test_growth_leaves_what_people_did(state: SqlState) -> None:
    state.put_incidents([make_incident(score=40)], {})
    _act(state, "take")
    _close(state)
    state.put_incidents([make_incident(score=95)], {})
    case = state.case("i1")
    assert case is not None
    assert (case.status, case.owner, case.incident.score) == ("closed", "ann", 95)
    assert case.history[-1].values["score"] == 40


def test_absorbed_ids_lead_to_the_new_case(state: SqlState) -> None:
    state.put_incidents([make_incident("old"), make_incident("older")], {})
    _act(state, "take", incident="old")
    _act(state, "escalate", incident="old")
    state.put_incidents([make_incident("new")], {"old": "new", "older": "old"})
    state.put_incidents([make_incident("new", score=70)], {"old": "new"})  # said twice: harmless
    for id_ in ("old", "older", "new"):
        case = state.case(id_)
        assert case is not None
        assert case.incident.id == "new"
    assert (case.owner, case.status, case.escalated, case.version) == ("ann", "open", True, 2)
    told = [(act.kind, act.by, act.values.get("incident")) for act in case.history]
    assert ("take", "ann", "old") in told
    assert ("assign", "fengsui", None) in told
    assert state.cases(CaseFilter())[1] == 1
    assert state.act("older", Act("note", "bo", T0, {"text": "x"}), 2).incident.id == "new"
    state.put_incidents([make_incident("newest")], {"new": "newest"})
    case = state.case("older")
    assert case is not None
    assert case.incident.id == "newest"


def test_an_absorbed_case_that_comes_back_stands_for_itself(state: SqlState) -> None:
    state.put_incidents([make_incident("a"), make_incident("b")], {"a": "b"})
    state.put_incidents([make_incident("a")], {"b": "a"})
    for id_ in ("a", "b"):
        case = state.case(id_)
        assert case is not None
        assert case.incident.id == "a"


def test_absorbing_does_not_touch_a_case_that_people_worked_on(state: SqlState) -> None:
    state.put_incidents([make_incident("a"), make_incident("b")], {})
    _act(state, "take", "ann", "a")
    _act(state, "take", "bo", "b")
    state.put_incidents([], {"a": "b"})
    case = state.case("a")
    assert case is not None
    assert (case.incident.id, case.owner, case.version) == ("b", "bo", 1)


def test_filters_sorts_and_pages(state: SqlState) -> None:
    state.put_incidents(
        [
            make_incident("a", score=10, first=T0, last=T0 + 1),
            make_incident("b", score=90, run="d1", first=T0 + SECOND, last=T0 + 2 * SECOND),
            make_incident("c", score=50, first=T0 + 5 * SECOND, last=T0 + 9 * SECOND),
        ],
        {},
    )
    _act(state, "take", incident="c")

    def ids(sort: str = "-score", **which: object) -> list[str]:
        cases, total = state.cases(CaseFilter(**which), sort=sort)  # type: ignore[arg-type]
        assert total == len(cases)
        return [case.incident.id for case in cases]

    assert ids() == ["b", "c", "a"]
    assert ids("score") == ["a", "c", "b"]
    assert ids("-last") == ["c", "b", "a"]
    assert ids("first") == ["a", "b", "c"]
    assert ids("-severity") == ["b", "c", "a"]
    assert ids(run="") == ["c", "a"]
    assert ids(run="d1") == ["b"]
    assert ids(statuses=("new",)) == ["b", "a"]
    assert ids(owner="ann") == ["c"]
    assert ids(owner="") == ["b", "a"]
    assert ids(severities=("critical", "medium")) == ["b", "c"]
    assert ids(since=T0 + 2 * SECOND) == ["b", "c"]
    assert ids(until=T0 + SECOND) == ["a"]
    assert ids(text="外传 10.1.1.5 t1071") == ["b", "c", "a"]
    assert ids(text="100%") == []
    page, total = state.cases(CaseFilter(), limit=1, offset=1)
    assert ([case.incident.id for case in page], total) == (["c"], 3)
    with pytest.raises(InputError):
        state.cases(CaseFilter(), sort="colour")
    with pytest.raises(InputError):
        state.cases(CaseFilter(severities=("loud",)))


def test_facets_ignore_their_own_choice(state: SqlState) -> None:
    state.put_incidents([make_incident("a", score=10), make_incident("b", score=90, run="d")], {})
    _act(state, "take", incident="b")
    facets = state.facets(CaseFilter(statuses=("new",)))
    assert dict(facets["status"]) == {"new": 1, "open": 1}
    assert dict(facets["severity"]) == {"info": 1}
    assert dict(facets["owner"]) == {"": 1}
    assert dict(state.facets(CaseFilter())["run"]) == {"": 1, "d": 1}


def test_what_leads_to_a_case(state: SqlState) -> None:
    state.put_alerts([make_alert("a1"), make_alert("a2", events=("e9",))])
    state.put_incidents([make_incident("i", alerts=("a1", "a2"))], {})
    assert [case.incident.id for case in state.cases_with(["a2"])] == ["i"]
    assert [case.incident.id for case in state.cases_about("host", "10.1.1.5")] == ["i"]
    state.put_incidents([make_incident("i", alerts=("a1",))], {})
    assert state.cases_with(["a2"]) == []


def test_alerts_by_id_run_event_and_entity(state: SqlState) -> None:
    first = make_alert("a1", first=T0)
    other = make_alert("a2", run="d", rule="beacon", first=T0 + 1, last=T0 + 2, events=("e3",))
    state.put_alerts([other, first])
    assert state.alerts(["a2", "a1", "gone"]) == [first, other]
    assert state.alerts() == [first, other]
    assert state.alerts(run="") == [first]
    assert state.alerts(limit=1) == [first]
    assert state.alerts_of(["e3", "e1"]) == [first, other]
    assert state.alerts_about("domain", "bad.example") == [first, other]
    folded = first.folding(make_alert("a9", severity=Severity.CRITICAL, events=("e7",)))
    state.put_alerts([folded])
    assert state.alerts(["a1"]) == [folded]
    assert state.hits() == {"dns_tunnel": 2, "beacon": 1}


def test_changes_tell_live_views_what_to_fetch(state: SqlState) -> None:
    before, nothing = state.changes()
    assert nothing == {}
    state.put_incidents([make_incident("i")], {})
    state.put_health("work", T0, {})
    now, changed = state.changes(before)
    assert changed == {"incidents": ["i"], "health": ["work"]}
    assert state.changes(now) == (now, {})
