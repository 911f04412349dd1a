"""Link: the references of correlation rules, resolved once all rules are loaded.

Specification 2.1, correlation rules, "Related rules": by id or by name; correlations may name
correlations (chaining). Names need to be unique only inside a file: one's own file is asked first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.loaded import LoadedRule, Refused
from fengsui.ids import digest_id

_LONGEST_CHAIN = 20  # correlations of correlations


@dataclass(frozen=True, slots=True)
class Source:
    """What one reference stands for.

    Attributes:
        number: position of the rule in the list given to `link`, or of the correlation in
            `Linked.correlations`.
        chained: it is a correlation.
        names: alias or field name of the correlation → field name in the events of this source.
    """

    number: int
    chained: bool
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LinkedCorrelation:
    """A correlation whose references are known.

    Attributes:
        sources: one for each of `rule.rules`, in that order.
        speaks: its hits are shown; false where a correlation names it without `generate`.
        digest: of all that its windows' contents depend on; state is kept under it.
    """

    rule: LoadedCorrelation
    sources: tuple[Source, ...]
    speaks: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Linked:
    """All correlations that can run, those that others name first.

    Attributes:
        bases: numbers of the rules that feed one.
        silent: numbers of the rules that raise nothing themselves: a correlation names them, and
            none that does says `generate: true`.
        base_ids: ids of the rules of `bases`.
    """

    correlations: tuple[LinkedCorrelation, ...] = ()
    bases: frozenset[int] = frozenset()
    silent: frozenset[int] = frozenset()
    base_ids: Mapping[int, str] = field(default_factory=dict[int, str])


class _Index:
    """Rules and correlations by id and by name."""

    def __init__(self, documents: Iterable[LoadedRule | LoadedCorrelation]) -> None:
        self._ids: dict[str, LoadedRule | LoadedCorrelation] = {}
        self._names: dict[str, list[LoadedRule | LoadedCorrelation]] = {}
        for one in documents:
            self._ids.setdefault(one.id.lower(), one)
            if one.name:
                self._names.setdefault(one.name, []).append(one)

    def find(self, reference: str, path: Path) -> LoadedRule | LoadedCorrelation:
        """What a reference of a file stands for.

        Raises:
            ValueError: nothing, or several rules of other files.
        """
        found = self._ids.get(reference.lower())
        if found is not None:
            return found
        named = self._names.get(reference, [])
        near = [one for one in named if one.path == path] or named
        if not near:
            raise ValueError(f"it names {reference!r}, and no loaded rule has this id or name")
        if len(near) > 1:
            places = ", ".join(f"{one.path.name}:{one.line}" for one in near[:3])
            raise ValueError(f"it names {reference!r}, and several rules are called so ({places})")
        return near[0]


class _Linker:
    """Resolves one correlation after another, those that it names before it."""

    def __init__(
        self, rules: Sequence[LoadedRule], correlations: Sequence[LoadedCorrelation]
    ) -> None:
        self._index = _Index([*rules, *correlations])
        self._numbers = {one.id: number for number, one in enumerate(rules)}
        self._open: list[str] = []
        self._places: dict[str, int] = {}
        self.faults: dict[str, str] = {}
        self.done: dict[str, tuple[LoadedCorrelation, tuple[Source, ...], str]] = {}

    def add(self, one: LoadedCorrelation) -> None:
        """Link one; what is wrong with it lands in `faults`."""
        if one.id in self.done or one.id in self.faults:
            return
        self._open.append(one.id)
        try:
            found = [self._index.find(reference, one.path) for reference in one.rules]
            for child in found:
                if isinstance(child, LoadedCorrelation):
                    self._descend(child)
            sources = tuple(
                self._source(one, child, reference)
                for child, reference in zip(found, one.rules, strict=True)
            )
            self._places[one.id] = len(self.done)
            self.done[one.id] = (one, sources, self._digest(one, found))
        except ValueError as error:
            self.faults[one.id] = str(error)
        finally:
            self._open.pop()

    def _descend(self, child: LoadedCorrelation) -> None:
        if child.id in self._open:
            cycle = [*self._open[self._open.index(child.id) :], child.id]
            raise ValueError(f"it is part of a cycle: {' → '.join(cycle)}")
        if len(self._open) >= _LONGEST_CHAIN:
            raise ValueError(f"a chain of more than {_LONGEST_CHAIN} correlations")
        self.add(child)
        if child.id in self.faults:
            label = child.name or child.id
            raise ValueError(f"it names {label!r}, which is refused: {self.faults[child.id]}")

    def _source(
        self, one: LoadedCorrelation, child: LoadedRule | LoadedCorrelation, reference: str
    ) -> Source:
        names: dict[str, str] = {}
        for alias, rows in one.aliases.items():
            for rule, field_name in rows.items():
                if rule == reference or self._index.find(rule, one.path) is child:
                    names[alias] = field_name
        if isinstance(child, LoadedCorrelation):
            return Source(self._places[child.id], True, names)
        return Source(self._numbers[child.id], False, names)

    def _digest(
        self, one: LoadedCorrelation, found: Sequence[LoadedRule | LoadedCorrelation]
    ) -> str:
        children = [
            self.done[child.id][2] if isinstance(child, LoadedCorrelation) else child.id
            for child in found
        ]
        condition = (
            [list(pair) for pair in one.condition.comparisons]
            if isinstance(one.condition, Bounds)
            else repr(one.condition)
        )
        parts = [one.type, children, one.group_by, one.timespan, condition, one.measured]
        aliases = {alias: dict(rows) for alias, rows in one.aliases.items()}
        content = [one.id, *parts, one.percentile, aliases]
        return digest_id(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def link(
    rules: Sequence[LoadedRule], correlations: Sequence[LoadedCorrelation]
) -> tuple[Linked, list[Refused]]:
    """All correlations whose references, and theirs, are loaded; the others with the reason.

    Args:
        rules: loaded rules; their positions are the numbers of the result.
        correlations: loaded correlations, in any order.
    """
    linker = _Linker(rules, correlations)
    for one in correlations:
        linker.add(one)
    named: dict[tuple[int, bool], bool] = {}
    for one, sources, _ in linker.done.values():
        for source in sources:
            place = (source.number, source.chained)
            named[place] = named.get(place, False) or one.generate
    linked = tuple(
        LinkedCorrelation(one, sources, named.get((number, True), True), digest)
        for number, (one, sources, digest) in enumerate(linker.done.values())
    )
    bases = {number for number, chained in named if not chained}
    silent = {number for (number, chained), speaks in named.items() if not (chained or speaks)}
    refused = [
        Refused(one.path, one.line, one.title.render("en"), linker.faults[one.id], supported=True)
        for one in correlations
        if one.id in linker.faults
    ]
    base_ids = {number: rules[number].id for number in sorted(bases)}
    return Linked(linked, frozenset(bases), frozenset(silent), base_ids), refused
