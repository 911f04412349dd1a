"""Only registered terminals reach the management of a device (L3-CES1-19)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("sources", "L3-CES1-19", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """A line without a list, on a device where nothing else could limit it, or with one that permits all.

    A list that is named and not there is read differently by model and version: open.
    """
    facts = steps.facts_of(asset)
    permissive = {
        rule.list for rule in facts.rules if rule.permit and rule.whole and not rule.source
    }
    some = any(way.sources for way in facts.remote_ways())
    faults: list[Fault] = []
    for way in facts.remote_ways():
        if way.sources in permissive:
            faults.append(
                Fault("list_permits_all", {"way": way.name, "list": way.sources}, way.line)
            )
        elif way.login == "unknown" and way.protocols is None:
            continue  # lines kept for other use, such as vty 16 to 20 of VRP
        elif way.sources or not facts.whole or facts.firewall or facts.server_list:
            continue
        elif not facts.guarded or (some and way.protocols is not None):
            faults.append(Fault("no_list", {"way": way.name}, way.line))
    return [*steps.failed(asset, faults), *steps.unread(asset), steps.opened("two_sided_probe")]
