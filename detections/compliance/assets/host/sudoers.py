"""Who may do all as root by sudo: sudoers(5) with its includes, aliases of users resolved."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

# Programs that run whatever they are told: who may run one of them as root may do everything.
_SHELLS: Final = frozenset(
    ["sh", "bash", "dash", "zsh", "ksh", "csh", "tcsh", "su", "sudo", "env", "vi", "vim", "find", "awk",
     "gawk", "perl", "python", "python2", "python3", "ruby", "nmap", "busybox", "less", "more", "man",
     "nano", "ed", "emacs", "tar", "zip", "git", "ftp", "rsync", "php", "lua", "node", "gdb", "strace",
     "tee", "cp", "mv", "dd", "sed", "chmod", "chown", "crontab", "visudo", "passwd", "usermod", "useradd",
     "rpm", "dpkg", "apt", "apt-get", "yum", "dnf", "systemctl", "docker", "mount", "mysql", "psql",
     "tcpdump", "screen", "tmux", "xargs", "watch", "script"]
)  # fmt: skip


_WRITABLE: Final = ("/home/", "/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - names, none is used


# Pagers and editors start a shell when they are told to; NOEXEC keeps them from it (sudoers(5)).
_FROM_INSIDE: Final = frozenset(
    {"less", "more", "man", "vi", "vim", "vim.basic", "emacs", "nano", "ed", "ftp"}
)


# Of these, whatever a star stands for can be a program of one's own.
_RUNS: Final = frozenset(
    {"python", "python2", "python3", "perl", "ruby", "php", "node", "lua", "bash", "sh"}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """`user` (or %group, #uid, ALL) may run every command as root; `asks` for a password or not."""

    user: str
    asks: bool
    fact: AssetFact


@dataclass(frozen=True, slots=True)
class Sudoers:
    """Grants of everything. `open`: a file that was not read; "" when all were."""

    grants: tuple[Grant, ...]
    open: str
    no_password: AssetFact | None
    silent: AssetFact | None = None


def read_sudoers(tree: Tree) -> Sudoers:
    """Grants of the host; none where sudo is not there."""
    reader = _Reader(tree)
    if tree.presence("/etc/sudoers") != "absent":
        reader.read("/etc/sudoers", 0)
    reader.doas()
    silent = None if reader.logged else reader.silent
    return Sudoers(tuple(reader.grants), reader.open, reader.no_password, silent)


class _Reader:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._aliases: dict[str, list[str]] = {}
        self._commands: dict[str, list[str]] = {}
        self._runas: dict[str, list[str]] = {}
        self.grants: list[Grant] = []
        self.open = ""
        self.no_password: AssetFact | None = None
        self.silent: AssetFact | None = None
        self.logged = False
        self._noexec = self._held = False

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

    def doas(self) -> None:
        """OpenDoas: the last line that fits decides; `nopass` asks for nothing (doas.conf(5))."""
        file = self._tree.file("/etc/doas.conf")
        there = any(self._tree.mode(f"{folder}/doas") for folder in ("/usr/bin", "/usr/local/bin"))
        for number, line in enumerate(file.lines if file and there else (), start=1):
            words = line.split("#")[0].split()
            rest = [word for word in words[1:] if word not in {"nopass", "persist", "keepenv", "nolog"}
                    and not word.startswith("setenv")]  # fmt: skip
            if file is None or words[:1] != ["permit"] or not rest or "cmd" in words:
                continue
            runs = rest[rest.index("as") + 1] if "as" in rest[:-1] else "root"
            if runs == "root":
                who = f"%{rest[0][1:]}" if rest[0].startswith(":") else rest[0]
                fact = file.fact("doas", line.strip()[:120], number)
                self.grants.append(Grant(who, "nopass" not in words, fact))

    def _line(self, line: str, path: str, depth: int, fact: AssetFact) -> None:
        word = line.split(None, 1)
        if word and word[0].lstrip("#@") in {"include", "includedir"} and word[0][0] in "#@":
            self._include(word, path, depth)
            return
        line = re.split(r"#(?!\d)", line, maxsplit=1)[0].strip()
        if line.startswith(("User_Alias", "Cmnd_Alias", "Runas_Alias")):
            kept = {"U": self._aliases, "C": self._commands, "R": self._runas}[line[0]]
            for part in line.split(None, 1)[-1].split(":"):
                name, _, members = part.partition("=")
                kept[name.strip()] = [one.strip() for one in members.split(",")]
        elif line.startswith("Defaults"):
            if re.search(r"(?<![\w!])!\s*authenticate", line) and line[8:9] in " \t:%":
                self.no_password = fact
            self._noexec = self._noexec or re.search(r"(?<!!)\bnoexec\b", line) is not None
            if re.search(r"\benv_keep\s*\+?=[^#]*\bLD_(?:PRELOAD|LIBRARY_PATH)\b", line):
                self.no_password = fact  # a library of one's own in whatever root runs
            if re.search(r"\btimestamp_timeout\s*=\s*-", line):
                self.no_password = fact  # a ticket that never ends: asked once since the start
            if re.search(r"(?<![\w!])!\s*syslog\b", line) and line[8:9] in " \t":
                self.silent = fact
            if re.search(r"\b(?:logfile\s*=|syslog\s*=|log_output|log_servers)", line):
                self.logged = self.logged or line[8:9] in " \t"
        elif "=" in line and not line.startswith("Host_Alias"):
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
        named = [one.strip() for one in runas.replace(":", ",").split(",")]
        if not {"ALL", "root", "#0"} & {
            one for word in named for one in self._runas.get(word, [word])
        }:
            return
        asks, everything = True, False
        self._held = self._noexec
        for part in rest.split(","):
            # A tag counts for what follows it, until the opposite tag.
            self._held = "NOEXEC" in part or (self._held and "EXEC:" not in part)
            for tag in re.findall(r"\b(NOPASSWD|PASSWD)\s*:", part):
                asks = tag != "NOPASSWD"
            command = re.sub(r"^(?:\s*[A-Z_]+\s*:)+", "", part).strip()
            if self._all(command):
                everything = True
                break
        if everything:
            for user in (one.strip() for one in users.split(",")):
                for name in self._aliases.get(user, [user]):
                    self.grants.append(Grant(name, asks, fact))

    def _all(self, command: str) -> bool:
        """Whether a command, or what its alias stands for, is all of root."""
        for one in self._commands.get(command, [command]):
            path = one.split(" ")[0]
            words = one.split()
            # No arguments named, or any: "/bin/chown *" is every chown.
            bare = len(words) == 1 or path.endswith("/su") or words[1] == "*"
            # A star takes in every word, and "/" and blanks: an option before the file is one of them.
            bare = bare or (
                path.rsplit("/", 1)[-1] in _RUNS and any("*" in one for one in words[1:])
            )
            if path == "sudoedit" and any(
                re.match(r"/etc/(?:\*|sudoers|shadow|passwd)", word) for word in words[1:]
            ):
                return True  # the files that say who is root
            if path.startswith(_WRITABLE):
                return True  # its owner writes what root will run
            if path.rsplit("/", 1)[-1] in _FROM_INSIDE and not self._held:
                return True  # "!sh" from inside, whichever file it was given
            if one == "ALL" or (bare and path.rsplit("/", 1)[-1] in _SHELLS and "/" in path):
                return True
        return False
