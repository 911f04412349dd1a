"""Identity and passwords (L3-CES1-01): policy in force, and what each account does of it."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import against, limit
from detections.compliance.assets.windows.facts import WindowsFacts
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_WINLOGON: Final = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"

CHECK: Final = windows_check("L3-CES1-01", "identity")


def judge(asset: AssetEvidence) -> list[Step]:
    """Log-in, empty passwords, complexity, change; accounts of a domain follow their controller."""
    windows = windows_of(asset)
    return [
        _logon(windows),
        _empty(windows),
        _complex(windows),
        _changed(windows),
        step(
            "domain_policy",
            True if windows.in_domain is False else None,
            windows.system.get("Domain", ""),
        ),
        elsewhere("other_logins"),
    ]


def _logon(windows: WindowsFacts) -> Step:
    if not windows.registry_known:
        return step("logon_asked", None)
    by_itself = windows.registry("AutoAdminLogon", _WINLOGON) == 1
    return step("logon_asked", not by_itself, "AutoAdminLogon=1",
                [windows.fact("AutoAdminLogon", int(by_itself), "registry.tsv")])  # fmt: skip


def _empty(windows: WindowsFacts) -> Step:
    if windows.users is None:
        return step("password_needed", None)
    free = [user["Name"] for user in windows.enabled if user["PasswordRequired"].lower() != "true"]
    facts = [windows.fact("no_password_needed", name, "users.tsv") for name in free]
    return step("password_needed", not free, named(free), facts)


def _complex(windows: WindowsFacts) -> Step:
    length, classes = windows.number("MinimumPasswordLength"), windows.number("PasswordComplexity")
    history, clear = windows.number("PasswordHistorySize"), windows.number("ClearTextPassword")
    facts = [
        against(windows.setting("MinimumPasswordLength"), "password_length"),
        windows.setting("PasswordComplexity"),
        against(windows.setting("PasswordHistorySize"), "password_history"),
        windows.setting("ClearTextPassword"),
    ]
    if length is None or classes is None or history is None or clear is None:
        return step("password_policy", None, "", facts)
    bad = [] if length >= limit("password_length") else [f"MinimumPasswordLength={length}"]
    bad += [] if classes == 1 else [f"PasswordComplexity={classes}"]
    bad += [] if history >= limit("password_history") else [f"PasswordHistorySize={history}"]
    bad += [] if clear == 0 else [f"ClearTextPassword={clear}"]
    return step("password_policy", not bad, named(bad), facts)


def _changed(windows: WindowsFacts) -> Step:
    """The policy (0 and -1 are never), accounts left out of it, and how old each password is."""
    most = windows.number("MaximumPasswordAge")
    fact = against(windows.setting("MaximumPasswordAge"), "password_age_days")
    if most is None or windows.users is None:
        return step("password_change", None, "", [fact])
    days = limit("password_age_days")
    bad = [] if 0 < most <= days else [f"MaximumPasswordAge={most}"]
    facts = [fact]
    unread = False
    for user in windows.enabled:
        age = user["PasswordAgeDays"]
        unread = unread or not age.isdigit()
        never = user["PasswordExpires"].lower() != "true"
        if never or (age.isdigit() and int(age) > days):
            shown = f"{user['Name']}: {'never' if never else age + ' d'}"
            bad.append(shown)
            facts.append(windows.fact("password_age", shown, "users.tsv"))
    return step("password_change", False if bad else None if unread else True, named(bad), facts)
