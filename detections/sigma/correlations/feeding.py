"""Feeding: which correlations take an event, by the rules that it meets and by its dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from detections.sigma.correlations.fields import (
    FieldsOf,
    Read,
    key_reader,
    payload_reader,
    plain_name,
    reader,
    shown,
)
from detections.sigma.correlations.link import Linked, LinkedCorrelation, Source
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.correlations.shapes import Feed, Origin
from detections.sigma.targets import Target


class Feeding:
    """Makes feeds.

    Args:
        linked: the correlations.
        fields_of: where events hold the fields that rules name.
        keep: fields of events that hits carry besides those that correlations read.
    """

    def __init__(self, linked: Linked, fields_of: FieldsOf, keep: Iterable[str]) -> None:
        self._linked = linked
        self._fields_of = fields_of
        self._keep = frozenset(keep)
        self._above: dict[tuple[int, int, int, int, str], Feed] = {}
        self._kept: dict[tuple[int, str], frozenset[str]] = {}

    def feeds(self, numbers: Sequence[int], dataset: str) -> list[Feed]:
        """One feed for each correlation that names a rule of `numbers`, those below first.

        Rules whose fields have other names (aliases) feed a correlation one by one.
        """
        wanted = frozenset(numbers)
        found: list[Feed] = []
        for number, one in enumerate(self._linked.correlations):
            masks: dict[tuple[Target | None, ...], tuple[int, int]] = {}
            for place, source in enumerate(one.sources):
                if source.chained or source.number not in wanted:
                    continue
                targets = self._targets(one.rule, source, source.number, dataset)
                mask, _ = masks.get(targets, (0, 0))
                masks[targets] = mask | 1 << place, source.number
            for targets, (mask, rule) in masks.items():
                found.append(self._feed(number, targets, mask, Origin({}, rule, dataset)))
        return found

    def above(self, parent: int, place: int, child: int, origin: Origin) -> Feed:
        """How a correlation takes the hits of one that it names."""
        key = (parent, place, child, origin.rule, origin.dataset)
        feed = self._above.get(key)
        if feed is None:
            one = self._linked.correlations[parent]
            groups = self._groups_below(self._linked.correlations[child])
            targets = self._targets(
                one.rule, one.sources[place], origin.rule, origin.dataset, groups
            )
            feed = self._above[key] = self._feed(parent, targets, 1 << place, origin)
        return feed

    def _feed(
        self, number: int, targets: Sequence[Target | None], mask: int, origin: Origin
    ) -> Feed:
        rule = self._linked.correlations[number].rule
        reads: list[Read] = [reader(target) for target in targets]
        groups, values = reads[: len(rule.group_by)], reads[len(rule.group_by) :]
        plain = tuple(plain_name(target) for target in targets[: len(groups)])
        return Feed(
            number=number,
            key=key_reader(groups),
            payload=payload_reader(rule, values, mask),
            spell=partial(shown, groups),
            rule=origin.rule,
            dataset=origin.dataset,
            kept=self._names(origin.rule, origin.dataset),
            mask=mask,
            group=plain[0] if len(groups) == 1 else "",
            value=plain_name(targets[-1]) if len(values) == 1 else "",
            groups=plain if all(plain) else None,
        )

    def _targets(
        self,
        rule: LoadedCorrelation,
        source: Source,
        base: int,
        dataset: str,
        groups: frozenset[str] = frozenset(),
    ) -> tuple[Target | None, ...]:
        """Where the group-by fields and then the condition's fields are; `groups`: names added below."""
        names = [source.names.get(name, name) for name in (*rule.group_by, *rule.measured)]
        return tuple(self._target(name, base, dataset, groups) for name in names)

    def _target(self, name: str, base: int, dataset: str, groups: frozenset[str]) -> Target | None:
        found = self._fields_of(base, dataset, name)
        if name not in groups:
            return found
        return Target((name, *(found.fields if found is not None else ())))

    def _groups_below(self, one: LinkedCorrelation) -> frozenset[str]:
        below = [
            self._groups_below(self._linked.correlations[source.number])
            for source in one.sources
            if source.chained
        ]
        return frozenset(one.rule.group_by).union(*below)

    def _names(self, base: int, dataset: str) -> frozenset[str]:
        """Fields of a rule's events that some correlation may read, here or further above."""
        key = (base, dataset)
        if key not in self._kept:
            names = {
                source.names.get(name, name)
                for one in self._linked.correlations
                for source in one.sources
                for name in (*one.rule.group_by, *one.rule.measured)
            }
            targets = [self._fields_of(base, dataset, name) for name in names]
            fields = [target.fields for target in targets if target is not None]
            self._kept[key] = self._keep.union(names, *fields)
        return self._kept[key]
