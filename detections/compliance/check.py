"""Check: a claim under an assessment unit, tested from live evidence; `checks` is its shelf.

Each module of the shelf has `CHECK` (what is claimed, with its limits) and `judge(evidence,
records)`. A check never says that something conforms because nothing was seen: what telemetry
cannot show is asked of records, and without them the verdict is insufficient evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import detections.compliance.checks
from detections.compliance.catalogue import control
from detections.compliance.events.asking import event_queries, judge_query
from detections.compliance.evidence import Evidence, Record, Row, recorded, result_hash
from detections.compliance.judgement import Judgement
from detections.compliance.verdict import of_checks
from fengsui.control import Check, Conformity, Finding
from fengsui.ids import digest_id
from fengsui.registry import parts
from fengsui.text import Text

NOT_APPLICABLE: Final = "not_applicable"
Judge = Callable[[Evidence, Sequence[Record]], Judgement]


def checks() -> list[Check]:
    """All checks of the shelf.

    Raises:
        RuleError: a module does not load.
        NotFoundError: a check names a unit that is not in the catalogue.
    """
    found: list[Check] = [module.CHECK for module in parts(detections.compliance.checks)]
    found += [query.check for query in event_queries()]
    for check in found:
        control(check.unit)
    return found


def run_checks(evidence: Evidence, records: Sequence[Record] = ()) -> list[Finding]:
    """A finding of each check, on the evidence's own clock.

    Raises:
        RuleError: a module of the shelf does not load.
        StoreError: the evidence cannot be read.
    """
    findings: list[Finding] = []
    for check, judge in _judges():
        excused = recorded(records, check.unit, NOT_APPLICABLE, evidence.now)
        judgement = _excused(check, records, evidence.now) if excused else judge(evidence, records)
        findings.append(_finding(check, judgement, evidence.now))
    return findings


def _judges() -> Iterator[tuple[Check, Judge]]:
    for module in parts(detections.compliance.checks):
        yield module.CHECK, module.judge
    for query in event_queries():
        yield query.check, partial(judge_query, query)


def unit_verdicts(findings: Sequence[Finding]) -> Mapping[str, Conformity]:
    """Verdict of each unit that has findings: the worst of its checks."""
    by_unit: dict[str, list[Conformity]] = {}
    for finding in findings:
        by_unit.setdefault(finding.unit, []).append(finding.verdict)
    return {unit: of_checks(verdicts) for unit, verdicts in by_unit.items()}


def _finding(check: Check, judgement: Judgement, now: int) -> Finding:
    digest = result_hash(judgement.rows)
    return Finding(
        id=digest_id("finding", check.id, check.unit, now, digest),
        check=check.id,
        unit=check.unit,
        verdict=judgement.verdict,
        reason=judgement.reason,
        facts=judgement.facts,
        query=judgement.query,
        result_hash=digest,
        time=now,
        since=judgement.since,
        until=now,
        repair=judgement.repair,
        author=f"fengsui:{check.id}",
        records=judgement.records,
    )


def _excused(check: Check, records: Sequence[Record], now: int) -> Judgement:
    """Not applicable, by a signed record that has not expired."""
    signed = [r for r in records if r.unit == check.unit and r.name == NOT_APPLICABLE]
    newest = max(signed, key=lambda record: record.time)
    row: Row = {"by": newest.by, "time": newest.time, "digest": newest.digest}
    return Judgement(
        Conformity.NOT_APPLICABLE,
        Text("compliance.not_applicable.reason", {"by": newest.by}),
        Text("compliance.not_applicable.repair", {}),
        f"records: unit={check.unit} name={NOT_APPLICABLE}",
        [row],
        newest.time,
    )
