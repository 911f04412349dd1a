"""Q-SIL: registered assets of which audit records still arrive (L3-CES1-12).

Arrival shows that audit is on and reaches the store. That none arrives does not show that it is off,
so the step is never false; that all users and acts are covered needs a test of each class.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.events.asking import (
    Answer,
    event_query,
    limit,
    period_open,
    signed,
    told,
)
from detections.compliance.events.sources import ANY_AUDIT, SPEAKERS, names_of, spoken
from detections.compliance.evidence import Evidence, Row, in_scope, terms
from fengsui.alert import Fact
from fengsui.clock import DAY, HOUR


def _ask(evidence: Evidence) -> Answer:
    since = evidence.now - int(limit("silence", "period_days")) * DAY
    recent = evidence.now - int(limit("silence", "silent_hours")) * HOUR
    text = in_scope(evidence, ANY_AUDIT)
    seen = {field: terms(evidence, text, field, recent) for field in SPEAKERS}
    rows: list[Row] = [
        {"asset": asset.id, "records": max(spoken(seen[f], names_of(asset)) for f in SPEAKERS)}
        for asset in evidence.plan.assets
    ]
    silent = [str(row["asset"]) for row in rows if not row["records"]]
    why = "no_register" if not rows else "silent" if silent else period_open(evidence, since)
    steps = (
        told("audit_arrives", [], len(rows), why),
        signed("audit_every_user"),
        signed("audit_acts_found"),
    )
    facts = (Fact("assets_with_audit", len(rows) - len(silent), len(rows)),)
    return Answer(steps, f"{text} | terms {', '.join(SPEAKERS)}", rows, since, facts)


QUERIES: Final = (event_query("silence", "L3-CES1-12", _ask),)
