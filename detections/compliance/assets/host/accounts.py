"""Accounts as the login programs see them: passwd and shadow joined (passwd(5), shadow(5))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from detections.compliance.assets.host.tree import File, Tree

Password = Literal["usable", "empty", "locked", "none", "unknown"]

NO_LOGIN: Final = frozenset({"nologin", "false", "sync", "halt", "shutdown", "true"})
NEVER: Final = 99_999  # days; shadow's way of saying that it never ends


@dataclass(frozen=True, slots=True)
class Account:
    """One line of passwd with its line of shadow; ages in days, None where the field is empty."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    password: Password
    changed: int | None
    most_age: int | None
    expires: int | None
    line: int

    @property
    def can_login(self) -> bool:
        """The shell is one to work in."""
        return self.shell.rsplit("/", 1)[-1] not in NO_LOGIN

    @property
    def by_password(self) -> bool:
        """Somebody can log in with a password (or with none)."""
        return self.can_login and self.password in {"usable", "empty"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """All local accounts; `passwd` and `shadow` None where they were not read whole."""

    passwd: File | None
    shadow: File | None
    all: tuple[Account, ...]
    broken: int
    remote: bool | None
    groups: Mapping[str, tuple[int, frozenset[str]]] = field(
        default_factory=dict[str, tuple[int, frozenset[str]]]
    )

    @property
    def known(self) -> bool:
        """Both files were read whole."""
        return self.passwd is not None and self.shadow is not None and not self.broken

    def one(self, name: str) -> Account | None:
        """An account by name, the first as the C library finds it."""
        return next((account for account in self.all if account.name == name), None)

    def named(self, word: str) -> tuple[Account, ...]:
        """Accounts that a word of sudoers is for: a name, #uid, %group, %#gid, ALL."""
        if word == "ALL":
            return self.all
        if word.startswith("#"):
            return tuple(one for one in self.all if str(one.uid) == word[1:])
        if word.startswith("%#"):
            of = [members for gid, members in self.groups.values() if str(gid) == word[2:]]
            members = frozenset[str]().union(*of)
            return tuple(one for one in self.all if str(one.gid) == word[2:] or one.name in members)
        if word.startswith("%"):
            gid, members = self.groups.get(word[1:], (-2, frozenset[str]()))
            return tuple(one for one in self.all if one.gid == gid or one.name in members)
        return tuple(one for one in self.all if one.name == word)


def read_accounts(tree: Tree) -> Accounts:
    """Accounts of the files; `remote` tells whether nsswitch asks somebody else too."""
    passwd, shadow = tree.file("/etc/passwd"), tree.file("/etc/shadow")
    secrets: dict[str, list[str]] = {}
    for line in shadow.lines if shadow else ():
        fields = line.split(":")
        if len(fields) >= 2 and fields[0]:
            secrets.setdefault(fields[0], fields)
    found: list[Account] = []
    broken = 0
    for number, line in enumerate(passwd.lines if passwd else (), start=1):
        if not line.strip() or line.startswith(("+", "-", "#")):
            continue
        fields = line.split(":")
        if len(fields) < 7 or not _digits(fields[2]):
            broken += 1
            continue
        found.append(_account(fields, secrets.get(fields[0]), shadow is not None, number))
    return Accounts(passwd, shadow, tuple(found), broken, _remote(tree), _groups(tree))


def _groups(tree: Tree) -> dict[str, tuple[int, frozenset[str]]]:
    file = tree.file("/etc/group")
    found: dict[str, tuple[int, frozenset[str]]] = {}
    for line in file.lines if file else ():
        fields = line.split(":")
        if len(fields) == 4 and _digits(fields[2]):
            members = frozenset(one.strip() for one in fields[3].split(",") if one.strip())
            found.setdefault(fields[0], (int(fields[2]), members))
    return found


def _account(fields: list[str], secret: list[str] | None, read: bool, line: int) -> Account:
    ages = [*(secret or []), *[""] * 9]
    return Account(
        name=fields[0],
        uid=int(fields[2]),
        gid=int(fields[3]) if _digits(fields[3]) else -1,
        home=fields[5],
        shell=fields[6] or "/bin/sh",
        password=_password(fields[1], secret, read),
        changed=_days(ages[2]),
        most_age=_days(ages[4]),
        expires=_days(ages[7]),
        line=line,
    )


def _password(first: str, secret: list[str] | None, read: bool) -> Password:
    kind = first
    if first == "x":
        if not read:
            return "unknown"
        if secret is None:
            return "none"
        kind = secret[1]
    if kind == "empty":
        return "empty"
    if kind.startswith("hash/"):
        return "usable"
    return "locked" if kind.startswith("locked/") else "none"


def _days(text: str) -> int | None:
    return int(text) if _digits(text) else None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


def _remote(tree: Tree) -> bool | None:
    file = tree.file("/etc/nsswitch.conf")
    if file is None:
        return None
    for line in file.lines:
        name, _, sources = line.split("#")[0].partition(":")
        if name.strip() == "passwd":
            return bool({"ldap", "winbind", "nis", "nisplus"} & set(sources.split())) or (
                "sss" in sources.split() and tree.presence("/etc/sssd/sssd.conf") != "absent"
            )
    return False
