"""The ledger of an installation: registers that were brought, its alerts and cases, its audit chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.compliance.drift import RULE as DRIFT
from console.compliance.folders import evidence_folder, kept
from detections.compliance.events.ledger import AlertSeen, CaseSeen, Ledger, Register
from detections.compliance.events.registers import parse_register
from fengsui.alert import Alert
from fengsui.clock import DAY
from fengsui.errors import InputError, NotFoundError
from fengsui.settings import Settings
from fengsui.store.state import Case, CaseFilter, State
from fengsui.system import EvidenceFile

REGISTER: Final = "register"  # the kind of evidence
FRESH_DAYS: Final = 30
ALERT_DAYS: Final = 90
CASE_DAYS: Final = 365
MOST_ALERTS: Final = 20_000
MOST_CASES: Final = 20_000
_ATTACKERS: Final = frozenset({"source", "attacker"})
_TARGETS: Final = frozenset({"target", "victim", "peer", "c2"})
# Acts by which somebody looks at a case; others are done to it by the program.
_LOOKED: Final = frozenset(
    {"take", "assign", "close", "escalate", "wait", "note", "merge", "split"}
)


def ledger_of(
    settings: Settings, state: State, now: int, files: Iterable[EvidenceFile] = ()
) -> Ledger:
    """What live checks join telemetry with; `files`: the newest evidence of a system."""
    alerts = state.alerts(run="", since=now - ALERT_DAYS * DAY, limit=MOST_ALERTS)
    # Alarms of our own about verdicts are no attacks, and must not turn verdicts themselves.
    ours = {each.id for each in alerts if each.rule == DRIFT}
    cases, _ = state.cases(CaseFilter(run="", since=now - CASE_DAYS * DAY), limit=MOST_CASES)
    return Ledger(
        registers={r.name: r for r in _registers(settings, files, now)},
        alerts=tuple(_alert(each) for each in alerts if each.id not in ours),
        cases=tuple(_case(c) for c in cases if not ours.issuperset(c.incident.alerts)),
        chain=not state.verify_audit() if state.audit_records(1) else None,
    )


def _registers(settings: Settings, files: Iterable[EvidenceFile], now: int) -> Iterable[Register]:
    for file in files:
        if file.kind != REGISTER or now - file.brought > FRESH_DAYS * DAY:
            continue
        try:
            path = kept(evidence_folder(settings), file.sha256)
            register = parse_register(path.read_bytes(), file.name)
        except (InputError, NotFoundError, OSError):
            continue  # the run says so where it reads its evidence
        if register.digest == file.sha256:
            yield register


def _alert(alert: Alert) -> AlertSeen:
    sides = [each for each in alert.entities if each.role in _ATTACKERS]
    return AlertSeen(
        id=alert.id,
        kind=alert.kind,
        first=alert.first,
        outside=any(not each.internal for each in sides),
        source=bool(sides),
        target=any(each.role in _TARGETS for each in alert.entities),
        category=bool(alert.title.render("en")),
    )


def _case(case: Case) -> CaseSeen:
    acts = [act for act in case.history if act.kind in _LOOKED and act.by]
    closed = [act.at for act in case.history if act.kind == "close"]
    return CaseSeen(
        id=case.incident.id,
        first=case.incident.first,
        acted=min((act.at for act in acts), default=0),
        closed=max(closed, default=0) if case.status == "closed" else 0,
        true=case.verdict == "true",
        cause=bool(case.verdict_reason.strip()),
        evidence=bool(case.incident.alerts),
        handled=any(act.kind != "close" for act in acts),
    )
