"""Logs: where rsyslog and auditd send them, and how long logrotate keeps them here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from detections.compliance.assets.host.selectors import actions
from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_SMALL: Final = 1 << 20  # bytes of a log with all its copies that surely hold no half year
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


def forwards(tree: Tree, services: Services) -> tuple[tuple[AssetFact, ...], str]:
    """Places where logins are sent to another host, and a file that was not read ("" for none).

    What rsyslog is told counts where it starts and logs come to it.
    """
    found: list[AssetFact] = []
    if services.names("rsyslog") is None or "rsyslog" in (services.names("rsyslog") or ()):
        rules, unread = actions(tree)
        if unread:
            return (), unread
        if cut_off(tree) is None:
            found += [one.fact for one in rules if one.remote and one.logins is not False]
    if services.names("rsyslog") is None or "syslog-ng" in (services.names("rsyslog") or ()):
        paths = ("/etc/syslog-ng/syslog-ng.conf", *tree.folder("/etc/syslog-ng/conf.d", ".conf"))
        for path in paths:
            file = tree.file(path)
            found += [
                file.fact("forward", line.strip()[:100], number)
                for number, line in enumerate(file.lines if file else (), start=1)
                if file and not line.lstrip().startswith("#") and _network(line)
            ]
    for path in ("/etc/audit/plugins.d/au-remote.conf", "/etc/audisp/plugins.d/au-remote.conf"):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            if file and re.match(r"\s*active\s*=\s*yes", line, re.IGNORECASE):
                found.append(file.fact("audisp_remote", "active", number))
    return tuple(found), ""


def unwritten_logins(tree: Tree, services: Services) -> AssetFact | None:
    """Why no log of the system's takes logins; None where one does, or where it cannot be told.

    rsyslog without a rule for them, cut off from the journal, or not started, while the journal keeps
    nothing over a restart.
    """
    if services.facts("log_agent") or not services.known or _persistent(tree):
        return None
    journal = AssetFact("journal", "not kept over a restart", "/var/log/journal")
    names = services.names("rsyslog") or ()
    if not names:
        return journal
    if "rsyslog" not in names:
        return None
    cut = cut_off(tree)
    if cut is not None:
        return cut
    rules, unread = actions(tree)
    if unread or not rules or any(one.logins is not False for one in rules):
        return None
    return AssetFact("authpriv", "no rule takes it", rules[0].fact.source, rules[0].fact.digest)


def cut_off(tree: Tree) -> AssetFact | None:
    """The journal's setting that keeps messages from rsyslog, by its socket or by imjournal."""
    last = _journald(tree)
    told, level = last.get("ForwardToSyslog"), last.get("MaxLevelSyslog")
    stops = told if told is not None and str(told.value) in {"no", "false", "0", "off"} else None
    if level is not None and str(level.value) in _HIGH:
        stops = stops or level
    storage = last.get("Storage")
    nothing = storage if storage is not None and str(storage.value) == "none" else None
    if stops is None and nothing is None:
        return None
    for path in ("/etc/rsyslog.conf", *tree.folder("/etc/rsyslog.d", ".conf")):
        file = tree.file(path)
        if file and any("imjournal" in line.split("#")[0] for line in file.lines):
            return nothing
    return stops


_HIGH: Final = frozenset(
    {"emerg", "alert", "crit", "err", "warning", "notice", "0", "1", "2", "3", "4", "5"}
)


def _journald(tree: Tree) -> dict[str, AssetFact]:
    """journald.conf by name in lower-case values, the last wins."""
    found: dict[str, AssetFact] = {}
    for path in (
        "/etc/systemd/journald.conf",
        *tree.folder("/etc/systemd/journald.conf.d", ".conf"),
    ):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.split("#")[0].partition("=")
            if file and value.strip():
                found[name.strip()] = file.fact(name.strip(), value.strip().lower(), number)
    return found


def _persistent(tree: Tree) -> bool:
    """The journal is kept on disk with its logins: told so, or by its folder (journald.conf(5))."""
    last = _journald(tree)
    level, storage = last.get("MaxLevelStore"), last.get("Storage")
    if level is not None and str(level.value) in _HIGH:
        return False
    word = str(storage.value) if storage is not None else "auto"
    return word == "persistent" or (word == "auto" and tree.mode("/var/log/journal") is not None)


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
    largest: int = 0  # bytes


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
            block = replace(head)
        elif line == "}" and block is not None:
            days = min(block.every * block.count, block.oldest or 99_999)
            fact = file.fact("kept_days", days, number)
            if block.by_size and block.largest * (block.count + 1) < _SMALL:
                days = 0  # whatever comes in a day is more than that
                found += [
                    Kept(log, 0, file.fact("kept_days", 0, number))
                    for log in names
                    if log in SYSTEM_LOGS
                ]
            elif not block.by_size and block.every:
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
        seen = re.fullmatch(r"=?\s*(\d{1,9})([kKMG]?)", " ".join(words[1:]))
        units = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
        keep.largest = int(seen[1]) * units[seen[2].lower()] if seen else 1 << 40
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


_JOBS: Final = ("/etc/crontab", "/etc/anacrontab", "/etc/rc.local", "/etc/rc.d/rc.local",
                "/var/spool/cron/root", "/var/spool/cron/crontabs/root")  # fmt: skip
_KEPT: Final = (
    r"/var/log/(?:audit(?:/[\w.*]*)?|secure|messages|syslog|auth\.log|wtmp|btmp|lastlog|\*)"
)
# Emptied, removed or cut; not `> /var/log/x.log` of a job's own, and not logrotate.
_EMPTIED: Final = re.compile(
    rf"(?:/dev/null\s*>|(?:^|[;&|\s]):\s*>|\becho\s+(?:-n\s+)?(?:\"\"|'')?\s*>|\brm\s(?:[^;&|]*\s)?"
    rf"|\btruncate\s(?:[^;&|]*\s)?|\bshred\s(?:[^;&|]*\s)?)\s*{_KEPT}(?![\w/.-])"
    r"|\bjournalctl\b[^;&|]*--vacuum-(?:time=\d+(?:s|m|min|h)\b|size=\d{1,3}K?\b)"
)


def emptied_logs(tree: Tree) -> list[AssetFact]:
    """Jobs of root that throw away the system's logs or its audit."""
    found: list[AssetFact] = []
    for path in (*_JOBS, *tree.folder("/etc/cron.d")):
        file = tree.file(path)
        found += [
            file.fact("job", line.strip()[:120], number)
            for number, line in enumerate(file.lines if file else (), start=1)
            if file and not line.lstrip().startswith("#") and _EMPTIED.search(line)
        ]
    return found


def volatile_journal(tree: Tree) -> AssetFact | None:
    """The journal's Storage, where it surely is in memory or nowhere (journald.conf(5), the last wins)."""
    found = _journald(tree).get("Storage")
    return found if found is not None and found.value in {"volatile", "none"} else None


# Days of a unit of systemd.time(7), by its first letters; seconds where none is named.
_SPANS: Final = {"": 1 / 86_400, "s": 1 / 86_400, "m": 1 / 1_440, "h": 1 / 24, "d": 1, "w": 7,
                 "mo": 30, "y": 365}  # fmt: skip


def short_journal(tree: Tree) -> tuple[AssetFact, int] | None:
    """The days after which the journal throws records away (MaxRetentionSec); None for never."""
    told = _journald(tree).get("MaxRetentionSec")
    parts = (
        re.findall(r"(\d{1,9})\s*((?:[smhdwy][a-z]*)?)", str(told.value))
        if told is not None
        else []
    )
    days = sum(
        int(number) * _SPANS["mo" if unit[:2] == "mo" else unit[:1]] for number, unit in parts
    )
    return (told, int(days)) if told is not None and days else None
