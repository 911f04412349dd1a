"""Only ports of the signed list listen (L3-CES1-18): what answers from outside, held against the list.

Without a list a risky port that answers is shown and open: it may be the host's task. The host's own
side and UDP are not seen by a probe, so nothing of it conforms.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.ports import PortsSeen
from detections.compliance.assets.probe.seen import fact, probe_check, step

CHECK: Final = probe_check("L3-CES1-18", "listening_ports")
# [PRACTICE] Windows 135, 137-139, 445, 593; [OURS] file, remote and data services of old.
RISKY: Final = frozenset(
    [20, 21, 23, 69, 111, 135, 137, 138, 139, 445, 512, 513, 514, 593, 873, 2049, 2375, 3389, 5900,
     5901, 6379, 11211, 27017]
)  # fmt: skip
_MARK: Final = "PRACTICE: signed list of ports"


def judge(asset: AssetEvidence) -> list[Step]:
    """Ports that are not on the list decide."""
    seen = asset.facts
    if not isinstance(seen, PortsSeen):
        return []
    shown = [fact(asset, "open_ports", _listed(seen.open))]
    if seen.allowed is None:
        risky = _listed([port for port in seen.open if port in RISKY])
        return [step("ports_listed", None, risky, shown), step("other_side", None)]
    beyond = [port for port in seen.open if port not in seen.allowed]
    limit = _listed(seen.allowed)
    bad = [fact(asset, "unlisted_port", port, limit, _MARK) for port in beyond]
    first = step("ports_listed", not bad, _listed(beyond), bad or shown)
    return [first, step("other_side", None)]


def _listed(ports: list[int] | tuple[int, ...]) -> str:
    return ", ".join(map(str, ports)) or "-"
