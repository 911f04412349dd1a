"""Bundles in the form that the collector writes, of an English and a Chinese Windows, with changes."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from detections.compliance.assets.judging import AssetFinding, judge_asset
from detections.compliance.assets.reading import read_evidence

SECEDIT = """[Unicode]
Unicode=yes
[System Access]
MinimumPasswordAge = 1
MaximumPasswordAge = 90
MinimumPasswordLength = 10
PasswordComplexity = 1
PasswordHistorySize = 5
LockoutBadCount = 5
ResetLockoutCount = 30
LockoutDuration = 30
AllowAdministratorLockout = 1
RequireLogonToChangePassword = 0
NewAdministratorName = "ops-root"
NewGuestName = "Guest"
ClearTextPassword = 0
LSAAnonymousNameLookup = 0
EnableAdminAccount = 1
EnableGuestAccount = 0
[Event Audit]
AuditSystemEvents = 3
[Registry Values]
MACHINE\\System\\CurrentControlSet\\Control\\Lsa\\LimitBlankPasswordUse=4,1
[Privilege Rights]
SeSecurityPrivilege = *S-1-5-32-544
[Version]
signature="$CHICAGO$"
Revision=1
"""
GUIDS = (
    "9215",
    "9217",
    "921B",
    "923F",
    "9235",
    "9237",
    "922F",
    "9230",
    "9210",
    "9211",
    "9212",
    "9228",
)
HEAD = {
    "en": "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting",
    "zh": "计算机名,策略目标,子类别,子类别 GUID,包含设置,排除设置",
}
BOTH = {"en": "Success and Failure", "zh": "成功和失败"}
NETSTAT = {
    "en": "\r\nActive Connections\r\n\r\n  Proto  Local Address  Foreign Address  State  PID\r\n",
    "zh": "\r\n活动连接\r\n\r\n  协议  本地地址          外部地址        状态           PID\r\n",
}
PORTS = (
    "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       900\r\n"
    "  TCP    0.0.0.0:445            0.0.0.0:0              LISTENING       4\r\n"
    "  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1000\r\n"
    "  TCP    127.0.0.1:6379         0.0.0.0:0              LISTENING       77\r\n"
    "  TCP    10.1.0.1:3389          10.1.0.9:5111          ESTABLISHED     1000\r\n"
    "  TCP    [::]:445               [::]:0                 LISTENING       4\r\n"
    "  UDP    0.0.0.0:500            *:*                                    5\r\n"
)
LSA = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
TS = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
FW = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
REGISTRY = [
    (LSA, "RestrictAnonymous", "1"),
    (LSA, "RestrictAnonymousSAM", "1"),
    (LSA, "EveryoneIncludesAnonymous", "0"),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System",
        "InactivityTimeoutSecs",
        "600",
    ),
    (TS, "fDenyTSConnections", "0"),
    (TS + r"\WinStations\RDP-Tcp", "SecurityLayer", "2"),
    (TS + r"\WinStations\RDP-Tcp", "UserAuthentication", "1"),
    (r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services", "MaxIdleTime", "900000"),
    *(
        (rf"{FW}\{name}", "EnableFirewall", "1")
        for name in ("DomainProfile", "StandardProfile", "PublicProfile")
    ),
]
USERS = [
    (
        "ops-root",
        "S-1-5-21-1-2-3-500",
        "False",
        "False",
        "True",
        "True",
        "20",
        "2026-11-20T01:00:00Z",
    ),
    ("Guest", "S-1-5-21-1-2-3-501", "True", "False", "False", "False", "", ""),
    ("li", "S-1-5-21-1-2-3-1001", "False", "False", "True", "True", "30", "2026-11-19T01:00:00Z"),
]
SERVICES = [
    ("EventLog", "Running", "Auto", "NT AUTHORITY\\LocalService", "Windows Event Log"),
    ("winlogbeat", "Running", "Auto", "LocalSystem", "winlogbeat"),
    ("RemoteRegistry", "Stopped", "Disabled", "NT AUTHORITY\\LocalService", "Remote Registry"),
]
RULE = "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|RA4=10.1.0.0/255.255.255.0|Name=RDP|"


def table(head: str, rows) -> str:
    return "\n".join([head.replace(" ", "\t"), *("\t".join(map(str, row)) for row in rows)]) + "\n"


def members(language: str = "en") -> dict[str, bytes | str]:
    zh = language == "zh"
    get = "\r\n".join(
        [HEAD[language]]
        + [
            f"HOST,System,x,{{0CCE{n}-69AE-11D9-BED3-505054503030}},{BOTH[language]},"
            for n in GUIDS
        ]
    )
    backup = "\r\n".join(
        [HEAD[language] + ",Setting Value"]
        + [
            f"HOST,System,x,{{0CCE{n}-69AE-11D9-BED3-505054503030}},{BOTH[language]},,3"
            for n in GUIDS
        ]
    )
    return {
        "system.tsv": table(
            "Caption Version BuildNumber ProductType OSLanguage Domain PartOfDomain",
            [("Windows Server 2019", "10.0.17763", "17763", "3", "2052", "WORKGROUP", "False")],
        ),
        "secedit.inf": b"\xff\xfe" + SECEDIT.replace("\n", "\r\n").encode("utf-16-le"),
        "net-accounts.txt": ("密码最短使用期限: 1" if zh else "Minimum password age: 1").encode("gbk"),
        "auditpol.csv": backup.encode("gbk"),
        "auditpol-get.csv": get.encode("gbk"),
        "auditpol-users.csv": b"",
        "users.tsv": table(
            "Name SID Disabled Lockout PasswordRequired PasswordExpires PasswordAgeDays LastLogin", USERS
        ),
        "members.tsv": table("Group SID Member", [("Administrators", "S-1-5-32-544", "HOST/ops-root")]),
        "registry.tsv": table("Key Name Value", REGISTRY),
        "services.tsv": table("Name State StartMode StartName DisplayName", SERVICES),
        "netstat.txt": (NETSTAT[language] + PORTS).encode("gbk"),
        "processes.tsv": table("ProcessId Name", [(4, "System")]),
        "shares.tsv": table("Name Type Path", [("IPC$", "2147483651", "")]),
        "firewall-rules.tsv": table("Name Value", [("RDP", RULE)]),
        "programs.tsv": table("DisplayName DisplayVersion Publisher", [("7-Zip", "24", "x")]),
        "features.tsv": table("Name InstallState", [("NetFx4", "1")]),
        "hotfixes.tsv": table("HotFixID InstalledOn", [("KB5031", "2026-11-11")]),
        "defender.tsv": table(
            "AntivirusEnabled RealTimeProtectionEnabled AntivirusSignatureLastUpdated AMServiceEnabled",
            [("True", "True", "2026-11-20T00:00:00Z", "True")],
        ),
        "logs.tsv": table(
            "LogName IsEnabled MaximumSizeInBytes LogMode OldestRecord",
            [("Security", "True", "20971520", "Circular", "2026-10-20T00:00:00Z")],
        ),
        "about": "format=fengsui-windows-evidence\nversion=1\ntime=2026-11-21T08:00:00Z\nhost=WIN1\n"
        "administrator=True\nfailed=0\n",
    }  # fmt: skip


def bundle(
    path: Path, parts: Mapping[str, bytes | str | None], failed: tuple[str, ...] = ()
) -> Path:
    """A zip with index and manifest; a part that is None is left out."""
    held = {n: p.encode() if isinstance(p, str) else p for n, p in parts.items() if p is not None}
    if "index.tsv" not in held:
        held["index.tsv"] = "".join(
            f"{name}\t{'failed: denied' if name in failed else 'ok'}\n"
            for name in held
            if name != "about"
        ).encode()
    manifest = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in held.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**held, "manifest": manifest.encode()}.items():
            archive.writestr(name, data)
    return path


Judged = Callable[..., dict[str, AssetFinding]]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """`judged({"users.tsv": …}, language="zh", failed=("users.tsv",))` → findings by unit."""

    def make(changes: Mapping[str, bytes | str | None] = {}, language="en", failed=()):
        path = bundle(tmp_path / "host.zip", {**members(language), **changes}, failed)
        return {finding.check.unit: finding for finding in judge_asset(read_evidence(path))}

    return make
