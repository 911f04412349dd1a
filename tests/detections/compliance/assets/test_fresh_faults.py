"""Faults written down from the decision table before a check was looked at; sound roots beside them."""

from __future__ import annotations

import pytest

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity
from tests.detections.compliance.assets.conftest import TODAY, changed, debian

FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
WANTS = "/etc/systemd/system/multi-user.target.wants"
SOCKETS = "/etc/systemd/system/sockets.target.wants"
UNITS = "/usr/lib/systemd/system"
SUDO = "/etc/sudoers.d/x"
DROP_IN = "/etc/ssh/sshd_config.d/00-a.conf"
AUTH, PASSWORD, SU, SSHD = (
    f"/etc/pam.d/{name}" for name in ("common-auth", "common-password", "su", "sshd")
)
LOCK, RULES, SEND = (
    "/etc/security/faillock.conf", "/etc/audit/rules.d/audit.rules", "/etc/rsyslog.conf"
)  # fmt: skip
IDLE, SNMP, AUDITD = "/etc/profile.d/idle.sh", "/etc/snmp/snmpd.conf", "/etc/audit/auditd.conf"
SOUND_LOCK = "deny = 5\nunlock_time = 900\neven_deny_root\n"
BASE = {f"/{path}": text for path, text in debian().items() if text is not None}
HASHED = f"hash/6:{TODAY - 10}:1:90:7:::\n"
SHADOW = "".join(f"{name}:{HASHED}" for name in ("root", "ops", "sec"))


def starts(unit: str, folder: str = WANTS) -> dict[str, str]:
    return {f"{folder}/{unit}": f"-> {UNITS}/{unit}"}


def pam(path: str, first: str = "", *pairs: tuple[str, str]) -> dict[str, str]:
    """A stack with a line before it and some words otherwise."""
    text = BASE.get(path, "auth sufficient pam_rootok.so\n@include common-auth\n")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return {path: first + text}


def snmp(text: str) -> dict[str, str]:
    return starts("snmpd.service") | {SNMP: text}


def sudo(text: str) -> dict[str, str]:
    return {"/etc/sudoers": BASE["/etc/sudoers"] + text + "\n"}


def ssh(text: str) -> dict[str, str]:
    return {DROP_IN: text}


def member(group: str) -> dict[str, str]:
    return {"/etc/group": f"root:x:0:\n{group}:x:6:sec\n"}


def journald(text: str) -> dict[str, str]:
    return {"/etc/systemd/journald.conf.d/x.conf": f"[Journal]\n{text}\n", SEND: SOCKET + FORWARD}


SOCKET, FORWARD = 'module(load="imuxsock")\n', "*.* @@10.0.0.9:514\n"
OWN = "conf=/etc/security/f.conf"
FTP = "ftp stream tcp nowait root /usr/sbin/ftpd ftpd\n"
HISTORY = "password requisite pam_pwhistory.so remember=5 use_authtok\n"
SECOND = "[Service]\nExecStart=/usr/sbin/sshd -D -f /etc/ssh/two\n"
GNOME = "[org/gnome/desktop/screensaver]\nlock-enabled=false\n"
Modes = dict[str, int | tuple[int, int]]
FAULTS: dict[str, tuple[str, dict[str, str], Modes]] = {
    "failures forgotten in a second": ("02", {LOCK: SOUND_LOCK + "fail_interval = 1\n"}, {}),
    "root unlocked in a second": ("02", {LOCK: SOUND_LOCK + "root_unlock_time = 1\n"}, {}),
    "right password before the lock": (
        "02",
        pam(AUTH, "auth [success=done default=ignore] pam_unix.so\n"),
        {},
    ),
    "sshd past the shared stack": (
        "02",
        pam(SSHD, "", ("@include common-auth", "auth required pam_unix.so")),
        {},
    ),
    "hosts are believed": ("01", ssh("HostbasedAuthentication yes\n"), {}),
    "pam_rhosts": (
        "01",
        pam(AUTH, "auth sufficient pam_rhosts.so\n") | {"/etc/hosts.equiv": "+\n"},
        {},
    ),
    "no password history": ("01", pam(PASSWORD, "", (HISTORY, "")), {}),
    "one old password": ("01", pam(PASSWORD, "", ("remember=5", "remember=1")), {}),
    "history that decides nothing": (
        "01",
        pam(PASSWORD, "", (HISTORY, HISTORY.replace("requisite", "optional"))),
        {},
    ),
    "history after the setter": (
        "01",
        {PASSWORD: BASE[PASSWORD].replace(HISTORY, "") + HISTORY},
        {},
    ),
    "asked for another password": (
        "01",
        pam(PASSWORD, "", ("pam_unix.so use_authtok", "pam_unix.so")),
        {},
    ),
    "su trusts a group": ("01", pam(SU, "auth sufficient pam_wheel.so trust\n"), {}),
    "group let in": ("01", pam(AUTH, "auth sufficient pam_succeed_if.so user ingroup ops\n"), {}),
    "list let in": (
        "01",
        pam(SSHD, "auth sufficient pam_listfile.so item=user sense=allow file=/etc/a\n"),
        {},
    ),
    "sshd is root": ("01", pam(SSHD, "auth sufficient pam_rootok.so\n"), {}),
    "debug shell": ("01", starts("debug-shell.service"), {}),
    "rescue without a login": (
        "01",
        {
            "/etc/systemd/system/rescue.service.d/o.conf": "[Service]\nExecStart=\nExecStart=/bin/sh\n"
        },
        {},
    ),
    "SDDM": ("01", {"/etc/sddm.conf": "[Autologin]\nUser=ops\n"}, {}),
    "ages switched off": (
        "01",
        {"/etc/shadow": SHADOW.replace(f"ops:hash/6:{TODAY - 10}", "ops:hash/6:")},
        {},
    ),
    "Redis for all": (
        "01",
        starts("redis-server.service")
        | {"/etc/redis/redis.conf": "bind 0.0.0.0\nprotected-mode no\n"},
        {},
    ),
    "hash in passwd": (
        "28",
        {"/etc/passwd": BASE["/etc/passwd"].replace("ops:x", "ops:hash/6")},
        {},
    ),
    "Match of all addresses": (
        "05",
        {
            "/etc/ssh/sshd_config": "PermitRootLogin no\nUsePAM yes\nMatch Address *\n PermitRootLogin yes\n"
        },
        {},
    ),
    "Match of root's group": (
        "05",
        {
            "/etc/ssh/sshd_config": "PermitRootLogin no\nUsePAM yes\nMatch Group root\n PermitRootLogin yes\n"
        },
        {},
    ),
    "a second sshd": (
        "05",
        {
            "/etc/systemd/system/two.service": SECOND,
            f"{WANTS}/two.service": "-> /etc/systemd/system/two.service",
            "/etc/ssh/two": "PermitRootLogin yes\nUsePAM yes\n",
        },
        {},
    ),
    "SNMP without proof": ("05", snmp("rouser mon noauth\n"), {}),
    "ProFTPD in clear": (
        "03",
        starts("proftpd.service") | {"/etc/proftpd/proftpd.conf": "ServerName x\n"},
        {},
    ),
    "x11vnc": (
        "03",
        starts("x11vnc.service")
        | {f"{UNITS}/x11vnc.service": "[Service]\nExecStart=/usr/bin/x11vnc -forever\n"},
        {},
    ),
    "weak in the second sshd": (
        "03",
        {
            "/etc/systemd/system/two.service": SECOND,
            f"{WANTS}/two.service": "-> /etc/systemd/system/two.service",
            "/etc/ssh/two": "PermitRootLogin no\nMACs hmac-md5\n",
        },
        {},
    ),
    "asked once for ever": ("08", sudo("Defaults timestamp_timeout=-1"), {}),
    "disk": ("08", member("disk"), {}),
    "docker": ("08", member("docker"), {}),
    "sudo is silent": ("12", sudo("Defaults !syslog"), {}),
    "logins thrown away": (
        "12",
        {RULES: "-a always,exclude -F msgtype=USER_LOGIN\n" + BASE[RULES]},
        {},
    ),
    "shadow left out": (
        "12",
        {RULES: "-w /etc/passwd -p wa\n-w /etc/sudoers -p wa\n-a always,exit -S execve\n"},
        {},
    ),
    "reads alone are watched": (
        "12",
        {RULES: BASE[RULES].replace("/etc/shadow -p wa", "/etc/shadow -p r")},
        {},
    ),
    "shadow kept out first": (
        "12",
        {RULES: "-a never,exit -F path=/etc/shadow -F perm=wa\n" + BASE[RULES]},
        {},
    ),
    "a person left out of all calls": (
        "12",
        {RULES: "-a never,exit -F auid=1000 -S all\n" + BASE[RULES]},
        {},
    ),
    "one record a second": ("12", {RULES: BASE[RULES] + "-r 1\n"}, {}),
    "daemon as root": ("08", sudo("daemon ALL=(ALL) NOPASSWD: ALL"), {}),
    "FTP by inetd": (
        "03",
        starts("inetd.service") | {"/etc/inetd.conf": FTP},
        {},
    ),
    "another file of the lock": (
        "02",
        pam(AUTH, "", ("preauth", f"preauth {OWN}"), ("authfail", f"authfail {OWN}"))
        | {"/etc/security/f.conf": "deny = 50\nunlock_time = 900\neven_deny_root\n"},
        {},
    ),
    "disk errors ignored": ("14", {AUDITD: BASE[AUDITD] + "disk_error_action = IGNORE\n"}, {}),
    "logins nowhere": (
        "12",
        {SEND: "*.*;auth,authpriv.none /var/log/syslog\n*.*;authpriv.none;auth.none @@10.0.0.9\n"},
        {},
    ),
    "journal hands nothing on": ("12", journald("ForwardToSyslog=no"), {}),
    "journal hands emergencies on": (
        "12",
        journald("MaxLevelSyslog=emerg\nMaxLevelStore=emerg"),
        {},
    ),
    "mail alone is sent": (
        "14",
        {
            SEND: "authpriv.* /var/log/secure\nmail.* @@10.0.0.9\n",
            "/etc/logrotate.conf": "weekly\nrotate 4\ninclude /etc/logrotate.d\n",
            "/etc/logrotate.d/syslog": "/var/log/secure\n{\nrotate 4\nweekly\n}\n",
        },
        {},
    ),
    "auditd stops when its file is full": (
        "14",
        {AUDITD: BASE[AUDITD] + "max_log_file_action = SUSPEND\n"},
        {},
    ),
    "idle for root alone": (
        "02",
        {IDLE: 'if [ "$(id -u)" = 0 ]; then\n  readonly TMOUT=600\nfi\n'},
        {},
    ),
    "journal keeps nothing for imjournal": (
        "12",
        {
            SEND: 'module(load="imjournal")\nauthpriv.* /var/log/secure\n',
            "/etc/systemd/journald.conf": "[Journal]\nStorage=none\n",
        },
        {},
    ),
    "logins thrown away first": (
        "12",
        {
            SEND: "$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /var/log/syslog\n*.* @@10.0.0.9\n",
            "/etc/rsyslog.d/00-x.conf": "auth,authpriv.* stop\n",
        },
        {},
    ),
    "login by itself after a while": (
        "01",
        {"/etc/gdm3/daemon.conf": "[daemon]\nTimedLoginEnable=true\nTimedLogin=ops\n"},
        {},
    ),
    "pager as root": ("08", sudo("sec ALL=(root) NOPASSWD: /usr/bin/less"), {}),
    "screen that never locks": (
        "02",
        {
            "/etc/dconf/db/local.d/00": GNOME,
            "/etc/systemd/system/display-manager.service": "-> /lib/x",
        },
        {},
    ),
    "copy of shadow": ("10", {}, {"/etc/shadow.bak": 0o644}),
    "job's program": (
        "10",
        {"/etc/cron.d/j": "0 1 * * * root /opt/job.sh\n"},
        {"/opt/job.sh": 0o777},
    ),
    "unit's program": (
        "10",
        {"/etc/systemd/system/j.service": "[Service]\nExecStart=/srv/j --x\n"},
        {"/srv/j": 0o757},
    ),
    "folder etc": ("10", {}, {"/etc": 0o777}),
    "keys of root": ("10", {}, {"/root/.ssh/authorized_keys": 0o666}),
    "memcached for all": (
        "18",
        starts("memcached.service") | {"/etc/memcached.conf": "-l 0.0.0.0\n"},
        {},
    ),
    "MongoDB for all": (
        "18",
        starts("mongod.service") | {"/etc/mongod.conf": "net:\n  bindIp: 0.0.0.0\n"},
        {},
    ),
    "rsync for all": (
        "18",
        starts("rsync.service") | {"/etc/rsyncd.conf": "[data]\npath=/srv\n"},
        {},
    ),
    "port mapper": ("18", starts("rpcbind.socket", SOCKETS), {}),
    "SMB 1": (
        "18",
        starts("smbd.service") | {"/etc/samba/smb.conf": "[global]\nserver min protocol = NT1\n"},
        {},
    ),
    "routes of strangers": (
        "18",
        {"/etc/sysctl.d/9.conf": "net.ipv4.conf.all.accept_source_route = 1\n"},
        {},
    ),
    "a router nobody wants": ("18", {"/etc/sysctl.d/9.conf": "net.ipv4.ip_forward=1\n"}, {}),
    "AppArmor off": (
        "11",
        {"/etc/default/grub.d/x.cfg": 'GRUB_CMDLINE_LINUX="quiet apparmor=0"\n'},
        {},
    ),
}

SOUND: dict[str, tuple[dict[str, str], Modes]] = {
    "trust files that nothing honours": ({"/etc/hosts.equiv": "+\n", "/root/.rhosts": "+ +\n"}, {}),
    "wheel is required": (pam(SU, "auth required pam_wheel.so use_uid\n"), {}),
    "trust after a password": (
        {
            SU: "auth required pam_unix.so\nauth sufficient pam_wheel.so trust\nauth required pam_deny.so\n"
        },
        {},
    ),
    "history of pam_unix": (
        pam(PASSWORD, "", (HISTORY, ""), ("yescrypt", "yescrypt remember=5")),
        {},
    ),
    "history by its file": (
        pam(PASSWORD, "", ("remember=5 ", ""))
        | {"/etc/security/pwhistory.conf": "remember = 24\n"},
        {},
    ),
    "a group is required": (pam(SSHD, "auth requisite pam_succeed_if.so user ingroup ops\n"), {}),
    "a list is denied": (
        pam(SSHD, "auth required pam_listfile.so item=user sense=deny file=/etc/d onerr=succeed\n"),
        {},
    ),
    "debug shell masked": (
        starts("debug-shell.service") | {"/etc/systemd/system/debug-shell.service": "-> /dev/null"},
        {},
    ),
    "rescue by sulogin": (
        {
            "/etc/systemd/system/rescue.service.d/o.conf": "[Service]\nExecStart=\n"
            "ExecStart=-/usr/lib/systemd/systemd-sulogin-shell rescue\n"
        },
        {},
    ),
    "a second sshd that does not start": (
        {
            "/etc/systemd/system/two.service": SECOND,
            "/etc/ssh/two": "PermitRootLogin yes\nUsePAM yes\n",
        },
        {},
    ),
    "Redis here": (
        starts("redis-server.service") | {"/etc/redis/redis.conf": "bind 127.0.0.1 -::1\n"},
        {},
    ),
    "Redis with a password": (
        starts("redis-server.service")
        | {"/etc/redis/redis.conf": "bind 0.0.0.0\nprotected-mode no\nrequirepass REDACTED\n"},
        {},
    ),
    "memcached here": (
        starts("memcached.service") | {"/etc/memcached.conf": "-m 64\n-l 127.0.0.1\n"},
        {},
    ),
    "rsync for one": (
        starts("rsync.service")
        | {"/etc/rsyncd.conf": "hosts allow = 10.0.0.3\n[data]\npath=/srv\n"},
        {},
    ),
    "port mapper of NFS": (starts("rpcbind.socket", SOCKETS) | starts("nfs-server.service"), {}),
    "router of containers": (
        starts("docker.service") | {"/etc/sysctl.d/9.conf": "net.ipv4.ip_forward=1\n"},
        {},
    ),
    "forwarding taken back": (
        {
            "/etc/sysctl.d/1.conf": "net.ipv4.ip_forward=1\n",
            "/etc/sysctl.d/9.conf": "net.ipv4.ip_forward=0\n",
        },
        {},
    ),
    "SNMP with proof": (snmp("rouser mon priv\n"), {}),
    "root and others idle": (
        {
            IDLE: 'if [ "$(id -u)" = 0 ]; then\n  readonly TMOUT=300\nelse\n  readonly TMOUT=600\nfi\n'
        },
        {},
    ),
    "another file of the lock, as strict": (
        pam(AUTH, "", ("preauth", f"preauth {OWN}"), ("authfail", f"authfail {OWN}"))
        | {"/etc/security/f.conf": SOUND_LOCK},
        {},
    ),
    "kept out after it was taken": (
        {RULES: BASE[RULES] + "-a never,exit -F path=/etc/shadow -F perm=wa\n"},
        {},
    ),
    "records of no interest": (
        {
            RULES: BASE[RULES]
            + "-a always,exclude -F msgtype=CWD\n-a always,exclude -F msgtype=EOE\n"
        },
        {},
    ),
    "by path and permission": (
        {
            RULES: "".join(
                f"-a always,exit -F path=/etc/{n} -F perm=wa\n"
                for n in ("passwd", "shadow", "sudoers")
            )
        },
        {},
    ),
    "rsyslog reads the journal": (
        journald("ForwardToSyslog=no") | {SEND: 'module(load="imjournal")\n' + FORWARD},
        {},
    ),
    "logins by a program": (
        {
            SEND: "*.*;authpriv.none /var/log/messages\nif $syslogfacility-text == 'authpriv' then {\n"
            ' action(type="omfwd" target="10.0.0.9" protocol="tcp")\n}\n'
        },
        {},
    ),
    "errors thrown away": (
        {
            SEND: "$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /var/log/syslog\n*.* @@10.0.0.9\n",
            "/etc/rsyslog.d/00-x.conf": "mail.* stop\n",
        },
        {},
    ),
    "sudo writes a file": (sudo("Defaults !syslog, logfile=/var/log/sudo.log"), {}),
    "sticky folder": ({}, {"/opt": 0o1777}),
    "Match of another group": (
        {
            "/etc/ssh/sshd_config": "PermitRootLogin no\nUsePAM yes\nMatch Group ops\n X11Forwarding yes\n"
        },
        {},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(bases: dict[str, AssetEvidence], name: str) -> None:
    unit, files, modes = FAULTS[name]
    found = judge_asset(changed(bases["debian"], files, modes))
    assert f"L3-CES1-{unit}" in {f.check.unit for f in found if f.verdict in FAILS}
    assert Conformity.CONFORMS not in {f.verdict for f in found}


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(bases: dict[str, AssetEvidence], name: str) -> None:
    files, modes = SOUND[name]
    findings = judge_asset(changed(bases["debian"], files, modes))
    assert [(f.check.unit, f.reason().render("en")) for f in findings if f.verdict in FAILS] == []
    assert Conformity.CONFORMS not in {f.verdict for f in findings}
