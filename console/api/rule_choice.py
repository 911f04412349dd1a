"""Which rules of a list, in which order, with counts of what could be chosen besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from console.api.schemas import rules as shown
from console.api.schemas.words import Count
from fengsui.severity import Severity

_SEVERITIES: Final = {severity.word: int(severity) for severity in Severity}
FACETS: Final = (
    "kind",
    "tactic",
    "technique",
    "platform",
    "category",
    "service",
    "state",
    "health",
    "severity",
    "origin",
)
_FIELD: Final = {"tactic": "tactics", "technique": "techniques"}


def chosen(
    rows: Sequence[shown.Rule], asked: shown.RuleQuery
) -> tuple[list[shown.Rule], dict[str, list[Count]]]:
    """Rows that are asked for, in order, and facets that each ignore their own choice."""
    wanted = {name: _words(getattr(asked, name)) for name in FACETS}
    found = [row for row in rows if _plainly(row, asked)]
    facets: dict[str, list[Count]] = {}
    for name in FACETS:
        tally: Counter[str] = Counter()
        for row in found:
            if all(_meets(row, other, wanted[other]) for other in FACETS if other != name):
                tally.update(_values(row, name))
        ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
        facets[name] = [Count(key=key, count=count) for key, count in ranked]
    kept = [row for row in found if all(_meets(row, name, wanted[name]) for name in FACETS)]
    return in_order(kept, asked.sort), facets


def in_order(rows: Iterable[shown.Rule], sort: str) -> list[shown.Rule]:
    """Rows in the order asked for; ties by title."""
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    key = _ORDERS[name]
    by_title = sorted(rows, key=lambda row: (row.title.en.casefold(), row.id))
    return sorted(by_title, key=key, reverse=falling)


_STATES: Final = ("draft", "retired", "experimental", "stable")
_HEALTHS: Final = ("inert", "parked", "partial", "live")
_ORDERS: Final[Mapping[str, Callable[[shown.Rule], Any]]] = {
    "title": lambda row: row.title.en.casefold(),
    "severity": lambda row: _SEVERITIES[row.severity],
    "state": lambda row: _STATES.index(row.state),
    "health": lambda row: _HEALTHS.index(row.health),
    "hits": lambda row: row.hits,
    "hits_30d": lambda row: row.hits_30d,
    "cost": lambda row: row.cost_share or 0.0,
    "changed_at": lambda row: row.changed_at or "",
}


def _plainly(row: shown.Rule, asked: shown.RuleQuery) -> bool:
    if asked.local is not None and row.local != asked.local:
        return False
    if asked.upstream_changed is not None and row.upstream_changed != asked.upstream_changed:
        return False
    text = " ".join(
        (row.id, row.title.zh, row.title.en, row.path, row.author, row.logsource, row.pack)
    ).casefold()
    text += " ".join((*row.techniques, *row.tactics)).casefold()
    return all(word in text for word in asked.q.casefold().split())


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split(",") if word)


def _values(row: shown.Rule, name: str) -> list[str]:
    if name == "origin":
        return [row.pack or row.origin]
    found = getattr(row, _FIELD.get(name, name))
    return list(found) if isinstance(found, list) else [found]


def _meets(row: shown.Rule, name: str, wanted: frozenset[str]) -> bool:
    if not wanted:
        return True
    values = {*_values(row, name), *((row.origin,) if name == "origin" else ())}
    return not wanted.isdisjoint(values)
