"""Who may do all as root by sudo: sudoers(5) with its includes, aliases of users resolved."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact


@dataclass(frozen=True, slots=True)
class Grant:
    """`user` (or %group, or ALL) may run every command as root; `asks` for a password or not."""

    user: str
    asks: bool
    fact: AssetFact


@dataclass(frozen=True, slots=True)
class Sudoers:
    """Grants of everything. `open`: a file that was not read; "" when all were."""

    grants: tuple[Grant, ...]
    open: str
    no_password: AssetFact | None


def read_sudoers(tree: Tree) -> Sudoers:
    """Grants of the host; none where sudo is not there."""
    reader = _Reader(tree)
    if tree.presence("/etc/sudoers") != "absent":
        reader.read("/etc/sudoers", 0)
    return Sudoers(tuple(reader.grants), reader.open, reader.no_password)


class _Reader:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._aliases: dict[str, list[str]] = {}
        self.grants: list[Grant] = []
        self.open = ""
        self.no_password: AssetFact | None = None

    def read(self, path: str, depth: int) -> None:
        file = self._tree.file(path)
        if file is None or depth > 8:
            self.open = self.open or path
            return
        held = ""
        for number, raw in enumerate(file.lines, start=1):
            line = held + raw
            if line.endswith("\\"):
                held = line[:-1]
                continue
            held = ""
            self._line(line.strip(), path, depth, file.fact("sudoers", line.strip()[:120], number))

    def _line(self, line: str, path: str, depth: int, fact: AssetFact) -> None:
        word = line.split(None, 1)
        if word and word[0].lstrip("#@") in {"include", "includedir"} and word[0][0] in "#@":
            self._include(word, path, depth)
            return
        line = line.split("#", 1)[0].strip()
        if line.startswith("User_Alias"):
            name, _, members = line[10:].partition("=")
            self._aliases[name.strip()] = [one.strip() for one in members.split(",")]
        elif line.startswith("Defaults"):
            if "!authenticate" in line and line.split()[0] == "Defaults":
                self.no_password = fact
        elif "=" in line and not line.startswith(("Cmnd_Alias", "Host_Alias", "Runas_Alias")):
            self._grant(line, fact)

    def _include(self, words: list[str], path: str, depth: int) -> None:
        target = words[1].strip() if len(words) > 1 else ""
        if not target.startswith("/"):
            target = posixpath.join(posixpath.dirname(path), target)
        if words[0].endswith("includedir"):
            if not self._tree.folder_known(target):
                self.open = self.open or target
            for one in self._tree.folder(target):
                name = posixpath.basename(one)
                if "." not in name and not name.endswith("~"):
                    self.read(one, depth + 1)
        elif self._tree.presence(target) != "absent":
            self.read(target, depth + 1)

    def _grant(self, line: str, fact: AssetFact) -> None:
        left, _, right = line.partition("=")
        users = left.rsplit(None, 1)[0] if len(left.split()) > 1 else ""
        runas, rest = "root", right.strip()
        if rest.startswith("("):
            runas, _, rest = rest[1:].partition(")")
            rest = rest.strip()
        if not {"ALL", "root"} & {one.strip() for one in runas.replace(":", ",").split(",")}:
            return
        asks = True
        for tag in ("NOPASSWD:", "PASSWD:"):
            if tag in rest.replace(" :", ":"):
                asks = tag != "NOPASSWD:"
                break
        commands = [one.split(":")[-1].strip() for one in rest.split(",")]
        if "ALL" in commands:
            for user in (one.strip() for one in users.split(",")):
                for name in self._aliases.get(user, [user]):
                    self.grants.append(Grant(name, asks, fact))
