"""Audit records hold who, when, what, and how it ended (L3-CES1-13): asked of the event store.

A clock that nothing sets is this host's own: its records hold wrong times.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.upkeep import no_time
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-13", "audit_fields", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """Open, with the clock source, on which every time of a record rests; none decides."""
    host = host_of(asset)
    none = no_time(host.tree, host.services)
    if none:
        return [step("clock", False, ", ".join(f"{one.source}: {one.value}" for one in none), none)]
    return [step("audit_fields", None, "", host.services.facts("time"))]
