"""Idle shells: TMOUT as a login shell of bash ends up with it, in the order that profiles are read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_SET: Final = re.compile(
    r"(?:^|[;&\s])TMOUT=[\"']?(\d{1,7}|\$\(\(\s*\d{1,4}(?:\s*\*\s*\d{1,4}){0,3}\s*\)\))[\"']?(?=[;&\s]|$)"
)
_READONLY: Final = re.compile(
    r"(?:^|[;&]\s*)(?:readonly(?:\s+-\w+)*|(?:declare|typeset)\s+-\w*r\w*)\s[^;&]*\bTMOUT\b"
)
_UNSET: Final = re.compile(
    r"(?:^|[;&\s])(?:unset\s+(?:-v\s+)?TMOUT\b|TMOUT=(?:[\"']{2})?(?=[;&\s]|$))"
)
_OPEN: Final = re.compile(r"^(?:if|case|for|while|until)\b|\{\s*$|\(\)\s*\{")
_WHO: Final = re.compile(
    r"\bid\s+-u|\$\{?(?:EUID|UID|USER|LOGNAME|SSH_\w+)\b|\bwhoami\b|\bgroups?\b"
)
_HERE: Final = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
_FUNCTION: Final = re.compile(
    r"^(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)\s*(?:\{|$)|^function\s+([\w-]+)"
)
_CLOSE: Final = re.compile(r"^(?:fi|esac|done|\})(?=[;\s]|$)")


@dataclass(frozen=True, slots=True)
class Idle:
    """The value in the end (None: none), whether a user may change it, and what is not sure.

    `open` says why it cannot be told: a value set under a condition, a file unread.
    """

    seconds: int | None
    fixed: bool
    facts: tuple[AssetFact, ...]
    open: str = ""


def read_idle(tree: Tree) -> Idle:
    """TMOUT of a login shell."""
    run = _Run()
    profile = tree.file("/etc/profile")
    if profile is None and tree.presence("/etc/profile") == "unknown":
        return Idle(None, False, (), "/etc/profile")
    if profile is not None:
        drop_ins = tree.folder("/etc/profile.d", ".sh")
        if not tree.folder_known("/etc/profile.d"):
            run.open = "/etc/profile.d"
        sourced = False
        for number, line in enumerate(profile.lines, start=1):
            if not sourced and "profile.d" in line.split("#")[0]:
                sourced = True
                _sourced(tree, drop_ins, run)
            run.line(profile, number, line)
    for path in ("/etc/bashrc", "/etc/bash.bashrc"):
        file = tree.file(path)
        if file is None and tree.presence(path) == "unknown":
            run.open = run.open or path
        elif file is not None:
            run.depth = 0
            for number, line in enumerate(file.lines, start=1):
                run.line(file, number, line)
    unsure = [where for name, where in run.functions.items() if name in run.called]
    return Idle(run.seconds, run.fixed, tuple(run.facts), run.open or "".join(unsure[:1]))


def _sourced(tree: Tree, paths: tuple[str, ...], run: _Run) -> None:
    held = run.depth
    for path in paths:
        file = tree.file(path)
        if file is None:
            run.open = run.open or path
            continue
        run.depth = 0
        for number, line in enumerate(file.lines, start=1):
            run.line(file, number, line)
    run.depth = held


class _Run:
    """The shell's variable, line by line; what stands in a block is a condition."""

    def __init__(self) -> None:
        self.seconds: int | None = None
        self.fixed = False
        self.depth = 0
        self.some = False
        self.facts: list[AssetFact] = []
        self.open = ""
        self.condition = ""
        self.until = ""
        self.functions: dict[str, str] = {}
        self.called: set[str] = set()

    def line(self, file: File, number: int, raw: str) -> None:
        text = raw.strip()
        if self.until:  # lines of a here-document are no commands
            self.until = "" if text == self.until else self.until
            return
        if text.startswith("#") or not text:
            return
        here = _HERE.search(text)
        self.until = here[1] if here else ""
        text = re.sub(r"\s#.*$", "", text)
        if _CLOSE.match(text) and self.depth:
            self.depth -= 1
        self.called |= set(
            re.findall(r"(?:^|[;&|]\s*|\bthen\s+|\bdo\s+)([A-Za-z_][\w-]*)(?!\s*\(\))", text)
        )
        if "TMOUT" in text:
            self._change(file, number, text)
        if not self.depth:
            self.condition = text
        if _OPEN.search(text) and not re.search(r"[;\s](?:fi|esac|done)\s*;?\s*$", text):
            self.depth += 1

    def _change(self, file: File, number: int, text: str) -> None:
        found = _SET.findall(text)
        unset = _UNSET.search(text)
        if self.fixed or not (found or unset or _READONLY.search(text)):
            return
        self.facts.append(file.fact("TMOUT", text[:120], number))
        one_line = re.search(r"^(?:if|case|\[|test)\b|^\[", text) is not None
        condition = text if one_line else self.condition
        if (self.depth or one_line) and _WHO.search(condition):
            # A value for some people: for the others none, unless another branch gives them one.
            self.open = self.open or (f"{file.path}:{number}" if self.some else "")
            self.some = True
            return
        function = _FUNCTION.match(self.condition) if self.depth else None
        if function is not None:
            # What a function sets, it sets when it is called.
            self.functions[function[1] or function[2]] = f"{file.path}:{number}"
            return
        if self.depth or one_line:
            self.open = self.open or f"{file.path}:{number}"
            return
        if found:
            self.seconds = math.prod(int(one) for one in re.findall(r"\d+", found[-1]))
        elif unset:
            self.seconds = None
        self.fixed = bool(_READONLY.search(text))
