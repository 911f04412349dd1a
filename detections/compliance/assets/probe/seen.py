"""Words of the checks of what a probe saw beside services: ports, SNMP, web in clear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetCheck, AssetFact, State, Step
from detections.compliance.assets.steps import worded
from fengsui.text import Text

_OTHERS: Final = frozenset(["other_side", "other_ways", "other_passwords"])


def probe_check(unit: str, name: str, *, single: bool = False) -> AssetCheck:
    """A check of probes; its claim is `probes.claim.NAME`."""
    return AssetCheck(f"probe_{name}", unit, ("probe",), Text(f"probes.claim.{name}", {}), single)


def step(name: str, state: State, detail: str = "", facts: Iterable[AssetFact] = ()) -> Step:
    """A step with its sentence `probes.NAME.good|bad|open`."""
    return worded("probes", name, state, detail, facts, own=name in _OTHERS)


def fact(
    asset: AssetEvidence, name: str, value: str | int, limit: str | int = "", mark: str = ""
) -> AssetFact:
    """Something that was seen."""
    return AssetFact(name, value, asset.source, asset.digest, limit, mark)
