"""Showing: which cases are told as incidents, and what hubs showed that stands in each of them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from correlation.surprise.case import Case, Item, survivor
from correlation.surprise.engine import SurpriseEngine
from correlation.surprise.names import Names
from correlation.surprise.weighing import (
    STAGES,
    Weighed,
    heard,
    is_high,
    is_learning,
    shown_elsewhere,
    weigh,
)
from fengsui.severity import Severity

LEAST_SCORE = 12.0  # bits; a case below is one weak oddity, and its alerts are suppressed
_COVERED = 0.5  # share of a hub's own case that stands in others, from which it is none of its own
_ENOUGH = (
    3  # kinds of its tool's own severity for that severity to stand; fewer are worth a step less
)
_SPEAKS = 3  # stages of an attack beyond the first, by which what tools call low is more than that
_FLOORS = (
    (Severity.CRITICAL, 2.0),
    (Severity.MEDIUM, 0.35),
    (Severity.LOW, 0.15),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A case worth showing.

    Attributes:
        raised: when it came to high severity, by its score or by what its tools say; None where never.
        shared: items of hubs that stand in it as context, by number.
    """

    case: Case
    weighed: Weighed
    severity: Severity
    raised: int | None
    shared: dict[int, Item]


def shown_cases(engine: SurpriseEngine, names: Names) -> list[Shown]:
    """All cases worth showing now."""
    found: list[Shown] = []
    for case in engine.all_cases():
        one = shown_case(case, engine, names)
        if one is not None:
            found.append(one)
    hubs = engine.neighbours.sites.hubs
    taken = {number for one in found for number in one.shared}
    return [one for one in found if not _is_covered(one.case, set(hubs), taken)]


def shown_case(case: Case, engine: SurpriseEngine, names: Names) -> Shown | None:
    """A case as it is shown; None where it is not worth it."""
    weighed = weigh(case, engine.weights, engine.rarity)
    severity, raised = severity_of(case, weighed, names, engine)
    if not weighed.evidence or (weighed.score < LEAST_SCORE and severity < Severity.MEDIUM):
        return None
    return Shown(case, weighed, severity, raised, _shared(case, engine))


def severity_of(
    case: Case, weighed: Weighed, names: Names, engine: SurpriseEngine
) -> tuple[Severity, int | None]:
    """By its score; or by what its tools say, a step less where only one or two kinds say so.

    Where every tool calls what it saw low, novelty alone makes no more of it than medium; four stages do.
    With it the time (s) that it came to high severity, where it did.
    """
    parameters = engine.weights
    share = weighed.narrow / parameters.raise_at
    severity = next((s for s, least in _FLOORS if share >= least), Severity.INFO)
    was_high = case.high is not None and not is_learning(case)
    if was_high or is_high(case, weighed, parameters):
        severity = max(severity, Severity.HIGH)
    kinds = [names.kinds[kind].severity for _, kind in weighed.evidence]
    speaks = dict(weighed.more).get(STAGES, 0.0) >= _SPEAKS * parameters.stage
    if not speaks and all(said is not None and said <= Severity.LOW for said in kinds):
        severity = min(severity, Severity.MEDIUM)
    worst, since = _said(case, weighed, names, engine)
    severity = max(severity, worst)
    times = [time for time in (case.high, since) if time is not None]
    return severity, min(times, default=None) if severity >= Severity.HIGH else None


def _said(
    case: Case, weighed: Weighed, names: Names, engine: SurpriseEngine
) -> tuple[Severity, int | None]:
    """What the tools' words come to, each kind heard once, and when that was high severity first."""
    first: dict[int, tuple[int, Severity]] = {}
    elsewhere = shown_elsewhere(case, engine.rarity)
    for key in weighed.evidence:
        kind, item = names.kinds[key[1]], case.best[key]
        if kind.severity is not None and heard(item, elsewhere) >= 0.75 * kind.bits():
            known = first.get(key[1], (item.first, kind.severity))
            first[key[1]] = (min(item.first, known[0]), kind.severity)
    said: list[Severity] = []
    worst, since = Severity.INFO, None
    for time, severity in sorted(first.values()):
        said = sorted([*said, severity], reverse=True)
        worst = max(worst, Severity(max(0, said[0] - 1)))
        if len(said) >= _ENOUGH:
            worst = max(worst, said[_ENOUGH - 1])
        if worst >= Severity.HIGH and since is None:
            since = time
    return worst, since


def _shared(case: Case, engine: SurpriseEngine) -> dict[int, Item]:
    """What hubs that serve this case's hosts showed while it went on, but for what is its own."""
    if not engine.hub_items:
        return {}
    serving = _serving(case, engine)
    within = engine.weights.aside_within
    spans = sorted((item.first - within, item.last + within) for item in case.items)
    begins = [first for first, _ in spans]
    ends = list(accumulate((last for _, last in spans), max))
    found: dict[int, Item] = {}
    for item in engine.hub_items:
        if item.host not in serving or (item.case is not None and survivor(item.case) is case):
            continue
        place = bisect_right(begins, item.last)
        if place and ends[place - 1] >= item.first:
            found[item.number] = item
    return found


def _serving(case: Case, engine: SurpriseEngine) -> set[int]:
    """Hubs that a case's hosts, or others of their sites, are linked to; all where none is known."""
    hubs = engine.neighbours.sites.hubs
    site = _site(case, engine)
    return {hub for hub, linked in hubs.items() if linked & site} or set(hubs)


def _site(case: Case, engine: SurpriseEngine) -> frozenset[int]:
    """Hosts of the case and of its sites."""
    site = engine.neighbours.sites.site
    sites = {site.get(host) for host in case.cores} - {None}
    return frozenset(case.cores) | {host for host, one in site.items() if one in sites}


def _is_covered(case: Case, hubs: set[int], taken: set[int]) -> bool:
    """Whether a case of a hub alone stands in the incidents of others."""
    if not case.cores or not hubs.issuperset(case.cores):
        return False
    worth = sum(item.worth for item in case.items)
    covered = sum(item.worth for item in case.items if item.number in taken)
    return covered >= _COVERED * worth
