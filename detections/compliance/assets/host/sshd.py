"""sshd's effective settings: first value wins, Include where it stands, Match over the rest.

sshd_config(5). `sshd -T` of a live collection wins over the files.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import posixpath
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

MAIN: Final = "/etc/ssh/sshd_config"
_VENDOR: Final = "/usr/etc/ssh/sshd_config"  # read by SUSE's sshd where the first is not there
LIVE: Final = "sshd -T -C user=root,host=localhost,addr=192.0.2.1"
_DEEPEST: Final = 16
_SAFE_DEFAULTS: Final[Mapping[str, str]] = {
    "passwordauthentication": "yes",
    "permitemptypasswords": "no",
    "kbdinteractiveauthentication": "yes",
    "usepam": "no",
    "clientaliveinterval": "0",
    "ignorerhosts": "yes",
    "hostbasedauthentication": "no",
    "pubkeyauthentication": "yes",
}
_OLD_NAMES: Final[Mapping[str, str]] = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "dsaauthentication": "pubkeyauthentication",
}

_STARTS: Final = (
    "/etc/crypto-policies/back-ends/opensshserver.config", "/etc/default/ssh", "/etc/sysconfig/sshd",
    "/etc/systemd/system/ssh.service", "/etc/systemd/system/sshd.service",
    "/etc/systemd/system/ssh@.service", "/etc/systemd/system/sshd@.service",
)  # fmt: skip
_UNITS: Final = ("/etc/systemd/system/ssh.service.d", "/etc/systemd/system/sshd.service.d")
_OPTIONS: Final = frozenset({"SSHD_OPTS", "OPTIONS", "CRYPTO_POLICY", "ExecStart", "Environment"})
_OPTION: Final = re.compile(r"(?:^|\s)-o\s*([A-Za-z]+)[= ]\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Setting:
    """One line; `criteria` of the Match blocks it stands in, all of which must hold."""

    name: str
    value: str
    fact: AssetFact
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sshd:
    """All lines in the order read. `open`: a file that could not be read; "" when all were."""

    there: bool | None
    settings: tuple[Setting, ...]
    open: str
    defaults: Mapping[str, str]
    live: Mapping[str, AssetFact]
    groups: Callable[[str], frozenset[str]]

    def values(self, name: str, user: str = "root") -> tuple[tuple[str, AssetFact], ...] | None:
        """Values that a login of `user` may have: more than one where a Match turns on an address.

        None where that is not known: a file unread, or a default that turns on the version.
        """
        key = name.lower()
        if key in self.live and user == "root":
            fact = self.live[key]
            return ((str(fact.value).lower(), fact),)
        if self.open or not self.there:
            return None
        possible: list[tuple[str, AssetFact]] = []
        for setting in self.settings:
            if setting.name == key and setting.criteria:
                holds = _holds(setting.criteria, user, self.groups)
                if holds is not False:
                    possible.append((setting.value.lower(), setting.fact))
                if holds is True:
                    return tuple(possible)
        for setting in self.settings:
            if setting.name == key and not setting.criteria:
                return (*possible, (setting.value.lower(), setting.fact))
        if key in self.defaults:
            default = self.defaults[key]
            return (*possible, (default, AssetFact(key, default, "default of this version")))
        return None

    def for_many(self, name: str, user: str = "root") -> frozenset[str]:
        """Values of Match blocks that many addresses may choose: by another port, or a wide net."""
        return frozenset(
            one.value.lower() for one in self.settings
            if one.name == name.lower() and one.criteria
            and all(_for_many(text, user, self.groups(user)) for text in one.criteria)
        )  # fmt: skip

    def every(self, name: str, user: str = "root") -> frozenset[str] | None:
        """The values alone."""
        found = self.values(name, user)
        return None if found is None else frozenset(value for value, _ in found)

    def facts(self, *names: str, user: str = "root") -> tuple[AssetFact, ...]:
        """Facts of some settings as far as known."""
        return tuple(fact for name in names for _, fact in self.values(name, user) or ())


def only(values: frozenset[str] | None, word: str) -> bool:
    """Whether a value is surely this one."""
    return values is not None and len(values) == 1 and word in values


def _none(_user: str) -> frozenset[str]:
    return frozenset()


def read_sshd(
    tree: Tree, root_default: str, groups: Callable[[str], frozenset[str]] = _none
) -> Sshd:
    """Settings of the host's sshd. `root_default`: PermitRootLogin of its version, "" unknown."""
    vendor = tree.presence(MAIN) == "absent" and tree.presence(_VENDOR) == "present"
    main = _VENDOR if vendor else MAIN
    presence = tree.presence(main)
    reader = _Reader(tree)
    if presence != "absent":
        reader.words(tree)
        reader.read(main, (), 0)
    live: dict[str, AssetFact] = {}
    output = tree.output(LIVE)
    if output is not None:
        for line in output.text.splitlines():
            key, _, value = line.partition(" ")
            live.setdefault(key, output.fact(key, value))
    there = None if presence == "unknown" else presence == "present"
    defaults = _defaults(root_default)
    return Sshd(there, tuple(reader.found), reader.open, defaults, live, groups)


def _defaults(root: str) -> Mapping[str, str]:
    return {**_SAFE_DEFAULTS, **({"permitrootlogin": root} if root else {})}


def read_others(
    tree: Tree, root_default: str, groups: Callable[[str], frozenset[str]]
) -> tuple[Sshd, ...]:
    """Further sshds that units of this host start with a file of their own (sshd(8) -f)."""
    found: list[Sshd] = []
    started = {
        name for folder, names in tree.names.items() if folder.endswith((".wants", ".requires"))
        for name in names
    }  # fmt: skip
    for path in tree.folder("/etc/systemd/system", ".service"):
        file = tree.file(path) if posixpath.basename(path) in started else None
        for number, line in enumerate(file.lines if file else (), start=1):
            named = re.match(r"\s*ExecStart\s*=.*\bsshd\s.*-f\s*(\S+)", line)
            if file is None or named is None or named[1] == MAIN:
                continue
            reader = _Reader(tree)
            for key, text in _OPTION.findall(line.replace('"', " ").replace("'", " ")):
                reader.found.append(
                    Setting(key.lower(), text, file.fact(key.lower(), text, number), ())
                )
            reader.read(named[1], (), 0)
            defaults = _defaults(root_default)
            found.append(Sshd(True, tuple(reader.found), reader.open, defaults, {}, groups))
    return tuple(found)


class _Reader:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.found: list[Setting] = []
        self.open = ""

    def words(self, tree: Tree) -> None:
        """Options on the command line, which count before every file (sshd(8) -o, -f)."""
        own = tree.file("/etc/sysconfig/sshd")
        opted_out = any(line.startswith("CRYPTO_POLICY=") for line in (own.lines if own else ()))
        starts = _STARTS[1:] if opted_out else _STARTS
        for path in (*starts, *(p for folder in _UNITS for p in tree.folder(folder, ".conf"))):
            file = tree.file(path)
            for number, raw in enumerate(file.lines if file else (), start=1):
                name, _, value = raw.strip().partition("=")
                if file is None or name.strip() not in _OPTIONS or "-" not in value:
                    continue
                if re.search(r"(?:^|\s)-f\s*\S", value) and MAIN not in value:
                    self.open = self.open or f"{path}: -f"
                for key, text in _OPTION.findall(value.replace('"', " ").replace("'", " ")):
                    self.found.append(
                        Setting(key.lower(), text, file.fact(key.lower(), text, number), ())
                    )

    def read(self, path: str, outer: tuple[str, ...], depth: int) -> None:
        file = self._tree.file(path)
        if file is None or depth > _DEEPEST:
            self.open = self.open or path
            return
        criteria = outer
        for number, raw in enumerate(file.lines, start=1):
            name, words = _words(raw)
            if name == "match":
                criteria = (*outer, " ".join(words))
            elif name == "include":
                for pattern in words:
                    self._include(pattern, criteria, depth)
            elif name and words:
                key = _OLD_NAMES.get(name, name)
                value = " ".join(words)
                self.found.append(Setting(key, value, file.fact(key, value, number), criteria))

    def _include(self, pattern: str, criteria: tuple[str, ...], depth: int) -> None:
        whole = pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"
        folder = posixpath.dirname(whole)
        if not self._tree.folder_known(folder) and self._tree.presence(whole) == "unknown":
            self.open = self.open or whole
            return
        paths = self._tree.folder(folder)
        base = posixpath.basename(whole)
        for path in paths:
            name = posixpath.basename(path)
            if fnmatch.fnmatchcase(name, base) and (base.startswith(".") or name[0] != "."):
                self.read(path, criteria, depth + 1)
        if not paths and self._tree.presence(whole) == "present":
            self.read(whole, criteria, depth + 1)


def _words(raw: str) -> tuple[str, list[str]]:
    line = raw.strip()
    if not line or line.startswith("#"):
        return "", []
    end = next((i for i, c in enumerate(line) if c in " \t="), len(line))
    rest = line[end:].lstrip(" \t")
    rest = rest.removeprefix("=").strip()
    try:
        words = shlex.split(rest, comments=True, posix=True)
    except ValueError:
        words = rest.split()
    return line[:end].lower(), words


def _holds(
    criteria: Sequence[str], user: str, groups: Callable[[str], frozenset[str]]
) -> bool | None:
    states = [_one(text, user, groups(user)) for text in criteria]
    if False in states:
        return False
    return None if None in states else True


def _for_many(text: str, user: str, groups: frozenset[str]) -> bool:
    words = text.replace("=", " ").split()
    rest: list[str] = []
    for kind, value in zip(words[::2], words[1::2], strict=False):
        wide = kind.lower() == "address" and any(_wide(one) for one in value.split(","))
        if not wide and kind.lower() not in {"localport", "localaddress", "rdomain"}:
            rest += [kind, value]
    return _one(" ".join(rest), user, groups) is True or words == ["all"]


def _wide(pattern: str) -> bool:
    """A net of more than 256 addresses; registered terminals are hosts or a small net."""
    try:
        return ipaddress.ip_network(pattern, strict=False).num_addresses > 256
    except ValueError:
        return (
            pattern in _ANYWHERE or re.fullmatch(r"(?:\d+\.){1,2}\*(?:\.\*)*", pattern) is not None
        )


_ANYWHERE: Final = frozenset({"*", "0.0.0.0/0", "::/0", "0.0.0.0/0,::/0", "*,*"})


def _one(text: str, user: str, groups: frozenset[str]) -> bool | None:
    words = text.replace("=", " ").split()
    if [word.lower() for word in words] == ["all"]:
        return True
    state: bool | None = True
    for kind, value in zip(words[::2], words[1::2], strict=False):
        if kind.lower() == "user":
            if not _patterns(value, user):
                return False
        elif kind.lower() == "group" and any(_patterns(value, group) for group in groups):
            continue
        elif kind.lower() not in {"address", "host"} or value not in _ANYWHERE:
            state = None
    return state


def _patterns(value: str, user: str) -> bool:
    found = False
    for pattern in value.split(","):
        if pattern.startswith("!"):
            if fnmatch.fnmatchcase(user, pattern[1:]):
                return False
        elif fnmatch.fnmatchcase(user, pattern):
            found = True
    return found
