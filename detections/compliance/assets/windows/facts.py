"""A Windows host as its bundle shows it: settings as they are in force, by names that no language changes.

`secedit /export` gives the merged local and domain policy of the machine; accounts of a domain follow
their controller, which a member's bundle does not show. Values of policies win over local ones.
"""

from __future__ import annotations

import configparser
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetFact
from detections.compliance.assets.sealed import collected_at
from detections.compliance.assets.windows.bundle import Bundle, Row, read_windows_bundle

POLICIES: Final = r"HKLM\SOFTWARE\Policies\Microsoft"
_WORDS: Final[Mapping[str, int]] = {
    "no auditing": 0,
    "success": 1,
    "failure": 2,
    "success and failure": 3,
    "无审核": 0,
    "成功": 1,
    "失败": 2,
    "成功和失败": 3,
}
_LISTENS: Final = re.compile(r"\s*(TCP|UDP)\s+(\S+):(\d{1,5})\s+(\S+)")
_LOOPBACK: Final = re.compile(r"127\.|\[::1\]")
_GUID: Final = re.compile(r"\{?0CCE(92[0-9A-F]{2})-69AE-11D9-BED3-505054503030\}?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listener:
    """An address and port that takes connections from elsewhere."""

    protocol: str
    address: str
    port: int


@dataclass(frozen=True)
class WindowsFacts:
    """Facts of a Windows host, made when they are asked for. None is always "was not read"."""

    bundle: Bundle

    @cached_property
    def policy(self) -> Mapping[str, str] | None:
        """`[System Access]`, `[Privilege Rights]` and `[Registry Values]` of secedit by lower-case name."""
        text = self.bundle.read("secedit.inf")
        if text is None:
            return None
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",), allow_no_value=True)
        try:
            parser.read_string(text.lstrip("\ufeff"))
        except configparser.Error:
            return None
        if not parser.has_section("System Access"):
            return None
        return {
            name.strip(): (value or "").strip().strip('"')
            for section in ("Registry Values", "Privilege Rights", "System Access")
            if parser.has_section(section)
            for name, value in parser.items(section)
        }

    def number(self, name: str) -> int | None:
        """A number of the security policy."""
        return _int((self.policy or {}).get(name.lower()))

    @cached_property
    def _registry(self) -> Mapping[tuple[str, str], str] | None:
        rows = self.bundle.table("registry")
        if rows is None:
            return None
        return {
            (row.get("Key", "").lower(), row.get("Name", "").lower()): row["Value"] for row in rows
        }

    @property
    def registry_known(self) -> bool:
        """Whether a value that has no row is surely not set."""
        return self._registry is not None

    def registry(self, name: str, *keys: str) -> int | None:
        """The number of a value under the first of some keys that has it; see `registry_known`."""
        found = self._registry or {}
        values = (found.get((key.lower(), name.lower())) for key in keys)
        return next((_int(value) for value in values if value is not None), None)

    def desktop(self, name: str) -> list[int]:
        """A value of the loaded users' desktops."""
        return [
            value
            for (key, each), text in (self._registry or {}).items()
            if each == name.lower() and key.startswith("hku\\")
            for value in [_int(text)]
            if value is not None
        ]

    def values_under(self, key: str) -> list[str]:
        """All values under a key."""
        return [v for (each, _), v in (self._registry or {}).items() if each == key.lower()]

    @cached_property
    def system(self) -> Row:
        """Caption, Version, BuildNumber, ProductType, Domain, PartOfDomain."""
        rows = self.bundle.table("system") or []
        return rows[0] if rows else {}

    @property
    def in_domain(self) -> bool | None:
        """Whether accounts of a domain may log in."""
        text = self.system.get("PartOfDomain", "").lower()
        return {"true": True, "false": False}.get(text)

    @property
    def is_server(self) -> bool:
        """Server or domain controller."""
        return self.system.get("ProductType") in {"2", "3"}

    @cached_property
    def users(self) -> list[Row] | None:
        """Local accounts."""
        return self.bundle.table("users") or None  # a Windows without any account there is not

    @property
    def enabled(self) -> list[Row]:
        """Those that can log in."""
        return [user for user in self.users or [] if user["Disabled"].lower() == "false"]

    @cached_property
    def running(self) -> Mapping[str, Row] | None:
        """Services that run or start by themselves, by lower-case name."""
        rows = self.bundle.table("services")
        if not rows:
            return None
        return {
            row["Name"].lower(): row
            for row in rows
            if row["State"] == "Running" or row["StartMode"] == "Auto"
        }

    @cached_property
    def listeners(self) -> list[Listener] | None:
        """What takes connections from elsewhere; the words of netstat are never looked at."""
        text = self.bundle.read("netstat.txt")
        if not text:
            return None
        found = [
            Listener(m[1], m[2], int(m[3]))
            for m in map(_LISTENS.match, text.split("\n"))
            if m and (m[1] == "UDP" or m[4].endswith(":0")) and not _LOOPBACK.match(m[2])
        ]
        return found or None

    @cached_property
    def audit(self) -> Mapping[str, int] | None:
        """Audit policy by subcategory (four digits of its GUID): 0 none, 1 success, 2 failure, 3 both."""
        for name in ("auditpol.csv", "auditpol-get.csv"):
            found = dict(_settings(self.bundle.read(name) or ""))
            if found:
                return found
        return None

    @property
    def firewall(self) -> bool | None:
        """Whether the firewall is on in all three profiles and blocks what no rule allows."""
        states: list[bool | None] = []
        for profile in ("DomainProfile", "StandardProfile", "PublicProfile"):
            keys = (
                rf"{POLICIES}\WindowsFirewall\{profile}",
                rf"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\{profile}",
            )
            on = self.registry("EnableFirewall", *keys)
            action = self.registry("DefaultInboundAction", *keys)
            states.append(None if on is None else bool(on) and action != 0)
        return False if False in states else None if None in states else True

    def let_in(self, port: int) -> bool | None:
        """Whether a rule of the firewall may let a TCP port in; None where the rules were not read."""
        rows = self.bundle.table("firewall-rules")
        if rows is None:
            return None
        return any(_lets(row["Value"], port) for row in rows)

    def fact(self, name: str, value: object, member: str) -> AssetFact:
        """A fact with the digest of the member that it was read from; names of accounts are kept."""
        shown = value if isinstance(value, int) and not isinstance(value, bool) else str(value)
        digest = self.bundle.digests.get(member, "")
        return AssetFact(name, "-" if value is None else shown, member, digest)

    def setting(self, name: str) -> AssetFact:
        """A key of the security policy as a fact."""
        return self.fact(name, (self.policy or {}).get(name.lower()), "secedit.inf")


def read_windows(path: Path) -> AssetEvidence:
    """A Windows bundle as evidence.

    Raises:
        InputError: truncated, forged, hostile, or no bundle of ours.
    """
    bundle, digest = read_windows_bundle(path)
    problems = [f"{name}: {state[:120]}" for name, state in bundle.states.items() if state != "ok"]
    administrator = bundle.about.get("administrator", "").lower() == "true"
    if not administrator:
        problems.append("it was not collected as administrator")
    return AssetEvidence(
        name=bundle.about.get("host") or path.name,
        kind="windows",
        source=path.name,
        digest=digest,
        collected=collected_at(bundle.about),
        # Without full rights parts stay unread, so that it never conforms.
        level="E1" if administrator else "E0",
        facts=WindowsFacts(bundle),
        problems=tuple(sorted(problems)),
    )


def _settings(text: str) -> Iterator[tuple[str, int]]:
    """Subcategory and setting of each row of the system's policy, by number or by word."""
    for cells in csv.reader(io.StringIO(text.lstrip("\ufeff"))):
        ids = [match for match in map(_GUID.fullmatch, map(str.strip, cells)) if match]
        if len(ids) != 1:
            continue
        number = cells[-1].strip()
        word = _WORDS.get(cells[4].strip().lower()) if len(cells) > 4 else None
        if number in {"0", "1", "2", "3"} and len(cells) > 6:
            yield ids[0][1].upper(), int(number)
        elif word is not None:
            yield ids[0][1].upper(), word


def _lets(rule: str, port: int) -> bool:
    parts = [part.partition("=") for part in rule.split("|")]
    values: dict[str, list[str]] = {}
    for name, _, value in parts:
        values.setdefault(name, []).append(value)
    if "Allow" not in values.get("Action", []) or values.get("Protocol", ["6"]) != ["6"]:
        return False
    ports = [each for name in values if name.startswith("LPort") for each in values[name]]
    return not ports or any(_within(each, port) for each in ports)


def _within(text: str, port: int) -> bool:
    first, _, last = text.partition("-")
    if first.isdigit() and (last or first).isdigit():
        return int(first) <= port <= int(last or first)
    return port == 135 or port >= 49152  # RPC, RPC-EPMap and their like


def _int(text: str | None) -> int | None:
    """A number, also as secedit types it (`4,1`)."""
    if text is None:
        return None
    text = text.rpartition(",")[2].strip().strip('"')
    try:
        value = int(text)
    except ValueError:
        return None
    return value - (1 << 32) if value >= 1 << 31 and value < 1 << 32 else value
