"""Stored secrets (L3-CES1-28): passwords are not kept reversibly."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_WDIGEST: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest"
_LSA: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
CHECK: Final = windows_check("L3-CES1-28", "stored_secrets")


def judge(asset: AssetEvidence) -> list[Step]:
    """Reversible passwords and LAN Manager hashes; the rest of what is stored is open."""
    windows = windows_of(asset)
    clear = windows.number("ClearTextPassword")
    facts = [windows.setting("ClearTextPassword")]
    state = None if clear is None else clear == 0
    kept = [("UseLogonCredential", windows.registry("UseLogonCredential", _WDIGEST), 1),
            ("NoLMHash", windows.registry("NoLMHash", _LSA), 0)]  # fmt: skip
    weak = [f"{name}={value}" for name, value, bad in kept if value == bad]
    told = "ClearTextPassword=1" if clear else named(weak)
    facts += [windows.fact("kept", one, "registry.tsv") for one in weak]
    return [step("reversible", False if weak else state, told, facts), elsewhere("stored")]
