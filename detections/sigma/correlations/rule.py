"""Rule: a Sigma correlation rule as its file states it (specification 2.1, correlation rules)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.expression import Expression
from fengsui.rule import Guidance
from fengsui.severity import Severity
from fengsui.text import Text

CorrelationType = Literal[
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
]
TEMPORAL: frozenset[CorrelationType] = frozenset({"temporal", "temporal_ordered"})
COUNTED: frozenset[CorrelationType] = frozenset(
    {"event_count", "value_count", "temporal", "temporal_ordered"}
)


@dataclass(frozen=True, slots=True)
class LoadedCorrelation:
    """A correlation rule; its references are names or ids still (see `link`).

    Attributes:
        rules: references to rules and correlations by id or name, in order.
        group_by: field names or aliases; events with other values are counted apart.
        timespan: length of the sliding window, ns of event time.
        condition: comparisons of what `type` measures, or a tree over `rules`.
        measured: `condition.field`, whose values are counted or reckoned with.
        percentile: of `value_percentile`; None: the share of the value in percent (specification's
            own example).
        aliases: alias → reference → field name in the events of that rule.
        generate: the rules named speak for themselves, too.
    """

    id: str
    name: str
    title: Text
    description: Text
    severity: Severity
    status: str
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    author: str
    licence: str
    path: Path
    line: int
    type: CorrelationType
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    timespan: int
    condition: Bounds | Expression
    measured: tuple[str, ...] = ()
    percentile: float | None = None
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, dict[str, str]])
    generate: bool = False
    key_fields: tuple[str, ...] = ()
    fidelity: float | None = None
    units: tuple[str, ...] = ()
    samples: dict[str, Any] = field(default_factory=dict[str, Any])
    gbt20986: tuple[str, ...] = ()
    guidance: Guidance | None = None
    taxonomy: str = "sigma"
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()


def is_share(rule: LoadedCorrelation) -> bool:
    """Whether it is about the share of a value: `value_percentile` without a percentile."""
    return rule.type == "value_percentile" and rule.percentile is None
