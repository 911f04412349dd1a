"""Retro-hunts: what they find, what they cost, stopped anywhere and taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from console.retro import jobs
from console.retro.asked import JOB, Asked, engine_of
from console.retro.hunting import Found, checkpoint, estimate, hunt, taken_up
from console.roles import retro_hunts
from console.rules.desk import RuleDesk
from console.wiring import Stores, open_stores
from detections.detector import Context
from fengsui.clock import DAY, SECOND
from fengsui.errors import BusyError, FengsuiError, InputError, NotFoundError, RuleError
from fengsui.event import Event, make_event
from fengsui.settings import Settings
from fengsui.store.event_store import ALWAYS
from fengsui.store.state import Job
from tests.console.rules.conftest import TWO, rule_text
from tests.fengsui.store.sql.samples import T0

MANY = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9bff"
RULES = rule_text(TWO).replace("status:", "name: bad_name\nstatus:")
CHAIN = f"""{RULES}---
title: Many
id: {MANY}
correlation:
  type: event_count
  rules: [bad_name]
  group-by: [source.ip]
  timespan: 4d
  condition:
    gte: 3
level: high
"""


def dns(number: int) -> Event:
    """Ten an hour apart each day; the first two of each day are bad."""
    day, hour = divmod(number, 10)
    fields = {
        "source.ip": f"10.0.0.{hour}",
        "dns.question.name": "bad.example" if hour < 2 else "good.example",
    }
    time = T0 + day * DAY + hour * 3600 * SECOND
    return make_event(id=f"{number:032x}", time=time, dataset="dns", fields=fields)


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    with open_stores(settings, writable=True) as opened:
        opened.events.append([dns(number) for number in range(60)])
        yield opened


@pytest.fixture
def desk(settings: Settings, stores: Stores, builtin: Path) -> RuleDesk:
    context = Context(lambda address: address.startswith("10."))
    return RuleDesk(settings, stores.state, lambda: stores.events, context, builtin)


def found_by(asked: Asked, desk: RuleDesk, stores: Stores) -> Found:
    return hunt(engine_of(asked, desk), stores.events, asked.within, Found(), asked.listed)


def test_a_rule_reads_only_what_may_meet_it(desk: RuleDesk, stores: Stores) -> None:
    asked = Asked(source=RULES)
    cost = estimate(engine_of(asked, desk), stores.events, ALWAYS)
    assert (cost.stored, cost.candidates, cost.sampled) == (60, 12, 12)
    found = found_by(asked, desk, stores)
    assert (found.events, found.hits, set(found.rules)) == (12, 12, {TWO})
    assert [hit.event for hit in found.listed] == [
        f"{day * 10 + hour:032x}" for day in range(6) for hour in range(2)
    ]


@pytest.mark.parametrize(
    ("asked", "hits"),
    [
        (Asked(query="dns.question.name:bad.example", since=T0 + DAY), 10),
        (Asked(indicators="bad.example\n203.0.113.0/24"), 12),
        (Asked(indicators="10.0.0.0/31", listed=3), 12),
        (Asked(rules=("own",)), 0),
    ],
)
def test_other_things_to_look_for(desk: RuleDesk, stores: Stores, asked: Asked, hits: int) -> None:
    found = found_by(asked, desk, stores)
    assert found.hits == hits
    assert len(found.listed) == min(hits, asked.listed)
    assert Asked.of(orjson.loads(orjson.dumps(asked.as_json()))) == asked


def test_rules_by_id_file_and_folder(desk: RuleDesk, stores: Stores, builtin: Path) -> None:
    one = "5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9b01"
    for name in (one, str(builtin), str(builtin / "one.yml"), "all"):
        assert found_by(Asked(rules=(name,)), desk, stores).hits == 12
    (builtin / "bad.yml").write_text("title: [", "utf-8")
    engine = engine_of(Asked(rules=(str(builtin),)), desk)
    assert [row.rule for row in engine.idle()] == [""]
    with pytest.raises(NotFoundError):
        engine_of(Asked(rules=("none",)), desk)


def test_what_cannot_be_looked_for(desk: RuleDesk) -> None:
    with pytest.raises(InputError):
        Asked()
    with pytest.raises(InputError):
        Asked(query="a", source="b")
    for asked in (Asked(source="title: x"), Asked(indicators="x y"), Asked(query="a:(")):
        with pytest.raises((RuleError, InputError)):
            engine_of(asked, desk)
    with pytest.raises(InputError):
        engine_of(Asked(indicators="# nothing"), desk)


@pytest.mark.parametrize("after", [0, 5, 12])
def test_stopped_anywhere_it_finds_the_same(
    desk: RuleDesk, stores: Stores, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Correlations too: their windows are taken along."""
    monkeypatch.setattr("console.retro.hunting._LOOK", 1)
    asked = Asked(source=CHAIN)
    whole = found_by(asked, desk, stores)
    assert whole.rules[MANY].hits > 0
    engine = engine_of(asked, desk)
    part = hunt(engine, stores.events, ALWAYS, Found(), 100, lambda found: found.events < after)
    assert part.why_partial == ("cancelled" if after < 12 else "")
    kept = orjson.loads(orjson.dumps(checkpoint(engine, part)))
    engine = engine_of(asked, desk)
    again = hunt(engine, stores.events, ALWAYS, taken_up(engine, kept), 100)
    if after < 12:
        assert replace(again, seconds=0) == replace(whole, seconds=0)


def test_a_job(
    settings: Settings, stores: Stores, desk: RuleDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for, done by the worker's process, cancelled, resumed."""
    monkeypatch.setattr(retro_hunts, "make_desk", lambda _settings, _stores: desk)
    state = stores.state
    job = jobs.new_job(Asked(source=CHAIN), "ann", T0, here=False)
    state.put_job(job)
    retro_hunts.run_job(settings, job.id)
    assert known(stores, job).status == "queued"
    taken = state.take_job((JOB,))
    assert taken is not None
    monkeypatch.setattr(jobs, "_TELL", -1.0)
    monkeypatch.setattr("console.retro.hunting._LOOK", 5)
    told: list[int] = []

    def stop(one: Job) -> bool:
        told.append(one.done)
        return len(told) < 2

    assert jobs.run(taken, state, stores.events, desk, stop).status == "cancelled"
    part = known(stores, job)
    assert (part.done, part.result["partial"]) == (5, True)
    again = jobs.resumed(state, job.id, "bob", T0, here=True)
    state.put_job(again)
    ended = jobs.run(again, state, stores.events, desk)
    assert (ended.status, ended.done, ended.total) == ("done", 12, 12)
    assert ended.result["hits"] == found_by(Asked(source=CHAIN), desk, stores).hits
    with pytest.raises(BusyError):
        jobs.resumed(state, again.id, "bob", T0, here=True)
    with pytest.raises(NotFoundError):
        jobs.resumed(state, "none", "bob", T0, here=True)


def known(stores: Stores, job: Job) -> Job:
    found = stores.state.job(job.id)
    assert found is not None
    return found


def test_rules_that_changed_begin_again(desk: RuleDesk, stores: Stores) -> None:
    job = jobs.new_job(Asked(source=RULES), "ann", T0, here=True)
    first = jobs.run(job, stores.state, stores.events, desk, lambda _job: False)
    other = jobs.new_job(Asked(source=RULES.replace("bad.", "good.")), "ann", T0, here=True)
    changed = replace(other, result=first.result)
    stores.state.put_job(changed)
    assert jobs.run(changed, stores.state, stores.events, desk).result["hits"] == 48


def test_a_failure_keeps_what_was_found(desk: RuleDesk, stores: Stores) -> None:
    job = jobs.new_job(Asked(source="title: x"), "ann", T0, here=False)
    with pytest.raises(FengsuiError):
        jobs.run(replace(job, result={"hits": 3}), stores.state, stores.events, desk)
    ended = known(stores, job)
    assert (ended.status, ended.result["error"]["code"], ended.result["hits"]) == (
        "failed",
        "bad_rule",
        3,
    )


def test_what_a_crash_cut_short_is_queued_again(settings: Settings, stores: Stores) -> None:
    for here in (True, False):
        job = jobs.new_job(Asked(query="*"), "ann", T0, here=here)
        stores.state.put_job(replace(job, id=str(here), status="running"))
    retro_hunts.RetroHunts(settings, stores.state)
    assert {job.id: job.status for job in stores.state.jobs()} == {
        "True": "running",
        "False": "queued",
    }
