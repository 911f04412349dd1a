"""Access control down to files (L3-CES1-10): files of identity, keys and settings are root's to change."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.tree import Row
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import against, host_check, host_of, limit, step

CHECK: Final = host_check("L3-CES1-10", "file_modes", single=True)
_SECRET: Final = ("/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-")
_OPEN: Final = ("/etc/passwd", "/etc/group", "/etc/sudoers", "/etc/ssh/sshd_config", "/etc/profile",
                "/etc/crontab", "/etc/audit/auditd.conf", "/etc/pam.d")  # fmt: skip


_SYSTEM: Final = ("/etc/", "/usr/bin/", "/usr/sbin/", "/usr/local/", "/bin/", "/sbin/", "/boot/")
_FOLDERS: Final = (
    "/", "/etc", "/etc/ssh", "/etc/pam.d", "/etc/security", "/etc/sudoers.d", "/etc/cron.d",
    "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/etc/systemd",
    "/etc/systemd/system", "/etc/profile.d", "/etc/ld.so.conf.d", "/usr", "/usr/bin", "/usr/sbin",
    "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin", "/lib", "/boot",
    "/var", "/var/log", "/var/spool/cron", "/opt",
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
_OWNED: Final = ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/sshd_config", "/etc/profile",
                 "/etc/crontab")  # fmt: skip


def judge(asset: AssetEvidence) -> list[Step]:
    """One step: what is too wide decides; that all is right needs more than these files."""
    host = host_of(asset)
    bad = [against(_fact(row), name) for row, name in _wide(host)] + _umask(host)
    bad += [_fact(row) for row in _shells(host)]
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
              if path in _OPEN or (row.kind in "fm" and path.startswith(_SYSTEM))}  # fmt: skip
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


def _run_by_root(host: HostFacts) -> set[str]:
    """Root's tables of jobs, and programs that they or units of this host name."""
    tables = ("/var/spool/cron/root", "/var/spool/cron/crontabs/root", "/etc/crontab")
    units = host.tree.folder("/etc/systemd/system", ".service")
    found: set[str] = {*tables}
    for path in (*tables, *host.tree.folder("/etc/cron.d"), *units):
        file = host.tree.file(path)
        for line in file.lines if file else ():
            if not line.lstrip().startswith("#"):
                found.update(re.findall(r"(?<![\w.-])/(?:[\w.+-]+/)*[\w.+-]+", line))
    return found


def _shells(host: HostFacts) -> list[Row]:
    """Shells and their like with the set-user-id bit, and anything with it where users may write."""
    return [
        row
        for path, row in sorted(host.tree.modes.items())
        if row.mode is not None
        and row.mode & 0o4000
        and (
            path.rsplit("/", 1)[-1] in _SHELLS
            or re.match(r"python[\d.]*$", path.rsplit("/", 1)[-1])
            or (row.uid == 0 and _USERS.match(path) and not _NESTED.search(path))
        )
    ]


def _strangers(host: HostFacts) -> list[Row]:
    """Files of identity and rights that are somebody's other than root's; nothing where no owner is kept."""
    first = host.tree.mode("/etc/passwd")
    if first is None or first.uid != 0:
        return []
    rows = (host.tree.mode(path) for path in _OWNED)
    return [row for row in rows if row is not None and row.uid]


def _fact(row: Row) -> AssetFact:
    return AssetFact("mode", f"{row.mode or 0:o}", row.path, row.digest.strip("-"))


def _umask(host: HostFacts) -> list[AssetFact]:
    """The last umask of a login shell outside of conditions, where others may write."""
    last: AssetFact | None = None
    paths = ("/etc/profile", *host.tree.folder("/etc/profile.d", ".sh"))
    for path in (*paths, "/etc/bashrc", "/etc/bash.bashrc"):
        file = host.tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            found = re.match(r"umask\s+(0{0,2}[0-7]{1,3})\s*(?:[#;].*)?$", line)
            if file and found:
                last = file.fact("umask", found[1], number)
    return [last] if last and not int(str(last.value), 8) & 0o002 else []
