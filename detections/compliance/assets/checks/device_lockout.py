"""Failed logins lead to a lock, and idle sessions end (L3-CES1-02)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import NEVER, Fault
from detections.compliance.assets.judging import Step
from detections.compliance.limits import limit

CHECK: Final = steps.check("lockout", "L3-CES1-02")


def judge(asset: AssetEvidence) -> list[Step]:
    """The lock of local users and the time-out of every line; a default counts for nothing."""
    facts = steps.facts_of(asset)
    faults = [] if steps.remote_only(facts) else list(facts.lockout)
    faults += facts.idle
    most = limit("device_lockout", "idle_seconds")
    ways = steps.reachable(facts)
    for way in ways:
        if way.idle == NEVER:
            faults.append(Fault("idle_never", {"way": way.name}, way.line))
        elif way.idle is not None and way.idle > most:
            values: dict[str, str | int] = {"way": way.name, "seconds": way.idle, "limit": most}
            faults.append(Fault("idle_long", values, way.line))
    found = steps.failed(asset, faults) + steps.unread(asset)
    if facts.locks is None or steps.remote_only(facts):
        found.append(steps.opened("lock_default"))
    elif facts.locks:
        found.append(steps.held("lock_set"))
    late = any(fault.key in {"idle_never", "idle_long"} for fault in faults)
    if not ways or any(way.idle is None for way in ways):
        found.append(steps.opened("idle_default"))
    elif not late:
        found.append(steps.held("idle_set"))
    return [*found, steps.opened("running_state")]
