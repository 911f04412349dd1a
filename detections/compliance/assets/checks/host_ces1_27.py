"""Data are encrypted on their way (L3-CES1-27): web servers told to take broken versions of TLS.

Its objects are applications and middleware: a host without such a setting has nothing to say to it.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.daemons import old_tls
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-27", "transit")


def judge(asset: AssetEvidence) -> list[Step]:
    """A broken offer decides."""
    host = host_of(asset)
    found = old_tls(host.tree, host.services)
    detail = ", ".join(f"{one.source} {one.name} {one.value}" for one in found[:3])
    return [step("old_tls", False, detail, found)] if found else []
