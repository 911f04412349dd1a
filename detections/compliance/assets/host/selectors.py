"""rsyslog's rules: which messages an action takes, by the selectors before it (rsyslog.conf(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_LEVELS: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_OLD: Final = {"error": "err", "warn": "warning", "panic": "emerg"}
_SELECTOR: Final = re.compile(
    r"^\s*([a-z0-9_*,]+\.[!=]*[a-z0-9*]+(?:;[a-z0-9_*,]+\.[!=]*[a-z0-9*]+)*)\s+(\S.*)$", re.I
)
_INCLUDE: Final = re.compile(r"^\s*(?:\$IncludeConfig|include\s*\(.*)\s*.*/etc/rsyslog\.d", re.I)
_REMOTE: Final = re.compile(r"^-?@@?[\[\w(]")
_MODULE: Final = re.compile(r"\b(?:omfwd|omrelp|omkafka|omelasticsearch|omhttp)\b")
_PROGRAM: Final = re.compile(
    r"^\s*(?:if\b|ruleset\b|call\b|:[a-z]|\$RuleSet|template\b.*\bomfwd)", re.I
)
# A target that is this machine itself is no other host.
_SELF: Final = re.compile(
    r"@@?\[?(?:\([^)]*\))?(?:127\.|localhost\b|::1)|\btarget=\"(?:127\.|localhost\"|::1)", re.I
)
_LOGINS: Final = "sshd|sudo|su|login|systemd|PAM|polkitd|gdm|lightdm|passwd|useradd|audit"
_LOGIN_PROGRAMS: Final = re.compile(
    r"^\s*(?::\s*(?:programname|syslogtag|msg)\s*,\s*(?:isequal|startswith|contains|regex|ereregex)\s*,\s*"
    r"\"(?:sshd|sudo|su|login|PAM|pam_unix)[^\"]*\"|if\s+\(?\s*\$(?:programname|syslogtag)\s*"
    r"(?:==|startswith|contains)\s*[\"'](?:sshd|sudo|su|login)[^\"']*[\"']\s*\)?\s*then"
    r"|if\s+\(?\s*\$syslogfacility-text\s*==\s*[\"']auth(?:priv)?[\"']\s*\)?\s*then)\s*\{?\s*(?:stop\b|~|discard\b)",
    re.I,
)
# A condition on one program that says nothing of logins.
_FOREIGN: Final = re.compile(
    r"^\s*(?:if\s+\(?\s*\$(?:programname|app-name|syslogtag)\s*(?:==|startswith|contains)\s*[\"'](?!\"|')(?!(?:%s)\b)"
    r"[^\"']+[\"']\s*\)?\s*then\b|:\s*(?:programname|syslogtag)\s*,\s*\w+\s*,\s*\"(?!(?:%s)\b)[^\"]+\")"
    % ((_LOGINS,) * 2),
    re.I,
)
_NEEDED: Final = _LEVELS.index("info")  # logins that succeed are told at info


@dataclass(frozen=True, slots=True)
class Action:
    """One action: whether it sends to another host, and whether logins come to it (None: not told)."""

    fact: AssetFact
    remote: bool
    logins: bool | None


def actions(tree: Tree) -> tuple[tuple[Action, ...], str]:
    """Actions of rsyslog in order, and a file that was not read ("" for none)."""
    lines, unread = _lines(tree)
    return ((), unread) if unread else (tuple(_of(lines)), "")


def thrown_away(tree: Tree) -> AssetFact | None:
    """A rule that throws away what a login program says before any rule has taken it."""
    lines, _ = _lines(tree)
    for file, number, raw in lines:
        line = raw.split("#", 1)[0].rstrip()
        chosen = _SELECTOR.match(line)
        if chosen and takes_logins(chosen[1]):
            return None
        if _LOGIN_PROGRAMS.match(line):
            return file.fact("thrown_away", line.strip()[:100], number)
    return None


def _lines(tree: Tree) -> tuple[list[tuple[File, int, str]], str]:
    """Lines in the order that rsyslog takes them: drop-ins where the main file includes them."""
    main, drop_ins = tree.file("/etc/rsyslog.conf"), tree.folder("/etc/rsyslog.d", ".conf")
    if main is None and tree.presence("/etc/rsyslog.conf") == "unknown":
        return [], "/etc/rsyslog.conf"
    text = "\n".join(line.split("#")[0] for line in main.lines) if main else ""
    if main is not None and "/etc/rsyslog.d" not in text:
        drop_ins = ()  # a folder that nothing includes is not read
    inner: list[tuple[File, int, str]] = []
    for path in drop_ins:
        file = tree.file(path)
        if file is None and tree.presence(path) == "unknown":
            return [], path
        inner += [(file, n, line) for n, line in enumerate(file.lines, 1)] if file else []
    found: list[tuple[File, int, str]] = []
    for number, line in enumerate(main.lines if main else (), start=1):
        if main and inner and _INCLUDE.match(line):
            found, inner = found + inner, []
        if main:
            found.append((main, number, line))
    return found + inner, ""


def _of(lines: list[tuple[File, int, str]]) -> list[Action]:
    found: list[Action] = []
    inside, taken, thrown, last = False, True, False, ""
    depth = 0  # braces open of a condition that no login program fulfils
    for file, number, raw in lines:
        inside, last = inside and file.path == last, file.path
        line = raw.split("#", 1)[0].rstrip()
        foreign = _FOREIGN.match(line)
        if foreign or depth:
            depth = max(0, depth + line.count("{") - line.count("}"))
            if _MODULE.search(line) or _REMOTE.search(
                line.rsplit(None, 1)[-1] if line.strip() else ""
            ):
                found.append(Action(file.fact("forward", line.strip()[:100], number), True, False))
            continue
        fact = file.fact("forward", line.strip()[:100], number)
        chosen = _SELECTOR.match(line)
        if _PROGRAM.match(line):
            inside = True  # a program: what comes to an action of it is not told by a selector
        if chosen:
            taken = takes_logins(chosen[1]) and not thrown
            action = chosen[2].strip()
            if action[:1] in "~" or action.startswith("stop"):
                # What is thrown away here comes to no later rule.
                thrown = thrown or (taken and not inside)
            else:
                remote = bool(_REMOTE.match(action) or _MODULE.search(action))
                remote = remote and not _SELF.search(action)
                found.append(Action(fact, remote, None if inside else taken))
        elif _MODULE.search(line) and "load=" not in line and "$ModLoad" not in line:
            if _SELF.search(line):
                continue
            found.append(
                Action(fact, True, None if inside else (taken if line[:1] == "&" else not thrown))
            )
        elif line.lstrip().startswith("&") and _REMOTE.match(line.lstrip()[1:].strip()):
            found.append(Action(fact, True, None if inside else taken))
    return found


def takes_logins(selector: str) -> bool:
    """Whether a selector takes what PAM says of logins: facility authpriv, level info.

    Each part changes what the ones before it chose, for the facilities that it names.
    """
    taken = False
    for part in selector.lower().split(";"):
        names, _, level = part.partition(".")
        if not {"*", "authpriv"} & set(names.split(",")):
            continue
        word = level.lstrip("!=")
        word = _OLD.get(word, word)
        if word == "none":
            taken = False
            continue
        rank = len(_LEVELS) if word == "*" else (_LEVELS.index(word) if word in _LEVELS else -1)
        reaches = rank == _NEEDED if "=" in level else rank >= _NEEDED
        taken = taken and not reaches if level.startswith("!") else taken or reaches
    return taken
