"""Security and network devices are managed over a secure path (L3-SMC1-08): the same sightings, on devices.

This unit knows no "partly". A separate management network is the other way to conform; it is shown
by a record (`management_network`), not by flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detections.compliance.checks.cleartext_management import judge_assets
from detections.compliance.evidence import Evidence, Record
from detections.compliance.judgement import Judgement
from detections.compliance.limits import limit_facts
from fengsui.control import Check
from fengsui.text import Text

CHECK: Final = Check(
    id="cleartext_devices",
    unit="L3-SMC1-08",
    claim=Text("compliance.cleartext_devices.claim", {}),
    limits=limit_facts("cleartext_devices"),
)
DEVICES: Final = frozenset({"network", "security", "firewall", "router", "switch"})


def judge(evidence: Evidence, records: Sequence[Record]) -> Judgement:
    """Registered assets that are network or security devices."""
    devices = [asset for asset in evidence.plan.assets if asset.kind in DEVICES]
    return judge_assets(CHECK, evidence, records, devices)
