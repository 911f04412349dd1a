"""Known flaws are found and patched (L3-CES1-21): needs an authenticated scan.

Patches that nobody signed decide: they may be anybody's.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.upkeep import unsigned
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step
from fengsui.clock import SECOND, to_iso

CHECK: Final = host_check("L3-CES1-21", "flaws")
_DATABASES: Final = ("/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages",
                     "/usr/lib/sysimage/rpm/rpmdb.sqlite")  # fmt: skip


def judge(asset: AssetEvidence) -> list[Step]:
    """Whether programs are signed; the rest is open, with facts."""
    host = host_of(asset)
    rows = [row for path in _DATABASES if (row := host.tree.mode(path))]
    facts = [AssetFact("packages_changed", to_iso(row.changed * SECOND), row.path) for row in rows]
    facts += [AssetFact("os", host.os.get("PRETTY_NAME", ""), "/etc/os-release")]
    loose = unsigned(host.tree)
    detail = ", ".join(f"{one.source} {one.value}" for one in loose[:3])
    first = [step("updates_signed", False, detail, loose)] if loose else []
    return [*first, step("flaws", None, "", facts)]
