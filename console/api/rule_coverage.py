"""The ATT&CK map: how many rules look for each technique, and how many of them are live today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.api.schemas.rules import (
    CoverageTactic,
    CoverageTechnique,
    CoverageTotals,
    Rule,
    RuleCoverage,
)
from console.api.shown import text_shown
from fengsui.attack import TACTICS, in_order, tactic_of
from fengsui.text import literal

RULES_NAMED: Final = 50
_COUNTED: Final = ("live", "partial", "inert", "parked", "draft", "retired")


def coverage_of(rows: Sequence[Rule]) -> RuleCoverage:
    """The map of all rules; sub-techniques count in their own cell and in their parent's."""
    cells: dict[str, list[Rule]] = {}
    for row in rows:
        named = {one.upper() for one in row.techniques}
        for technique in named | {one.partition(".")[0] for one in named}:
            cells.setdefault(technique, []).append(row)
    techniques = [_technique(id_, found) for id_, found in sorted(cells.items())]
    totals = _counts(rows)
    return RuleCoverage(
        tactics=[_tactic(tactic, rows) for tactic in TACTICS],
        techniques=techniques,
        totals=CoverageTotals(
            **totals, techniques_live=sum(1 for one in techniques if one.live or one.partial)
        ),
    )


def _tactic(tactic: str, rows: Sequence[Rule]) -> CoverageTactic:
    found = [row for row in rows if tactic in row.tactics]
    counts = _counts(found)
    _, english, chinese = TACTICS[tactic]
    return CoverageTactic(
        id=tactic,
        name=text_shown(literal(chinese, english)),
        live=counts["live"],
        partial=counts["partial"],
        inert=counts["inert"],
        hits_30d=sum(row.hits_30d for row in found),
    )


def _technique(id_: str, rows: Sequence[Rule]) -> CoverageTechnique:
    tactics = {tactic for row in rows for tactic in row.tactics}
    usual = tactic_of(id_)
    # A rule's tactics are of all its techniques: the table's own comes first where it is among them.
    own = {usual} if usual in tactics else tactics
    return CoverageTechnique(
        id=id_,
        name="",
        parent=id_.partition(".")[0] if "." in id_ else "",
        tactics=list(in_order({one for one in own if one})),
        **_counts(rows),
        hits_30d=sum(row.hits_30d for row in rows),
        rules=[row.id for row in rows[:RULES_NAMED]],
    )


def _counts(rows: Sequence[Rule]) -> dict[str, int]:
    """Rules by what they do today: each in one place."""
    words = [row.status for row in rows]
    return {word: words.count(word) for word in _COUNTED}
