"""State of the engine for JSON, and the engine taken up from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from correlation.surprise.case import Case, Heat, Item
from correlation.surprise.engine import SurpriseEngine


def engine_state(engine: SurpriseEngine) -> dict[str, Any]:
    """All that the engine knows; items are told once and named by number elsewhere."""
    cases = engine.all_cases()
    items = {item.number: item for item in _items(engine, cases)}
    return {
        "rarity": engine.rarity.state(),
        "neighbours": engine.neighbours.state(),
        "hour": engine.hour,
        "last": engine.last,
        "unwatched": engine.unwatched,
        "known": engine.known,
        "hosts": list(engine.hosts),
        "items": [_item_state(item) for item in items.values()],
        "open": [item.number for item in engine.open.values()],
        "active": [item.number for item in engine.active.values()],
        "ended": [[*key, time] for key, time in engine.ended.items()],
        "cases": [_case_state(case) for case in engine.cases],
        "closed": [_case_state(case) for case in engine.closed.values()],
        "pending": [
            [host, [item.number for item in waiting]] for host, waiting in engine.pending.items()
        ],
        "attacked": list(engine.attacked.items()),
        "hub_items": [item.number for item in engine.hub_items],
        "trails": engine.trails.state(),
        "hops": engine.hops.state(),
        "companies": [company.state() for company in engine.companies],
        "begun": [engine.cases_begun, engine.items_begun],
        "losses": [engine.cases_closed_early, engine.crowded],
    }


def restore_engine(engine: SurpriseEngine, state: Mapping[str, Any]) -> None:
    """Take up what `engine_state` gave; the hosts' zones must be known by then.

    Raises:
        KeyError, ValueError, TypeError: it is no such state.
    """
    engine.rarity.restore(state["rarity"])
    engine.hosts = dict.fromkeys(state["hosts"])
    engine.neighbours.restore(state["neighbours"], engine.hosts)
    engine.hour, engine.last = state["hour"], state["last"]
    engine.unwatched = state["unwatched"]
    engine.known = dict(state["known"])
    items = {fields[0]: _item(fields) for fields in state["items"]}
    engine.open = {items[number].key: items[number] for number in state["open"]}
    engine.active = {items[number].key: items[number] for number in state["active"]}
    engine.ended = {(host, kind): time for host, kind, time in state["ended"]}
    for fields in state["cases"]:
        engine.cases.put(_case(fields, items))
    engine.closed = {fields["number"]: _case(fields, items) for fields in state["closed"]}
    for host, numbers in state["pending"]:
        engine.pending[host] = deque(items[number] for number in numbers)
    engine.attacked = dict(state["attacked"])
    engine.hub_items.extend(items[number] for number in state["hub_items"])
    for company, known in zip(engine.companies, state["companies"], strict=True):
        company.restore(known)
    engine.trails.restore(state["trails"], items)
    engine.hops.restore(state["hops"], engine.hosts)
    engine.cases_begun, engine.items_begun = state["begun"]
    engine.cases_closed_early, engine.crowded = state["losses"]


def _items(engine: SurpriseEngine, cases: Iterable[Case]) -> Iterable[Item]:
    yield from engine.open.values()
    yield from engine.active.values()
    yield from engine.hub_items
    yield from engine.trails.items()
    for waiting in engine.pending.values():
        yield from waiting
    for case in cases:
        yield from case.items
        yield from case.best.values()


def _item_state(item: Item) -> list[Any]:
    return [
        *(item.number, item.host, item.kind, item.first, item.last),
        *(item.bits, item.fleet, item.severity, item.cold, item.far),
        *(item.others, item.count, item.refs, item.joined, item.fresh),
        item.stage,
    ]


def _item(fields: list[Any]) -> Item:
    number, host, kind, first, last, bits, fleet, severity, cold, far, others, *rest = fields
    count, refs, joined, fresh, stage = rest
    named = tuple((str(sort), str(value)) for sort, value in others)
    item = Item(number, host, kind, first, last, bits, fleet, severity, cold, far, named, count)
    item.refs, item.joined, item.fresh, item.stage = list(refs), joined, fresh, stage
    return item


def _case_state(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "first": case.first,
        "last": case.last,
        "name": case.name,
        "items": [item.number for item in case.items],
        "best": [item.number for item in case.best.values()],
        "hosts": [[host, heat.value, heat.first, heat.last] for host, heat in case.hosts.items()],
        "cores": list(case.cores.items()),
        "addresses": list(case.addresses.items()),
        "score": case.score,
        "raised": case.raised,
        "absorbed": case.absorbed,
        "suitors": list(case.suitors.items()),
        "latest": list(case.latest.items()),
        "high": case.high,
        "trail": [case.trail, case.slow],
        "crossed": case.crossed,
    }


def _case(fields: Mapping[str, Any], items: Mapping[int, Item]) -> Case:
    case = Case(fields["number"], fields["first"], fields["last"], fields["name"])
    case.items = [items[number] for number in fields["items"]]
    case.best = {items[number].key: items[number] for number in fields["best"]}
    case.hosts = {host: Heat(value, first, last) for host, value, first, last in fields["hosts"]}
    case.cores = dict(fields["cores"])
    case.addresses = dict(fields["addresses"])
    case.score, case.raised = fields["score"], fields["raised"]
    case.absorbed = list(fields["absorbed"])
    case.trail, case.slow = fields["trail"]
    case.suitors, case.latest = dict(fields["suitors"]), dict(fields["latest"])
    case.high, case.crossed = fields["high"], fields["crossed"]
    for item in (*case.items, *case.best.values()):
        item.case = case
    return case
