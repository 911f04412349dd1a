"""A running worker obeys what people decide, and a new one goes on where the last was killed."""

from __future__ import annotations

from console.correlating import make_regrouping
from console.pipeline import Pipeline, Run
from console.recorrelating import apply, recorrelate
from console.regrouping import Seen
from console.roles.judgement import Judgement
from console.rules.loading import RuleSet
from console.wiring import NO_RULES, Stores, make_pipeline
from fengsui.alert import Alert, Entity
from fengsui.asset import Asset
from fengsui.clock import SECOND
from fengsui.event import join_lines, make_event
from fengsui.settings import Settings
from fengsui.severity import Severity
from fengsui.store.event_store import ALWAYS
from fengsui.store.state import Act, CaseFilter, Plan
from tests.fengsui.store.sql.samples import make_alert

T = 1_790_000_000 * SECOND
WITHOUT = RuleSet((0, 0), NO_RULES, (), {}, {})  # loading all rules takes seconds


def _alert(rule: str, host: str, at: int) -> Alert:
    entities = (Entity("host", host, "source", internal=True),)
    first = T + at * SECOND
    return make_alert(
        f"{rule}{host}",
        rule=rule,
        key=host,
        entities=entities,
        severity=Severity.CRITICAL,
        first=first,
        last=first,
    )


def _seen(pipeline: Pipeline, alerts: list[Alert]) -> None:
    pipeline._take(pipeline.correlator.add(alerts, T))  # pyright: ignore[reportPrivateUsage]
    pipeline.flush()


def _begun(pipeline: Pipeline, at: int) -> None:
    event = make_event(
        id=f"{at:032x}", time=T + at * SECOND, dataset="other", fields={"observer.name": "s"}
    )
    pipeline.process(join_lines([event]), event.time)
    pipeline.flush()


def test_decisions_and_verdicts_reach_the_worker_and_the_next_one(
    settings: Settings, stores: Stores
) -> None:
    judgement = Judgement(stores.state)
    live = make_pipeline(settings, Run(), stores, rules=WITHOUT, trust=judgement.trust)
    _begun(live, 0)
    _seen(live, [_alert("a", "10.0.0.1", 1), _alert("b", "10.0.0.2", 2)])
    cases, _ = stores.state.cases(CaseFilter())
    regrouping = make_regrouping(settings, stores.events, stores.state)
    merged = regrouping.merge([Seen(case.incident.id, 0) for case in cases], "li", "one attack")
    judgement.follow([live], now=True)
    _seen(live, [_alert("c", "10.0.0.2", 3)])
    (case,), _ = stores.state.cases(CaseFilter())
    assert case.incident.id == merged.incident.id
    assert len(stores.state.alert_ids(case.incident.id)) == 3

    again = make_pipeline(
        settings, Run(), stores, rules=WITHOUT
    )  # kill -9: nothing but the stores is left
    _begun(again, 4)
    _seen(again, [_alert("d", "10.0.0.1", 5)])
    (case,), _ = stores.state.cases(CaseFilter())
    assert len(stores.state.alert_ids(case.incident.id)) == 4
    assert {join.kind for join in case.incident.joins} == {"analyst", "host"}

    values = {"verdict": "false", "reason": "an exercise"}
    stores.state.act(case.incident.id, Act("close", "li", T, values), case.version)
    before = again.incidents()[0].score
    judgement.follow([again], now=True)
    trusted = make_pipeline(settings, Run(), stores, rules=WITHOUT)
    _begun(trusted, 6)
    assert judgement.trust("a", 0.9) < 0.9
    assert trusted.incidents()[0].score <= before
    judgement.follow([], now=True)  # nothing new


def test_a_worker_goes_on_from_what_was_correlated_anew(settings: Settings, stores: Stores) -> None:
    judgement = Judgement(stores.state)
    before = make_pipeline(settings, Run(), stores, rules=WITHOUT, trust=judgement.trust)
    _begun(before, 0)
    _seen(before, [_alert("a", "10.0.0.1", 1), _alert("b", "10.0.0.2", 2)])
    both = Asset("pc", "PC", ("10.0.0.1", "10.0.0.2"))
    stores.state.put_plan(Plan(assets=(both,)))  # it turns out to be one machine
    apply(recorrelate(settings, stores.events, stores.state, "", ALWAYS), stores.state, "li", "")
    judgement.follow([before], now=True)
    assert judgement.anew
    late = _alert("c", "10.0.0.2", 3)  # taken in before the worker looked
    before._take(before.correlator.add([late], T))  # pyright: ignore[reportPrivateUsage]
    after = make_pipeline(settings, Run(), stores, rules=WITHOUT, trust=judgement.trust)
    after.take_over(before)
    after.flush()
    (case,) = stores.state.cases(CaseFilter())[0]
    assert len(case.incident.alerts) == 3
    _seen(after, [_alert("d", "10.0.0.1", 4)])
    (case,) = stores.state.cases(CaseFilter())[0]
    assert len(case.incident.alerts) == 4
