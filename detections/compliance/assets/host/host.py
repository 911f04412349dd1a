"""A host as its bundle shows it: all facts by name, each read as the program itself reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host import (
    accounts,
    auditing,
    idle,
    login,
    pam,
    password_rules,
    services,
    sshd,
    sudoers,
)
from detections.compliance.assets.host.bundle import read_bundle
from detections.compliance.assets.host.sshd import Sshd, read_others
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.sealed import collected_at

# Services whose login stack counts, where their file is there.
LOGINS: Final = ("sshd", "login")
_RHEL: Final = frozenset({"rhel", "centos", "rocky", "almalinux", "ol"})


@dataclass(frozen=True)
class HostFacts:
    """Facts of a host, made when they are asked for."""

    tree: Tree

    @cached_property
    def os(self) -> Mapping[str, str]:
        """Lines of os-release, without quotes."""
        file = self.tree.file("/etc/os-release") or self.tree.file("/usr/lib/os-release")
        pairs = (line.partition("=") for line in (file.lines if file else ()))
        return {name: value.strip().strip("\"'") for name, _, value in pairs if name}

    @property
    def system(self) -> tuple[str, int]:
        """Distribution and major version, such as ("rhel", 8); ("", 0) where not known."""
        major = self.os.get("VERSION_ID", "").split(".")[0]
        return self.os.get("ID", "").lower(), int(major) if major.isdigit() and len(
            major
        ) < 5 else 0

    @cached_property
    def accounts(self) -> accounts.Accounts:
        """Local accounts."""
        return accounts.read_accounts(self.tree)

    @cached_property
    def services(self) -> services.Services:
        """What starts."""
        return services.read_services(self.tree)

    @cached_property
    def sshd(self) -> sshd.Sshd:
        """Settings of sshd."""
        return sshd.read_sshd(self.tree, self._root_default(), self._groups_of)

    @cached_property
    def sshds(self) -> tuple[Sshd, ...]:
        """Its sshd, and others that a unit of its own starts with another file."""
        others = read_others(self.tree, self._root_default(), self._groups_of)
        return (self.sshd, *others)

    def _groups_of(self, user: str) -> frozenset[str]:
        """Names of the groups of a user."""
        account = self.accounts.one(user)
        own = account.gid if account else -1
        return frozenset(
            name
            for name, (gid, members) in self.accounts.groups.items()
            if gid == own or user in members
        )

    @cached_property
    def idle(self) -> idle.Idle:
        """Idle time of shells."""
        return idle.read_idle(self.tree)

    @cached_property
    def sudoers(self) -> sudoers.Sudoers:
        """Grants of everything."""
        return sudoers.read_sudoers(self.tree)

    @cached_property
    def audit(self) -> auditing.Rules:
        """Audit rules."""
        return auditing.read_rules(self.tree)

    @property
    def keys_only(self) -> bool:
        """No account has a password, and sshd takes none: rules for passwords have no object."""
        known = self.accounts.known and not any(one.by_password for one in self.accounts.all)
        return known and sshd.only(self.sshd.every("passwordauthentication"), "no")

    def stack(self, service: str, kind: str) -> pam.Stack:
        """A PAM stack."""
        return pam.read_stack(self.tree, service, kind)

    def _has_stack(self, service: str) -> bool:
        return self.tree.presence(pam.service_path(self.tree, service)) == "present"

    def logins(self) -> tuple[str, ...]:
        """Login services that have a stack of their own; without any, the shared file's name."""
        found = [s for s in LOGINS if self._has_stack(s)]
        if found:
            return tuple(found)
        shared = ("common-auth", "system-auth", "password-auth")
        return tuple(s for s in shared if self._has_stack(s))

    @cached_property
    def password_stacks(self) -> tuple[pam.Stack, ...]:
        """The stacks by which a password may be set."""
        names = [
            name
            for name in ("passwd", "password-auth", "system-auth", "common-password")
            if self._has_stack(name)
        ]
        stacks = (self.stack(name, "password") for name in names)
        return tuple(stack for stack in stacks if stack.entries or stack.open)

    @cached_property
    def password_rules(self) -> tuple[password_rules.Rules, ...]:
        """Password rules wherever one may be set."""
        return tuple(
            password_rules.rules_of(self.tree, stack, old_defaults=self._old_quality())
            for stack in self.password_stacks
        )

    @cached_property
    def locks(self) -> tuple[login.Lock, ...]:
        """How each login service locks an ordinary account."""
        return tuple(
            login.lock_of(self.tree, self.stack(name, "auth"), self._account_stack(name))
            for name in self.logins()
        )

    def _account_stack(self, name: str) -> pam.Stack:
        return self.stack("common-account" if name == "common-auth" else name, "account")

    def _old_quality(self) -> bool | None:
        """Whether libpwquality is older than 1.4 (credits default to 1, minlen to 9)."""
        name, major = self.system
        if name in _RHEL:
            return major < 8
        if name == "debian":
            return major < 10
        if name in {"openeuler", "ubuntu"}:
            return name == "ubuntu" and major < 20
        return None

    def _root_default(self) -> str:
        """PermitRootLogin where nothing sets it (OpenSSH 7.0 changed it; RHEL 7 kept the old one)."""
        name, major = self.system
        if name in _RHEL and major:
            return "yes" if major < 8 else "prohibit-password"
        if name == "debian" and major >= 9:
            return "prohibit-password"
        if name == "ubuntu" and major >= 16:
            return "prohibit-password"
        return ""


def read_host(path: Path) -> AssetEvidence:
    """A host bundle as evidence.

    Raises:
        InputError: truncated, forged, hostile, or no bundle of ours.
    """
    tree, digest = read_bundle(path)
    problems = [
        f"{row.path}: {row.note.split(',')[0]}"
        for row in tree.rows.values()
        if row.kind == "f" and row.note.split(",")[0] in {"cut", "unreadable", "bundle-full"}
    ]
    return AssetEvidence(
        name=tree.about.get("host") or tree.about.get("machine", "")[:12] or path.name,
        kind="host",
        source=path.name,
        digest=digest,
        collected=collected_at(tree.about),
        level="E1" if tree.live else "E0",
        facts=HostFacts(tree),
        problems=tuple(sorted(problems)),
    )
