"""Mapping: which datasets feed a rule's log source, and what its fields are called there.

The tables are `logsources.toml` and `fields.toml`. A field that no table names is unknown: the rule
then fires only where its condition is true whatever that field holds, and the field is reported.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from detections.sigma.conditions import (
    ALWAYS,
    ANY_FIELD,
    NEVER,
    All,
    Compare,
    Condition,
    Leaf,
    Missing,
    Number,
    SameAs,
    Some,
    Text,
    Truth,
    replaced,
    simplified,
)
from detections.sigma.oracle import holds
from fengsui import ecs

AS_IS = "as_is"
WINDOWS = "windows"
_SYSMON = "Microsoft-Windows-Sysmon/Operational"


@dataclass(frozen=True, slots=True)
class Logsource:
    """What a rule says it looks at."""

    product: str = ""
    category: str = ""
    service: str = ""

    def __str__(self) -> str:
        parts = (("product", self.product), ("category", self.category), ("service", self.service))
        return ", ".join(f"{name} {value}" for name, value in parts if value)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the values of one Sigma field are found."""

    fields: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] | None = None
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Feed:
    """One row: a dataset that feeds a log source; `targets` None takes field names as they are."""

    dataset: str
    targets: Mapping[str, Target] | None
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Resolved:
    """A rule's condition in the words of one dataset; `unknown` are the fields that it lacks."""

    dataset: str
    condition: Condition
    unknown: frozenset[str] = field(default_factory=frozenset[str])


def feeds(logsource: Logsource) -> Sequence[Feed]:
    """Datasets that can feed a log source; empty when none does."""
    return _rows().get(logsource, ())


@cache
def routing() -> dict[str, tuple[str, ...]]:
    """Routing fields of each dataset, for the matcher."""
    table = _read("logsources.toml")["routing"]
    return {dataset: tuple(names) for dataset, names in table.items()}


def resolve(condition: Condition, feed: Feed) -> Resolved:
    """A rule's condition for the events of a feed."""
    if feed.targets is None:
        whole = simplified(All((feed.when, condition)))
        return Resolved(feed.dataset, whole)
    unknown: set[str] = set()
    targets = feed.targets

    def change(leaf: Leaf, positive: bool) -> Condition:
        translated = _translated(leaf, targets)
        if translated is None:
            unknown.update(_names(leaf, targets))
            return NEVER if positive else ALWAYS
        return translated

    mapped = replaced(condition, change)
    return Resolved(feed.dataset, simplified(All((feed.when, mapped))), frozenset(unknown))


def _translated(leaf: Leaf, targets: Mapping[str, Target]) -> Condition | None:
    if leaf.field == ANY_FIELD:
        return leaf
    target = _target(leaf.field, targets)
    if target is None:
        return None
    if target.constant is not None:
        return ALWAYS if holds(leaf, {leaf.field: target.constant}) else NEVER
    if isinstance(leaf, SameAs):
        other = _target(leaf.other, targets)
        if other is None or not other.fields:
            return None
        pairs = [replace(leaf, field=a, other=b) for a in target.fields for b in other.fields]
        return Some(tuple(pairs))
    changed = _revalued(leaf, target)
    if changed is None:
        return None
    each = tuple(_nothing_is_missing(replace(changed, field=name)) for name in target.fields)
    return All(each) if isinstance(leaf, Missing) else Some(each)


def _nothing_is_missing(leaf: Leaf) -> Condition:
    """Our events leave empty texts out, so a rule that asks for `''` asks for an absent field."""
    if isinstance(leaf, Text) and not leaf.parts:
        return Some((leaf, Missing(leaf.field)))
    return leaf


def _revalued(leaf: Leaf, target: Target) -> Leaf | None:
    """The leaf with its value in our words and units; None when there is no such word."""
    if target.scale != 1 and isinstance(leaf, Number | Compare):
        return replace(leaf, value=leaf.value * target.scale)
    if target.values is None or isinstance(leaf, Missing):
        return leaf
    match leaf:
        case Truth(_, value):
            word = "true" if value else "false"
        case Number(_, value):
            word = str(value)
        case Text(_, (str(text),)):
            word = text
        case _:
            return None
    known = {name.lower(): ours for name, ours in target.values.items()}
    ours = known.get(word.lower())
    return None if ours is None else Text(leaf.field, (ours,))


def _target(name: str, targets: Mapping[str, Target]) -> Target | None:
    found = targets.get(name)
    if found is None and name in ecs.registry():
        return Target((name,))
    return found


def _names(leaf: Leaf, targets: Mapping[str, Target]) -> set[str]:
    names = {leaf.field} | ({leaf.other} if isinstance(leaf, SameAs) else set[str]())
    missing = {name for name in names if _target(name, targets) is None}
    return missing or names


@cache
def _rows() -> dict[Logsource, list[Feed]]:
    document = _read("logsources.toml")
    rows: dict[Logsource, list[Feed]] = {}
    for row in document["logsource"]:
        logsource = Logsource(*(row.get(name, "") for name in ("product", "category", "service")))
        targets = _targets(row["fields"])
        when = _equal(row.get("when", {}))
        for dataset in row["datasets"]:
            rows.setdefault(logsource, []).append(Feed(dataset, targets, when))
    for logsource, values in _windows(document[WINDOWS]):
        rows.setdefault(logsource, []).append(Feed(WINDOWS, None, _equal(values)))
    return rows


def _windows(table: dict[str, Any]) -> list[tuple[Logsource, dict[str, Any]]]:
    found = [
        (Logsource(WINDOWS, service=name), {"Channel": channel})
        for name, channel in table["channels"].items()
    ]
    found += [
        (Logsource(WINDOWS, category=name), {"Channel": _SYSMON, "EventID": number})
        for name, number in table["sysmon"].items()
    ]
    found += [
        (Logsource(WINDOWS, category=name), {"Channel": channel, "EventID": number})
        for name, (channel, number) in table["powershell"].items()
    ]
    return found


def _equal(values: Mapping[str, Any]) -> Condition:
    """Condition of a row's `when`: every field has the value, or one of the values."""
    return simplified(
        All(
            tuple(
                Some(tuple(_is(name, one) for one in _many(value)))
                for name, value in values.items()
            )
        )
    )


def _is(name: str, value: object) -> Leaf:
    return Number(name, value) if isinstance(value, int) else Text(name, (str(value),))


def _many(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _targets(names: Sequence[str]) -> dict[str, Target] | None:
    if AS_IS in names:
        return None
    tables = field_tables()
    merged: dict[str, Target] = {}
    for name in names:
        merged = tables[name] | merged
    return merged


@cache
def field_tables() -> dict[str, dict[str, Target]]:
    """All tables of fields.toml."""
    return {
        table: {name: _parsed(target) for name, target in rows.items()}
        for table, rows in _read("fields.toml").items()
    }


def _parsed(target: Any) -> Target:
    if isinstance(target, str):
        return Target((target,))
    if isinstance(target, list):
        return Target(tuple(cast("list[str]", target)))
    if "constant" in target:
        return Target(constant=target["constant"])
    return Target((target["field"],), values=target.get("values"), scale=target.get("scale", 1))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))
