"""Records of a device hold the date and time (L3-CES1-13): a clock that something sets.

Fields of records are asked of the event store. Records without a source of time still hold a date, one
not to be trusted: partly, not "does not".
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("audit_fields", "L3-CES1-13")


def judge(asset: AssetEvidence) -> list[Step]:
    """Time switched off, or a whole configuration of a router or switch that names no source of it."""
    facts = steps.facts_of(asset)
    faults: list[Fault] = []
    if facts.clock_off and not facts.clocks:
        faults.append(Fault("clock_off", {}, facts.clock_off))
    elif facts.whole and not facts.clocks:
        faults.append(Fault("no_clock", {}, 0))
    return [*steps.failed(asset, faults), steps.opened("audit_events")]
