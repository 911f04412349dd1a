"""Logs: where rsyslog and auditd send them, and how long logrotate keeps them here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_FORWARD: Final = re.compile(r"^\s*[^#\s]+\s+(?:-)?@@?[\[\w(]")
_ACTION: Final = re.compile(r"\b(?:omfwd|omrelp|omkafka|omelasticsearch|omhttp)\b")
_DAYS: Final = {"hourly": 0, "daily": 1, "weekly": 7, "monthly": 30, "yearly": 365}
SYSTEM_LOGS: Final = (
    "/var/log/messages",
    "/var/log/secure",
    "/var/log/syslog",
    "/var/log/auth.log",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Days that logrotate keeps one system log; `fact` names where."""

    log: str
    days: int
    fact: AssetFact


def forwards(tree: Tree) -> tuple[tuple[AssetFact, ...], str]:
    """Places where logs are sent to another host, and a file that was not read ("" for none)."""
    found: list[AssetFact] = []
    paths = ["/etc/rsyslog.conf", *tree.folder("/etc/rsyslog.d", ".conf")]
    paths += ["/etc/syslog-ng/syslog-ng.conf", *tree.folder("/etc/syslog-ng/conf.d", ".conf")]
    for path in paths:
        file = tree.file(path)
        if file is None:
            if tree.presence(path) == "unknown":
                return tuple(found), path
            continue
        found += [
            file.fact("forward", line.strip()[:100], number)
            for number, line in enumerate(file.lines, start=1)
            if not line.lstrip().startswith("#")
            and (_FORWARD.match(line) or _ACTION.search(line) or _network(line))
        ]
    for path in ("/etc/audit/plugins.d/au-remote.conf", "/etc/audisp/plugins.d/au-remote.conf"):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            if file and re.match(r"\s*active\s*=\s*yes", line, re.IGNORECASE):
                found.append(file.fact("audisp_remote", "active", number))
    return tuple(found), ""


def _network(line: str) -> bool:
    return re.match(r"\s*destination\b.*\b(?:network|tcp|udp|syslog)\s*\(", line) is not None


def kept(tree: Tree) -> tuple[tuple[Kept, ...], str]:
    """How long system logs are kept, by logrotate (a log's own block over the head of the file)."""
    main = tree.file("/etc/logrotate.conf")
    if main is None:
        return (), "/etc/logrotate.conf"
    first = _Keep(7, 0)
    found = _blocks(main, first)
    for path in tree.folder("/etc/logrotate.d"):
        file = tree.file(path)
        if file is None:
            return (), path
        found += _blocks(file, first)
    return tuple(found), ""


@dataclass(slots=True)
class _Keep:
    every: int
    count: int
    oldest: int = 0
    by_size: bool = False


def _blocks(file: File, head: _Keep) -> list[Kept]:
    """Blocks of a file. Directives outside of blocks change `head`, as logrotate reads them."""
    found: list[Kept] = []
    names: list[str] = []
    block: _Keep | None = None
    script = False
    for number, raw in enumerate(file.lines, start=1):
        line = raw.split("#")[0].strip()
        if script or line.split(" ")[0] in {"postrotate", "prerotate", "firstaction", "lastaction"}:
            script = line != "endscript"
            continue
        if line.startswith(("/", '"')) and block is None:
            names += line.replace("{", " ").replace('"', " ").split()
        if line.endswith("{"):
            block = _Keep(head.every, head.count, head.oldest, head.by_size)
        elif line == "}" and block is not None:
            days = min(block.every * block.count, block.oldest or 99_999)
            fact = file.fact("kept_days", days, number)
            if not block.by_size and block.every:
                found += [Kept(log, days, fact) for log in names if log in SYSTEM_LOGS]
            names, block = [], None
        else:
            _directive(line, block or head)
    return found


def _directive(line: str, keep: _Keep) -> None:
    words = line.split()
    if not words:
        return
    if words[0] in _DAYS:
        keep.every = _DAYS[words[0]]
    elif words[0] in {"size"}:
        keep.by_size = True
    elif len(words) > 1 and words[1].lstrip("-").isdigit() and len(words[1]) < 7:
        if words[0] == "rotate":
            keep.count = 99_999 if words[1] == "-1" else int(words[1])
        elif words[0] == "maxage":
            keep.oldest = int(words[1])


_CREATE: Final = re.compile(
    r"^\s*create\s+0?([0-7]{3})\b|^\s*\$FileCreateMode\s+0?([0-7]{3})|"
    r"\b(?:fileCreateMode|FileCreateMode)=\"?0?([0-7]{3})"
)


def wide_logs(tree: Tree) -> list[AssetFact]:
    """Settings that make logs which others may write."""
    found: list[AssetFact] = []
    folders = [*tree.folder("/etc/logrotate.d"), *tree.folder("/etc/rsyslog.d", ".conf")]
    for path in ("/etc/logrotate.conf", "/etc/rsyslog.conf", *folders):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            seen = _CREATE.search(line.split("#")[0])
            mode = next(filter(None, seen.groups()), "") if seen else ""
            if file and mode and int(mode, 8) & 0o002 and not path.endswith(("wtmp", "btmp")):
                found.append(file.fact("create_mode", mode, number))
    return found


def volatile_journal(tree: Tree) -> AssetFact | None:
    """The journal's Storage, where it surely is in memory or nowhere (journald.conf(5), the last wins)."""
    found: AssetFact | None = None
    drop_ins = tree.folder("/etc/systemd/journald.conf.d", ".conf")
    for path in ("/etc/systemd/journald.conf", *drop_ins):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.partition("=")
            if file and name.strip() == "Storage":
                found = file.fact("Storage", value.strip().lower(), number)
    return found if found is not None and found.value in {"volatile", "none"} else None
