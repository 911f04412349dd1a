"""Needless services, shares and ports (L3-CES1-18), as they run and listen."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.facts import WindowsFacts
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_NEEDLESS: Final = (
    "remoteregistry",
    "tlntsvr",
    "simptcp",
    "snmptrap",
    "fax",
    "ssdpsrv",
    "upnphost",
    "lltdsvc",
)
_DEFAULT: Final = re.compile(r"[A-Za-z]\$|ADMIN\$", re.IGNORECASE)
_RISKY: Final = frozenset({20, 21, 23, 69, 111, 135, 137, 138, 139, 445, 512, 513, 514, 593, 873, 2049, 2375,
                           5900, 6379, 9200, 11211, 27017})  # fmt: skip

_LANMAN: Final = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters"
CHECK: Final = windows_check("L3-CES1-18", "needless_services")


def judge(asset: AssetEvidence) -> list[Step]:
    """Services of a list, default shares, and risky ports that the firewall lets in."""
    windows = windows_of(asset)
    return [
        *_services(windows),
        *_smb1(windows),
        _shares(windows),
        _ports(windows),
        elsewhere("services_listed"),
    ]


def _services(windows: WindowsFacts) -> list[Step]:
    if windows.running is None:
        return [step("needless_off", None)]
    bad = [name for name in _NEEDLESS if name in windows.running]
    facts = [windows.fact("service", name, "services.tsv") for name in bad]
    return [step("needless_off", not bad, named(bad), facts)]


def _smb1(windows: WindowsFacts) -> list[Step]:
    """SMB version 1, switched on by its own value of the server."""
    if windows.registry("SMB1", _LANMAN) != 1:
        return []
    fact = windows.fact("SMB1", 1, "registry.tsv")
    return [step("needless_off", False, "SMB1=1", [fact])]


def _shares(windows: WindowsFacts) -> Step:
    rows = windows.bundle.table("shares")
    if rows is None:
        return step("shares_off", None)
    found = [row["Name"] for row in rows if _DEFAULT.fullmatch(row["Name"])]
    facts = [windows.fact("share", name, "shares.tsv") for name in found]
    return step("shares_off", not found, named(found), facts)


def _ports(windows: WindowsFacts) -> Step:
    """What listens and is let in; with the firewall off, all that listens."""
    if windows.listeners is None or windows.firewall is None:
        return step("ports_closed", None)
    listening = sorted({one.port for one in windows.listeners if one.protocol == "TCP"} & _RISKY)
    bad: list[str] = []
    for port in listening:
        let_in = windows.let_in(port) if windows.firewall else True
        if let_in is None:
            return step("ports_closed", None)
        if let_in:
            bad.append(str(port))
    facts = [windows.fact("open_port", port, "netstat.txt") for port in bad]
    facts.append(windows.fact("firewall", windows.firewall, "registry.tsv"))
    return step("ports_closed", not bad, named(bad), facts)
