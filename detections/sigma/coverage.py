"""Coverage: for each rule, whether anything feeds it, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from detections.sigma.conditions import ALWAYS, NEVER
from detections.sigma.loader import Loaded, LoadedRule, Refused
from detections.sigma.mapping import Resolved, feeds, resolve
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
        resolved = [
            resolve(rule.condition, feed)
            for feed in feeds(rule.logsource)
            if feed.dataset in datasets
        ]
        usable = [one for one in resolved if one.condition not in (NEVER, ALWAYS)]
        entries += [Entry(number, one.dataset, one.condition) for one in usable]
        rows.append(_row(rule, resolved, usable))
    return entries, rows


def listing(loaded: Loaded, fed: Iterable[str] = ecs.DATASETS) -> list[Covered]:
    """All rules and refusals of some folders, for `fengsui rules`."""
    return [*plan(loaded.rules, fed)[1], *map(refusal, loaded.refused)]


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


def _row(rule: LoadedRule, resolved: Sequence[Resolved], usable: Sequence[Resolved]) -> Covered:
    state, reason = _state(rule, resolved, usable)
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
    )


def _state(
    rule: LoadedRule, resolved: Sequence[Resolved], usable: Sequence[Resolved]
) -> tuple[Coverage, str]:
    if not resolved:
        return "inert", f"nothing feeds the log source {rule.logsource}"
    if any(not one.unknown for one in usable):
        return "live", ""
    best = min(usable or resolved, key=lambda one: len(one.unknown))
    names = ", ".join(sorted(best.unknown))
    if usable:
        return "partial", f"the dataset {best.dataset} lacks the fields {names}"
    if names:
        return "inert", f"needs fields that the dataset {best.dataset} lacks: {names}"
    whole = any(one.condition == ALWAYS for one in resolved)
    return "inert", "it would match every event" if whole else "no event can meet its condition"
