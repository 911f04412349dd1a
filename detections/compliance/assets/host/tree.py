"""What a host bundle holds, asked by path as on the host: files, folders, links, command outputs.

A file is present, absent (the script looked and it was not there), or unknown (not looked for,
unreadable, cut): only the first two are facts.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from detections.compliance.assets.judging import AssetFact

Presence = Literal["present", "absent", "unknown"]
_LINKS: Final = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the bundle's list. `kind`: f file, l link, d folder, m mode only, - absent, o other."""

    kind: str
    path: str
    mode: int | None
    uid: int | None
    gid: int | None
    size: int
    changed: int
    note: str
    digest: str
    target: str


@dataclass(frozen=True, slots=True)
class File:
    """A text file: its path in the end of links, its lines, the hash of what was kept."""

    path: str
    lines: tuple[str, ...]
    digest: str

    def fact(self, name: str, value: str | int, line: int = 0) -> AssetFact:
        """A fact read in this file (line counted from 1, 0 for the whole)."""
        return AssetFact(name, value, f"{self.path}:{line}" if line else self.path, self.digest)


@dataclass(frozen=True, slots=True)
class Output:
    """What a command said, with its exit status."""

    line: str
    status: int
    text: str
    digest: str

    def fact(self, name: str, value: str | int) -> AssetFact:
        """A fact of this output."""
        return AssetFact(name, value, f"$ {self.line}", self.digest)


@dataclass(frozen=True)
class Tree:
    """A collected root.

    Attributes:
        rows: by path; a file wins over a line that tells its mode only.
        modes: mode and owner by path.
        texts: text of each file kept.
        names: folder → name → where a link leads ("" for none, "/" for a folder).
        outputs: by command line.
        about: the header.
    """

    rows: Mapping[str, Row]
    modes: Mapping[str, Row]
    texts: Mapping[str, str]
    names: Mapping[str, Mapping[str, str]]
    outputs: Mapping[str, Output]
    about: Mapping[str, str]
    packages: Mapping[str, str] = field(default_factory=dict[str, str])

    def presence(self, path: str) -> Presence:
        """Whether a path is there."""
        row = self._end(path)
        if row is None:
            folder = posixpath.dirname(path)
            gone = folder in self._absent or self._listed(folder)
            return "absent" if gone else "unknown"
        if row.kind == "-":
            return "absent"
        whole = row.kind == "f" and row.note.split(",")[0] == "whole"
        return "present" if whole else "unknown"

    def file(self, path: str) -> File | None:
        """A file that is there and whole; None otherwise (ask `presence` which)."""
        row = self._end(path)
        if row is None or self.presence(path) != "present" or row.path not in self.texts:
            return None
        return File(row.path, tuple(self.texts[row.path].split("\n")), row.digest)

    def folder(self, path: str, suffix: str = "") -> tuple[str, ...]:
        """Paths of the files collected of a folder, by name in byte order."""
        base = self._folder(path)
        return tuple(one for one in self._inside.get(base, ()) if one.endswith(suffix))

    def folder_known(self, path: str) -> bool:
        """Whether the folder was listed whole, or is surely not there."""
        base = self._folder(path)
        if base in self._absent:
            return True
        return self._listed(base) and all(
            self.presence(one) != "unknown" for one in self.folder(path)
        )

    def output(self, line: str) -> Output | None:
        """Output of a command that ended well."""
        found = self.outputs.get(line)
        return found if found is not None and found.status == 0 else None

    def mode(self, path: str) -> Row | None:
        """Mode and owner of a path, where stat told them."""
        found = self.modes.get(path) or self.rows.get(path)
        return found if found is not None and found.mode is not None else None

    def unknown(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of which nothing is known."""
        return tuple(path for path in paths if self.presence(path) == "unknown")

    @property
    def live(self) -> bool:
        """Taken on the running host as root."""
        return self.about.get("offline") == "0" and self.about.get("uid") == "0"

    @cached_property
    def _inside(self) -> Mapping[str, Sequence[str]]:
        """Files and links by folder."""
        found: dict[str, list[str]] = {}
        for path, row in self.rows.items():
            if row.kind in "fl":
                found.setdefault(posixpath.dirname(path), []).append(path)
        return {folder: sorted(paths) for folder, paths in found.items()}

    @cached_property
    def _absent(self) -> frozenset[str]:
        return frozenset(path for path, row in self.rows.items() if row.kind == "-")

    @cached_property
    def _folders(self) -> Mapping[str, str]:
        return {p: r.target for p, r in self.rows.items() if r.note == "folder-link"}

    def _folder(self, path: str) -> str:
        return self._folders.get(path, path)

    def _listed(self, path: str) -> bool:
        row = self.rows.get(self._folder(path))
        return row is not None and row.kind == "d" and row.note == "folder"

    def _end(self, path: str) -> Row | None:
        folder, name = posixpath.split(path)
        row = self.rows.get(path) or self.rows.get(f"{self._folder(folder)}/{name}")
        for _ in range(_LINKS):
            if row is None or row.kind != "l" or row.note == "folder-link":
                return row
            row = self.rows.get(row.target)
        return None


def owners_kept(tree: Tree) -> bool:
    """Whether owners are the host's own: a copy made without rights has one owner for all."""
    first = tree.mode("/etc/passwd")
    return first is not None and first.uid == 0
