"""Needless services and risky ports are off (L3-CES1-18).

Clear-text remote shells and their like are needless everywhere. Other services may be this host's
task: they are listed, and without the signed list of its role the step stays open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.firewalls import open_firewalls
from detections.compliance.assets.host.kernel import loose_network
from detections.compliance.assets.host.ports import risky
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-18", "needless_services")
_NEVER: Final = ("telnet", "rsh", "rlogin", "rexec", "finger", "talk", "tftp", "nis")
_DESKTOP: Final = (
    "avahi",
    "bluetooth",
)  # which find printers and headsets, and nothing on a server
_ASK: Final = ("ftp", "vnc", "smb", "nfs", "rpcbind", "avahi", "cups", "bluetooth", "snmp")


def judge(asset: AssetEvidence) -> list[Step]:
    """Services, then ports."""
    host = host_of(asset)
    services = host.services
    bad = services.facts(*_NEVER)
    if services.known and not services.facts("desktop", "cups", "smb"):
        bad += services.facts(*_DESKTOP)
    bad = (*bad, *risky(host.tree, services), *loose_network(host.tree, services))
    detail = ", ".join(str(fact.value) for fact in bad)
    first = [step("services_off", False, detail, bad)] if bad else []
    walls = open_firewalls(host.tree, services)
    if walls:
        first.append(
            step(
                "firewall_open",
                False,
                ", ".join(f"{one.source} {one.value}" for one in walls),
                walls,
            )
        )
    return [*first, step("services_listed", None, "", services.facts(*_ASK))]
