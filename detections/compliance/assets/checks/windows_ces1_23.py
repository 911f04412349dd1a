"""Malware protection (L3-CES1-23): Windows Defender by its own word; other products by their console."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import against, limit
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)
from fengsui.clock import DAY, from_iso

# Services of products that are common here, by their names.
_PRODUCTS: Final = frozenset(
    {
        "zhudongfangyu", "qhactivedefense", "360entclientsvc", "hipsdaemon", "sfavsvc", "edr_agent",
        "kxescore", "rsmgrsvc", "avp", "ekrn", "mcshield", "sepmasterservice", "ntrtscan",
        "csfalconservice", "tmccsf", "klnagent", "qaxentsvc", "tianqingsvc",
    }
)  # fmt: skip

CHECK: Final = windows_check("L3-CES1-23", "malware")


def judge(asset: AssetEvidence) -> list[Step]:
    """On, with fresh signatures; that it blocks needs a trial."""
    windows = windows_of(asset)
    rows = windows.bundle.table("defender") or []
    services = windows.running or {}
    other = sorted(name for name in services if name in _PRODUCTS)
    facts = [windows.fact("product", name, "services.tsv") for name in other]
    on = bool(rows) and rows[0]["RealTimeProtectionEnabled"].lower() == "true"
    if not on:
        # Another product may protect: its own console says so.
        state = None if other or not rows or windows.running is None else False
        return [step("protected", state, named(other), facts), elsewhere("block_test")]
    newest = rows[0]["AntivirusSignatureLastUpdated"]
    fact = against(windows.fact("signatures", newest, "defender.tsv"), "signature_days")
    try:
        age = (asset.collected - from_iso(newest)) // DAY
    except ValueError:
        return [step("protected", None, newest[:20], [fact]), elsewhere("block_test")]
    fresh = age <= limit("signature_days")
    return [step("protected", fresh, f"{age} d", [fact]), elsewhere("block_test")]
