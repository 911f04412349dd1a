"""Judgement: what a check of telemetry found, before it becomes a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from detections.compliance.evidence import Row
from fengsui.alert import Fact
from fengsui.control import Conformity
from fengsui.text import Text

Values = dict[str, str | int | float]  # of a Text
NAMED: Final = 5  # names in a sentence


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check found.

    Attributes:
        query: the exact question asked: Lucene, or a named question of the state.
        rows: what answered it, in a fixed order; the finding carries their hash.
        records: names of the records that would close what is open.
        since: start of the evidence (ns); it ends at the evidence's own time.
    """

    verdict: Conformity
    reason: Text
    repair: Text
    query: str
    rows: Sequence[Row]
    since: int
    facts: tuple[Fact, ...] = field(default=())
    records: tuple[str, ...] = ()


def listed(name: str, items: Sequence[str]) -> Values:
    """The first few of a list as a value for each language: `name`, and `name_en` for English."""
    few = items[:NAMED]
    return {name: "、".join(few) or "-", f"{name}_en": ", ".join(few) or "-"}
