"""Data of an application are encrypted on their way (L3-CES1-27): what its TLS service takes."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.steps import fact, service_check, service_of, step
from detections.compliance.assets.probe.tls import TlsService
from detections.compliance.assets.probe.weak import insecret

CHECK: Final = service_check("L3-CES1-27", "transit")
_HEADERS: Final = ("strict-transport-security", "server", "set-cookie", "location")


def judge(asset: AssetEvidence) -> list[Step]:
    """A weak offer decides; a capture and the design are open."""
    service = service_of(asset)
    if not isinstance(service, TlsService):
        return []
    bad = insecret(asset, service)
    detail = ", ".join(f"{one.name} {one.value}" for one in bad)
    shown = [fact(asset, name, ", ".join(service.versions)) for name in ("versions",)]
    shown += [
        fact(asset, name, service.headers[name]) for name in _HEADERS if name in service.headers
    ]
    return [step("secrecy", not bad, detail, bad or shown), step("design", None)]
