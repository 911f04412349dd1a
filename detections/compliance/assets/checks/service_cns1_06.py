"""Communication of a service keeps its integrity (L3-CNS1-06): what it offers by itself to strangers."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.steps import service_check, service_of, step
from detections.compliance.assets.probe.weak import unsound

CHECK: Final = service_check("L3-CNS1-06", "transit_integrity")


def judge(asset: AssetEvidence) -> list[Step]:
    """A weak offer decides; other paths and the test are open."""
    bad = unsound(asset, service_of(asset))
    detail = ", ".join(f"{one.name} {one.value}" for one in bad)
    return [step("integrity", not bad, detail, bad), step("path_test", None)]
