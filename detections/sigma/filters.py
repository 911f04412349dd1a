"""Filters: documents that narrow rules of other files (Sigma 2.1 filters).

A filtered rule is `(its condition) and (the filter's condition)`, so that a filter that leaves
something out says `condition: not selection`. It works on rules whose log source is the filter's or
a part of it, and that it names by id or name, or on all of them (`rules: any`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from detections.sigma.conditions import All, simplified
from detections.sigma.convert import conditions_of
from detections.sigma.documents import Items, Map
from detections.sigma.faults import WrongRule
from detections.sigma.header import id_of, logsource_of, texts, title_of
from detections.sigma.loaded import LoadedFilter, LoadedRule, Refused
from detections.sigma.mapping import Logsource
from detections.sigma.placeholders import Placeholders


def filter_of(content: Map, path: Path, line: int, placeholders: Placeholders) -> LoadedFilter:
    """A filter from its document.

    Raises:
        WrongRule: the document is wrong; with the line.
        Unsupported: a placeholder has no values.
    """
    title = title_of(content, line)
    own = content["filter"]
    at = content.lines["filter"]
    if not isinstance(own, Map):
        raise WrongRule("a filter is a map of rules, selections and a condition", at)
    if "rules" not in own:
        raise WrongRule("a filter names its rules by id or name, or says rules: any", at)
    if isinstance(own.get("condition"), Items):
        raise WrongRule("the condition of a filter is one text", own.lines["condition"])
    names = {name: value for name, value in own.items() if name not in ("rules", "condition")}
    return LoadedFilter(
        id=id_of(content, title, path),
        title=title,
        logsource=logsource_of(content, line),
        rules=_rules(own),
        condition=conditions_of(own, names, at, placeholders),
        path=path,
        line=line,
    )


def _rules(own: Map) -> tuple[str, ...]:
    found = tuple(one.strip() for one in texts(own, "rules"))
    if any(one.lower() == "any" for one in found) or own["rules"] == []:
        return ()
    if not all(found) or not found:
        raise WrongRule(
            "a filter names its rules by id or name, or says rules: any", own.lines["rules"]
        )
    return found


def filtered(
    rules: Sequence[LoadedRule], filters: Iterable[LoadedFilter], correlations: Iterable[str] = ()
) -> tuple[list[LoadedRule], list[Refused]]:
    """The rules with all filters applied, and filters that find no rule to work on.

    Args:
        rules: in any order.
        filters: applied one after the other.
        correlations: ids and names of correlations, for the reason of a refusal.
    """
    found = list(rules)
    refused: list[Refused] = []
    others = frozenset(correlations)
    for one in filters:
        wanted = frozenset(name.lower() for name in one.rules)
        named = [
            number
            for number, rule in enumerate(found)
            if not wanted
            or rule.id.lower() in wanted
            or (rule.name and rule.name.lower() in wanted)
        ]
        numbers = [number for number in named if _inside(found[number].logsource, one.logsource)]
        for number in numbers:
            rule = found[number]
            both = simplified(All((rule.condition, one.condition)))
            found[number] = replace(rule, condition=both, filters=(*rule.filters, one.id))
        if not numbers:
            reason = _why(one, bool(named) and bool(wanted), others)
            refused.append(Refused(one.path, one.line, one.title, reason, supported=True))
    return found, refused


def _inside(rule: Logsource, scope: Logsource) -> bool:
    pairs = zip(
        (rule.product, rule.category, rule.service),
        (scope.product, scope.category, scope.service),
        strict=True,
    )
    return all(not wanted or wanted == own for own, wanted in pairs)


def _why(one: LoadedFilter, named: bool, correlations: frozenset[str]) -> str:
    names = ", ".join(one.rules)
    if named:
        return f"the rules that it names have another log source than {one.logsource}: {names}"
    if not one.rules:
        return f"no loaded rule has the log source {one.logsource}"
    if correlations.intersection(one.rules):
        return f"a filter works on rules, not on correlations: {names}"
    return f"it names no rule that is loaded: {names}"
