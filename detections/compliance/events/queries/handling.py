"""Alerts are looked at in time (L3-MMS1-20), cases tell what happened (L3-MMS1-39), plans are drilled
(L3-MMS1-43).
"""

from __future__ import annotations

from typing import Final

from detections.compliance.events.asking import Answer, event_query, limit, signed, told
from detections.compliance.evidence import Evidence, Row
from fengsui.alert import Fact
from fengsui.clock import DAY, HOUR


def _reviewed(evidence: Evidence) -> Answer:
    """Cases older than the limit that somebody acted on in time."""
    since = evidence.now - int(limit("handling", "period_days")) * DAY
    patience = int(limit("handling", "hours")) * HOUR
    due = [c for c in evidence.ledger.cases if since <= c.first <= evidence.now - patience]
    intime = [case for case in due if case.acted and case.acted - case.first <= patience]
    short = 100 * len(intime) < limit("handling", "share") * len(due)
    bad = [f"{len(due) - len(intime)}/{len(due)}"] if due and short else []
    steps = (
        told("alerts_reviewed", bad, len(due), "" if due else "no_cases"),
        signed("analysis_post"),
        signed("analysis_reports"),
    )
    rows: list[Row] = [
        {"case": case.id, "acted": (case.acted - case.first) // HOUR if case.acted else -1}
        for case in due
    ]
    facts = (Fact("cases_in_time", len(intime), len(due)),)
    return Answer(steps, "state: cases, first act", rows, since, facts)


def _told(evidence: Evidence) -> Answer:
    """Each true case that was closed says its cause, its evidence and what was done."""
    since = evidence.now - int(limit("cases", "period_days")) * DAY
    closed = [c for c in evidence.ledger.cases if c.closed >= since and c.closed and c.true]
    bad = [case.id[:8] for case in closed if not (case.cause and case.evidence and case.handled)]
    steps = (
        told("cases_whole", bad, len(closed), "" if closed else "no_closed_cases"),
        signed("case_lessons"),
    )
    rows: list[Row] = [
        {"case": c.id, "cause": c.cause, "evidence": c.evidence, "handled": c.handled}
        for c in closed
    ]
    return Answer(steps, "state: cases closed as true", rows, since)


def _drilled(evidence: Evidence) -> Answer:
    """All three steps are records; the program's own drills are no drill of a plan."""
    since = evidence.now - int(limit("cases", "period_days")) * DAY
    steps = (signed("plan_interview"), signed("plan_training"), signed("plan_drill"))
    return Answer(steps, "records", [], since)


QUERIES: Final = (
    event_query("handling.review", "L3-MMS1-20", _reviewed),
    event_query("cases.told", "L3-MMS1-39", _told),
    event_query("cases.drills", "L3-MMS1-43", _drilled),
)
