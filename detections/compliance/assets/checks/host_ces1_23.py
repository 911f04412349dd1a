"""Malware is recognised and blocked (L3-CES1-23): how old the signatures of ClamAV are.

Other products keep their state in a console of their own, or in a form that we do not know: open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.tree import Row
from detections.compliance.assets.host.upkeep import crept_in
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import against, host_check, host_of, limit, step
from fengsui.clock import DAY, SECOND, to_iso

CHECK: Final = host_check("L3-CES1-23", "malware")
_FOLDER: Final = "/var/lib/clamav/"


def judge(asset: AssetEvidence) -> list[Step]:
    """The age of signatures; that something is blocked needs a test."""
    host = host_of(asset)
    rows = [row for path, row in host.tree.modes.items()
            if path.startswith((f"{_FOLDER}daily.", f"{_FOLDER}main.")) and row.changed]  # fmt: skip
    newest = max(rows, key=lambda row: row.changed, default=None)
    services = host.services.facts("malware", "host_guard")
    signs = crept_in(host.tree)
    detail = ", ".join(f"{one.source} {one.value}" for one in signs[:3])
    first = [step("signs", False, detail, signs)] if signs else []
    return [*first, _age(asset, newest, services), step("block_test", None)]


def _age(asset: AssetEvidence, newest: Row | None, services: tuple[AssetFact, ...]) -> Step:
    if newest is None or not asset.collected:
        return step("signatures", None, "", services)
    days = (asset.collected - newest.changed * SECOND) // DAY
    changed = AssetFact("signatures_of", to_iso(newest.changed * SECOND)[:10], newest.path)
    fact = against(changed, "signature_days")
    old = days > limit("signature_days")
    return step("signatures", False if old else None, f"{days} d", [fact, *services])
