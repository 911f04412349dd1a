"""Event queries: what telemetry and registers show of a unit, as steps, on the evidence's own clock.

A query of the shelf `queries` names its units (`QUERIES`) and answers each with steps: true, false or
open. Open is what could not be seen: no register, a period that is not full, sensors that were down.
What only a test or a person shows is a step of its own, closed by a signed record of its name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import detections.compliance.events.queries
from detections.compliance.assets.judging import asset_verdict
from detections.compliance.catalogue import control
from detections.compliance.coverage import Coverage, coverage, is_live
from detections.compliance.evidence import Evidence, Record, Row, in_scope, query_of, recorded
from detections.compliance.judgement import NAMED, Judgement, Values
from detections.compliance.profile.steps import steps_of
from detections.compliance.verdict import Step
from fengsui.alert import Fact
from fengsui.clock import DAY
from fengsui.control import Check
from fengsui.registry import parts
from fengsui.store.event_store import Histogram, TimeRange
from fengsui.text import Text, catalogue

_FILE: Final = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True, slots=True)
class EventStep:
    """One step as a query sees it; its title is `web.step.NAME`, its repair `events.repair.NAME`.

    Attributes:
        state: None is open; `why` then says so (`events.why.WHY`).
        total: how many were looked at; `bad`: those that fail.
        signed: shown by a record of its name, not by telemetry.
    """

    name: str
    state: Step
    why: str = ""
    total: int = 0
    bad: tuple[str, ...] = ()
    signed: bool = False


def signed(name: str) -> EventStep:
    """A step that a test or a person shows."""
    return EventStep(name, None, "signed", signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found: its steps, the exact question, the rows that answered it, since when (ns)."""

    steps: tuple[EventStep, ...]
    query: str
    rows: Sequence[Row]
    since: int
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A claim under one unit. `supports`: it can only speak against it, others show that it holds."""

    check: Check
    ask: Callable[[Evidence], Answer] = field(compare=False)
    supports: bool = False


def event_query(
    name: str, unit: str, ask: Callable[[Evidence], Answer], *, supports: bool = False
) -> EventQuery:
    """A query by its name; limits are those of `limits.toml` under the part before a dot."""
    check = Check(name, unit, Text(f"events.claim.{name}", {}), limits_of(name))
    return EventQuery(check, ask, supports)


@cache
def event_queries() -> tuple[EventQuery, ...]:
    """All queries of the shelf, by unit.

    Raises:
        RuleError: a module does not load.
        NotFoundError: a query names a unit that is not in the catalogue.
    """
    found: list[EventQuery] = [
        each for module in parts(detections.compliance.events.queries) for each in module.QUERIES
    ]
    for each in found:
        control(each.check.unit)
    return tuple(sorted(found, key=lambda each: (each.check.unit, each.check.id)))


@cache
def supporting() -> frozenset[str]:
    """Checks whose silence is no lack of evidence."""
    return frozenset(each.check.id for each in event_queries() if each.supports)


def judge_query(query: EventQuery, evidence: Evidence, records: Sequence[Record]) -> Judgement:
    """The answer of a query with its records; E3 and E5, so that nothing open conforms."""
    answer = query.ask(evidence)
    unit = query.check.unit
    steps = [_closed(step, unit, evidence, records) for step in answer.steps]
    single = len(steps_of(unit).names) == 1
    verdict = asset_verdict([step.state for step in steps], single=single, level="E3")
    failed = [step for step in steps if step.state is False]
    opened = [step for step in steps if step.state is None]
    deciding = failed or opened or steps
    states: list[Row] = [{"step": step.name, "state": str(step.state)} for step in steps]
    return Judgement(
        verdict,
        _joined("events.reason", [_sentence(step) for step in deciding]),
        _joined("events.repair_all", [_repair(step) for step in failed or opened]),
        answer.query,
        [*answer.rows, *states],
        answer.since,
        answer.facts,
        tuple(step.name for step in opened if step.signed),
    )


def limit(name: str, key: str) -> float:
    """One limit."""
    return float(_limits()[name.partition(".")[0]][key]["value"])


def limits_of(name: str) -> tuple[Fact, ...]:
    """All limits of a query, each with its mark."""
    rows = _limits()[name.partition(".")[0]]
    return tuple(Fact(key, row["value"], row["mark"], row["unit"]) for key, row in rows.items())


@dataclass(frozen=True, slots=True, eq=False)
class _Once:
    """Evidence by identity: several queries of one run ask for the same coverage."""

    evidence: Evidence

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once) and other.evidence is self.evidence

    def __hash__(self) -> int:
        return id(self.evidence)


def seen_assets(evidence: Evidence, since: int) -> Coverage:
    """`coverage`, asked once of the same evidence."""
    return _seen_assets(_Once(evidence), since)


@lru_cache(maxsize=8)
def _seen_assets(once: _Once, since: int) -> Coverage:
    return coverage(once.evidence, since)


def period_open(evidence: Evidence, since: int) -> str:
    """Why silence in a period proves nothing: not live, or days without any event; "" where it may."""
    return _period_open(_Once(evidence), since)


@lru_cache(maxsize=16)
def _period_open(once: _Once, since: int) -> str:
    if not is_live(once.evidence):
        return "not_live"
    return "gaps" if _dark_days(once.evidence, since) else ""


def _dark_days(evidence: Evidence, since: int) -> int:
    within = TimeRange(since, evidence.now + 1)
    buckets = evidence.events.aggregate(query_of(in_scope(evidence, "")), Histogram(DAY), within)
    lit = {int(bucket.key) // DAY for bucket in buckets if bucket.count}
    return sum(day not in lit for day in range(since // DAY + 1, evidence.now // DAY + 1))


def told(name: str, bad: Sequence[str], total: int, why: str) -> EventStep:
    """False where some fail; else open for a reason, or true."""
    if bad:
        return EventStep(name, False, "", max(total, len(bad)), tuple(bad))
    return EventStep(name, None if why else True, why, total)


def _closed(step: EventStep, unit: str, evidence: Evidence, records: Sequence[Record]) -> EventStep:
    if not step.signed or step.state is not None:
        return step
    holds = recorded(records, unit, step.name, evidence.now)
    return EventStep(step.name, holds, "" if holds is not None else step.why, signed=True)


def _sentence(step: EventStep) -> Text:
    title = Text(f"web.step.{step.name}", {})
    values: Values = {"step_zh": title.render("zh"), "step_en": title.render("en")}
    if step.state is None:
        why = Text(f"events.why.{step.why}", {})
        values |= {"why_zh": why.render("zh"), "why_en": why.render("en")}
        return Text("events.step.open", values)
    if step.signed:
        return Text("events.step.signed" if step.state else "events.step.signed_against", values)
    names = step.bad[:NAMED]
    values |= {
        "total": step.total,
        "bad": len(step.bad),
        "names_zh": "、".join(names) or "-",
        "names_en": ", ".join(names) or "-",
    }
    return Text("events.step.good" if step.state else "events.step.bad", values)


def _repair(step: EventStep) -> Text:
    key = f"events.repair.{step.name}"
    return Text(
        key if key in catalogue() else "events.repair.signed", {"step_zh": "", "step_en": ""}
    )


def _joined(key: str, texts: Sequence[Text]) -> Text:
    if not texts:
        return Text("events.repair_none", {})
    zh = "；".join(dict.fromkeys(text.render("zh") for text in texts))
    en = "; ".join(dict.fromkeys(text.render("en") for text in texts))
    return Text(key, {"steps_zh": zh, "steps_en": en})


@cache
def _limits() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
