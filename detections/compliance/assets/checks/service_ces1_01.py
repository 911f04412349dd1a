"""A service asks who it is that comes (L3-CES1-01): SSH that lets strangers in decides."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.ssh import SshService
from detections.compliance.assets.probe.steps import fact, service_check, service_of, step

CHECK: Final = service_check("L3-CES1-01", "identity")


def judge(asset: AssetEvidence) -> list[Step]:
    """Ways to log in as they are named to a stranger."""
    service = service_of(asset)
    if not isinstance(service, SshService):
        return []
    shown = [fact(asset, "login_methods", ", ".join(sorted(service.methods or ())) or "-")]
    first = step("asks", None, str(shown[0].value), shown)
    if service.methods is not None:
        first = step("asks", "none" not in service.methods, str(shown[0].value), shown)
    return [first, step("other_ways", None)]
