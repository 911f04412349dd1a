"""Coverage: for each rule, whether anything feeds it, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from detections.sigma.conditions import ALWAYS, NEVER
from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.expression import is_rising, met
from detections.sigma.correlations.fields import FieldsOf, fields_in
from detections.sigma.correlations.link import Linked, Source, link
from detections.sigma.correlations.rule import TEMPORAL, LoadedCorrelation
from detections.sigma.loaded import Loaded, LoadedRule, Refused
from detections.sigma.logsources import FOREIGN, feeds, known_datasets
from detections.sigma.mapping import Logsource, Resolved, resolve
from detections.sigma.matcher import Entry
from fengsui import ecs

Coverage = Literal["live", "partial", "inert", "refused"]


@dataclass(frozen=True, slots=True)
class Covered:
    """One row of `fengsui rules`.

    Attributes:
        state: `live`; `partial` (it fires, but parts of its condition cannot); `inert` (nothing
            feeds it); `refused` (it did not load).
        reason: why it is not simply live; names the fields or the log source.
        datasets: those that it looks at.
        missing: the rule's own names of the fields that the reason speaks of.
    """

    id: str
    title: str
    logsource: str
    state: Coverage
    reason: str
    datasets: tuple[str, ...]
    path: str
    line: int
    author: str = ""
    licence: str = ""
    missing: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "id": self.id,
            "title": self.title,
            "logsource": self.logsource,
            "state": self.state,
            "reason": self.reason,
            "datasets": list(self.datasets),
            "path": self.path,
            "line": self.line,
            "author": self.author,
            "licence": self.licence,
            "missing": list(self.missing),
        }


def plan(
    rules: Sequence[LoadedRule], fed: Iterable[str] = ecs.DATASETS
) -> tuple[list[Entry], list[Covered]]:
    """What the matcher is to look for, and a row for each rule in the same order.

    Args:
        rules: loaded rules; their position is the number in `Entry.rule`.
        fed: datasets that something feeds.
    """
    datasets = frozenset(fed)
    entries: list[Entry] = []
    rows: list[Covered] = []
    for number, rule in enumerate(rules):
        resolved = [resolve(rule.condition, feed) for feed in feeds(rule.logsource, datasets)]
        usable = [one for one in resolved if one.condition not in (NEVER, ALWAYS)]
        entries += [Entry(number, one.dataset, one.condition) for one in usable]
        rows.append(_row(rule, resolved, usable))
    return entries, rows


def listing(loaded: Loaded, fed: Iterable[str] = ecs.DATASETS) -> list[Covered]:
    """All rules, correlations and refusals of some folders, for `fengsui rules`."""
    rows = plan(loaded.rules, fed)[1]
    linked, refused = link(loaded.rules, loaded.correlations)
    return [
        *rows,
        *correlated(linked, loaded.rules, rows),
        *map(refusal, (*loaded.refused, *refused)),
    ]


def refusal(refused: Refused) -> Covered:
    """Row of a document that did not load."""
    return Covered(
        id="",
        title=refused.title,
        logsource="",
        state="refused",
        reason=refused.reason,
        datasets=(),
        path=str(refused.path),
        line=refused.line,
    )


def correlated(
    linked: Linked, rules: Sequence[LoadedRule], rows: Sequence[Covered]
) -> list[Covered]:
    """Rows of correlation rules: one is as live as the rules that it names, and as their fields.

    Args:
        linked: the correlations.
        rules: the rules that they were linked with.
        rows: rows of those rules.
    """
    made: list[Covered] = []
    fields_of = fields_in(rules)
    for one in linked.correlations:
        sources = [
            made[source.number] if source.chained else rows[source.number] for source in one.sources
        ]
        missing = [_lacking(one.rule, source, rows, fields_of) for source in one.sources]
        state, reason = _joint(one.rule, sources, missing)
        names = [name for row in sources for name in row.missing]
        names += [name for lacks in missing for name in lacks]
        made.append(
            Covered(
                id=one.rule.id,
                title=one.rule.title.render("en"),
                logsource=f"correlation {one.rule.type}",
                state=state,
                reason=reason,
                datasets=tuple(dict.fromkeys(name for row in sources for name in row.datasets)),
                path=str(one.rule.path),
                line=one.rule.line,
                author=one.rule.author,
                licence=one.rule.licence,
                missing=tuple(dict.fromkeys(names)),
            )
        )
    return made


def _lacking(
    rule: LoadedCorrelation, source: Source, rows: Sequence[Covered], fields_of: FieldsOf
) -> list[str]:
    """Fields of a correlation that no dataset of a rule that it names has."""
    if source.chained or not rows[source.number].datasets:
        return []
    names = [source.names.get(name, name) for name in (*rule.group_by, *rule.measured)]
    datasets = rows[source.number].datasets
    return [
        name
        for name in dict.fromkeys(names)
        if all(fields_of(source.number, dataset, name) is None for dataset in datasets)
    ]


def _joint(
    rule: LoadedCorrelation, sources: Sequence[Covered], missing: Sequence[Sequence[str]]
) -> tuple[Coverage, str]:
    """State of a correlation: what its condition can be met with."""
    problems = [
        f"the rule {row.title!r} that it names is inert: {row.reason}"
        if row.state == "inert"
        else f"the events of the rule {row.title!r} lack the field {lacks[0]}"
        if lacks
        else ""
        for row, lacks in zip(sources, missing, strict=True)
    ]
    alive = [name for name, why in zip(rule.rules, problems, strict=True) if not why]
    first = next((why for why in problems if why), "")
    if first and not _can_be_met(rule, alive):
        return "inert", first
    lame = next((row for row in sources if row.state == "partial"), None)
    if lame is not None:
        first = first or f"the rule {lame.title!r} that it names is partial"
    return ("partial", first) if first else ("live", "")


def _can_be_met(rule: LoadedCorrelation, alive: Sequence[str]) -> bool:
    """Whether the rules that are fed can meet the condition."""
    if not alive or rule.type not in TEMPORAL:
        return bool(alive)
    if isinstance(rule.condition, Bounds):
        return not rule.condition.rising or len(alive) >= rule.condition.least
    return not is_rising(rule.condition) or met(rule.condition, frozenset(alive))


def _row(rule: LoadedRule, resolved: Sequence[Resolved], usable: Sequence[Resolved]) -> Covered:
    state, reason, missing = _state(rule, resolved, usable)
    return Covered(
        id=rule.id,
        title=rule.title.render("en"),
        logsource=str(rule.logsource),
        state=state,
        reason=reason,
        datasets=tuple(dict.fromkeys(one.dataset for one in usable)),
        path=str(rule.path),
        line=rule.line,
        author=rule.author,
        licence=rule.licence,
        missing=missing,
    )


def _state(
    rule: LoadedRule, resolved: Sequence[Resolved], usable: Sequence[Resolved]
) -> tuple[Coverage, str, tuple[str, ...]]:
    if not resolved:
        return "inert", _unfed(rule.logsource), ()
    if any(not one.unknown for one in usable):
        return "live", "", ()
    best = min(usable or resolved, key=lambda one: len(one.unknown))
    missing = tuple(sorted(best.unknown))
    names = ", ".join(missing)
    if usable:
        return "partial", f"the dataset {best.dataset} lacks the fields {names}", missing
    if names:
        reason = f"needs fields that the dataset {best.dataset} lacks: {names}"
        return "inert", reason, missing
    whole = any(one.condition == ALWAYS for one in resolved)
    reason = "it would match every event" if whole else "no event can meet its condition"
    return "inert", reason, ()


def _unfed(logsource: Logsource) -> str:
    """Why nothing feeds a log source: exported logs only, or no row of the table at all."""
    reason = f"nothing feeds the log source {logsource}"
    known = [name for name in known_datasets(logsource) if name in FOREIGN]
    return f"{reason} here; exported logs do, in a hunt ({', '.join(known)})" if known else reason
