"""Behaviours: what an activity amounts to, as far as its alerts say it (ATT&CK techniques, tactics).

Each activity has exactly one; what fits none is told by its tactic, or by the kind of its alerts (those
of other tools often say no more).
"""

from __future__ import annotations

from typing import Final

from correlation.story.activity import Activity
from correlation.story.cast import OTHERS, Cast
from fengsui.attack import in_order
from fengsui.severity import Severity

# Command and control that names nobody who controls: a program fetched from somewhere, a look-up of
# one's own address, casting about for servers that do not answer, a gateway's name.
UNCONTROLLED: Final = frozenset({"T1105", "T1016", "T1008", "T1090"})
OTHER: Final = "other"
TACTIC: Final = "tactic:"
KIND: Final = "kind:"
# In the order in which people want to hear of what is as severe and as old.
TOLD: Final = (
    "entered",
    "guess",
    "scan",
    "fetch",
    "known",
    "control",
    "tunnel",
    "upload",
    "move",
    "mining",
)


def behaviour_of(activity: Activity, cast: Cast, detection: str) -> str:
    """One of `TOLD`, `tactic:<tactic>`, `kind:<rule>`, `other`. `detection`: kind of its rule."""
    techniques = {technique.split(".")[0] for technique in activity.techniques}
    tactics = activity.tactics
    main = cast.players.get(activity.objects[0]) if activity.objects else None
    outward = main is not None and not main.internal
    if "T1110" in techniques:
        return "entered" if activity.variant == "entered" else "guess"
    if "exfiltration" in tactics:
        if "T1071.004" in activity.techniques and outward:
            return "tunnel"
        if activity.size > 0 and outward:
            return "upload"
    if "T1496" in techniques:
        return "mining"
    if detection == "indicator" and outward:
        return "known"
    if "lateral-movement" in tactics and main is not None and main.internal:
        return "move"
    if {"T1046", "T1018", "T1595"} & techniques:
        return "scan"
    if "T1105" in techniques and "T1204" not in techniques and outward:
        return "fetch"
    suspicious = activity.severity >= Severity.MEDIUM and not UNCONTROLLED & techniques
    if "command-and-control" in tactics and outward and suspicious:
        return "control"
    ordered = in_order(tactics)
    if ordered:
        return f"{TACTIC}{ordered[0]}"
    return OTHER if activity.rule == OTHERS else f"{KIND}{activity.rule}"
