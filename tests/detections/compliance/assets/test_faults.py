"""Labelled faults: one thing wrong in a sound root, named under its unit; sound but unusual roots are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.judging import AssetFinding, judge_asset
from fengsui.clock import DAY, WallClock
from fengsui.control import Conformity
from tests.detections.compliance.assets.conftest import SHAPES, debian, planted

Judged = Callable[..., list[AssetFinding]]
HASH = "$6$salt$" + "a" * 86
TODAY = WallClock().now() // DAY
FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
WANTS = "etc/systemd/system/multi-user.target.wants"
UNITS = "/usr/lib/systemd/system"
ID, LOCK, CLEAR, ACC = "L3-CES1-01", "L3-CES1-02", "L3-CES1-03", "L3-CES1-05"
PEOPLE = (
    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
    "ops:x:1000:1000::/home/ops:/bin/bash\nsec:x:1001:1001::/home/sec:/bin/bash\n"
)


def shadow(**changed: str) -> str:
    base = dict.fromkeys(("root", "ops", "sec"), f"{HASH}:{TODAY - 10}:1:90:7:::")
    base |= {"daemon": f"*:{TODAY - 10}:0:99999:7:::"}
    return "\n".join(f"{name}:{rest}" for name, rest in (base | changed).items()) + "\n"


def quality(text: str) -> dict[str, str]:
    return {"etc/security/pwquality.conf": text}


def debian_password(text: str) -> dict[str, str]:
    tail = (
        "password requisite pam_pwhistory.so remember=5 use_authtok\n"
        "password [success=1 default=ignore] pam_unix.so use_authtok\npassword requisite pam_deny.so\n"
    )
    return {"etc/pam.d/common-password": text + tail + "password required pam_permit.so\n"}


RHEL_AUTH = (
    "auth required pam_env.so\n{pre}auth sufficient pam_unix.so\n{post}auth required pam_deny.so\n"
    "account required pam_faillock.so\naccount required pam_unix.so\n"
    "password requisite pam_pwquality.so\npassword sufficient pam_unix.so use_authtok remember=5\n"
    "password required pam_deny.so\n"
)
PRE, POST = "auth required pam_faillock.so preauth\n", "auth required pam_faillock.so authfail\n"


def rhel_auth(
    pre: str = PRE, post: str = POST, *, only: str = "", drop: str = ""
) -> dict[str, str]:
    text = RHEL_AUTH.format(pre=pre, post=post).replace(drop or "\0", "")
    names = [only] if only else ["password-auth", "system-auth"]
    return {f"etc/authselect/{name}": text for name in names}


def sshd(text: str) -> dict[str, str]:
    return {"etc/ssh/sshd_config": text}


def starts(unit: str) -> dict[str, str]:
    return {f"{WANTS}/{unit}": f"-> {UNITS}/{unit}"}


ROOT_CONF = {"etc/security/faillock.conf": "deny = 5\nunlock_time = 900\n"}
FAULTS: dict[str, tuple[str, str, Mapping[str, str | None]]] = {
    "empty password": ("debian", ID, {"etc/shadow": shadow(ops=f":{TODAY}:1:90:7:::")}),
    "empty password in passwd": ("rhel", ID, {"etc/passwd": PEOPLE.replace("ops:x", "ops:")}),
    "second uid 0": ("rhel", ID, {"etc/passwd": PEOPLE + "toor:x:0:0::/root:/bin/bash\n"}),
    "same uid twice": (
        "openeuler",
        ID,
        {"etc/passwd": PEOPLE + "two:x:1000:1::/home/two:/bin/sh\n"},
    ),
    "same name twice": ("debian", ID, {"etc/passwd": PEOPLE + "ops:x:1009:1::/home/two:/bin/sh\n"}),
    "PermitEmptyPasswords": ("rhel", ID, sshd("PermitEmptyPasswords yes\nPermitRootLogin no\n")),
    "PermitEmptyPasswords with equals": (
        "debian",
        ID,
        sshd("PermitEmptyPasswords=yes\nPermitRootLogin=no\n"),
    ),
    "minlen 6": ("rhel", ID, quality("minlen = 6\nminclass = 3\nenforce_for_root\n")),
    "one class": ("debian", ID, quality("minlen = 10\nenforce_for_root\n")),
    "credits shorten": (
        "openeuler",
        ID,
        quality("minlen=10\nminclass=3\ndcredit=2\nucredit=2\nenforce_for_root\n"),
    ),
    "root exempt": ("rhel", ID, quality("minlen = 10\nminclass = 3\n")),
    "only warns": (
        "rhel",
        ID,
        quality("minlen = 10\nminclass = 3\nenforce_for_root\nenforcing = 0\n"),
    ),
    "main file over drop-in": (
        "rhel",
        ID,
        quality("minlen = 6\nminclass = 3\nenforce_for_root\n")
        | {"etc/security/pwquality.conf.d/50.conf": "minlen = 14\n"},
    ),
    "argument over file": (
        "debian",
        ID,
        debian_password("password requisite pam_pwquality.so minlen=5\n"),
    ),
    "no module line": ("debian", ID, debian_password("")),
    "quality optional": ("debian", ID, debian_password("password optional pam_pwquality.so\n")),
    "quality sufficient": ("debian", ID, debian_password("password sufficient pam_pwquality.so\n")),
    "quality after unix": (
        "rhel",
        ID,
        {
            "etc/authselect/system-auth": RHEL_AUTH.format(pre=PRE, post=POST).replace(
                "password requisite pam_pwquality.so\n"
                "password sufficient pam_unix.so use_authtok remember=5\n",
                "password required pam_unix.so\npassword required pam_pwquality.so\n",
            )
        },
    ),
    "only one stack has quality": (
        "rhel",
        ID,
        rhel_auth(only="password-auth", drop="password requisite pam_pwquality.so\n"),
    ),
    "cracklib short": (
        "debian",
        ID,
        debian_password("password requisite pam_cracklib.so minlen=8 minclass=3\n"),
    ),
    "passwdqc one kind": (
        "debian",
        ID,
        debian_password("password requisite pam_passwdqc.so min=8,8,8,8,8\n"),
    ),
    "old users never change": (
        "rhel",
        ID,
        {"etc/shadow": shadow(ops=f"{HASH}:{TODAY - 10}:0:99999:7:::")},
    ),
    "age 180": ("debian", ID, {"etc/shadow": shadow(sec=f"{HASH}:{TODAY - 10}:0:180:7:::")}),
    "no max age": ("openeuler", ID, {"etc/shadow": shadow(sec=f"{HASH}:{TODAY - 10}:0::7:::")}),
    "password old": ("debian", ID, {"etc/shadow": shadow(ops=f"{HASH}:{TODAY - 200}:0:90:7:::")}),
    "autologin": (
        "debian",
        ID,
        {"etc/gdm3/daemon.conf": "[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=ops\n"},
    ),
    "getty autologin": (
        "debian",
        ID,
        {
            "etc/systemd/system/getty@tty1.service.d/a.conf": "[Service]\nExecStart=\n"
            "ExecStart=-/sbin/agetty --autologin ops %I\n"
        },
    ),
    "pam lets in": (
        "debian",
        ID,
        {"etc/pam.d/common-auth": "auth sufficient pam_permit.so\nauth required pam_unix.so\n"},
    ),
    "no lock": ("rhel", LOCK, rhel_auth("", "")),
    "preauth missing": ("rhel", LOCK, rhel_auth("", POST)),
    "authfail missing": ("rhel", LOCK, rhel_auth(PRE, "")),
    "authfail never reached": (
        "rhel",
        LOCK,
        rhel_auth(PRE, "auth required pam_deny.so\nauth optional pam_deny.so\n"),
    ),
    "account line missing": ("rhel", LOCK, rhel_auth(drop="account required pam_faillock.so\n")),
    "only console locks": ("rhel", LOCK, rhel_auth("", "", only="password-auth")),
    "lock optional": ("rhel", LOCK, rhel_auth(PRE.replace("required", "optional"), POST)),
    "past PAM": ("rhel", LOCK, sshd("UsePAM no\nPermitRootLogin no\n")),
    "deny 10": (
        "debian",
        LOCK,
        {"etc/security/faillock.conf": "deny = 10\nunlock_time = 900\neven_deny_root\n"},
    ),
    "unlock 60": (
        "openeuler",
        LOCK,
        {"etc/security/faillock.conf": "deny = 5\nunlock_time = 60\neven_deny_root\n"},
    ),
    "argument over faillock.conf": (
        "rhel",
        LOCK,
        rhel_auth(PRE, POST.replace("authfail", "authfail deny=20")),
    ),
    "root not locked": ("rhel", LOCK, ROOT_CONF),
    "no TMOUT": ("debian", LOCK, {"etc/profile.d/idle.sh": None}),
    "TMOUT 0": ("debian", LOCK, {"etc/profile.d/idle.sh": "readonly TMOUT=0\n"}),
    "TMOUT an hour": ("rhel", LOCK, {"etc/profile.d/idle.sh": "declare -xr TMOUT=3600\n"}),
    "TMOUT not readonly": ("rhel", LOCK, {"etc/profile.d/idle.sh": "export TMOUT=600\n"}),
    "TMOUT unset later": (
        "rhel",
        LOCK,
        {"etc/profile.d/idle.sh": "TMOUT=600\n", "etc/profile.d/z.sh": "unset TMOUT\n"},
    ),
    "ClientAlive instead of TMOUT": (
        "debian",
        LOCK,
        {"etc/profile.d/idle.sh": None}
        | sshd("PermitRootLogin no\nClientAliveInterval 300\nClientAliveCountMax 0\n"),
    ),
    "telnet socket": (
        "debian",
        CLEAR,
        {"etc/systemd/system/sockets.target.wants/telnet.socket": f"-> {UNITS}/telnet.socket"},
    ),
    "xinetd telnet": (
        "openeuler",
        CLEAR,
        starts("xinetd.service")
        | {"etc/xinetd.d/telnet": "service telnet\n{\n  disable = no\n}\n"},
    ),
    "inetd rsh": (
        "debian",
        CLEAR,
        starts("inetd.service")
        | {"etc/inetd.conf": "shell stream tcp nowait root /usr/sbin/in.rshd in.rshd\n"},
    ),
    "vsftpd clear": (
        "rhel",
        CLEAR,
        starts("vsftpd.service") | {"etc/vsftpd/vsftpd.conf": "anonymous_enable=NO\n"},
    ),
    "weak ciphers": ("debian", CLEAR, sshd("PermitRootLogin no\nCiphers aes256-ctr,3des-cbc\n")),
    "weak macs in drop-in": (
        "rhel",
        CLEAR,
        {"etc/ssh/sshd_config.d/10-x.conf": "MACs hmac-md5,hmac-sha1\n"},
    ),
    "root logs in": ("debian", ACC, sshd("PermitRootLogin yes\n")),
    "root logs in by drop-in": (
        "rhel",
        ACC,
        {"etc/ssh/sshd_config.d/01-root.conf": "PermitRootLogin yes\n"},
    ),
    "root by Match over no": (
        "rhel",
        ACC,
        sshd("PermitRootLogin no\nMatch User root\n  PermitRootLogin yes\n"),
    ),
    "root in Match all": (
        "debian",
        ACC,
        sshd("PermitRootLogin no\nMatch all\nPermitRootLogin yes\n"),
    ),
    "first value wins": ("openeuler", ACC, sshd("PermitRootLogin yes\nPermitRootLogin no\n")),
    "system account with password": (
        "debian",
        ACC,
        {
            "etc/passwd": PEOPLE.replace("/usr/sbin/nologin", "/bin/sh"),
            "etc/shadow": shadow(daemon=f"{HASH}:{TODAY}:0:90:7:::"),
        },
    ),
    "anonymous ftp": (
        "rhel",
        ACC,
        starts("vsftpd.service") | {"etc/vsftpd/vsftpd.conf": "local_enable=YES\n"},
    ),
    "everybody root": (
        "debian",
        ACC,
        {"etc/sudoers.d/all": "ALL ALL=(ALL) ALL\n", "etc/sudoers": "@includedir /etc/sudoers.d\n"},
    ),
    "snmp public": (
        "rhel",
        "L3-CES1-06",
        starts("snmpd.service") | {"etc/snmp/snmpd.conf": "rocommunity public\n"},
    ),
    "sudo without password": (
        "debian",
        "L3-CES1-08",
        {"etc/sudoers": "ops ALL=(ALL) NOPASSWD: ALL\n"},
    ),
    "sudo alias without password": (
        "rhel",
        "L3-CES1-08",
        {"etc/sudoers": "User_Alias A = ops, sec\nA ALL=(ALL) NOPASSWD: ALL\n"},
    ),
    "umask 000": ("debian", "L3-CES1-10", {"etc/profile": "umask 000\nreadonly TMOUT=600\n"}),
    "selinux off": ("rhel", "L3-CES1-11", {"etc/selinux/config": "SELINUX=disabled\n"}),
    "selinux permissive": (
        "openeuler",
        "L3-CES1-11",
        {"etc/selinux/config": "SELINUX=permissive\n"},
    ),
    "auditd does not start": ("rhel", "L3-CES1-12", {f"{WANTS}/auditd.service": None}),
    "auditd masked": ("rhel", "L3-CES1-12", {"etc/systemd/system/auditd.service": "-> /dev/null"}),
    "audit=0": (
        "debian",
        "L3-CES1-12",
        {"etc/default/grub": 'GRUB_CMDLINE_LINUX="quiet audit=0"\n'},
    ),
    "no audit rules": (
        "debian",
        "L3-CES1-12",
        {"etc/audit/rules.d/audit.rules": "-D\n-b 8192\n-f 1\n"},
    ),
    "never,task": ("rhel", "L3-CES1-12", {"etc/audit/rules.d/00.rules": "-a never,task\n"}),
    "rules removed in the end": (
        "rhel",
        "L3-CES1-12",
        {
            "etc/audit/rules.d/audit.rules": None,
            "etc/audit/rules.d/README": "x\n",
            "etc/audit/audit.rules": "-w /etc/passwd -p wa\n-w /etc/shadow -p wa\n-D\n",
        },
    ),
    "identity not watched": (
        "openeuler",
        "L3-CES1-12",
        {"etc/audit/rules.d/audit.rules": "-w /etc/sudoers -p wa\n"},
    ),
    "disk full ignored": (
        "rhel",
        "L3-CES1-14",
        {"etc/audit/auditd.conf": "disk_full_action = IGNORE\n"},
    ),
    "four weeks, here only": (
        "debian",
        "L3-CES1-14",
        {
            "etc/rsyslog.conf": "*.* /var/log/syslog\n#*.* @@10.0.0.1\n",
            "etc/logrotate.conf": "weekly\nrotate 4\n",
        },
    ),
    "finger": (
        "debian",
        "L3-CES1-18",
        starts("inetd.service")
        | {"etc/inetd.conf": "finger stream tcp nowait nobody /usr/sbin/in.fingerd in.fingerd\n"},
    ),
    "tftp": (
        "rhel",
        "L3-CES1-18",
        {"etc/systemd/system/sockets.target.wants/tftp.socket": f"-> {UNITS}/tftp.socket"},
    ),
}

SOUND: dict[str, tuple[str, Mapping[str, str | None]]] = {
    "login.defs loose, every account set": ("debian", {"etc/login.defs": "PASS_MAX_DAYS 99999\n"}),
    "credits instead of minclass": (
        "rhel",
        quality("minlen=12\ndcredit=-1\nucredit=-1\nlcredit=-1\nenforce_for_root\n"),
    ),
    "arguments instead of file": (
        "debian",
        quality("")
        | debian_password(
            "password requisite pam_pwquality.so retry=3 minlen=12 minclass=4 enforce_for_root\n"
        ),
    ),
    "drop-in only": (
        "rhel",
        {
            "etc/security/pwquality.conf": None,
            "etc/security/pwquality.conf.d/50.conf": "minlen = 14\nminclass = 4\nenforce_for_root\n",
        },
    ),
    "passwdqc": (
        "debian",
        quality("")
        | debian_password(
            "password requisite pam_passwdqc.so min=disabled,disabled,disabled,10,8 enforce=everyone\n"
        ),
    ),
    "authsucc instead of account line": (
        "rhel",
        rhel_auth(PRE, POST, drop="account required pam_faillock.so\n")
        | {
            f"etc/authselect/{name}": RHEL_AUTH.format(pre="", post="")
            .replace(
                "auth sufficient pam_unix.so\n",
                "auth [success=1 default=bad] pam_unix.so\nauth [default=die] pam_faillock.so authfail\n"
                "auth sufficient pam_faillock.so authsucc\n",
            )
            .replace("account required pam_faillock.so\n", "")
            for name in ("password-auth", "system-auth")
        },
    ),
    "faillock arguments, no file": (
        "rhel",
        {"etc/security/faillock.conf": None}
        | rhel_auth(
            PRE.replace("preauth", "preauth deny=3 unlock_time=never even_deny_root"),
            POST.replace("authfail", "authfail deny=3 unlock_time=never even_deny_root"),
        ),
    ),
    "lock for ever": (
        "debian",
        {"etc/security/faillock.conf": "deny=3\nunlock_time=0\neven_deny_root\n"},
    ),
    "pam_tally2": (
        "openeuler",
        {
            f"etc/pam.d/{name}": RHEL_AUTH.format(
                pre="auth required pam_tally2.so deny=5 unlock_time=900 even_deny_root\n", post=""
            )
            for name in ("password-auth", "system-auth")
        },
    ),
    "root locked, exempt": (
        "rhel",
        quality("minlen = 10\nminclass = 3\n")
        | ROOT_CONF
        | {"etc/shadow": shadow(root=f"!{HASH}:{TODAY}:0:99999:7:::")},
    ),
    "keys only": (
        "debian",
        {"etc/shadow": shadow(**dict.fromkeys(("root", "ops", "sec"), f"!:{TODAY}:0:99999:7:::"))}
        | debian_password("")
        | sshd("PasswordAuthentication no\nPermitRootLogin no\n")
        | {"etc/pam.d/common-auth": "auth required pam_unix.so\n"},
    ),
    "TMOUT by typeset in profile": (
        "debian",
        {"etc/profile.d/idle.sh": None, "etc/profile": "umask 027\ntypeset -xr TMOUT=900\n"},
    ),
    "TMOUT in bashrc": (
        "rhel",
        {"etc/profile.d/idle.sh": None, "etc/bashrc": "TMOUT=300\nreadonly TMOUT\nexport TMOUT\n"},
    ),
    "TMOUT under a condition": (
        "rhel",
        {"etc/profile.d/idle.sh": 'if [ -n "$PS1" ]; then\n  readonly TMOUT=600\nfi\n'},
    ),
    "ChannelTimeout": (
        "debian",
        {"etc/profile.d/idle.sh": None}
        | sshd("PermitRootLogin no\nChannelTimeout session:*=10m\n"),
    ),
    "drop-in says no first": (
        "rhel",
        {"etc/ssh/sshd_config.d/01.conf": "PermitRootLogin no\n"}
        | sshd("Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\n"),
    ),
    "root from one address": (
        "debian",
        sshd("PermitRootLogin no\nMatch Address 10.0.0.5\n PermitRootLogin yes\n"),
    ),
    "another user's Match": (
        "debian",
        sshd("PermitRootLogin no\nMatch User !root,*\n PermitRootLogin yes\n"),
    ),
    "root by keys": ("rhel", sshd("PermitRootLogin without-password\n")),
    "telnet installed by xinetd, disabled": (
        "openeuler",
        starts("xinetd.service")
        | {"etc/xinetd.d/telnet": "service telnet\n{\n  disable = yes\n}\n"},
    ),
    "telnet masked": (
        "debian",
        {
            "etc/systemd/system/telnet.socket": "-> /dev/null",
            "etc/systemd/system/sockets.target.wants/telnet.socket": f"-> {UNITS}/telnet.socket",
        },
    ),
    "inetd.conf without inetd": (
        "debian",
        {"etc/inetd.conf": "telnet stream tcp nowait root in.telnetd\n"},
    ),
    "vsftpd with TLS": (
        "rhel",
        starts("vsftpd.service")
        | {"etc/vsftpd/vsftpd.conf": "ssl_enable=YES\nanonymous_enable=NO\n"},
    ),
    "ciphers removed": ("debian", sshd("PermitRootLogin no\nCiphers -3des-cbc,arcfour\n")),
    "NOPASSWD for one command": (
        "debian",
        {"etc/sudoers": "ops ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart x\n"},
    ),
    "NOPASSWD for a key-only account": (
        "debian",
        {
            "etc/sudoers": "ops ALL=(ALL) NOPASSWD: ALL\n",
            "etc/shadow": shadow(ops=f"!:{TODAY}:0:99999:7:::"),
        },
    ),
    "postgres with a shell, locked": (
        "rhel",
        {
            "etc/passwd": PEOPLE + "postgres:x:26:26::/var/lib/pgsql:/bin/bash\n",
            "etc/shadow": shadow(postgres=f"!!:{TODAY}::::::"),
        },
    ),
    "watch of the folder": ("debian", {"etc/audit/rules.d/audit.rules": "-w /etc -p wa -k etc\n"}),
    "rules in audit.rules": (
        "debian",
        {
            "etc/audit/rules.d/audit.rules": None,
            "etc/audit/rules.d/README": "empty\n",
            "etc/audit/audit.rules": "-w /etc/passwd -p wa\n-w /etc/shadow -p wa\n-w /etc/sudoers -p wa\n",
        },
    ),
    "-D in a later file, which augenrules puts first": (
        "rhel",
        {"etc/audit/rules.d/zz.rules": "-D\n"},
    ),
    "short rotation, forwarded": ("debian", {"etc/logrotate.conf": "daily\nrotate 7\n"}),
    "long rotation, not forwarded": (
        "rhel",
        {
            "etc/rsyslog.conf": "*.* /var/log/messages\n",
            "etc/logrotate.conf": "monthly\nrotate 12\n",
        },
    ),
    "shipped by an agent": (
        "debian",
        starts("filebeat.service")
        | {
            "etc/rsyslog.conf": "*.* /var/log/messages\n",
            "etc/logrotate.conf": "weekly\nrotate 4\n",
        },
    ),
    "snmp for itself": (
        "rhel",
        starts("snmpd.service") | {"etc/snmp/snmpd.conf": "rocommunity public 127.0.0.1\n"},
    ),
    "windows line ends in sshd": ("debian", sshd("PermitRootLogin no\r\n")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str, bases: dict[str, AssetEvidence]) -> None:
    shape, unit, changes = FAULTS[name]
    sound = SHAPES[shape]()
    findings = judge_asset(planted(bases[shape], sound, {**sound, **changes}))
    found = {finding.check.unit: finding for finding in findings}
    assert found[unit].verdict in FAILS, [s.text.render("en") for s in found[unit].steps]
    assert found[unit].repair().render("zh")
    assert Conformity.CONFORMS not in {finding.verdict for finding in findings}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_root_does_not_fail(name: str, bases: dict[str, AssetEvidence]) -> None:
    shape, changes = SOUND[name]
    sound = SHAPES[shape]()
    failed = [
        (finding.check.unit, step.name, step.text.render("en"))
        for finding in judge_asset(planted(bases[shape], sound, {**sound, **changes}))
        for step in finding.steps
        if step.state is False
    ]
    assert not failed


def test_the_script_takes_every_place(read: Callable[..., AssetEvidence]) -> None:
    """Each file of a case is brought, or its name is; each case is what the script would have brought."""
    places = {
        path: "-> /dev/null" if str(text).startswith("-> ") else "x\n"
        for *_, changes in (*FAULTS.values(), *SOUND.values())
        for path, text in changes.items()
        if text is not None
    }
    facts = read(debian(places)).facts
    assert isinstance(facts, HostFacts)
    tree = facts.tree
    listed = {f"{folder}/{name}" for folder, found in tree.names.items() for name in found}
    missing = [p for p in places if tree.presence(f"/{p}") != "present" and f"/{p}" not in listed]
    assert missing == []


@pytest.mark.parametrize("name", ["root not locked", "empty password", "auditd does not start"])
def test_a_planted_root_is_the_collected_one(
    bases: dict[str, AssetEvidence], judged: Judged, name: str
) -> None:
    """What is planted in memory is judged as the same root collected by the script."""
    shape, _, changes = FAULTS[name]
    sound = SHAPES[shape]()
    here = judge_asset(planted(bases[shape], sound, {**sound, **changes}))
    there = {one.check.id: one.verdict for one in judged(SHAPES[shape](changes))}
    assert {one.check.id: one.verdict for one in here} == there


@pytest.mark.parametrize(("package", "unit"), [("telnetd", "L3-CES1-17")])
def test_a_package_is_named(package: str, unit: str, judged: Judged) -> None:
    status = f"Package: {package}\nStatus: install ok installed\nVersion: 0.17\n\n"
    found = {one.check.unit: one for one in judged(debian({"var/lib/dpkg/status": status}))}
    assert found[unit].verdict in FAILS


MODES = [
    ("etc/shadow", 0o644, "L3-CES1-10"),
    ("etc/passwd", 0o666, "L3-CES1-10"),
    ("var/log/audit/audit.log", 0o644, "L3-CES1-14"),
]


@pytest.mark.parametrize(("path", "mode", "unit"), MODES)
def test_a_wide_mode_is_named(
    path: str, mode: int, unit: str, judged: Judged, shapes: dict[str, Callable[..., object]]
) -> None:
    found = {one.check.unit: one for one in judged(shapes["rhel"](), {path: mode})}
    assert found[unit].verdict in FAILS


@pytest.mark.parametrize("shape", ["debian", "rhel", "openeuler"])
def test_a_sound_root_is_open_and_never_conforms(
    shape: str, judged: Judged, shapes: dict[str, Callable[..., object]]
) -> None:
    verdicts = {finding.verdict for finding in judged(shapes[shape]())}
    assert verdicts == {Conformity.INSUFFICIENT}
