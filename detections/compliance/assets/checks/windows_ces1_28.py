"""Stored secrets (L3-CES1-28): passwords are not kept reversibly."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import elsewhere, step, windows_check, windows_of

CHECK: Final = windows_check("L3-CES1-28", "stored_secrets")


def judge(asset: AssetEvidence) -> list[Step]:
    """Reversible passwords and LAN Manager hashes; the rest of what is stored is open."""
    windows = windows_of(asset)
    clear = windows.number("ClearTextPassword")
    facts = [windows.setting("ClearTextPassword")]
    state = None if clear is None else clear == 0
    return [step("reversible", state, "ClearTextPassword=1", facts), elsewhere("stored")]
