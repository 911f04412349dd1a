"""Checking: what a linter says of rule files, before anybody relies on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from detections.samples import SampleResult, try_samples
from detections.sigma.correlations.link import link
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.coverage import plan
from detections.sigma.loader import Loaded, LoadedRule
from detections.sigma.logsources import FOREIGN
from fengsui import ecs


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; an `error` keeps a rule from working, a `warning` from working well.

    Attributes:
        line: from 1.
        rule: id, empty where the document did not load.
    """

    path: Path
    line: int
    severity: Literal["error", "warning"]
    reason: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.reason}"

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "path": str(self.path),
            "line": self.line,
            "severity": self.severity,
            "reason": self.reason,
            "rule": self.rule,
        }


def problems(loaded: Loaded, wanted: Iterable[Path] | None = None) -> list[Problem]:
    """Everything found, by file and line.

    Args:
        loaded: the rules, and those that correlations among them name.
        wanted: only what these files say; None: all.
    """
    linked, unlinked = link(loaded.rules, loaded.correlations)
    found = [
        Problem(one.path, one.line, "error" if one.supported else "warning", one.reason)
        for one in (*loaded.refused, *unlinked)
    ]
    rules: list[LoadedRule | LoadedCorrelation] = [*loaded.rules]
    rules += [one.rule for one in linked.correlations]
    chosen = None if wanted is None else frozenset(wanted)
    rules = [rule for rule in rules if chosen is None or rule.path in chosen]
    found += _dead(loaded.rules)
    found += [problem for rule in rules for problem in _careless(rule)]
    places = {rule.id: rule for rule in rules}
    for result in try_samples(loaded, list(places)):
        if not result.ok:
            rule = places[result.rule]
            found.append(Problem(rule.path, rule.line, "error", _said(result), rule.id))
    if chosen is not None:
        found = [problem for problem in found if problem.path in chosen]
    return sorted(set(found), key=lambda one: (str(one.path), one.line, one.reason))


def _dead(rules: Sequence[LoadedRule]) -> Iterable[Problem]:
    """Rules that no event of any kind that we know can meet, or only in part."""
    rows = plan(rules, [*ecs.DATASETS, *FOREIGN])[1]
    for rule, row in zip(rules, rows, strict=True):
        if row.state in ("inert", "partial"):
            yield Problem(rule.path, rule.line, "warning", f"{row.state}: {row.reason}", rule.id)


def _careless(rule: LoadedRule | LoadedCorrelation) -> Iterable[Problem]:
    """What a rule works without and people miss."""
    if not rule.description.render("en"):
        yield Problem(rule.path, rule.line, "warning", "it has no description", rule.id)
    if not rule.techniques and not rule.tactics:
        yield Problem(rule.path, rule.line, "warning", "it has no ATT&CK tag", rule.id)


def _said(result: SampleResult) -> str:
    sample = f"sample {result.number} of {result.kind!r}"
    return f"{sample} fires" if result.fired else f"{sample} does not fire"
