"""Remote management over SSH cannot be listened to (L3-CES1-03): what the server offers."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.ssh import SshService
from detections.compliance.assets.probe.steps import fact, service_check, service_of, step
from detections.compliance.assets.probe.weak import insecret, unsound

CHECK: Final = service_check("L3-CES1-03", "clear_text", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """A weak offer decides; other ways of management are open. TLS services are judged elsewhere."""
    service = service_of(asset)
    if not isinstance(service, SshService):
        return []
    bad = [*insecret(asset, service), *unsound(asset, service)]
    bad = list(dict.fromkeys(bad))
    detail = ", ".join(f"{one.name} {one.value}" for one in bad)
    shown = [fact(asset, "version", service.banner[:60])]
    return (
        [step("management", False, detail, bad)] if bad else [step("other_ways", None, "", shown)]
    )
