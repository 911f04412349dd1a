"""Steps of the device checks: what a configuration shows against a unit, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device.facts import DeviceFacts, Fault, Rule, Way
from detections.compliance.assets.judging import AssetCheck, AssetFact, Step
from detections.compliance.limits import limit_facts
from fengsui.text import Text

_SHOWN: Final = 20  # faults of one kind that are named
_LIMITS: Final = {
    "length": ("device_identity", "password_length"),
    "classes": ("device_identity", "password_classes"),
    "aging": ("device_identity", "password_days"),
    "lock_tries": ("device_lockout", "tries"),
    "lock_short": ("device_lockout", "lock_seconds"),
    "list_wide": ("device_sources", "addresses"),
    "idle_never": ("device_lockout", "idle_seconds"),
    "idle_long": ("device_lockout", "idle_seconds"),
}


def check(name: str, unit: str, *, single: bool = False, boundary: bool = False) -> AssetCheck:
    """A check of devices; `boundary`: of security devices only."""
    return AssetCheck(
        f"device_{name}",
        unit,
        ("security",) if boundary else ("network", "security"),
        Text(f"compliance.device.claim.{name}"),
        single,
    )


def facts_of(asset: AssetEvidence) -> DeviceFacts:
    """The configuration that was read."""
    if not isinstance(asset.facts, DeviceFacts):
        raise TypeError(asset.kind)
    return asset.facts


def failed(asset: AssetEvidence, faults: Iterable[Fault]) -> list[Step]:
    """A failed step of each fault, with the line that shows it."""
    found = sorted(faults, key=lambda fault: (fault.line, fault.key, str(fault.values)))
    return [_failed(asset, fault) for fault in found[:_SHOWN]]


def _failed(asset: AssetEvidence, fault: Fault) -> Step:
    where = f"{asset.source}:{fault.line}" if fault.line else asset.source
    values: dict[str, str | int | float] = {"line": fault.line, **fault.values}
    shown = ", ".join(f"{name}={value}" for name, value in sorted(fault.values.items()))
    limit, mark = "", ""
    if fault.key in _LIMITS:
        section, name = _LIMITS[fault.key]
        row = next(fact for fact in limit_facts(section) if fact.name == name)
        limit, mark = str(row.value), str(row.baseline or "")
    return Step(
        fault.key,
        False,
        Text(f"compliance.device.fault.{fault.key}", values),
        (AssetFact(fault.key, shown or "yes", where, asset.digest, limit, mark),),
        Text(f"compliance.device.repair.{fault.key}", values),
    )


def opened(key: str, **values: str | int) -> Step:
    """A step that the configuration cannot show."""
    return Step(
        key,
        None,
        Text(f"compliance.device.open.{key}", values),
        repair=Text("compliance.device.repair.open"),
    )


def held(key: str) -> Step:
    """A step that holds as the text says; offline that is never conformity."""
    return Step(key, True, Text(f"compliance.device.held.{key}"))


def unread(asset: AssetEvidence) -> list[Step]:
    """Open when the text is not whole, or its default is not in our tables."""
    return [] if facts_of(asset).whole else [opened("not_whole")]


def reachable(facts: DeviceFacts) -> list[Way]:
    """Login lines that accept somebody."""
    return [way for way in facts.ways if way.kind == "console" or way.protocols != frozenset()]


def remote_only(facts: DeviceFacts) -> bool:
    """Whether every login line asks a remote authority, which the text does not show."""
    ways = reachable(facts)
    return bool(ways) and all(way.login == "remote" for way in ways)


def log_faults(facts: DeviceFacts) -> list[Fault]:
    """Why no log leaves the device."""
    if facts.logging is False:
        return [Fault("logging_off", {}, facts.logging_line)]
    if facts.log_hosts or facts.log_blocked:
        return list(facts.log_blocked)
    return [Fault("no_loghost", {}, 0)] if facts.whole or facts.logs_known else []


def boundary_rules(facts: DeviceFacts) -> list[Rule]:
    """Enabled rules of policies between zones and of lists that are bound to traffic."""
    return [
        rule
        for rule in facts.rules
        if rule.enabled and (rule.list not in facts.lists or rule.list in facts.bound)
    ]


def rule_fault(key: str, rule: Rule) -> Fault:
    """A fault of one rule."""
    return Fault(key, {"list": rule.list, "rule": rule.name}, rule.line)
