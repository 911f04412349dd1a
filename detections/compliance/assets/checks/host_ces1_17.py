"""Only what is needed is installed (L3-CES1-17): servers of clear-text protocols are never needed.

What else is needed for the host's role is somebody's baseline: open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-17", "minimal")
_RPM: Final = r"rpm -qa --qf %{NAME}\t%{VERSION}-%{RELEASE}\n"
_NEVER: Final = frozenset(
    [
        "telnetd",
        "inetutils-telnetd",
        "telnetd-ssl",
        "rsh-server",
        "rsh-redone-server",
        "telnet-server",
        "tftp-server",
        "tftpd",
        "tftpd-hpa",
        "atftpd",
        "ypserv",
        "nis",
        "talk-server",
        "talkd",
        "finger-server",
        "fingerd",
        "rusers-server",
        # Tools of attackers and of developers, and screens: the watch-list of what no server needs.
        "gcc",
        "g++",
        "gcc-c++",
        "nmap",
        "wireshark",
        "wireshark-qt",
        "tshark",
        "hydra",
        "john",
        "ettercap-common",
        "dsniff",
        "aircrack-ng",
        "xserver-xorg-core",
        "xorg-x11-server-Xorg",
        "x11vnc",
        "tightvncserver",
        "tigervnc-standalone-server",
        "tigervnc-server",
        "xrdp",
        "anydesk",
        "teamviewer",
        "games",
    ]
)


def judge(asset: AssetEvidence) -> list[Step]:
    """Packages that nobody needs; the baseline is open."""
    host = host_of(asset)
    live = host.tree.output(_RPM)
    names = (
        {line.split("\t")[0] for line in live.text.splitlines()}
        if live
        else set(host.tree.packages)
    )
    source = f"$ {live.line}" if live else "/var/lib/dpkg/status"
    found = [AssetFact("package", name, source) for name in sorted(names & _NEVER)]
    # Units of servers whose package list cannot be read offline (RPM keeps it in a database).
    if not names:
        units = host.services.there & {"telnet", "rsh", "rlogin", "rexec"}
        found = [AssetFact("unit", name, "/usr/lib/systemd/system") for name in sorted(units)]
    detail = ", ".join(str(fact.value) for fact in found)
    count = [AssetFact("packages", len(names), source)] if names else []
    first = [step("never_needed", False, detail, found)] if found else []
    return [*first, step("baseline", None, "", count)]
