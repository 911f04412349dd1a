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


def judge(asset: AssetEvidence) -> list[Step]:
    """One step: what is too wide decides; that all is right needs more than these files."""
    host = host_of(asset)
    bad = [against(_fact(row), name) for row, name in _wide(host)] + _umask(host)
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
    for path in (*_SECRET, *keys):
        row = host.tree.mode(path)
        if row is not None and row.mode is not None:
            over = row.mode & ~limit("shadow_mode") & 0o777
            # Execute bits of the owner open nothing; without rights kept, writing alone tells.
            if over & 0o077 and (kept or row.mode & 0o022):
                found.append((row, "shadow_mode"))
    for path in _OPEN:
        row = host.tree.mode(path)
        if row is not None and row.mode is not None and row.mode & 0o002:
            found.append((row, "config_mode"))
    return found


def _fact(row: Row) -> AssetFact:
    return AssetFact("mode", f"{row.mode or 0:o}", row.path, row.digest.strip("-"))


def _umask(host: HostFacts) -> list[AssetFact]:
    """The last umask of /etc/profile outside of conditions, where others may write."""
    file = host.tree.file("/etc/profile")
    last: AssetFact | None = None
    for number, line in enumerate(file.lines if file else (), start=1):
        found = re.match(r"umask\s+(0?[0-7]{3})\s*(?:#.*)?$", line)
        if file and found:
            last = file.fact("umask", found[1], number)
    return [last] if last and not int(str(last.value), 8) & 0o002 else []
