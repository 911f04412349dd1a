"""Q-FLD: audit records hold user, type, result and source (L3-ABS1-17 of devices, L3-CES1-13 of others).

Counted over all records of the period, not a sample: each source's records, and those of them that
have a field. Lines that no parser read say nothing about the fields: they leave it open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from detections.compliance.checks.cleartext_devices import DEVICES
from detections.compliance.events.asking import (
    Answer,
    event_query,
    limit,
    period_open,
    signed,
    told,
)
from detections.compliance.events.sources import AUDIT, SPEAKERS, UNREAD, names_of, spoken
from detections.compliance.evidence import Evidence, Row, in_scope, terms
from fengsui.alert import Fact
from fengsui.asset import Asset
from fengsui.clock import DAY

FIELDS: Final[Mapping[str, str]] = {
    "user": "_exists_:user.name",
    "type": "(_exists_:event.action OR _exists_:rule.name)",
    # Ends of sessions have no outcome, and local changes no source.
    "outcome": "(_exists_:event.outcome OR event.category:session)",
    "source": "(_exists_:source.ip OR _exists_:source.address OR event.category:(iam OR configuration))",
}
Counts = dict[str, dict[str, dict[str, int]]]  # field of speaker → question → speaker → records


def _ask(devices: bool) -> Callable[[Evidence], Answer]:
    def ask(evidence: Evidence) -> Answer:
        since = evidence.now - int(limit("fields", "period_days")) * DAY
        counts, query = _counts(evidence, since)
        assets = [a for a in evidence.plan.assets if (a.kind in DEVICES) is devices]
        rows: list[Row] = []
        bad: list[str] = []
        why = "" if assets else "no_register"
        for asset in assets:
            row, missing, opened = _asset(asset, counts)
            rows.append(row)
            bad += [f"{asset.name or asset.id}: {each}" for each in missing]
            why = why or opened
        why = why or period_open(evidence, since)
        step = told("fields_complete", bad, len(assets), why)
        return Answer((step, signed("clock_right")), query, rows, since, _facts(rows))

    return ask


def _counts(evidence: Evidence, since: int) -> tuple[Counts, str]:
    questions = {"all": AUDIT, "unread": UNREAD} | {
        name: f"({AUDIT}) AND {clause}" for name, clause in FIELDS.items()
    }
    found: Counts = {
        field: {
            name: terms(evidence, in_scope(evidence, text), field, since)
            for name, text in questions.items()
        }
        for field in SPEAKERS
    }
    asked = (in_scope(evidence, text) for text in questions.values())
    return found, f"{' ; '.join(asked)} | terms {', '.join(SPEAKERS)}"


def _asset(asset: Asset, counts: Counts) -> tuple[Row, list[str], str]:
    names = names_of(asset)
    # An event may name its host twice; the way of naming with most records counts.
    field = max(SPEAKERS, key=lambda each: (spoken(counts[each]["all"], names), each))
    total = spoken(counts[field]["all"], names)
    unread = sum(spoken(counts[each]["unread"], names) for each in SPEAKERS)
    shares = {
        name: 100 * spoken(counts[field][name], names) / total if total else 0.0 for name in FIELDS
    }
    row: Row = {"asset": asset.id, "records": total, "unread": unread}
    row |= {name: round(share, 2) for name, share in shares.items()}
    if total < limit("fields", "least"):
        return row, [], "few_records" if not unread else "unread"
    if 100 * unread / (total + unread) > limit("fields", "unread"):
        return row, [], "unread"
    return row, [name for name, share in shares.items() if share < limit("fields", "share")], ""


def _facts(rows: list[Row]) -> tuple[Fact, ...]:
    least = int(limit("fields", "least"))
    known = sum(int(row["records"]) >= least for row in rows)
    return (Fact("assets_with_records", known, len(rows)),)


QUERIES: Final = (
    event_query("fields.devices", "L3-ABS1-17", _ask(True)),
    event_query("fields.systems", "L3-CES1-13", _ask(False)),
)
