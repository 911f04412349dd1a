"""Faults planted the less obvious way, each in a copy of a collected root; sound roots that look odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts, read_host
from detections.compliance.assets.judging import judge_asset
from fengsui.clock import DAY, SECOND
from fengsui.control import Conformity
from tests.detections.compliance.assets.conftest import TODAY, changed, collect, write

FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
WANTS = "/etc/systemd/system/multi-user.target.wants"
UNITS = "/usr/lib/systemd/system"
PEOPLE = (
    "root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n"
    "sec:x:1001:1001::/home/sec:/bin/bash\n"
)
SUDO = "/etc/sudoers"
DROP_IN = "/etc/ssh/sshd_config.d/00-a.conf"


def starts(*units: str) -> dict[str, str]:
    return {f"{WANTS}/{unit}": f"-> {UNITS}/{unit}" for unit in units}


def user(name: str) -> dict[str, str]:
    line = f"hash/6:{TODAY - 10}:1:90:7:::"
    shadow = "".join(f"{one}:{line}\n" for one in ("root", "ops", "sec", name))
    return {
        "/etc/passwd": PEOPLE + f"{name}:x:1002:1002::/home/{name}:/bin/bash\n",
        "/etc/shadow": shadow,
    }


GROUP = {"/etc/group": "root:x:0:\nwheel:x:10:sec\n"}
DRIFT = starts("snmpd.service")
FAULTS: dict[str, tuple[str, str, dict[str, str], dict[str, int | tuple[int, int]]]] = {
    "empty passwords for one user": (
        "debian",
        "01",
        {DROP_IN: "Match User ops\n PermitEmptyPasswords yes\n"},
        {},
    ),
    "empty passwords for all": (
        "rhel",
        "01",
        {DROP_IN: "Match all\r\n\tPermitEmptyPasswords\tyes\r\n"},
        {},
    ),
    "su for all": (
        "debian",
        "01",
        {"/etc/pam.d/su": "auth sufficient pam_permit.so\n@include common-auth\n"},
        {},
    ),
    "sudo for all": (
        "rhel",
        "01",
        {"/etc/pam.d/sudo": "auth sufficient pam_permit.so\nauth include system-auth\n"},
        {},
    ),
    "docker socket": (
        "debian",
        "01",
        starts("docker.service") | {"/etc/docker/daemon.json": '{"hosts": ["tcp://0.0.0.0:2375"]}'},
        {},
    ),
    "docker by its unit": (
        "debian",
        "01",
        starts("docker.service")
        | {
            "/etc/systemd/system/docker.service.d/a.conf": "[Service]\n"
            "ExecStart=/usr/bin/dockerd -H tcp://10.0.0.5:2375\n"
        },
        {},
    ),
    "SNMP in clear": (
        "debian",
        "03",
        DRIFT | {"/etc/snmp/snmpd.conf": "rocommunity REDACTED 10.0.0.0/8\n"},
        {},
    ),
    "root by the command line": (
        "debian",
        "05",
        {"/etc/default/ssh": 'SSHD_OPTS="-o PermitRootLogin=yes"\n'},
        {},
    ),
    "root by the unit": (
        "rhel",
        "05",
        {
            "/etc/systemd/system/sshd.service.d/o.conf": "[Service]\nExecStart=\n"
            "ExecStart=/usr/sbin/sshd -D -oPermitRootLogin=yes\n"
        },
        {},
    ),
    "guests of Samba": (
        "debian",
        "05",
        starts("smbd.service")
        | {"/etc/samba/smb.conf": "[global]\nmap to guest = Bad User\n[pub]\nguest ok = yes\n"},
        {},
    ),
    "export for all": (
        "rhel",
        "05",
        starts("nfs-server.service") | {"/etc/exports": "/srv *(rw,no_root_squash)\n"},
        {},
    ),
    "test account": ("debian", "07", user("test"), {}),
    "group without password": (
        "debian",
        "08",
        GROUP | {SUDO: "%wheel ALL=(ALL:ALL) NOPASSWD:ALL\n"},
        {},
    ),
    "shell without password": ("rhel", "08", {SUDO: "ops ALL=(root) NOPASSWD: /bin/bash\n"}, {}),
    "aliases without password": (
        "debian",
        "08",
        {SUDO: "Cmnd_Alias EV = ALL\nUser_Alias PP = sec, ops\nPP ALL = NOPASSWD: EV\n"},
        {},
    ),
    "number without password": ("rhel", "08", {SUDO: "#1000 ALL=(ALL) NOPASSWD: ALL\n"}, {}),
    "tag before another": (
        "debian",
        "08",
        {SUDO: "ops ALL=(ALL) PASSWD: /bin/ls, NOPASSWD: ALL\n"},
        {},
    ),
    "not asked by default": (
        "debian",
        "08",
        {SUDO: "Defaults:ops !authenticate\nops ALL=(ALL) ALL\n"},
        {},
    ),
    "job that all may write": (
        "debian",
        "10",
        {"/etc/cron.d/job": "x\n"},
        {"/etc/cron.d/job": 0o666},
    ),
    "program that all may write": ("rhel", "10", {}, {"/usr/local/bin/tool": 0o777}),
    "shell as its owner": ("debian", "10", {}, {"/usr/bin/find": 0o4755}),
    "program of a user as root": ("rhel", "10", {}, {"/home/ops/x": 0o4755}),
    "home that all may write": ("debian", "10", {}, {"/home/ops": 0o777}),
    "umask of a drop-in": ("rhel", "10", {"/etc/bashrc": "umask 000\n"}, {}),
    "audit=0 in a drop-in": (
        "debian",
        "12",
        {"/etc/default/grub.d/x.cfg": 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX audit=0"\n'},
        {},
    ),
    "audit=0 in an entry": (
        "rhel",
        "12",
        {"/boot/loader/entries/a.conf": "title x\noptions root=/dev/sda1 ro audit=0\n"},
        {},
    ),
    "not taken": ("debian", "12", {"/etc/audit/auditd.conf": "local_events = no\n"}, {}),
    "not written": ("rhel", "12", {"/etc/audit/auditd.conf": "write_logs = no\n"}, {}),
    "a person left out": (
        "debian",
        "12",
        {"/etc/audit/rules.d/00.rules": "-a never,exit -F auid=1000\n"},
        {},
    ),
    "sshd says nothing": ("rhel", "12", {DROP_IN: "LogLevel QUIET\n"}, {}),
    "masked": ("debian", "12", {"/etc/systemd/system/auditd.service": "-> /dev/null"}, {}),
    "logs that all may write": (
        "debian",
        "14",
        {"/etc/logrotate.d/a": "/var/log/messages {\n create 0666 root root\n}\n"},
        {},
    ),
    "rsyslog that all may write": (
        "rhel",
        "14",
        {"/etc/rsyslog.d/00.conf": "$FileCreateMode 0666\n"},
        {},
    ),
    "journal in memory": (
        "debian",
        "14",
        {
            "/etc/systemd/system/rsyslog.service": "-> /dev/null",
            "/etc/systemd/journald.conf": "[Journal]\nStorage=volatile\n",
        },
        {},
    ),
    "avahi on a server": ("rhel", "18", starts("avahi-daemon.service"), {}),
    "MD5 kept": (
        "rhel",
        "28",
        {"/etc/shadow": f"root:hash/6:{TODAY}:1:90:7:::\nops:hash/1:{TODAY}:1:90:7:::\n"},
        {},
    ),
    "MD5 for new ones": (
        "debian",
        "28",
        {
            "/etc/pam.d/passwd": "password requisite pam_pwquality.so\npassword required pam_unix.so md5\n"
        },
        {},
    ),
    "old signatures": (
        "debian",
        "23",
        {},
        {"/var/lib/clamav/daily.cvd": (0o644, (TODAY - 60) * DAY // SECOND)},
    ),
}
SOUND: dict[str, tuple[str, dict[str, str], dict[str, int | tuple[int, int]]]] = {
    "su for root alone": (
        "debian",
        {"/etc/pam.d/su": "auth sufficient pam_rootok.so\n@include common-auth\n"},
        {},
    ),
    "docker with certificates": (
        "debian",
        starts("docker.service")
        | {"/etc/docker/daemon.json": '{"hosts": ["tcp://0.0.0.0:2376"], "tlsverify": true}'},
        {},
    ),
    "docker here": (
        "debian",
        starts("docker.service")
        | {"/etc/docker/daemon.json": '{"hosts": ["unix:///run/docker.sock"]}'},
        {},
    ),
    "SNMP here": ("debian", DRIFT | {"/etc/snmp/snmpd.conf": "rocommunity public localhost\n"}, {}),
    "SNMP version 3": ("rhel", DRIFT | {"/etc/snmp/snmpd.conf": "rouser watch priv\n"}, {}),
    "samba that does not start": (
        "debian",
        {"/etc/samba/smb.conf": "[global]\nmap to guest = Bad User\n[p]\nguest ok = yes\n"},
        {},
    ),
    "export for one": (
        "rhel",
        starts("nfs-server.service")
        | {"/etc/exports": "/srv 10.0.0.7(rw,no_root_squash)\n/pub *(ro)\n"},
        {},
    ),
    "test account without login": (
        "debian",
        user("test") | {"/etc/passwd": PEOPLE + "test:x:1002:1002::/home/test:/usr/sbin/nologin\n"},
        {},
    ),
    "group of nobody": (
        "debian",
        {SUDO: "%wheel ALL=(ALL) NOPASSWD: ALL\n", "/etc/group": "wheel:x:10:\n"},
        {},
    ),
    "one command": (
        "rhel",
        {SUDO: "ops ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx\n"},
        {},
    ),
    "asked again": ("debian", {SUDO: "ops ALL=(ALL) NOPASSWD: /bin/ls, PASSWD: ALL\n"}, {}),
    "sticky home": ("debian", {}, {"/home/ops": 0o1777}),
    "a container's root in a home": ("debian", {}, {"/home/ops/store/root/usr/bin/passwd": 0o4755}),
    "su as its owner": ("rhel", {}, {"/usr/bin/su": 0o4755, "/usr/bin/passwd": 0o4755}),
    "records sent elsewhere": (
        "rhel",
        {
            "/etc/audit/auditd.conf": "write_logs = no\n",
            "/etc/audit/plugins.d/au-remote.conf": "active = yes\n",
        },
        {},
    ),
    "a service left out of one call": (
        "debian",
        {
            "/etc/audit/rules.d/00.rules": "-a never,exit -F arch=b64 -S adjtimex"
            " -F auid=unset -F uid=chrony\n"
        },
        {},
    ),
    "avahi with printers": ("rhel", starts("avahi-daemon.service", "cups.service"), {}),
    "journal in memory beside rsyslog": (
        "debian",
        {"/etc/systemd/journald.conf": "[Journal]\nStorage=volatile\n"},
        {},
    ),
    "sshd that says more": ("rhel", {DROP_IN: "LogLevel VERBOSE\n"}, {}),
    "options in a comment": (
        "debian",
        {"/etc/default/ssh": '#SSHD_OPTS="-o PermitRootLogin=yes"\nSSHD_OPTS="-4"\n'},
        {},
    ),
    "fresh signatures": (
        "debian",
        {},
        {"/var/lib/clamav/daily.cld": (0o644, (TODAY - 1) * DAY // SECOND)},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(bases: dict[str, AssetEvidence], name: str) -> None:
    shape, unit, files, modes = FAULTS[name]
    found = {
        f.check.unit for f in judge_asset(changed(bases[shape], files, modes)) if f.verdict in FAILS
    }
    assert f"L3-CES1-{unit}" in found


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(bases: dict[str, AssetEvidence], name: str) -> None:
    shape, files, modes = SOUND[name]
    findings = judge_asset(changed(bases[shape], files, modes))
    assert [(f.check.unit, f.reason().render("en")) for f in findings if f.verdict in FAILS] == []
    assert Conformity.CONFORMS not in {f.verdict for f in findings}


def test_script_takes_what_these_read(
    tmp_path: Path, shapes: dict[str, Callable[..., dict[str, str | None]]]
) -> None:
    """The places of these faults are in the bundle."""
    more = {
        "etc/default/grub.d/x.cfg": "x\n", "etc/exports": "x\n", "etc/samba/smb.conf": "x\n",
        "etc/docker/daemon.json": "{}\n", "boot/loader/entries/a.conf": "x\n", "home/ops/x": "x\n",
    }  # fmt: skip
    root = write(
        tmp_path / "root", shapes["debian"](more), {"home/ops/x": 0o4755, "home/ops": 0o777}
    )
    host = read_host(collect(root, tmp_path / "host.tar.gz"))
    assert isinstance(host.facts, HostFacts)
    tree = host.facts.tree
    assert all(tree.presence(f"/{path}") == "present" for path in more if path != "home/ops/x")
    assert {tree.modes["/home/ops/x"].mode, tree.modes["/home/ops"].mode} == {0o4755, 0o777}
