"""Windows hosts: sound ones in two languages, one fault each, and what was not read."""

from __future__ import annotations

import pytest

from detections.compliance.assets.windows.bundle import COLUMNS
from detections.compliance.assets.windows.script import windows_script
from fengsui.control import Conformity
from fengsui.text import catalogue
from tests.detections.compliance.assets.windows.conftest import (
    LSA,
    REGISTRY,
    RULE,
    SECEDIT,
    SERVICES,
    TS,
    USERS,
    members,
    table,
)

BAD = {Conformity.PARTLY, Conformity.DOES_NOT}
REG, USER, SERVICE = (COLUMNS[name] for name in ("registry", "users", "services"))
PROGRAMS, DEFENDER = COLUMNS["programs"], COLUMNS["defender"]
WINLOGON = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"
SERVICES_OF_TERMINALS = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"


def gbk(text: str) -> bytes:
    return text.encode("gbk")


def secedit(old: str, new: str) -> dict[str, bytes]:
    assert old in SECEDIT
    return {"secedit.inf": b"\xff\xfe" + SECEDIT.replace(old, new).encode("utf-16-le")}


def registry(*rows: tuple[str, str, str]) -> dict[str, str]:
    changed = {(key, name) for key, name, _ in rows}
    kept = [row for row in REGISTRY if (row[0], row[1]) not in changed]
    return {"registry.tsv": table(REG, [*kept, *(row for row in rows if row[2] != "")])}


def user(*row: str) -> dict[str, str]:
    return {"users.tsv": table(USER, [*USERS, row])}


def service(name: str) -> dict[str, str]:
    return {"services.tsv": table(SERVICE, [*SERVICES, (name, "Running", "Auto", "x", name)])}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sound_host_fails_nothing(judged, language):
    found = judged(language=language)
    assert {unit: f.reason().render("en") for unit, f in found.items() if f.verdict in BAD} == {}
    # Built-in accounts are renamed or disabled, which the running host shows by itself.
    assert {u for u, f in found.items() if f.verdict is Conformity.CONFORMS} == {"L3-CES1-06"}
    states = {step.name: step.state for f in found.values() for step in f.steps}
    for name in (
        "password_policy",
        "lock_policy",
        "audit_policy",
        "ports_closed",
        "guest_off",
        "protected",
    ):
        assert states[name] is True


CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
SCHANNEL = CONTROL + r"\SecurityProviders\SCHANNEL\Protocols"
LANMAN = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters"
EVERYBODY = table(
    "Group SID Member",
    [
        ("Administrators", "S-1-5-32-544", "HOST/ops-root"),
        ("Administrators", "S-1-5-32-544", "Everyone"),
    ],
)

FAULTS = [
    ("L3-CES1-02", secedit("ResetLockoutCount = 30", "ResetLockoutCount = 1")),
    ("L3-CES1-03", registry((TS + r"\WinStations\RDP-Tcp", "SecurityLayer", "0"))),
    ("L3-CES1-03", registry((SCHANNEL + r"\TLS 1.0\Server", "Enabled", "1"))),
    ("L3-CES1-03", registry((LSA, "LmCompatibilityLevel", "1"))),
    (
        "L3-CES1-07",
        user("test", "S-1-5-21-1-2-3-1005", "False", "False", "True", "True", "10", "2026-11-19T01:00:00Z"),
    ),
    ("L3-CES1-08", {"members.tsv": EVERYBODY}),
    ("L3-CES1-18", registry((LANMAN, "SMB1", "1"))),
    ("L3-CES1-28", registry((CONTROL + r"\SecurityProviders\WDigest", "UseLogonCredential", "1"))),
    ("L3-CES1-28", registry((LSA, "NoLMHash", "0"))),
    ("L3-CES1-01", secedit("MinimumPasswordLength = 10", "MinimumPasswordLength = 7")),
    ("L3-CES1-01", secedit("PasswordComplexity = 1", "PasswordComplexity = 0")),
    ("L3-CES1-01", secedit("MaximumPasswordAge = 90", "MaximumPasswordAge = -1")),
    ("L3-CES1-01", secedit("MaximumPasswordAge = 90", "MaximumPasswordAge = 0")),
    ("L3-CES1-01", secedit("ClearTextPassword = 0", "ClearTextPassword = 1")),
    ("L3-CES1-01", user("tmp", "S-1-5-21-1-2-3-1002", "False", "False", "False", "True", "2", "")),
    ("L3-CES1-01", user("svc", "S-1-5-21-1-2-3-1003", "False", "False", "True", "False", "2", "")),
    ("L3-CES1-01", user("old", "S-1-5-21-1-2-3-1004", "False", "False", "True", "True", "400", "")),
    ("L3-CES1-01", registry((WINLOGON, "AutoAdminLogon", "1"))),
    ("L3-CES1-02", secedit("LockoutBadCount = 5", "LockoutBadCount = 0")),
    ("L3-CES1-02", secedit("LockoutBadCount = 5", "LockoutBadCount = 50")),
    ("L3-CES1-02", secedit("LockoutDuration = 30", "LockoutDuration = 1")),
    ("L3-CES1-02", secedit("AllowAdministratorLockout = 1", "AllowAdministratorLockout = 0")),
    ("L3-CES1-02", registry((SERVICES_OF_TERMINALS, "MaxIdleTime", "0"))),
    ("L3-CES1-03", service("TlntSvr")),
    ("L3-CES1-03", registry((TS + r"\WinStations\RDP-Tcp", "SecurityLayer", "0"),
                            (TS + r"\WinStations\RDP-Tcp", "UserAuthentication", "0"))),
    ("L3-CES1-05", registry((LSA, "RestrictAnonymousSAM", "0"))),
    ("L3-CES1-05", registry((LSA, "RestrictAnonymous", "0"))),
    ("L3-CES1-05", {"users.tsv": table(USER, [(*USERS[1][:2], "False", *USERS[1][3:]), USERS[0]])}),
    ("L3-CES1-07", user("gone", "S-1-5-21-1-2-3-9", "False", "", "True", "True", "2","2025-01-01T00:00:00Z")),
    ("L3-CES1-12", {"auditpol.csv": str(members()["auditpol.csv"], "gbk").replace(",,3", ",,1")}),
    ("L3-CES1-12", {"auditpol.csv": b"", "auditpol-get.csv":
                    members("zh")["auditpol-get.csv"].replace(*map(gbk, ("成功和失败", "无审核")))}),
    ("L3-CES1-12", {"auditpol-users.csv": "HOST,S-1-5-21-1-2-3-1001,Logon,{x},,Success\n"}),
    ("L3-CES1-14", {"services.tsv": table(SERVICE, [SERVICES[0]])}),
    ("L3-CES1-17", {"programs.tsv": table(PROGRAMS, [("向日葵远程控制", "15", "Oray")])}),
    ("L3-CES1-17", {"features.tsv": table("Name InstallState", [("SMB1Protocol", "1")])}),
    ("L3-CES1-18", service("RemoteRegistry")),
    ("L3-CES1-18", {"shares.tsv": table("Name Type Path", [("C$", "2147483648", "C:\\")])}),
    ("L3-CES1-18", {"firewall-rules.tsv": table("Name Value", [("SMB", RULE.replace("3389", "445"))])}),
    ("L3-CES1-21", {"hotfixes.tsv": table("HotFixID InstalledOn", [("KB1", "2026-01-01")])}),
    ("L3-CES1-23", {"defender.tsv": table(DEFENDER,
        [("True", "True", "2026-08-20T00:00:00Z", "True")])}),
    ("L3-CES1-28", secedit("ClearTextPassword = 0", "ClearTextPassword = 1")),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "change"), FAULTS)
def test_each_fault_is_named(judged, unit, change):
    finding = judged(change)[unit]
    assert finding.verdict in BAD
    assert finding.repair().render("zh")


def test_sound_but_unusual_hosts_do_not_fail(judged):
    never = judged({**secedit("LockoutDuration = 30", "LockoutDuration = -1")})
    assert never["L3-CES1-02"].verdict is Conformity.INSUFFICIENT
    closed = judged(registry((TS, "fDenyTSConnections", "1")))
    assert closed["L3-CES1-02"].verdict is Conformity.INSUFFICIENT
    # A server of a domain: what its controller says is not known here, so nothing is said of it.
    system = members()["system.tsv"].replace("False", "True").replace("WORKGROUP", "corp.example")
    joined = judged({"system.tsv": system})
    assert joined["L3-CES1-01"].verdict is Conformity.INSUFFICIENT


@pytest.mark.parametrize("missing", sorted(set(members()) - {"about"}))
def test_what_was_not_read_never_conforms_nor_fails(judged, missing):
    for finding in judged(failed=(missing,)).values():
        assert finding.verdict not in BAD
        if missing in {"users.tsv", "services.tsv"}:
            assert finding.verdict is Conformity.INSUFFICIENT


def test_without_rights_nothing_conforms(judged):
    found = judged(
        {"about": members()["about"].replace("administrator=True", "administrator=False")}
    )
    assert {f.verdict for f in found.values()} == {Conformity.INSUFFICIENT}


def test_sentences_are_in_the_catalogue(judged):
    for change in ({}, *(change for _, change in FAULTS)):
        for finding in judged(change).values():
            assert finding.check.claim.key in catalogue()
            for step in finding.steps:
                assert step.text.key in catalogue()
                assert step.repair is None or step.repair.key in catalogue()


CHANGING = [
    "Set-",
    "Remove-ItemProperty",
    "New-ItemProperty",
    "Stop-",
    "Start-",
    "Invoke-WebRequest",
    "/configure",
    "/import",
    "/restore",
    "Enable-",
    "Disable-",
    "DownloadString",
    "New-LocalUser",
    "reg&add",
]


def test_the_script_reads_only():
    script = windows_script()
    assert "\r\n" in script
    for verb in CHANGING:
        assert verb.replace("&", " ").lower() not in script.lower()
    # What it removes is its own folder and the file that it is about to write.
    assert script.count("Remove-Item") == 2
