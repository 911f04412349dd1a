"""Audit is on and covers important acts (L3-CES1-12): the policy in force by subcategory."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.facts import WindowsFacts
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_MARK: Final = "PRACTICE: L3-CES1-12; 1 success, 2 failure, 3 both, as the subcategory has them"
_WANTED: Final = {
    "9215": ("Logon", 3),
    "9217": ("Account Lockout", 2),
    "921B": ("Special Logon", 1),
    "923F": ("Credential Validation", 3),
    "9235": ("User Account Management", 1),
    "9237": ("Security Group Management", 1),
    "922F": ("Audit Policy Change", 1),
    "9230": ("Authentication Policy Change", 1),
    "9210": ("Security State Change", 1),
    "9211": ("Security System Extension", 1),
    "9212": ("System Integrity", 3),
    "9228": ("Sensitive Privilege Use", 3),
}

CHECK: Final = windows_check("L3-CES1-12", "audit")


def judge(asset: AssetEvidence) -> list[Step]:
    """Each subcategory that matters, by the events that it has; that records arrive is the store's."""
    windows = windows_of(asset)
    running = windows.running
    on = None if running is None else "eventlog" in running
    state = step("audit_service", on, "EventLog", [windows.fact("EventLog", on, "services.tsv")])
    return [state, _policy(windows), _users(windows), elsewhere("audit_seen")]


def _policy(windows: WindowsFacts) -> Step:
    if windows.audit is None:
        return step("audit_policy", None)
    bad: list[str] = []
    facts = []
    unread = False
    for number, (name, wanted) in _WANTED.items():
        found = windows.audit.get(number)
        unread = unread or found is None
        facts.append(replace(windows.fact(name, found, "auditpol.csv"), limit=wanted, mark=_MARK))
        if found is not None and found & wanted != wanted:
            bad.append(f"{name}={found}")
    return step("audit_policy", False if bad else None if unread else True, named(bad), facts)


def _users(windows: WindowsFacts) -> Step:
    """Policies of single users may leave acts out."""
    text = windows.bundle.read("auditpol-users.csv")
    if text is None:
        return step("audit_all_users", None)
    left_out = [line for line in text.splitlines() if "S-1-5-21-" in line]
    return step("audit_all_users", not left_out, str(len(left_out)))
