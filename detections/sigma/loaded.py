"""Loaded: what comes of the documents of some folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from detections.sigma.conditions import Condition
from detections.sigma.mapping import Logsource
from fengsui.errors import RuleError
from fengsui.severity import Severity
from fengsui.text import Text

if TYPE_CHECKING:
    from detections.sigma.correlations.rule import LoadedCorrelation
    from fengsui.rule import Guidance


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule as its file states it; fields of `condition` are still the rule's own names.

    Attributes:
        key_fields: event fields that make two hits the same; empty: those of the entities.
        fidelity: the author's estimate of how often it is right, 0…1; None where not given.
        samples: events that must (`fire`) and must not (`quiet`) match, as flat ECS fields.
        name: what correlations and filters may call it instead of its id; empty where it has none.
        gbt20986: GB/T 20986-2023 category or subclass of what it finds.
        guidance: what to do with its alerts.
        fields: fields that its author wants shown with a hit.
        related: `(type, id)` of other rules: derived, obsolete, merged, renamed, similar.
        filters: ids of the filter documents that narrow it.
    """

    id: str
    title: Text
    description: Text
    severity: Severity
    status: str
    logsource: Logsource
    condition: Condition
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    author: str
    licence: str
    path: Path
    line: int
    key_fields: tuple[str, ...] = ()
    fidelity: float | None = None
    units: tuple[str, ...] = ()
    samples: dict[str, list[dict[str, object]]] = field(
        default_factory=dict[str, list[dict[str, object]]]
    )
    name: str = ""
    gbt20986: tuple[str, ...] = ()
    guidance: Guidance | None = None
    taxonomy: str = "sigma"
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedFilter:
    """A filter document: events that its rules are to leave out, as a condition that they must meet.

    Attributes:
        rules: ids or names of rules; empty means every rule of the log source.
    """

    id: str
    title: str
    logsource: Logsource
    rules: tuple[str, ...]
    condition: Condition
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that is not loaded; `supported` is false where the rule is valid and we lag behind."""

    path: Path
    line: int
    title: str
    reason: str
    supported: bool

    def error(self) -> RuleError:
        """The same as an error with file and line."""
        return RuleError(
            f"The Sigma rule {self.title or 'without a title'!r} does not load: {self.reason}",
            where=f"{self.path}:{self.line}",
            next="Mend the line named, or take the file out of the rules folder",
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """All documents of some folders."""

    rules: Sequence[LoadedRule]
    refused: tuple[Refused, ...]
    correlations: tuple[LoadedCorrelation, ...] = ()
