"""What other scanners say of a host, for each unit that their table names: against it, or open.

A failure that alone breaks the requirement decides against the unit. All else is shown and open: the
scanner's threshold is not ours, and its pass covers a part of a step at most. It never conforms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetCheck, AssetFact, Step
from detections.compliance.assets.scan.results import Meaning, Result, Scan, meanings, meanings_of
from detections.compliance.assets.steps import worded
from detections.compliance.profile.steps import steps_of
from fengsui.text import Text

_SHOWN: Final = 20
UNITS: Final = tuple(dict.fromkeys(meaning.unit for meaning in meanings()))
CHECKS: Final = tuple(
    AssetCheck(
        f"scan_{unit.lower().replace('-', '_')}",
        unit,
        ("scan",),
        Text("scans.claim", {"unit": unit}),
        single=len(steps_of(unit).names) == 1,
    )
    for unit in UNITS
)


def judge_unit(asset: AssetEvidence, check: AssetCheck) -> list[Step]:
    """Deciding failures of a unit, then all that was said of it; nothing where nothing was."""
    scan = asset.facts
    if not isinstance(scan, Scan):
        raise TypeError(f"{asset.source} is no scan")
    found = list(_spoken(scan, check.unit))
    if not found:
        return []
    bad = [result for result, meaning in found if result.outcome == "fail" and not meaning.limits]
    first: list[Step] = []
    if bad:
        detail = ", ".join(result.rule for result in bad[:8])
        facts = [_fact(asset, scan, result, "") for result in bad]
        first = [worded("scans", "scanner_fails", False, detail, facts)]
    rest = [_fact(asset, scan, r, m.limits) for r, m in found if r not in bad]
    passed = sum(result.outcome == "pass" for result, _ in found)
    detail = f"{scan.tool} {passed}/{len(found)}"
    return [*first, worded("scans", "scanner_says", None, detail, rest[:_SHOWN], own=True)]


def _spoken(scan: Scan, unit: str) -> Iterator[tuple[Result, Meaning]]:
    for result in scan.results:
        for meaning in meanings_of(scan.tool, result.rule):
            if meaning.unit == unit:
                yield result, meaning


def _fact(asset: AssetEvidence, scan: Scan, result: Result, limits: str) -> AssetFact:
    """The scanner's word; its mark says how far it goes."""
    value = f"{result.outcome} {result.word}".strip() if result.word else result.outcome
    return AssetFact(result.rule, value, f"{scan.tool}: {asset.source}", asset.digest, "", limits)
