"""Comparing an installed pack with what is to take its place, and with what was changed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from console.rules.loading import read_text, rule_files
from detections.life import every
from detections.packs.merge import changes, merge
from detections.sigma.loader import Loaded, Refused, load_text
from fengsui.hashes import sha256
from fengsui.store.rule_states import NewVersion, RuleVersion, VersionOrigin

SHOWN_MOST: Final = 500  # of each list of a preview
_DIFF_MOST: Final = 20_000  # characters
_FILE: Final = "file:"  # instead of a rule's id, for a file that has none

ChangeKind = Literal["added", "changed", "removed", "merged", "conflicts"]
KINDS: Final[tuple[ChangeKind, ...]] = ("added", "changed", "removed", "merged", "conflicts")


@dataclass(frozen=True, slots=True)
class Change:
    """A rule file that an update touches; `diff` is unified."""

    rule: str
    title: str
    path: str
    diff: str = ""


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file: its name in the pack, its text, its first rule's title."""

    path: str
    text: str
    title: str


@dataclass(slots=True)
class Comparison:
    """Files of the installed pack against those of the new one, by the id of their first rule."""

    name: str
    old: Mapping[str, PackFile]
    new: Mapping[str, PackFile]
    newest: Mapping[str, RuleVersion]
    texts: Callable[[list[str]], Mapping[str, str]]
    reason: str
    unchanged: int = 0
    changes: dict[ChangeKind, list[Change]] = field(
        default_factory=lambda: {kind: [] for kind in KINDS}
    )
    versions: list[NewVersion] = field(default_factory=list[NewVersion])

    def run(self) -> None:
        """Fill the lists."""
        for rule, file in self.new.items():
            ours = self._ours(rule)
            before = self.old.get(rule)
            if ours is not None:
                self._both(rule, file, ours)
            elif before is None:
                self._add("added", rule, file)
            elif before.text == file.text:
                self.unchanged += 1
            else:
                self._add("changed", rule, file, before.text)
                if not rule.startswith(_FILE):
                    self._upstream(rule, before, file)
        for rule, file in self.old.items():
            if rule not in self.new:
                self._add("conflicts" if self._ours(rule) else "removed", rule, file)

    def _ours(self, rule: str) -> RuleVersion | None:
        version = self.newest.get(rule)
        if version is None or version.origin == "upstream" or version.pack != self.name:
            return None
        return version

    def _both(self, rule: str, file: PackFile, ours: RuleVersion) -> None:
        """A file with a text of ours: upstream's change is merged into it where the two do not touch."""
        if sha256(file.text.encode()) == ours.base:
            self.unchanged += 1
            return
        texts = self.texts([ours.hash, ours.base])
        mine, base = texts.get(ours.hash, ""), texts.get(ours.base, "")
        merged = merge(base, mine, file.text)
        if not merged.clean or not _loads(merged.text, rule):
            self._add("conflicts", rule, file, mine)
            return
        self._add("merged", rule, file, mine, merged.text)
        origin: VersionOrigin = "upstream" if merged.text == file.text else "merge"
        self.versions.append(
            NewVersion(
                rule,
                merged.text,
                origin,
                self.name,
                file.path,
                file.text,
                "fengsui",
                self.reason,
                ours.number,
            )
        )

    def _upstream(self, rule: str, before: PackFile, after: PackFile) -> None:
        """Both texts of a file that only upstream changed, so that they can be compared later."""
        known = self.newest.get(rule)
        if known is None or known.hash != sha256(before.text.encode()):
            self.versions.append(self._kept(rule, before, "before the update"))
        self.versions.append(self._kept(rule, after, self.reason))

    def _kept(self, rule: str, file: PackFile, reason: str) -> NewVersion:
        return NewVersion(
            rule, file.text, "upstream", self.name, file.path, file.text, "fengsui", reason
        )

    def _add(
        self,
        kind: ChangeKind,
        rule: str,
        file: PackFile,
        before: str = "",
        after: str | None = None,
    ) -> None:
        diff = ""
        if before and len(self.changes[kind]) < SHOWN_MOST:
            diff = changes(before, file.text if after is None else after, "now", "then")
        shown = "" if rule.startswith(_FILE) else rule
        self.changes[kind].append(Change(shown, file.title, file.path, diff[:_DIFF_MOST]))


def files_of(loaded: Loaded, folder: Path) -> dict[str, PackFile]:
    """Files that load, by the id of their first rule."""
    found: dict[str, PackFile] = {}
    seen: set[Path] = set()
    for rule in sorted(every(loaded), key=lambda one: (one.path, one.line)):
        if rule.path not in seen:
            seen.add(rule.path)
            name = relative(rule.path, folder)
            found[rule.id] = PackFile(name, read_text(rule.path), rule.title.render("en"))
    known = {file.path for file in found.values()}
    known |= {relative(one.path, folder) for one in loaded.refused}
    return found | other_files(folder, known)


def other_files(folder: Path, known: set[str]) -> dict[str, PackFile]:
    """Files without a rule of their own that load all the same (filters), by their names."""
    found: dict[str, PackFile] = {}
    for path in rule_files(folder):
        name = relative(path, folder)
        if name not in known:
            text = read_text(path)
            found[f"{_FILE}{name}"] = PackFile(name, text, title_of(text))
    return found


def title_of(text: str) -> str:
    """The first title of a rule text."""
    match = re.search(r"^title:\s*(.*)$", text, re.MULTILINE)
    return match[1].strip("'\" ")[:200] if match else ""


def _loads(text: str, rule: str) -> bool:
    """Whether a merged text is good; valid rules that we do not run (yet) are."""
    found = list(load_text(text, Path("merged.yml")))
    wrong = any(isinstance(one, Refused) and one.supported for one in found)
    ids = {one.id for one in found if not isinstance(one, Refused)}
    return bool(found) and not wrong and (rule in ids or not ids)


def relative(path: Path, folder: Path) -> str:
    """A file's name inside a folder."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
