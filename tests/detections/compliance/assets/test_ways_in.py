"""Ways into a host and what is written of them: sshd, PAM, sudo, accounts, audit, logs; sound ones too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts, read_host
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity
from tests.detections.compliance.assets.conftest import (
    TODAY,
    changed,
    collect,
    debian,
    passwd,
    write,
)
from tests.detections.compliance.assets.test_fresh_faults import BASE, SHADOW, starts, sudo

FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
SSHD, DROP_IN = "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/00-a.conf"
IDLE, SEND = "/etc/profile.d/idle.sh", "/etc/rsyslog.conf"
RULES, AUDITD = "/etc/audit/rules.d/audit.rules", "/etc/audit/auditd.conf"
FOUR = "weekly\nrotate 4\ninclude /etc/logrotate.d\n"
HERE = "auth,authpriv.* /var/log/auth.log\n*.* /var/log/syslog\n"
KEYS = "/home/%s/.ssh/authorized_keys"


def short(rules: str, more: Mapping[str, str] = {}) -> dict[str, str]:
    """Logs that stay four weeks, and what rsyslog is told."""
    return {"/etc/logrotate.conf": FOUR, SEND: rules, **more}


def journal(text: str) -> dict[str, str]:
    return {
        "/etc/systemd/system/rsyslog.service": "-> /dev/null",
        "/etc/systemd/journald.conf": text,
    }


FAULTS: dict[str, tuple[str, Mapping[str, str], Mapping[str, int]]] = {
    "root by another port": (
        "05",
        {SSHD: BASE[SSHD] + "Match LocalPort 2222\n PermitRootLogin yes\n"},
        {},
    ),
    "root from a wide net": (
        "05",
        {SSHD: BASE[SSHD] + "Match Address 10.0.0.0/8\n PermitRootLogin yes\n"},
        {},
    ),
    "root by the socket's unit": (
        "05",
        {
            "/etc/systemd/system/ssh@.service": "[Service]\n"
            "ExecStart=-/usr/sbin/sshd -i -o PermitRootLogin=yes\n"
        },
        {},
    ),
    "DSA": ("03", {DROP_IN: "HostKeyAlgorithms +ssh-dss\n"}, {}),
    "a program that says yes": (
        "01",
        {"/etc/pam.d/login": "auth sufficient pam_exec.so /bin/true\n" + BASE["/etc/pam.d/login"]},
        {},
    ),
    "deepin's check is off": (
        "01",
        {
            "/etc/pam.d/common-password": "password requisite pam_deepin_pw_check.so\n"
            "password [success=1 default=ignore] pam_unix.so use_authtok\n",
            "/etc/deepin/dde.conf": "[Password]\nSTRONG_PASSWORD = false\n",
        },
        {},
    ),
    "changed in the future": (
        "01",
        {"/etc/shadow": SHADOW.replace(f"ops:hash/6:{TODAY - 10}", f"ops:hash/6:{TODAY + 3000}")},
        {},
    ),
    "init is a shell": (
        "01",
        {"/boot/loader/entries/x.conf": "options root=/dev/sda1 ro init=/bin/bash\n"},
        {},
    ),
    "the guest logs in": (
        "01",
        {"/usr/share/lightdm/lightdm.conf.d/9.conf": "[Seat:*]\nautologin-guest=true\n"},
        {},
    ),
    "a guest's session": (
        "05",
        {
            **starts("lightdm.service"),
            "/usr/share/lightdm/lightdm.conf.d/9.conf": "[Seat:*]\nallow-guest=true\n",
        },
        {},
    ),
    "old passwords to read": (
        "10",
        {"/etc/security/opasswd": ""},
        {"/etc/security/opasswd": 0o644},
    ),
    "one key of two": (
        "07",
        {KEYS % "ops": "key\n", KEYS % "sec": f"key same={KEYS % 'ops'}\n"},
        {},
    ),
    "sudo: by gid": ("08", sudo("%#1000 ALL=(ALL) NOPASSWD: ALL"), {}),
    "sudo: whatever Python runs": (
        "08",
        sudo("sec ALL=(root) NOPASSWD: /usr/bin/python3 /opt/app/*"),
        {},
    ),
    "sudo: Runas_Alias": ("08", sudo("Runas_Alias OP = root\nsec ALL=(OP) NOPASSWD: ALL"), {}),
    "sudo: edits etc": ("08", sudo("sec ALL=(root) NOPASSWD: sudoedit /etc/*"), {}),
    "doas": (
        "08",
        {"/etc/doas.conf": "permit nopass keepenv :ops as root\n"},
        {"/usr/bin/doas": 0o4755},
    ),
    "audit to nowhere": ("12", {AUDITD: "log_file = /dev/null\n"}, {}),
    "a span of records": (
        "12",
        {"/etc/audit/rules.d/01.rules": "-a always,exclude -F msgtype>=1100 -F msgtype<=1299\n"},
        {},
    ),
    "a folder that nothing includes": (
        "14",
        short(HERE, {"/etc/rsyslog.d/5.conf": "*.* @@10.0.0.9\n"}),
        {},
    ),
    "one program leaves": (
        "14",
        short(
            HERE + 'if $programname == "nginx" then {\n action(type="omfwd" target="10.0.0.9")\n}\n'
        ),
        {},
    ),
    "a week of the journal": (
        "14",
        journal("[Journal]\nStorage=persistent\nMaxRetentionSec=1week\n"),
        {},
    ),
    "a hundred KiB": (
        "14",
        short(HERE, {"/etc/logrotate.d/syslog": "/var/log/syslog\n{\n size 100k\n rotate 1\n}\n"}),
        {},
    ),
    "idle: in a here-document": ("02", {IDLE: ": <<'X'\nTMOUT=600\nreadonly TMOUT\nX\n"}, {}),
    "idle: in a function": ("02", {IDLE: "idle() {\n  readonly TMOUT=600\n}\n"}, {}),
    "idle: too long a product": ("02", {IDLE: "readonly TMOUT=$((100*60))\n"}, {}),
}

SOUND: dict[str, Mapping[str, str]] = {
    "root from one place": {
        SSHD: BASE[SSHD] + "Match Address 10.20.0.5\n PermitRootLogin prohibit-password\n"
    },
    "idle: a product": {IDLE: "TMOUT=$((10*60))\nreadonly TMOUT\nexport TMOUT\n"},
    "idle: another function": {IDLE: "readonly TMOUT=600\nstay() {\n  TMOUT=0\n}\n"},
    "sudo: one program of Python": sudo(
        "sec ALL=(root) NOPASSWD: /usr/bin/python3 /usr/local/lib/report.py"
    ),
    "one program stops, all leave": short(
        'if $programname == "nginx" then {\n stop\n}\n' + HERE + "*.* @@10.0.0.9\n"
    ),
    "an include of many lines": short(
        HERE + 'include(\n file="/etc/rsyslog.d/*.conf"\n)\n',
        {"/etc/rsyslog.d/5.conf": "*.* @@10.0.0.9\n"},
    ),
    "a year of the journal": journal("[Journal]\nStorage=persistent\nMaxRetentionSec=1year\n"),
    "keys of their own": {KEYS % "ops": "key\n", KEYS % "sec": "key\n"},
    "doas asks": {"/etc/doas.conf": "permit persist :ops\n"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(bases: dict[str, AssetEvidence], name: str) -> None:
    unit, files, modes = FAULTS[name]
    found = judge_asset(changed(bases["debian"], files, modes))
    assert f"L3-CES1-{unit}" in {f.check.unit for f in found if f.verdict in FAILS}
    assert Conformity.CONFORMS not in {f.verdict for f in found}


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(bases: dict[str, AssetEvidence], name: str) -> None:
    found = judge_asset(changed(bases["debian"], SOUND[name], {}))
    assert [(f.check.unit, f.reason().render("en")) for f in found if f.verdict in FAILS] == []


def test_auditd_of_a_kylin_server_is_as_any_other(bases: dict[str, AssetEvidence]) -> None:
    kylin = {
        "/etc/os-release": 'ID="kylin"\nVERSION_ID="V10"\n',
        "/etc/systemd/system/auditd.service": "-> /dev/null",
    }
    found = judge_asset(changed(bases["openeuler"], kylin, {}))
    assert "L3-CES1-12" in {f.check.unit for f in found if f.verdict in FAILS}


BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAI" + "x" * 40


def test_the_script_brings_what_programs_name_and_no_secret(tmp_path: Path) -> None:
    unit = "usr/lib/systemd/system/redis.service"
    files = debian({
        "etc/passwd": passwd(),
        "etc/ssh/sshd_config": "Include conf/*.cfg\n", "etc/ssh/conf/a.cfg": "Include /etc/ssh/b.cfg\n",
        "etc/ssh/b.cfg": "PermitRootLogin yes\n",
        "home/ops/.ssh/authorized_keys": f"ssh-ed25519 {BLOB} a\n",
        "home/sec/.ssh/authorized_keys": f'from="10.0.0.1" ssh-ed25519 {BLOB} b\n',
        "etc/systemd/system/multi-user.target.wants/redis.service": f"-> /{unit}",
        unit: "[Service]\nExecStart=/opt/redis-server /opt/r.conf --requirepass hidden-word --port 1\n",
        "opt/r.conf": "requirepass 123456\nmasterauth hidden-word\n",
        "etc/redis/users.acl": "user default on >hidden-word ~* +@all\n",
        "etc/nginx/nginx.conf": "include tls.d/*.inc;\n", "etc/nginx/tls.d/a.inc": "ssl_protocols TLSv1;\n",
        "etc/postgresql/15/main/postgresql.conf": "password_encryption = md5\ninclude_dir 'conf.d'\n",
        "etc/postgresql/15/main/conf.d/a.conf": "ssl = off\n",
    })  # fmt: skip
    asset = read_host(collect(write(tmp_path / "root", files), tmp_path / "host.tar.gz"))
    assert isinstance(asset.facts, HostFacts)
    texts = asset.facts.tree.texts
    assert not any("hidden-word" in text or BLOB in text for text in texts.values())
    assert texts["/home/sec/.ssh/authorized_keys"] == "key same=/home/ops/.ssh/authorized_keys\n"
    assert texts["/opt/r.conf"].startswith("requirepass WEAK\n")
    assert "password_encryption = md5" in texts["/etc/postgresql/15/main/postgresql.conf"]
    assert {"/etc/nginx/tls.d/a.inc", "/etc/postgresql/15/main/conf.d/a.conf"} <= texts.keys()
    assert asset.facts.sshd.every("permitrootlogin") == frozenset({"yes"})
