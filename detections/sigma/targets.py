"""Targets: where the value of a Sigma field is found in the events of a dataset.

The tables are `fields.toml`. Names are looked up as written first, then without regard to case: the
specification leaves the case of field names open, and rules in circulation differ (`Commandline`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from detections.sigma.tables import table
from fengsui import ecs

FIELDS = Path(__file__).with_name("fields.toml")
_REMEMBERED = 20_000  # names of a row: rules of strangers may bring any number


@dataclass(frozen=True, slots=True)
class Target:
    """Where the values of one Sigma field are found; the forms are explained in `fields.toml`.

    Attributes:
        fields: fields of the event, any of which may hold the value.
        constants: what the value always is, where no field holds it.
        values: the rule's words → ours.
        scale: rule's number × scale = ours.
        flags: the Sigma field is true where the event's field has one of these values.
        before, after: texts around the value inside the event's field.
    """

    fields: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    scale: int = 1
    flags: tuple[str, ...] = ()
    before: str = ""
    after: str = ""

    @property
    def plain(self) -> bool:
        """Whether the value is that of the fields, unchanged."""
        return not (self.constants or self.values or self.flags or self.before or self.after) and (
            self.scale == 1
        )


@dataclass(frozen=True, slots=True)
class Names:
    """How a row finds fields by name.

    Attributes:
        table: targets by Sigma name.
        others: what stands before a name that the table lacks; None: such a name is unknown,
            unless it is one of our own registry.
    """

    table: Mapping[str, Target]
    others: str | None = None
    _folded: dict[str, Target] = field(default_factory=dict[str, Target])
    _found: dict[str, Target | None] = field(default_factory=dict[str, Target | None])
    _kept: dict[str, bool] = field(default_factory=dict[str, bool])

    def find(self, name: str) -> Target | None:
        """Where the field is found; None where the dataset has nothing of the kind."""
        if name not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
                self._kept.clear()
            self._found[name] = self._looked_up(name)
        return self._found[name]

    def keeps(self, name: str) -> bool:
        """Whether the field has its Sigma name in the events."""
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = self.find(name) == Target((name,))
        return kept

    def _looked_up(self, name: str) -> Target | None:
        found = self.table.get(name)
        if found is None and self.others is None and name in ecs.registry():
            return Target((name,))
        if found is None:
            if not self._folded:
                self._folded.update({known.lower(): one for known, one in self.table.items()})
            found = self._folded.get(name.lower())
        if self.others is None:
            return found
        as_it_is = self.others + name
        if found is None:
            return Target((as_it_is,))
        if found.plain and as_it_is not in found.fields:
            return Target((*found.fields, as_it_is))
        return found


@cache
def field_tables() -> dict[str, dict[str, Target]]:
    """All tables of fields.toml."""
    return {
        table: {name: _parsed(target) for name, target in rows.items()}
        for table, rows in table(FIELDS).items()
    }


def merged(tables: Iterable[str], prefix: str = "") -> dict[str, Target]:
    """Targets of several tables, the first that names a field wins.

    Args:
        tables: names in fields.toml.
        prefix: also every field of our registry that begins so, under its name without it.
    """
    found: dict[str, Target] = {}
    for name in tables:
        found = field_tables()[name] | found
    if prefix:
        found = {
            name.removeprefix(prefix): Target((name,))
            for name in ecs.registry()
            if name.startswith(prefix)
        } | found
    return found


def _parsed(target: Any) -> Target:
    if isinstance(target, str):
        return Target((target,))
    if isinstance(target, list):
        return Target(tuple(cast("list[str]", target)))
    row = cast("dict[str, Any]", target)
    return Target(
        fields=_many(row.get("field")),
        constants=_many(row.get("constant")),
        values=row.get("values"),
        scale=row.get("scale", 1),
        flags=_many(row.get("flag")),
        before=row.get("before", ""),
        after=row.get("after", ""),
    )


def _many(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(cast("list[str]", value)) if isinstance(value, list) else (str(value),)
