"""Q-STP: audit is neither cleared nor stopped, and kept safe (L3-ABS1-18, L3-CES1-14, L3-CES1-15).

Cleared logs, changed audit policies and stopped logging, minus those inside a ticket's window on that
target. None counts only where the period is full and the store was never dark.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from detections.compliance.events.asking import (
    Answer,
    EventStep,
    event_query,
    limit,
    period_open,
    signed,
    told,
)
from detections.compliance.events.ledger import moment
from detections.compliance.evidence import Evidence, Row, in_scope, query_of
from fengsui.alert import Fact
from fengsui.clock import DAY, to_iso
from fengsui.event import Event
from fengsui.store.event_store import TimeRange

# Names of Beats and of auditd for what Windows numbers 1102, 104, 4719 and 1100, and commands of devices.
_ACTIONS: Final = (
    "audit-log-cleared", "log-cleared", "changed-audit-config", "audit-policy-changed",
    "logging-service-shutdown", "shutdown-audit", "disabled-audit", "deleted-audit-rule",
)  # fmt: skip
_PHRASES: Final = (
    "audit log was cleared", "log file was cleared", "audit policy was changed",
    "event logging service has shut down", "audit daemon is exiting", "undo info-center enable",
    "no logging on", "no logging host",
)  # fmt: skip
STOPPED: Final = (
    f"event.action:({' OR '.join(_ACTIONS)}) OR message:("
    + " OR ".join(f"*{each.replace(' ', chr(92) + ' ')}*" for each in _PHRASES)
    + ")"
)
MOST: Final = 10_000


def _ask(name: str, steps: tuple[EventStep, ...], kept: bool) -> Callable[[Evidence], Answer]:
    def ask(evidence: Evidence) -> Answer:
        since = evidence.now - int(limit(name, "period_days")) * DAY
        text = in_scope(evidence, STOPPED)
        rows, bad = _stops(evidence, text, since)
        found = told("audit_not_stopped", bad, len(rows), period_open(evidence, since))
        more = (_chain(evidence), *_backups(evidence)) if kept else ()
        facts = (Fact("audit_stops_without_ticket", len(bad), 0),)
        return Answer((found, *more, *steps), text, rows, since, facts)

    return ask


def _stops(evidence: Evidence, text: str, since: int) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    bad: list[str] = []
    for event in evidence.events.scroll(query_of(text), TimeRange(since, evidence.now + 1)):
        host = event.text("host.name") or event.text("observer.name") or event.text("source.ip")
        explained = _ticketed(evidence, event, host)
        rows.append({"time": to_iso(event.time), "host": host, "ticket": explained})
        if not explained:
            bad.append(f"{host} {to_iso(event.time)[:16]}Z")
        if len(rows) >= MOST:
            break
    return rows, bad


def _ticketed(evidence: Evidence, event: Event, host: str) -> str:
    targets = {host, event.text("host.ip"), event.text("source.ip")} - {""}
    for row in evidence.ledger.rows("tickets"):
        inside = moment(row["from"]) <= event.time <= moment(row["until"])
        if inside and row["target"] in targets:
            return row["id"]
    return ""


def _chain(evidence: Evidence) -> EventStep:
    chain = evidence.ledger.chain
    return EventStep(
        "chain_verifies",
        chain,
        "" if chain is not None else "no_chain",
        1,
        ("audit",) if chain is False else (),
    )


def _backups(evidence: Evidence) -> tuple[EventStep, EventStep]:
    """The newest good backup and restore of the data `audit`."""
    rows = [row for row in evidence.ledger.rows("backups") if row["data"] == "audit"]
    return (
        _newest("audit_backed_up", rows, "backup", "backup_days", evidence.now),
        _newest("audit_restored", rows, "restore", "restore_days", evidence.now),
    )


def _newest(
    name: str, rows: Sequence[Mapping[str, str]], kind: str, key: str, now: int
) -> EventStep:
    times = [moment(r["time"]) for r in rows if r["kind"] == kind and r["result"] == "ok"]
    good = [time for time in times if time <= now]
    if not rows:
        return EventStep(name, None, "no_jobs")
    if not good or now - max(good) > limit("protection", key) * DAY:
        return EventStep(name, False, "", 1, ("audit",))
    return EventStep(name, True, "", 1)


_RIGHTS: Final = (signed("audit_rights"),)
QUERIES: Final = (
    event_query("protection.boundary", "L3-ABS1-18", _ask("protection", _RIGHTS, True)),
    event_query("protection.systems", "L3-CES1-14", _ask("protection", _RIGHTS, True)),
    event_query(
        "protection.process", "L3-CES1-15", _ask("protection", (signed("stop_test"),), False)
    ),
)
