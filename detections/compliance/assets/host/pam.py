"""PAM stacks: read as Linux-PAM reads them, and run with the answers that modules would give.

pam.conf(5): include puts lines in place, substack keeps `done` and `die` inside; a jump skips that
many lines. `required` and the rest are short for value=action lists.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import File, Tree

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "required": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "bad"},
    "requisite": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "die"},
    "sufficient": {"success": "done", "new_authtok_reqd": "done", "default": "ignore"},
    "optional": {"success": "ok", "new_authtok_reqd": "ok", "default": "ignore"},
}
_FOLDERS: Final = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d")
_DEEPEST: Final = 12
_MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a stack, or a substack (`module` empty, `inner` its lines)."""

    control: Mapping[str, str]
    module: str
    words: tuple[str, ...]
    file: File
    line: int
    optional_file: bool = False
    inner: tuple[Entry, ...] = ()

    @property
    def options(self) -> dict[str, str]:
        """Arguments as name → value."""
        return {key: value for key, _, value in (word.partition("=") for word in self.words)}


@dataclass(frozen=True, slots=True)
class Stack:
    """A service's lines of one type; `open` says why it could not be resolved whole."""

    service: str
    entries: tuple[Entry, ...]
    open: str = ""

    def flat(self) -> tuple[Entry, ...]:
        """All lines in order, those of substacks too."""
        return tuple(_flat(self.entries))

    def of(self, *modules: str) -> tuple[Entry, ...]:
        """Lines of some modules."""
        return tuple(entry for entry in self.flat() if entry.module in modules)


def _flat(entries: Sequence[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found += _flat(entry.inner) if entry.inner or not entry.module else [entry]
    return found


def read_stack(tree: Tree, service: str, kind: str) -> Stack:
    """The stack of a service; of `other` where the service has no file."""
    reader = _Reader(tree, kind)
    path = service_path(tree, service)
    if tree.presence(path) == "absent":
        path = service_path(tree, "other")
    entries = reader.lines(path, 0)
    return Stack(service, tuple(entries), reader.open)


class _Reader:
    def __init__(self, tree: Tree, kind: str) -> None:
        self._tree, self._kind = tree, kind
        self._count = 0
        self.open = ""

    def lines(self, path: str, depth: int) -> list[Entry]:
        file = self._tree.file(path)
        if file is None or depth > _DEEPEST:
            self.open = path
            return []
        found: list[Entry] = []
        for number, line in _joined(file.lines):
            self._count += 1
            if self._count > _MOST_LINES:
                self.open = path
                return found
            found += self._entry(file, number, line, depth)
        return found

    def _entry(self, file: File, number: int, line: str, depth: int) -> list[Entry]:
        words = line.split(None, 1)
        if words[0] == "@include" and len(words) == 2:
            return self.lines(service_path(self._tree, words[1].strip()), depth + 1)
        kind = words[0].lower()
        if kind.removeprefix("-") != self._kind or len(words) < 2:
            return []
        control, rest = _control(words[1])
        name, *arguments = _split(rest) or [""]
        if control == "include":
            return self.lines(service_path(self._tree, name), depth + 1)
        if control == "substack":
            inner = tuple(self.lines(service_path(self._tree, name), depth + 1))
            return [Entry({}, "", (), file, number, inner=inner)]
        module = name.rsplit("/", 1)[-1]
        actions = _actions(control)
        return [Entry(actions, module, tuple(arguments), file, number, kind.startswith("-"))]


def service_path(tree: Tree, name: str) -> str:
    """A service's file: the host's own before those that vendors bring (pam.d(5))."""
    if name.startswith("/"):
        return name
    own = f"{_FOLDERS[0]}/{name}"
    if tree.presence(own) != "absent":
        return own
    return next((p for f in _FOLDERS[1:] if tree.file(p := f"{f}/{name}")), own)


def _joined(lines: Sequence[str]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    held, first = "", 0
    for number, raw in enumerate(lines, start=1):
        line = raw.split("#", 1)[0].rstrip()
        first = first or number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        whole = (held + line).strip()
        if whole:
            found.append((first, whole))
        held, first = "", 0
    return found


def _control(text: str) -> tuple[str, str]:
    if text.startswith("["):
        inside, _, rest = text[1:].partition("]")
        return "[" + inside, rest.strip()
    word, _, rest = (
        text.partition(" ") if "\t" not in text else text.replace("\t", " ").partition(" ")
    )
    return word.lower(), rest.strip()


def _actions(control: str) -> Mapping[str, str]:
    if not control.startswith("["):
        return _WORDS.get(control, {"default": "bad"})
    pairs = (word.partition("=") for word in control[1:].split())
    return {name.lower(): action.lower() for name, _, action in pairs}


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("[", '"').replace("]", '"'), posix=True)
    except ValueError:
        return text.split()


Answers = Callable[[Entry], str]


@dataclass(slots=True)
class _Running:
    impression: str = "none"  # none, good, bad
    status: str = "must_fail"


def run_stack(entries: Sequence[Entry], answers: Answers) -> tuple[bool, frozenset[int]]:
    """Whether the stack lets in, and which lines (by identity) were asked.

    `answers` gives each module's return value: success, ignore, auth_err, user_unknown, …
    """
    running = _Running()
    asked: set[int] = set()
    _run(entries, answers, running, asked)
    return running.impression == "good" and running.status == "success", frozenset(asked)


def _run(entries: Sequence[Entry], answers: Answers, running: _Running, asked: set[int]) -> None:
    index = 0
    while index < len(entries):
        entry = entries[index]
        index += 1
        if not entry.module:
            _run(entry.inner, answers, running, asked)
            continue
        value = answers(entry)
        if value == "skip":
            continue
        asked.add(id(entry))
        action = entry.control.get(value, entry.control.get("default", "bad"))
        if action.isdigit():
            index += int(action)
        elif _act(action, value, running):
            return


def _act(action: str, value: str, running: _Running) -> bool:
    """Do what a line says; True ends the stack."""
    if action in {"ok", "done"}:
        if running.impression == "none" or (
            running.impression == "good" and running.status == "success"
        ):
            running.impression, running.status = "good", value
        return action == "done" and running.impression == "good"
    if action in {"bad", "die"}:
        if running.impression != "bad":
            running.impression, running.status = "bad", value
        return action == "die"
    if action == "reset":
        running.impression, running.status = "none", "must_fail"
    return False
