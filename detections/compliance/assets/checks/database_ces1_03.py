"""Administrators and others do not reach a database in clear (L3-CES1-03).

A way from other machines that takes a connection without TLS, or with an old version of it, decides;
that none is offered needs a probe. A rule that the listen address hides is on all the same.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.access import clear_ways, old_tls, weak_ciphers
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import Step

CHECK: Final = database_check("L3-CES1-03", "clear_text", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """One step."""
    base = database_of(asset)
    ways = clear_ways(base)
    bad = [*(ways or ()), *old_tls(base), *weak_ciphers(base)]
    if bad:
        return [step("transport", False, listed(bad), bad)]
    return [step("transport", None, "" if ways is not None else "rules not shown")]
