"""auditd: whether it starts, the rules it loads, and what they cover (audit.rules(7), auditd.conf(5))."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

IDENTITY: Final = ("/etc/passwd", "/etc/shadow", "/etc/sudoers")
# Records of logins, of accounts and of acts: excluding one of them hides what audit is for.
_RECORDS: Final = frozenset(
    ["USER_LOGIN", "USER_AUTH", "USER_ACCT", "USER_START", "CRED_ACQ", "LOGIN", "USER_CMD", "USER_MGMT",
     "ADD_USER", "DEL_USER", "USER_CHAUTHTOK", "ADD_GROUP", "DEL_GROUP", "CONFIG_CHANGE", "SYSCALL",
     "EXECVE", "PATH", "1100", "1101", "1105", "1103", "1006", "1123", "1102", "1112", "1114", "1115",
     "1108", "1305", "1300", "1309", "1302"]
)  # fmt: skip
_SLOWEST: Final = 100  # records in a second; one login makes several
_LIVE: Final = "auditctl -l"


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in force. `count` of watches and filters; `open` where they were not read."""

    count: int
    never: AssetFact | None
    off: AssetFact | None
    identity: bool
    execve: bool
    facts: tuple[AssetFact, ...]
    open: str
    running: bool
    left_out: AssetFact | None = None
    watched: frozenset[str] = frozenset()


def read_rules(tree: Tree) -> Rules:
    """Rules loaded (live), else those that augenrules would load: rules.d by name, else audit.rules."""
    output = tree.output(_LIVE)
    if output is not None:
        file = File(f"$ {_LIVE}", tuple(output.text.splitlines()), output.digest)
        return _judged([file], "", running=True)
    paths = tree.folder("/etc/audit/rules.d", ".rules")
    merged = bool(paths)
    if not tree.folder_known("/etc/audit/rules.d"):
        return _judged([], "/etc/audit/rules.d", running=False)
    if not paths:
        paths = ("/etc/audit/audit.rules",)
    files: list[File] = []
    for path in paths:
        found = tree.file(path)
        if found is not None:
            files.append(found)
        elif tree.presence(path) == "unknown":
            return _judged([], path, running=False)
    return _judged(files, "", running=False, merged=merged)


def _judged(files: list[File], unread: str, *, running: bool, merged: bool = False) -> Rules:
    """`merged`: augenrules puts each -D before all rules, wherever it stands."""
    count, identity, execve = 0, set[str](), False
    unseen = set[str]()
    never: AssetFact | None = None
    off: AssetFact | None = None
    left_out: AssetFact | None = None
    facts: list[AssetFact] = []
    for file in files:
        facts.append(file.fact("audit_rules", sum(_is_rule(line) for line in file.lines)))
        for number, raw in enumerate(file.lines, start=1):
            words = _words(raw)
            if words[:1] == ["-D"] and not merged:
                count, execve, never, left_out = 0, False, None, None
                identity.clear()
                unseen.clear()
            elif words[:1] == ["-e"] and len(words) > 1:
                off = file.fact("-e", words[1], number) if words[1] == "0" else None
            elif words[:1] == ["-r"] and len(words) > 1 and words[1].isdigit():
                slow = 0 < int(words[1]) < _SLOWEST
                left_out = file.fact("rate", words[1], number) if slow else left_out
            elif words[:2] == ["-f", "0"]:
                left_out = file.fact("failure", "-f 0", number)  # what is lost is lost in silence
            elif _is_rule(raw):
                joined = " ".join(words)
                if not count and _never(words):
                    never = file.fact("first_rule", joined[:100], number)
                if _excludes(words) or (not execve and _leaves_out(words)):
                    left_out = file.fact("user_left_out", joined[:100], number)
                count += 1
                execve = execve or "execve" in joined
                named = {p for p in IDENTITY if any(_covers(w, p) for w in words)} - unseen
                if _silent(words):
                    unseen |= named - identity  # the first rule that fits decides
                elif _writes(words):
                    identity |= named
    whole = len(identity) == len(IDENTITY)
    return Rules(
        count,
        never,
        off,
        whole,
        execve,
        tuple(facts),
        unread,
        running,
        left_out,
        frozenset(identity),
    )


def _words(raw: str) -> list[str]:
    if raw.lstrip().startswith("#"):
        return []
    try:
        return shlex.split(raw)
    except ValueError:
        return raw.split()


def _is_rule(raw: str) -> bool:
    words = _words(raw)
    return bool(words) and words[0] in {"-w", "-a", "-A"}


def _never(words: list[str]) -> bool:
    if words[0] not in {"-a", "-A"} or len(words) < 2:
        return False
    narrow = any(
        word.startswith(("path=", "dir=", "auid", "uid", "exe=", "msgtype")) for word in words
    )
    return set(words[1].split(",")) == {"never", "task"} and not narrow


def _silent(words: list[str]) -> bool:
    """A rule that keeps everybody's acts on a path out of the records."""
    whose = any(word.startswith(("auid", "uid", "euid", "exe=")) for word in words)
    return "never" in words[1].split(",") and not whose if len(words) > 1 else False


def _excludes(words: list[str]) -> bool:
    """A kind of record that is thrown away, whoever it is of (auditctl(8), the exclude list)."""
    if words[0] not in {"-a", "-A"} or len(words) < 2 or "exclude" not in words[1].split(","):
        return False
    fields = [word for word, before in zip(words[2:], words[1:-1], strict=True) if before == "-F"]
    kinds = [one.removeprefix("msgtype=") for one in fields if one.startswith("msgtype=")]
    bounds = [re.fullmatch(r"msgtype([<>]=?)(\d{1,6})", one) for one in fields]
    if bounds and all(bounds):
        # A span of kinds: one record of logins or of acts within it is enough.
        tests = [(one[1], int(one[2])) for one in bounds if one]
        numbers = (int(kind) for kind in _RECORDS if kind.isdigit())
        return any(all(_within(number, *test) for test in tests) for number in numbers)
    return len(kinds) == len(fields) and bool(_RECORDS & set(kinds))


def _within(number: int, sign: str, bound: int) -> bool:
    return {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}[
        sign
    ]


def _writes(words: list[str]) -> bool:
    """A watch that sees changes: all kinds of access, or `w` or `a` among those it names."""
    named = [after for word, after in pairwise(words) if word == "-p"]
    named += [word.removeprefix("perm=") for word in words if word.startswith("perm=")]
    return not named or any(set("wa") & set(one) for one in named)


def _leaves_out(words: list[str]) -> bool:
    """A rule that records nothing of a person (or of root), whatever he does."""
    if words[0] not in {"-a", "-A"} or len(words) < 2:
        return False
    if any(after != "all" for word, after in pairwise(words) if word == "-S"):
        return False
    if set(words[1].split(",")) != {"never", "exit"}:
        return False
    fields = [word for word, before in zip(words[2:], words[1:-1], strict=True) if before == "-F"]
    narrow = [one for one in fields if not one.startswith(("arch", "auid", "uid", "euid"))]
    named = [one for one in fields if re.fullmatch(r"(?:auid|uid)=(?:0|root|[1-9]\d{3,8})", one)]
    return bool(named) and not narrow


def _covers(word: str, path: str) -> bool:
    target = word.removeprefix("path=").removeprefix("dir=").rstrip("/")
    return target == path or (target != "" and path.startswith(f"{target}/"))


def audit_conf(tree: Tree) -> dict[str, AssetFact] | None:
    """auditd.conf by name in lower case; None where it was not read."""
    file = tree.file("/etc/audit/auditd.conf")
    if file is None:
        return {} if tree.presence("/etc/audit/auditd.conf") == "absent" else None
    found: dict[str, AssetFact] = {}
    for number, raw in enumerate(file.lines, start=1):
        name, _, value = raw.split("#")[0].partition("=")
        if value.strip():
            key = name.strip().lower()
            found[key] = file.fact(key, value.strip(), number)
    return found
