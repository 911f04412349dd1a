"""Remote management is not in clear (L3-CES1-03): telnet and SNMP by community that answer decide."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.probe.ports import PortsSeen
from detections.compliance.assets.probe.seen import fact, probe_check, step
from detections.compliance.assets.probe.snmp import SnmpSeen

CHECK: Final = probe_check("L3-CES1-03", "clear_ways", single=True)
_MARK: Final = "OURS: SSH 2, TLS 1.2, SNMPv3 authPriv"


def judge(asset: AssetEvidence) -> list[Step]:
    """What greets as telnet, and communities that are answered; other ways are open."""
    bad: list[AssetFact] = []
    if isinstance(asset.facts, PortsSeen):
        spoken = asset.facts.speaks
        bad = [fact(asset, "clear_text", f"{name} {port}", "-", _MARK)
               for port, name in sorted(spoken.items()) if name == "telnet"]  # fmt: skip
    elif isinstance(asset.facts, SnmpSeen):
        bad = [fact(asset, "clear_text", f"SNMP {each}", "-", _MARK)
               for each in asset.facts.answered]  # fmt: skip
    else:
        return []
    if bad:
        return [step("clear_ways", False, ", ".join(str(each.value) for each in bad), bad)]
    return [step("other_ways", None)]
