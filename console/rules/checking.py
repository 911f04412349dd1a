"""Looking at a rule text: what is wrong with it and where, what would feed it, whether its samples hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from console.rules.loading import RuleSet
from detections.life import AnyRule
from detections.samples import SampleKind, SampleResult, try_samples
from detections.sigma.correlations.link import link
from detections.sigma.coverage import Covered, plan
from detections.sigma.loader import Loaded, LoadedRule, Refused, load_text
from detections.sigma.placeholders import Placeholders
from fengsui.errors import RuleError

EDITED: Final = Path("rule.yml")  # where a text from the editor says it is from
TEXT_MOST: Final = 256 << 10  # bytes
Health = Literal["live", "partial", "inert"]
Kept = Mapping[str, Sequence[tuple[SampleKind, int, Any]]]


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One thing to mend, from line and column 1."""

    line: int
    column: int
    message: str
    severity: Literal["error", "warning"]
    rule: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class HealthRow:
    """Whether something feeds a rule, and if not why."""

    health: Health
    why: str
    missing: tuple[str, ...]
    datasets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What a text holds. `rules` are its own; `with_named` also those that its correlations name."""

    faults: tuple[RuleFault, ...]
    rules: tuple[AnyRule, ...]
    health: Mapping[str, HealthRow]
    samples: tuple[SampleResult, ...]
    with_named: Loaded

    @property
    def ok(self) -> bool:
        """Whether it may be kept."""
        return bool(self.rules) and not any(one.severity == "error" for one in self.faults)


def check_text(
    text: str,
    known: RuleSet | None = None,
    kept: Kept | None = None,
    placeholders: Placeholders | None = None,
) -> CheckedText:
    """Look at a text as it would be loaded.

    Args:
        text: YAML, one rule or several.
        known: rules that correlations in it may name, and values of placeholders.
        kept: samples that stand beside the rules, by id.
        placeholders: their values, where nothing else is known.
    """
    if len(text.encode("utf-8", "replace")) > TEXT_MOST:
        fault = RuleFault(1, 1, f"larger than {TEXT_MOST >> 10} KiB", "error")
        return CheckedText((fault,), (), {}, (), Loaded((), ()))
    rules: list[AnyRule] = []
    faults: list[RuleFault] = []
    values = known.placeholders if known else placeholders or {}
    for found in load_text(text, EDITED, placeholders=values):
        if isinstance(found, Refused):
            faults.append(_fault(found))
        else:
            rules.append(found)
    if not rules and not faults:
        faults.append(RuleFault(1, 1, "there is no rule in this text", "error"))
    loaded = with_named(rules, known)
    _, unlinked = link(loaded.rules, loaded.correlations)
    faults += [_fault(one) for one in unlinked if one.path == EDITED]
    health = health_of(loaded)
    said = {fault.message for fault in faults}
    faults += [
        RuleFault(one.line, 1, f"{row.health}: {row.why}", "warning", one.id)
        for one in rules
        if (row := health[one.id]).health != "live" and row.why not in said
    ]
    samples = try_samples(loaded, [one.id for one in rules], kept)
    return CheckedText(tuple(faults), tuple(rules), health, tuple(samples), loaded)


def with_named(rules: Sequence[AnyRule], known: RuleSet | None) -> Loaded:
    """Rules with everything that their correlations name, deep."""
    plain = {one.id: one for one in rules if isinstance(one, LoadedRule)}
    others = {one.id: one for one in rules if not isinstance(one, LoadedRule)}
    if known is not None:
        by_name: dict[str, AnyRule] = {}
        for one in known.all:
            by_name.setdefault(one.name, one)
            by_name[one.id] = one
        waiting = [name for one in others.values() for name in one.rules]
        while waiting:
            name = waiting.pop()
            found = by_name.get(name)
            mine: list[AnyRule] = [*plain.values()]
            mine += others.values()
            own = {key for one in mine for key in (one.id, one.name)}
            if found is None or name in own:
                continue
            if isinstance(found, LoadedRule):
                plain[found.id] = found
            else:
                others[found.id] = found
                waiting += found.rules
    return Loaded(tuple(plain.values()), (), tuple(others.values()))


def health_of(loaded: Loaded) -> dict[str, HealthRow]:
    """Health of all rules; a correlation is as healthy as the worst that it names.

    One that cannot be linked (a cycle, a name that nothing has) is inert, and the fault is why.
    """
    found = {
        rule.id: health_row(row)
        for rule, row in zip(loaded.rules, plan(loaded.rules)[1], strict=True)
    }
    names: dict[str, str] = {one.name: one.id for one in loaded.rules if one.name}
    names |= {one.name: one.id for one in loaded.correlations if one.name}
    for _ in range(2 if loaded.correlations else 0):  # the second round sees chained ones
        for one in loaded.correlations:
            found[one.id] = _of_correlation(
                [found.get(names.get(r, r)) for r in one.rules], one.rules
            )
    why = {(one.path, one.line): one.reason for one in unlinked_of(loaded)}
    lost = [one for one in loaded.correlations if (one.path, one.line) in why]
    return found | {one.id: HealthRow("inert", why[one.path, one.line], (), ()) for one in lost}


def unlinked_of(loaded: Loaded) -> tuple[Refused, ...]:
    """Correlations whose references lead nowhere or in a circle, and why."""
    return tuple(link(loaded.rules, loaded.correlations)[1]) if loaded.correlations else ()


def health_row(row: Covered) -> HealthRow:
    """What coverage says, in the words of a rule's page."""
    health: Health = "inert" if row.state == "refused" else row.state
    return HealthRow(health, row.reason, tuple(getattr(row, "missing", ())), row.datasets)


def _of_correlation(parts: Sequence[HealthRow | None], names: Sequence[str]) -> HealthRow:
    for part, name in zip(parts, names, strict=True):
        if part is None:
            return HealthRow("inert", f"the rule {name} that it names is not loaded", (), ())
    known = [part for part in parts if part is not None]
    worst = max(known, key=lambda part: ("live", "partial", "inert").index(part.health))
    datasets = tuple(dict.fromkeys(name for part in known for name in part.datasets))
    return replace(worst, datasets=datasets)


def refuse(checked: CheckedText) -> None:
    """Raise what stops a text from being kept.

    Raises:
        RuleError: its first fault, code `bad_rule`.
    """
    wrong = [one for one in checked.faults if one.severity == "error"]
    if wrong:
        first = wrong[0]
        raise RuleError(
            f"The rule does not load: {first.message}",
            where=f"{first.line}:{first.column}",
            next="Mend the line named",
        )


def _fault(refused: Refused) -> RuleFault:
    column = getattr(refused, "column", None) or 1
    next_ = "" if refused.supported else "It is valid Sigma that this version does not run yet"
    return RuleFault(refused.line, column, refused.reason, "error", "", next_)
