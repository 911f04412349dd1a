"""Communication of a service is encrypted (L3-CNS1-07): what it offers by itself to strangers."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.steps import service_check, service_of, step
from detections.compliance.assets.probe.weak import insecret

CHECK: Final = service_check("L3-CNS1-07", "transit_secrecy")


def judge(asset: AssetEvidence) -> list[Step]:
    """A weak offer decides; other paths and the test are open."""
    bad = insecret(asset, service_of(asset))
    detail = ", ".join(f"{one.name} {one.value}" for one in bad)
    return [step("secrecy", not bad, detail, bad), step("path_test", None)]
