"""Minimal installation (L3-CES1-17): programs that a server has no need of; the baseline is a person's."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_NEEDLESS: Final = re.compile(
    r"todesk|向日葵|sunlogin|oray|teamviewer|anydesk|rustdesk|radmin|netcat|wireshark|nmap"
    r"|\bqq\b|腾讯qq|wechat|微信|迅雷|thunder|steam",
    re.IGNORECASE,
)
_PARTS: Final = frozenset(
    {"smb1protocol", "smb1protocol-server", "telnetclient", "telnetserver", "tftp"}
)

CHECK: Final = windows_check("L3-CES1-17", "minimal")


def judge(asset: AssetEvidence) -> list[Step]:
    """Programs for remote control and talk, and old parts of Windows."""
    windows = windows_of(asset)
    programs = windows.bundle.table("programs") or []
    features = windows.bundle.table("features") or []
    bad = [row["DisplayName"] for row in programs if _NEEDLESS.search(row["DisplayName"])]
    bad += [row["Name"] for row in features if row["Name"].lower() in _PARTS]
    facts = [windows.fact("needless", name, "programs.tsv") for name in bad]
    first = [step("needless_programs", False, named(bad), facts)] if bad else []
    return [
        *first,
        elsewhere("baseline", [windows.fact("programs", len(programs), "programs.tsv")]),
    ]
