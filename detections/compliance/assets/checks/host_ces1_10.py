"""Access control down to files (L3-CES1-10): files of identity, keys and settings are root's to change."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.tree import Row, owners_kept
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import against, host_check, host_of, limit, step

CHECK: Final = host_check("L3-CES1-10", "file_modes", single=True)
_SECRET: Final = ("/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-",
                  "/etc/security/opasswd")  # fmt: skip
_OPEN: Final = ("/etc/passwd", "/etc/group", "/etc/sudoers", "/etc/ssh/sshd_config", "/etc/profile",
                "/etc/crontab", "/etc/audit/auditd.conf", "/etc/pam.d")  # fmt: skip


# Their own mode is CES1-14's.
_LOGS: Final = ("/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/log/faillog")
_SYSTEM: Final = ("/etc/", "/usr/bin/", "/usr/sbin/", "/usr/local/", "/bin/", "/sbin/", "/boot/",
                  "/usr/lib/systemd/", "/lib/systemd/")  # fmt: skip
_FOLDERS: Final = (
    "/", "/etc", "/etc/ssh", "/etc/pam.d", "/etc/security", "/etc/sudoers.d", "/etc/cron.d",
    "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/etc/systemd",
    "/etc/systemd/system", "/etc/profile.d", "/etc/ld.so.conf.d", "/usr", "/usr/bin", "/usr/sbin",
    "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin", "/lib", "/boot",
    "/var", "/var/log", "/var/log/audit", "/var/spool/cron", "/opt", "/srv",
    "/tmp", "/var/tmp", "/dev/shm",  # noqa: S108 - looked at, never used
)  # fmt: skip
# Programs that give a shell, or change any file, to whoever runs them as their owner.
_SHELLS: Final = frozenset(
    ["bash", "sh", "dash", "zsh", "ksh", "csh", "tcsh", "busybox", "vi", "vim", "vim.basic", "vim.tiny",
     "nano", "find", "cp", "mv", "less", "more", "nmap", "awk", "gawk", "mawk", "tee", "dd", "env", "tar",
     "perl", "ruby", "php", "lua", "node", "gdb", "strace", "chmod", "chown", "systemctl", "docker",
     "cat", "sed"]
)  # fmt: skip
_USERS: Final = re.compile(r"/(?:tmp|var/tmp|home)/")
# Roots of containers and of builds lie in homes too, with programs of their own.
_NESTED: Final = re.compile(r"/(?:usr|s?bin)/")
_SHARED: Final = ("/srv/", "/opt/", "/var/www/", "/var/spool/", "/var/log/", "/root/")
_PEOPLE: Final = 1000  # first UID of a person (login.defs UID_MIN)
_OWNED: Final = ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/sshd_config", "/etc/profile",
                 "/etc/crontab")  # fmt: skip


def judge(asset: AssetEvidence) -> list[Step]:
    """One step: what is too wide decides; that all is right needs more than these files."""
    host = host_of(asset)
    wide = [*_wide(host), *_private_keys(host)]
    bad = [against(_fact(row), name) for row, name in wide] + _umask(host)
    bad += [*_search_path(host), *(_fact(row) for row in _shells(host))]
    bad += [AssetFact("owner", row.uid or 0, row.path) for row in _strangers(host)]
    if bad:
        detail = ", ".join(f"{fact.source} {fact.value}" for fact in bad[:5])
        return [step("file_modes", False, detail, bad)]
    facts = [_fact(row) for path in (*_SECRET, *_OPEN) if (row := host.tree.mode(path))]
    return [step("file_modes", None, "", facts)]


def modes_kept(host: HostFacts) -> bool:
    """Whether modes of a copied root are its own: a copy without rights has 644 and 755 only."""
    if host.tree.live:
        return True
    rows = [
        row for row in (*host.tree.modes.values(), *host.tree.rows.values()) if row.kind in "fm"
    ]
    return any(row.mode is not None and not row.mode & 0o007 for row in rows)


def _wide(host: HostFacts) -> list[tuple[Row, str]]:
    found: list[tuple[Row, str]] = []
    keys = [
        p for p in host.tree.modes if p.startswith("/etc/ssh/ssh_host_") and not p.endswith(".pub")
    ]
    kept = modes_kept(host)
    copies = [path for path in host.tree.modes if path.startswith(("/etc/shadow", "/etc/gshadow"))]
    for path in dict.fromkeys((*_SECRET, *copies, *keys)):
        row = host.tree.mode(path)
        if row is not None and row.mode is not None:
            over = row.mode & ~limit("shadow_mode") & 0o777
            # Execute bits of the owner open nothing; without rights kept, writing alone tells.
            if over & 0o077 and (kept or row.mode & 0o022):
                found.append((row, "shadow_mode"))
    places = {path: row for rows in (host.tree.rows, host.tree.modes) for path, row in rows.items()
              if path in _OPEN or (row.kind in "fm" and path.startswith(_SYSTEM))
              or (row.kind == "m" and path.startswith(_SHARED) and row.mode and row.mode & 0o1002 == 0o002
                  and path not in _LOGS)}  # fmt: skip
    for path in sorted(places):
        row = host.tree.mode(path)
        if row is not None and row.kind != "l" and row.mode is not None and row.mode & 0o002:
            found.append((row, "config_mode"))
    homes = {account.home for account in host.accounts.all if account.can_login}
    keys = [f"{home}/.ssh{end}" for home in homes for end in ("", "/authorized_keys")]
    for path in sorted({"/root", *_FOLDERS, *homes, *keys, *_run_by_root(host)}):
        row = host.tree.mode(path)
        if row is not None and row.mode is not None and row.mode & 0o1002 == 0o002:
            found.append((row, "config_mode"))
    return list({row.path: (row, name) for row, name in found}.values())


def _run_by_root(host: HostFacts, *, alone: bool = False) -> set[str]:
    """Root's tables of jobs, and programs that they or units of this host name.

    `alone`: those only that run as root, and not as somebody that the line or the unit names.
    """
    own = (
        "/var/spool/cron/root",
        "/var/spool/cron/crontabs/root",
        "/etc/rc.local",
        "/etc/rc.d/rc.local",
    )
    shared = ("/etc/crontab", *host.tree.folder("/etc/cron.d"))
    units = host.tree.folder("/etc/systemd/system", ".service")
    found: set[str] = {*own[:2], "/etc/crontab"}
    for path in (*own, *shared, *units):
        file = host.tree.file(path)
        lines = [line for line in (file.lines if file else ()) if not line.lstrip().startswith("#")]
        if (
            alone
            and path in units
            and any(re.match(r"\s*User=(?!root\s*$|0\s*$)\S", one) for one in lines)
        ):
            continue
        for line in lines:
            if alone and path in shared and not _ROOTS_LINE.match(line):
                continue
            found.update(re.findall(r"(?<![\w.-])/(?:[\w.+-]+/)*[\w.+-]+", line))
    return found


# Five fields of time or a word such as @daily, then the user (crontab(5)).
_ROOTS_LINE: Final = re.compile(r"\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+root\s")


def _shells(host: HostFacts) -> list[Row]:
    """Shells and their like with the set-user-id bit, and anything with it where users may write."""
    return [
        row
        for path, row in sorted(host.tree.modes.items())
        if row.mode is not None
        and row.mode & 0o4000
        and (
            path.rsplit("/", 1)[-1] in _SHELLS
            or row.target != ""
            or re.match(r"python[\d.]*$", path.rsplit("/", 1)[-1])
            or (row.uid == 0 and _USERS.match(path) and not _NESTED.search(path))
        )
    ]


def _strangers(host: HostFacts) -> list[Row]:
    """What root is told by and runs, but is a person's; and hashes that a common group may read."""
    if not owners_kept(host.tree):
        return []
    rows = [host.tree.mode(path) for path in _OWNED]
    jobs = [host.tree.mode(path) for path in sorted(_run_by_root(host, alone=True))]
    found = [row for row in rows if row is not None and row.uid]
    found += [
        row for row in jobs if row is not None and row.kind == "m" and (row.uid or 0) >= _PEOPLE
    ]
    own = {
        0,
        *(gid for name, (gid, _) in host.accounts.groups.items() if name in {"shadow", "root"}),
    }
    for path in _SECRET:
        row = host.tree.mode(path)
        if row is not None and row.mode is not None and row.mode & 0o060 and row.gid not in own:
            found.append(row)
    return found


def _private_keys(host: HostFacts) -> list[tuple[Row, str]]:
    """Private keys and passwords of people that others may read, and whoever comes may copy."""
    if not modes_kept(host):
        return []
    return [(row, "private_key_mode") for path, row in sorted(host.tree.modes.items())
            if (re.search(r"/\.ssh/id_\w+$", path) or path.endswith(_PASSWORDS))
            and row.mode is not None and row.mode & 0o077]  # fmt: skip


# Files of a home in which programs keep passwords in clear (netrc(5), pgpass, my.cnf and the like).
_PASSWORDS: Final = ("/.netrc", "/.pgpass", "/.my.cnf", "/.git-credentials", "/.aws/credentials",
                     "/.docker/config.json", "/.kube/config")  # fmt: skip


def _fact(row: Row) -> AssetFact:
    return AssetFact("mode", f"{row.mode or 0:o}", row.path, row.digest.strip("-"))


def _search_path(host: HostFacts) -> list[AssetFact]:
    """PATH that looks where the user stands, or where everybody writes: whoever leaves a program there
    has it run by root.
    """
    paths = ("/etc/profile", "/etc/bashrc", "/etc/bash.bashrc", "/etc/environment", "/root/.profile",
             "/root/.bash_profile", "/root/.bashrc", *host.tree.folder("/etc/profile.d", ".sh"))  # fmt: skip
    found: list[AssetFact] = []
    for path in paths:
        file = host.tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            told = re.match(r"(?:export\s+)?PATH=(\S*)", line)
            words = told[1].strip("\"'").split(":") if told else []
            if file and any(word in {".", "/tmp", "/var/tmp"} for word in words):  # noqa: S108 - names
                found.append(file.fact("PATH", line.strip()[:80], number))
    return found


def _umask(host: HostFacts) -> list[AssetFact]:
    """The last umask of a login shell outside of conditions, where others may write."""
    last: AssetFact | None = None
    paths = ("/etc/profile", *host.tree.folder("/etc/profile.d", ".sh"))
    homes = dict.fromkeys(one.home for one in host.accounts.all if one.by_password)
    own = [f"{home}/{name}" for home in homes for name in (".bash_profile", ".profile", ".bashrc")]
    loose: list[AssetFact] = []
    for path in (*paths, "/etc/bashrc", "/etc/bash.bashrc", *own):
        if path == next(iter(own), ""):
            loose, last = [last] if last else [], None
        file = host.tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            found = re.match(r"umask\s+(0{0,2}[0-7]{1,3})\s*(?:[#;].*)?$", line)
            if file and found:
                last = file.fact("umask", found[1], number)
                loose += [last] if path in own else []
    loose += [last] if last and not own else []
    return [one for one in dict.fromkeys(loose) if not int(str(one.value), 8) & 0o002]
