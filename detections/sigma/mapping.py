"""Mapping: a rule's condition in the words of one dataset.

Where a dataset of ours lacks a field (no table names it), nothing is known of it: the rule fires
only where its condition is true whatever that field holds, and the field is reported. In exported
logs the record is all there is: an absent field matches nothing, as the specification has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from detections.sigma.conditions import (
    ALWAYS,
    ANY_FIELD,
    NEVER,
    All,
    Always,
    Compare,
    Condition,
    Leaf,
    Missing,
    Never,
    Not,
    Number,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    Wild,
    leaves,
    replaced,
    simplified,
)
from detections.sigma.oracle import holds
from detections.sigma.targets import Names, Target

_TRUE: tuple[object, ...] = (True, "T", 1)
_FALSE: tuple[object, ...] = (False, "F", 0)


@dataclass(frozen=True, slots=True)
class Logsource:
    """What a rule says it looks at, or what the events of a row are."""

    product: str = ""
    category: str = ""
    service: str = ""

    def __str__(self) -> str:
        parts = (("product", self.product), ("category", self.category), ("service", self.service))
        return ", ".join(f"{name} {value}" for name, value in parts if value)

    def includes(self, other: Logsource) -> bool:
        """Whether every attribute that this one states is the other's (case aside).

        Sigma 2.1, Rules, "Log source": a category selects the logs of a group of products, a product
        all its logs, a service a subset of them.
        """
        pairs = (
            (self.product, other.product),
            (self.category, other.category),
            (self.service, other.service),
        )
        return all(not ours or ours.lower() == theirs.lower() for ours, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Feed:
    """One row: a dataset whose events (those that meet `when`) feed a log source."""

    dataset: str
    names: Names
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Resolved:
    """A rule's condition in the words of one dataset; `unknown` are the fields that it lacks."""

    dataset: str
    condition: Condition
    unknown: frozenset[str] = field(default_factory=frozenset[str])


def resolve(condition: Condition, feed: Feed) -> Resolved:
    """A rule's condition for the events of a feed."""
    unknown: set[str] = set()
    mapped = translated(condition, feed.names, unknown)
    if mapped is condition and not isinstance(condition, Always | Never):
        return Resolved(feed.dataset, narrowed(condition, feed.when))
    return Resolved(feed.dataset, simplified(All((feed.when, mapped))), frozenset(unknown))


def narrowed(condition: Condition, when: Condition) -> Condition:
    """Both at once; either is simplified already, so that thousands of rules cost little."""
    if when == ALWAYS:
        return condition
    first = when.children if isinstance(when, All) else (when,)
    return All(first + (condition.children if isinstance(condition, All) else (condition,)))


def translated(condition: Condition, names: Names, unknown: set[str]) -> Condition:
    """The condition with the names, words and units of a dataset; names it lacks join `unknown`."""
    if names.others is not None and all(_unchanged(leaf, names) for leaf in leaves(condition)):
        return condition

    def change(leaf: Leaf, positive: bool) -> Condition:
        found = _translated(leaf, names)
        if found is None:
            unknown.update(_lacking(leaf, names))
            return NEVER if positive else ALWAYS
        return found

    return replaced(condition, change)


def _unchanged(leaf: Leaf, names: Names) -> bool:
    if isinstance(leaf, SameAs) and not names.keeps(leaf.other):
        return False
    return leaf.field == ANY_FIELD or names.keeps(leaf.field)


def _lacking(leaf: Leaf, names: Names) -> Iterable[str]:
    fields = {leaf.field, leaf.other} if isinstance(leaf, SameAs) else {leaf.field}
    return {name for name in fields if names.find(name) is None} or fields


def _translated(leaf: Leaf, names: Names) -> Condition | None:
    if leaf.field == ANY_FIELD:
        return leaf
    target = names.find(leaf.field)
    if target is None:
        return None
    if target.constants:
        return ALWAYS if any(holds(leaf, {leaf.field: one}) for one in target.constants) else NEVER
    if isinstance(leaf, SameAs):
        return _same(leaf, target, names)
    if target.flags:
        return _flagged(leaf, target)
    if target.before:
        return _inside(leaf, target)
    if target.values is not None and not isinstance(leaf, Missing | Present):
        return _in_our_words(leaf, target)
    if isinstance(leaf, Number | Compare):
        leaf = replace(leaf, value=leaf.value * target.scale)
    sparse = names.others is None
    each = tuple(_at(leaf, name, sparse) for name in target.fields)
    return All(each) if isinstance(leaf, Missing) else Some(each)


def _at(leaf: Leaf, name: str, sparse: bool) -> Condition:
    """The leaf at a field of the event; our own events (`sparse`) leave empty texts out."""
    moved = leaf if leaf.field == name else replace(leaf, field=name)
    if sparse and isinstance(moved, Text) and not moved.parts:
        return Some((moved, Missing(name)))
    return moved


def _same(leaf: SameAs, target: Target, names: Names) -> Condition | None:
    other = names.find(leaf.other)
    if other is None or not (other.plain and target.plain):
        return None
    pairs = [replace(leaf, field=a, other=b) for a in target.fields for b in other.fields]
    return Some(tuple(pairs))


def _flagged(leaf: Leaf, target: Target) -> Condition:
    """A boolean that is true where the event's field has one of the flags among its values."""
    if isinstance(leaf, Missing):
        return NEVER
    if isinstance(leaf, Present):
        return ALWAYS
    there = Some(tuple(Text(name, (flag,)) for name in target.fields for flag in target.flags))
    if any(holds(leaf, {leaf.field: one}) for one in _TRUE):
        both = any(holds(leaf, {leaf.field: one}) for one in _FALSE)
        return ALWAYS if both else there
    return Not(there) if any(holds(leaf, {leaf.field: one}) for one in _FALSE) else NEVER


def _inside(leaf: Leaf, target: Target) -> Condition | None:
    """A value between two texts inside a longer field (`USER=root ;`); None where it cannot be."""
    match leaf:
        case Text(_, parts, cased):
            inner = parts
        case Number(_, value):
            inner, cased = (str(value),), False
        case Missing() | Present():
            inner, cased = (), False
        case _:
            return None
    if len(target.after) == 1 and any(isinstance(part, Wild) for part in inner):
        return Some(tuple(_within(name, target, inner, cased) for name in target.fields))
    if isinstance(leaf, Missing | Present):
        pattern = (Wild.MANY, target.before, Wild.MANY)
    else:
        end = (target.after, Wild.MANY) if target.after else (Wild.MANY,)
        pattern = (Wild.MANY, target.before, *inner, *end)
    found = Some(tuple(Text(name, _joined(pattern), cased) for name in target.fields))
    return Not(found) if isinstance(leaf, Missing) else found


def _within(name: str, target: Target, inner: Iterable[str | Wild], cased: bool) -> Regex:
    """A value with wildcards, which do not reach beyond the character that ends the value."""
    other = f"[^{re.escape(target.after)}]"
    words = {Wild.MANY: other + "*", Wild.ONE: other}
    body = "".join(words[one] if isinstance(one, Wild) else re.escape(one) for one in inner)
    pattern = re.escape(target.before) + body + re.escape(target.after)
    return Regex(name, pattern, "" if cased else "i")


def _joined(parts: Iterable[str | Wild]) -> tuple[str | Wild, ...]:
    """Parts with neighbouring texts as one."""
    found: list[str | Wild] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(last := found[-1], str):
            found[-1] = last + part
        elif part:
            found.append(part)
    return tuple(found)


def _in_our_words(leaf: Leaf, target: Target) -> Condition | None:
    """Any of our words whose Sigma word the leaf accepts; None where it accepts none of the table."""
    words = target.values or {}
    ours = dict.fromkeys(
        word for theirs, word in words.items() if holds(leaf, {leaf.field: theirs})
    )
    if not ours:
        return None
    return Some(tuple(Text(name, (word,)) for name in target.fields for word in ours))
