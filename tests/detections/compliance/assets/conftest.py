"""Roots of hosts in the shape of Debian, RHEL and openEuler, made by small writers; bundles by the script."""

from __future__ import annotations

import hashlib
import posixpath
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts, read_host
from detections.compliance.assets.host.script import SCRIPT
from detections.compliance.assets.host.tree import Row, Tree
from detections.compliance.assets.judging import AssetFinding, judge_asset
from fengsui.clock import DAY, WallClock

Files = Mapping[str, str | None]
NONE: Files = {}
NO_MODES: Mapping[str, int] = {}
WANTS = "etc/systemd/system/multi-user.target.wants"
HASH = "$6$salt$" + "a" * 86
TODAY = WallClock().now() // DAY

PROFILE = """if [ "$PS1" ]; then
  PS1='$ '
fi
for i in /etc/profile.d/*.sh; do
  . "$i"
done
umask 027
"""
QUALITY = "minlen = 10\nminclass = 3\nenforce_for_root\n"
RULES = (
    "-D\n-b 8192\n-w /etc/passwd -p wa -k id\n-w /etc/shadow -p wa -k id\n-w /etc/sudoers -p wa\n"
)
AUDITD = "space_left_action = SYSLOG\ndisk_full_action = SUSPEND\n"
ROTATE = "weekly\nrotate 30\n"


def passwd(extra: str = "") -> str:
    return (
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
        "ops:x:1000:1000::/home/ops:/bin/bash\nsec:x:1001:1001::/home/sec:/bin/bash\n" + extra
    )


def shadow(extra: str = "", **fields: str) -> str:
    """Lines of three people with a password ten days old; `ops="..."` puts a whole line instead."""
    lines = {name: f"{name}:{HASH}:{TODAY - 10}:1:90:7:::" for name in ("root", "ops", "sec")} | {
        "daemon": f"daemon:*:{TODAY - 10}:0:99999:7:::"
    }
    lines |= {name: f"{name}:{rest}" for name, rest in fields.items()}
    return "\n".join(lines.values()) + "\n" + extra


def _shared() -> dict[str, str | None]:
    return {
        "etc/hostname": "host1\n",
        "etc/passwd": passwd(),
        "etc/group": "root:x:0:\nops:x:1000:\n",
        "etc/shadow": shadow(),
        "etc/gshadow": "root:*::\n",
        "etc/login.defs": "PASS_MAX_DAYS\t90\nUID_MIN 1000\n",
        "etc/nsswitch.conf": "passwd: files\n",
        "etc/profile": PROFILE,
        "etc/profile.d/idle.sh": "readonly TMOUT=600\nexport TMOUT\n",
        "etc/security/pwquality.conf": QUALITY,
        "etc/security/faillock.conf": "deny = 5\nunlock_time = 900\neven_deny_root\n",
        "etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\nUsePAM yes\n",
        "etc/ssh/sshd_config.d/10-x.conf": "X11Forwarding no\n",
        "etc/sudoers": "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nops ALL=(ALL) ALL\n",
        "etc/audit/auditd.conf": AUDITD,
        "etc/audit/rules.d/audit.rules": RULES,
        "etc/rsyslog.conf": "auth,authpriv.* /var/log/secure\n*.* @@10.0.0.9:514\n",
        "etc/logrotate.conf": ROTATE + "include /etc/logrotate.d\n",
        "etc/logrotate.d/syslog": "/var/log/messages\n/var/log/secure\n{\n  missingok\n}\n",
        f"{WANTS}/auditd.service": "-> /usr/lib/systemd/system/auditd.service",
        f"{WANTS}/rsyslog.service": "-> /usr/lib/systemd/system/rsyslog.service",
        f"{WANTS}/sshd.service": "-> /usr/lib/systemd/system/sshd.service",
        "usr/lib/systemd/system/auditd.service": "[Service]\nExecStart=/sbin/auditd\n",
        "var/log/audit/audit.log": "type=DAEMON_START\n",
    }


def debian(changes: Files = NONE) -> dict[str, str | None]:
    """Debian 12: includes by @include, jumps in common-auth."""
    files = _shared() | {
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n',
        "etc/pam.d/common-auth": "auth required pam_faillock.so preauth\n"
        "auth [success=2 default=ignore] pam_unix.so\nauth [default=die] pam_faillock.so authfail\n"
        "auth requisite pam_deny.so\nauth required pam_permit.so\n",
        "etc/pam.d/common-account": "account required pam_faillock.so\n"
        "account [success=1 default=ignore] pam_unix.so\naccount requisite pam_deny.so\n"
        "account required pam_permit.so\n",
        "etc/pam.d/common-password": "password requisite pam_pwquality.so retry=3\n"
        "password requisite pam_pwhistory.so remember=5 use_authtok\n"
        "password [success=1 default=ignore] pam_unix.so use_authtok yescrypt\n"
        "password requisite pam_deny.so\npassword required pam_permit.so\n",
        "etc/pam.d/sshd": "@include common-auth\naccount required pam_nologin.so\n"
        "@include common-account\n@include common-password\n",
        "etc/pam.d/login": "auth optional pam_faildelay.so delay=3000000\n@include common-auth\n"
        "@include common-account\n@include common-password\n",
        "etc/pam.d/passwd": "@include common-password\n",
        "etc/pam.d/other": "@include common-auth\n@include common-account\n",
        "etc/bash.bashrc": "PS1='$ '\n",
    }
    return files | dict(changes)


AUTH = (
    "auth required pam_env.so\nauth required pam_faildelay.so delay=2000000\n"
    "auth required pam_faillock.so preauth silent\n"
    "auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\n"
    "auth [default=1 ignore=ignore success=ok] pam_localuser.so\n"
    "auth sufficient pam_unix.so\n"
    "auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\n"
    "auth sufficient pam_sss.so forward_pass\n"
    "auth required pam_faillock.so authfail\nauth required pam_deny.so\n"
)
ACCOUNT = "account required pam_faillock.so\naccount required pam_unix.so\naccount required pam_permit.so\n"
PASSWORD = (
    "password requisite pam_pwquality.so local_users_only\n"
    "password requisite pam_pwhistory.so remember=5 use_authtok\n"
    "password sufficient pam_unix.so sha512 shadow use_authtok\npassword required pam_deny.so\n"
)


def rhel(
    changes: Files = NONE, *, name: str = "rhel", version: str = "8.9"
) -> dict[str, str | None]:
    """RHEL 8 or 9: system-auth and password-auth are links of authselect, sshd uses the latter."""
    files = _shared() | {
        "etc/os-release": f'ID="{name}"\nVERSION_ID="{version}"\nPRETTY_NAME="{name} {version}"\n',
        "etc/authselect/system-auth": AUTH + ACCOUNT + PASSWORD,
        "etc/authselect/password-auth": AUTH + ACCOUNT + PASSWORD,
        "etc/pam.d/system-auth": "-> /etc/authselect/system-auth",
        "etc/pam.d/password-auth": "-> /etc/authselect/password-auth",
        "etc/pam.d/sshd": "auth substack password-auth\naccount required pam_nologin.so\n"
        "account include password-auth\npassword include password-auth\n",
        "etc/pam.d/login": "auth substack system-auth\naccount required pam_nologin.so\n"
        "account include system-auth\npassword include system-auth\n",
        "etc/pam.d/passwd": "auth include system-auth\naccount include system-auth\n"
        "password substack system-auth\n",
        "etc/pam.d/other": "auth required pam_deny.so\n",
        "etc/bashrc": "PS1='$ '\n",
        "etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n",
    }
    return files | dict(changes)


def openeuler(changes: Files = NONE) -> dict[str, str | None]:
    """openEuler 22.03: as RHEL, without authselect."""
    files = rhel(name="openEuler", version="22.03")
    files |= {
        "etc/pam.d/system-auth": AUTH + ACCOUNT + PASSWORD,
        "etc/pam.d/password-auth": AUTH + ACCOUNT + PASSWORD,
        "etc/authselect/system-auth": None,
        "etc/authselect/password-auth": None,
    }
    return files | dict(changes)


SHAPES = {"debian": debian, "rhel": rhel, "openeuler": openeuler}
TIGHT = {
    "etc/shadow": 0o640,
    "etc/gshadow": 0o640,
    "etc/sudoers": 0o440,
    "var/log/audit/audit.log": 0o600,
}


def write(root: Path, files: Files, modes: Mapping[str, int] = NO_MODES) -> Path:
    """A root folder; `-> X` makes a link, None leaves a file out."""
    for name, text in files.items():
        path = root / name
        if text is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            path.symlink_to(text[3:])
        else:
            path.write_text(text)
            path.chmod(0o644)
    for name, mode in {**TIGHT, **modes}.items():
        if (root / name).exists():
            (root / name).chmod(mode)
    return root


def collect(root: Path, out: Path, shell: str = "sh") -> Path:
    """The script over a root."""
    command = [*shell.split(), str(SCRIPT), "--root", str(root), "-o", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return out


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AssetEvidence]:
    found: dict[str, AssetEvidence] = {}
    for name, shape in SHAPES.items():
        folder = tmp_path_factory.mktemp(name)
        root = write(folder / "root", shape())
        found[name] = read_host(collect(root, folder / "host.tar.gz"))
    return found


def changed(
    base: AssetEvidence, files: Mapping[str, str], modes: Mapping[str, int | tuple[int, int]]
) -> AssetEvidence:
    """The same host with some files and modes otherwise; `-> X` is a link of systemd."""
    assert isinstance(base.facts, HostFacts)
    tree = base.facts.tree
    rows, texts = dict(tree.rows), dict(tree.texts)
    names = {folder: dict(found) for folder, found in tree.names.items()}
    for path, text in files.items():
        folder, name = posixpath.split(path)
        if text.startswith("-> "):
            names.setdefault(folder, {})[name] = text[3:]
            continue
        texts[path] = text.replace("\r\n", "\n")
        digest = hashlib.sha256(text.encode()).hexdigest()
        rows[path] = Row("f", path, 0o644, 0, 0, len(text), 0, "whole", digest, "")
        rows.setdefault(folder, Row("d", folder, 0o755, 0, 0, 0, 0, "folder", "", ""))
    kept = dict(tree.modes)
    for path, given in modes.items():
        mode, changed_at = given if isinstance(given, tuple) else (given, 0)
        kept[path] = Row("m", path, mode, 0, 0, 0, changed_at, "mode", "", "")
        if path in rows and rows[path].kind == "f":
            rows[path] = replace(rows[path], mode=mode)
    made = Tree(rows, kept, texts, names, tree.outputs, tree.about, tree.packages)
    return replace(base, facts=HostFacts(made))


def planted(base: AssetEvidence, sound: Files, files: Files) -> AssetEvidence:
    """A collected root of a shape with the files of a case instead, as the script would have brought them.

    What is gone is absent; hashes give way to their kinds. `sound` are the files the base was made of.
    """
    differs = {path: text for path, text in files.items() if sound.get(path) != text}
    texts = {f"/{p}": redacted(p, text) for p, text in differs.items() if text is not None}
    made = changed(base, texts, {})
    assert isinstance(made.facts, HostFacts)
    tree = made.facts.tree
    rows, names = dict(tree.rows), {folder: dict(found) for folder, found in tree.names.items()}
    for path, text in differs.items():
        folder, name = posixpath.split(f"/{path}")
        if text is not None and "/systemd/system" in folder:
            names.setdefault(folder, {}).setdefault(name, "")
        if text is None:
            rows[f"/{path}"] = Row("-", f"/{path}", None, None, None, 0, 0, "absent", "", "")
            names.get(folder, {}).pop(name, None)
    return replace(made, facts=HostFacts(replace(tree, rows=rows, names=names)))


def redacted(path: str, text: str) -> str:
    """The second field as the script leaves it."""
    if path not in {"etc/passwd", "etc/shadow", "etc/gshadow", "etc/group"}:
        return text

    def kind(word: str) -> str:
        if word[:1] in {"!", "*"}:
            rest = word.lstrip("!*")
            return f"locked/{kind(rest)}" if rest[:1] == "$" else "none"
        if word.startswith("$"):
            return f"hash/{word.split('$')[1]}"
        return {"": "empty", "x": "x"}.get(word, "hash/des" if len(word) == 13 else "none")

    def line(raw: str) -> str:
        cells = raw.split(":")
        return (
            raw
            if len(cells) < 2 or raw[:1] in "+-"
            else ":".join([cells[0], kind(cells[1]), *cells[2:]])
        )

    return "\n".join(map(line, text.split("\n")))


Judged = Callable[..., list[AssetFinding]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., AssetEvidence]:
    def make(files: Files, modes: Mapping[str, int] = NO_MODES) -> AssetEvidence:
        root = write(tmp_path / "root", files, modes)
        return read_host(collect(root, tmp_path / "host.tar.gz"))

    return make


@pytest.fixture
def judged(read: Callable[..., AssetEvidence]) -> Judged:
    def make(files: Files, modes: Mapping[str, int] = NO_MODES) -> list[AssetFinding]:
        return judge_asset(read(files, modes))

    return make


@pytest.fixture(scope="session")
def shapes() -> dict[str, Callable[..., dict[str, str | None]]]:
    return dict(SHAPES)
