"""Only registered terminals reach the management of a device (L3-CES1-19)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import DeviceFacts, Fault
from detections.compliance.assets.judging import Step
from detections.compliance.limits import limit

CHECK: Final = steps.check("sources", "L3-CES1-19", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """A line without a list, on a device where nothing else could limit it, or with one that permits all.

    A list that is named and not there, or empty, limits nobody for sure: on most models it lets
    everybody in, and on the rest nobody meant it.
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
    faults += [*facts.dangling_ways, *facts.published, *_wide(facts)]
    return [*steps.failed(asset, faults), *steps.unread(asset), steps.opened("two_sided_probe")]


def _wide(facts: DeviceFacts) -> list[Fault]:
    """Lists of lines that permit more than any set of management terminals has."""
    lines = {way.sources: way for way in facts.remote_ways() if way.sources}
    most = limit("device_sources", "addresses")
    return [
        Fault("list_wide", {"way": lines[rule.list].name, "list": rule.list, "count": count}, rule.line)
        for rule in facts.rules
        if rule.list in lines and rule.permit and rule.whole and rule.enabled
        and (count := sum(last - first + 1 for first, last in rule.source)) >= most
    ]  # fmt: skip
