"""Data are encrypted on their way (L3-CES1-27): servers told to take broken versions of TLS, or none.

Its objects are applications, databases and middleware: a host without one has nothing to say to it.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.applications import bare_senders, bare_tunnels, clear_mail
from detections.compliance.assets.host.database_files import in_clear
from detections.compliance.assets.host.webservers import old_tls
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-27", "transit")


def judge(asset: AssetEvidence) -> list[Step]:
    """A broken offer decides, and a way in clear."""
    host = host_of(asset)
    found = old_tls(host.tree, host.services)
    clear = [fact for find in (clear_mail, in_clear, bare_tunnels, bare_senders)
             for fact in find(host.tree, host.services)]  # fmt: skip
    return [step(name, False, ", ".join(f"{one.source} {one.name} {one.value}" for one in facts[:3]), facts)
            for name, facts in (("old_tls", found), ("data_clear", clear)) if facts]  # fmt: skip
