"""A retro-hunt: what it will cost, and the hunt itself, which can be stopped and taken up again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from console.retro.engines import Engine, Hit
from fengsui.clock import DAY, to_iso
from fengsui.errors import StoreError
from fengsui.event import Event
from fengsui.query.render import to_lucene
from fengsui.query.tree import Everything, Query
from fengsui.store.event_store import ALWAYS, EventStore, TimeRange

SAMPLE: Final = 2_000  # events that an estimate looks at
SAMPLE_SECONDS: Final = 2.0
_LOOK: Final = 500  # events between reports
_QUERY_SHOWN: Final = 2_000  # characters
_IDLE_SHOWN: Final = 200  # rules

OnProgress = Callable[["Found"], bool]  # False ends it


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a hunt will cost.

    Attributes:
        stored: events of the time range.
        candidates: those that the store selects, each to be confirmed; -1 where counting took too long.
        sampled: events that the engine looked at for this.
        us_per_event: of reading and confirming one, measured on them.
        seconds: in all.
        query: what the store is asked, as Lucene.
    """

    stored: int
    candidates: int
    sampled: int
    us_per_event: float
    seconds: float
    query: str

    def as_json(self) -> dict[str, Any]:
        """The published form."""
        return asdict(self)


@dataclass(slots=True)
class RuleFound:
    """Hits of one rule; first and last by event time, ns."""

    hits: int = 0
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class Found:
    """What was found so far. `at` is time and id of the event that was looked at last."""

    candidates: int = 0
    events: int = 0
    hits: int = 0
    seconds: float = 0.0
    at: tuple[int, str] = (0, "")
    rules: dict[str, RuleFound] = field(default_factory=dict[str, RuleFound])
    days: Counter[int] = field(default_factory=Counter[int])
    listed: list[Hit] = field(default_factory=list[Hit])
    why_partial: str = ""

    def add(self, hit: Hit, most: int) -> None:
        """One more hit."""
        self.hits += 1
        rule = self.rules.setdefault(hit.rule, RuleFound(first=hit.time, last=hit.time))
        rule.hits += 1
        rule.first, rule.last = min(rule.first, hit.time), max(rule.last, hit.time)
        self.days[hit.time // DAY] += 1
        if len(self.listed) < most:
            self.listed.append(hit)

    def as_json(self, engine: Engine) -> dict[str, Any]:
        """The published form."""
        idle = engine.idle()
        found = sorted(self.rules.items(), key=lambda one: (-one[1].hits, one[0]))
        return {
            "candidates": self.candidates,
            "events": self.events,
            "hits": self.hits,
            "rules": [
                {
                    "rule": rule,
                    "title": engine.titles[rule].as_json(),
                    "hits": one.hits,
                    "first": to_iso(one.first),
                    "last": to_iso(one.last),
                }
                for rule, one in found
            ],
            "looked_for": len(engine.titles),
            "idle": [
                {"rule": one.rule, "title": one.title.as_json(), "why": one.why}
                for one in idle[:_IDLE_SHOWN]
            ],
            "idle_total": len(idle),
            "days": [
                {"day": to_iso(day * DAY)[:10], "count": n} for day, n in sorted(self.days.items())
            ],
            "listed": [
                {
                    "event": hit.event,
                    "time": to_iso(hit.time),
                    "dataset": hit.dataset,
                    "rule": hit.rule,
                    "facts": [{"name": name, "value": value} for name, value in hit.facts],
                }
                for hit in self.listed
            ],
            "seconds": round(self.seconds, 3),
            "partial": bool(self.why_partial),
            "why_partial": self.why_partial,
        }


def estimate(engine: Engine, events: EventStore, within: TimeRange) -> Estimate:
    """Count what the store selects, and try the engine on its beginning; then hunt with a fresh one."""
    began = time.perf_counter()
    stored = sum(row.events for row in events.statistics())
    if within != ALWAYS:
        stored = counted(events, Everything(), within, stored)
    candidates = counted(events, engine.query, within, -1)
    counting = time.perf_counter() - began
    began, sampled, scroll = time.perf_counter(), 0, events.scroll(engine.query, within)
    for event in scroll if candidates else ():
        list(engine.observe(event))
        sampled += 1
        if sampled >= SAMPLE or time.perf_counter() - began > SAMPLE_SECONDS:
            break
    each = (time.perf_counter() - began) / max(sampled, 1)
    todo = candidates if candidates >= 0 else stored
    return Estimate(
        stored=stored,
        candidates=candidates,
        sampled=sampled,
        us_per_event=round(each * 1e6, 3) if sampled else 0.0,
        seconds=round(counting + todo * each, 3),
        query=to_lucene(engine.query)[:_QUERY_SHOWN],
    )


def hunt(
    engine: Engine,
    events: EventStore,
    within: TimeRange,
    found: Found,
    most: int,
    on_progress: OnProgress = lambda _found: True,
) -> Found:
    """Look for everything after `found.at`.

    Args:
        engine: with what it held of events before.
        events: the store.
        within: event time.
        found: nothing yet, or what an earlier run had found; it is added to.
        most: hits listed.
        on_progress: told now and then; when it returns False the hunt ends.

    Raises:
        StoreError: the store cannot be read.
    """
    before, began = found.seconds, time.perf_counter()
    if not found.events:
        found.candidates = max(0, counted(events, engine.query, within, -1))
    found.why_partial = ""
    left = TimeRange(max(within.since, found.at[0]), within.until)
    for number, event in enumerate(after(events.scroll(engine.query, left), found.at)):
        if number % _LOOK == 0:
            found.seconds = before + time.perf_counter() - began
            if not on_progress(found):
                found.why_partial = "cancelled"
                return found
        for hit in engine.observe(event):
            found.add(hit, most)
        found.events += 1
        found.at = (event.time, event.id)
    for hit in engine.finish(found.at[0]) if found.events else ():
        found.add(hit, most)
    found.candidates = found.events
    found.seconds = before + time.perf_counter() - began
    return found


def checkpoint(engine: Engine, found: Found) -> dict[str, Any]:
    """What `taken_up` needs to go on from here."""
    return {
        "found": {
            **asdict(found),
            "days": [[day, count] for day, count in found.days.items()],
            "listed": [asdict(hit) for hit in found.listed],
        },
        "engine": engine.exported(),
    }


def taken_up(engine: Engine, document: Mapping[str, Any]) -> Found:
    """What was found until a checkpoint; the engine goes on from there too."""
    if not document:
        return Found()
    engine.restore(document["engine"])
    given = {**document["found"]}
    given["at"] = tuple(given["at"])
    given["days"] = Counter({int(day): int(count) for day, count in given["days"]})
    given["rules"] = {rule: RuleFound(**one) for rule, one in given["rules"].items()}
    given["listed"] = [_listed(one) for one in given["listed"]]
    return Found(**given)


def _listed(one: Mapping[str, Any]) -> Hit:
    facts = tuple((str(name), str(value)) for name, value in one["facts"])
    return Hit(one["rule"], one["event"], one["time"], one["dataset"], facts)


def after(events: Iterator[Event], at: tuple[int, str]) -> Iterator[Event]:
    """Those after a place; a store gives events by time (to the µs) and id."""
    place = (at[0] // 1000, at[1])
    return (event for event in events if (event.time // 1000, event.id) > place)


def counted(events: EventStore, query: Query, within: TimeRange, otherwise: int) -> int:
    """How many events a query selects; `otherwise` where counting takes the store too long."""
    try:
        return events.count(query, within)
    except StoreError as error:
        if error.code != "timeout":
            raise
        return otherwise
