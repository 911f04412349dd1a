"""Fields: what a correlation reads of an event: the group that it is in, and the value reckoned with.

Specification 2.1, correlation rules, "Grouping" and "Field name aliases". Texts are compared without
regard to case, as everywhere in Sigma; a number is the same as the text that writes it. An event that
lacks a group-by field is in no group and is not used; one that holds a list is in the group of each
of its values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import cast

from detections.sigma.correlations.rule import LoadedCorrelation, is_share
from detections.sigma.loaded import LoadedRule
from detections.sigma.logsources import feeds
from detections.sigma.mapping import Logsource
from detections.sigma.targets import Target
from detections.sigma.values import as_number, as_text, scalars
from fengsui.ids import digest_id

MOST_GROUPS = 16  # that one event is put in, where fields hold lists
MOST_VALUES = 1000  # that are taken of one event's list
LONGEST = 512  # characters of a value that are kept
_DIGESTED = 1 << 16  # characters of a longer one that tell it from others

_NUMERIC = frozenset({"value_sum", "value_avg", "value_percentile", "value_median"})

Fields = Mapping[str, object]
FieldsOf = Callable[[int, str, str], Target | None]
Read = Callable[[Fields], object]
Key = str | tuple[str, ...]


def as_they_are(_rule: int, _dataset: str, name: str) -> Target | None:
    """Events that have the rule's own field names."""
    return Target((name,))


def fields_in(rules: Sequence[LoadedRule]) -> FieldsOf:
    """Where events hold the field that a rule (by position) names, by the mapping's tables."""
    found: dict[tuple[int, str, str], Target | None] = {}

    def fields_of(rule: int, dataset: str, name: str) -> Target | None:
        place = (rule, dataset, name)
        if place not in found:
            found[place] = _target(rules[rule].logsource, dataset, name)
        return found[place]

    return fields_of


def _target(logsource: Logsource, dataset: str, name: str) -> Target | None:
    """Where any of the rows has it: a process is started in events of Sysmon and of Security."""
    targets = [one.names.find(name) for one in feeds(logsource, [dataset])]
    found = [target for target in targets if target is not None]
    if len(found) > 1 and all(target.plain for target in found):
        return Target(tuple(dict.fromkeys(field for one in found for field in one.fields)))
    return found[0] if found else None


def reader(target: Target | None) -> Read:
    """How to read a target's value of an event; None where the event has none."""
    if target is None:
        return lambda _fields: None
    if not target.fields:
        constant = target.constants[0] if target.constants else None
        return lambda _fields: constant
    if name := plain_name(target):
        return lambda fields: fields.get(name)
    return lambda fields: _first(target, fields)


def _first(target: Target, fields: Fields) -> object:
    for name in target.fields:
        value = fields.get(name)
        if value is None:
            continue
        if target.scale != 1 and (number := as_number(value)) is not None:
            whole, rest = divmod(number, target.scale)
            return whole if not rest else number / target.scale
        if isinstance(value, str):
            return value.removeprefix(target.before).removesuffix(target.after)
        return value
    return None


def plain_name(target: Target | None) -> str:
    """The one field that holds a value as it is; empty where it is not so simple."""
    if target is None or len(target.fields) != 1 or target.scale != 1:
        return ""
    return "" if target.before or target.after else target.fields[0]


def key_reader(reads: Sequence[Read]) -> Callable[[Fields], Key | list[Key] | None]:
    """Group of an event: one key, a list of keys, or None where a field is missing.

    One field gives a text, several a tuple of texts.
    """
    if not reads:
        return lambda _fields: ()
    if len(reads) == 1:
        return _single(reads[0])
    return lambda fields: _several([folded(read(fields)) for read in reads])


def _single(read: Read) -> Callable[[Fields], Key | list[Key] | None]:
    def key(fields: Fields) -> Key | list[Key] | None:
        value = read(fields)
        if isinstance(value, str) and len(value) <= LONGEST:
            return value.lower()
        return cast("str | list[Key] | None", folded(value))

    return key


def _several(values: Sequence[str | list[str] | None]) -> Key | list[Key] | None:
    if all(isinstance(value, str) for value in values):
        return tuple(cast("Sequence[str]", values))
    if None in values:
        return None
    lists = [value if isinstance(value, list) else [cast("str", value)] for value in values]
    return list(product(*lists))


def folded(value: object) -> str | list[str] | None:
    """A value as text without case; a list of such; None for nothing and for nested values."""
    if isinstance(value, list):
        texts = [as_text(one) for one in scalars(value)[:MOST_VALUES]]
        return list(dict.fromkeys(_short(text) for text in texts if text is not None)) or None
    text = as_text(value)
    return None if text is None else _short(text)


def _short(text: str) -> str:
    """The text without case; a long one by its beginning, a digest of more of it, and its length."""
    if len(text) <= LONGEST:
        return text.lower()
    head = text[:_DIGESTED].lower()
    return f"{head[: LONGEST - 33]}…{digest_id(head, len(text))}"


def shown(reads: Sequence[Read], fields: Fields, key: Key) -> tuple[str, ...]:
    """The values of a key in the event's own spelling."""
    parts = (key,) if isinstance(key, str) else key
    return tuple(_spelled(read(fields), part) for read, part in zip(reads, parts, strict=True))


def _spelled(value: object, part: str) -> str:
    if isinstance(value, str) and len(value) <= LONGEST and value.lower() == part:
        return value
    for one in scalars(value)[:MOST_VALUES]:
        text = as_text(one)
        if text is not None and _short(text) == part:
            return text[:LONGEST]
    return part[:LONGEST]


def payload_reader(rule: LoadedCorrelation, reads: Sequence[Read], mask: int) -> Read:
    """What the measure takes of an event (see `measures`); None: the event is not used."""
    if not reads:
        return lambda _fields: mask
    if rule.type in _NUMERIC and not is_share(rule):
        return lambda fields: _numbers(reads, fields)
    if len(reads) == 1:
        read = reads[0]
        return lambda fields: _values(read(fields))
    # Several fields: their combinations are counted (condition.field as a list).
    return lambda fields: _combined([folded(read(fields)) for read in reads])


def _values(value: object) -> object:
    if isinstance(value, str) and len(value) <= LONGEST:
        return value.lower()
    found = folded(value)
    return tuple(found) if isinstance(found, list) else found


def _combined(values: Sequence[str | list[str] | None]) -> object:
    found = _several(values)
    if found is None:
        return None
    return tuple(found[:MOST_GROUPS]) if isinstance(found, list) else (found,)


def _numbers(reads: Sequence[Read], fields: Fields) -> object:
    found: list[int | float] = []
    for read in reads:
        for value in scalars(read(fields))[:MOST_VALUES]:
            number = as_number(value)
            if number is not None and math.isfinite(number):
                found.append(number)
    if len(found) == 1:
        return found[0]
    return tuple(found) or None
