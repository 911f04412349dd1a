"""Accounts and rights (L3-CES1-05): guest and anonymous access are off; the table of rights is a person's."""

from __future__ import annotations

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

_LSA: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"

CHECK: Final = windows_check("L3-CES1-05", "accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Guest by its number, and what anonymous sessions may see."""
    windows = windows_of(asset)
    guests = [user["Name"] for user in windows.enabled if user["SID"].endswith("-501")]
    known = windows.users is not None
    facts = [windows.fact("enabled_guest", name, "users.tsv") for name in guests]
    return [
        step("guest_off", not guests if known else None, named(guests), facts),
        _anonymous(windows),
        elsewhere("account_table"),
    ]


def _anonymous(windows: WindowsFacts) -> Step:
    """SAM and names are closed (default 1 and 0), everyone is not anonymous (0), shares are closed (1)."""
    if not windows.registry_known or windows.policy is None:
        return step("anonymous_off", None)
    values = {
        "RestrictAnonymousSAM": (windows.registry("RestrictAnonymousSAM", _LSA), 1, 1),
        "EveryoneIncludesAnonymous": (windows.registry("EveryoneIncludesAnonymous", _LSA), 0, 0),
        "RestrictAnonymous": (windows.registry("RestrictAnonymous", _LSA), 1, 0),
        "LSAAnonymousNameLookup": (windows.number("LSAAnonymousNameLookup"), 0, 0),
    }
    bad: list[str] = []
    facts = []
    for name, (value, wanted, default) in values.items():
        shown = default if value is None else value
        facts.append(windows.fact(name, shown, "registry.tsv"))
        if shown < wanted or (wanted == 0 and shown != 0):
            bad.append(f"{name}={shown}")
    return step("anonymous_off", not bad, named(bad), facts)
