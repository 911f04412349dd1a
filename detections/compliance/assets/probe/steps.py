"""Words of the checks of services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetCheck, AssetFact, State, Step
from detections.compliance.assets.probe.ssh import SshService
from detections.compliance.assets.probe.tls import TlsService
from detections.compliance.assets.steps import worded
from fengsui.text import Text

_OTHERS: Final = frozenset(["path_test", "other_ways", "design", "two_factors"])


def service_check(unit: str, name: str, *, single: bool = False) -> AssetCheck:
    """A check of services; its claim is `services.claim.NAME`."""
    claim = Text(f"services.claim.{name}", {})
    return AssetCheck(f"service_{name}", unit, ("service",), claim, single)


def service_of(asset: AssetEvidence) -> SshService | TlsService:
    """What the service offered."""
    if not isinstance(asset.facts, SshService | TlsService):
        raise TypeError(f"{asset.source} is no service")
    return asset.facts


def step(name: str, state: State, detail: str = "", facts: Iterable[AssetFact] = ()) -> Step:
    """A step with its sentence `services.NAME.good|bad|open`."""
    return worded("services", name, state, detail, facts, own=name in _OTHERS)


def fact(asset: AssetEvidence, name: str, value: str | int, limit: str | int = "") -> AssetFact:
    """Something that was offered."""
    mark = "OURS: TLS 1.2 or TLCP, SSH 2, no weak algorithm" if limit != "" else ""
    return AssetFact(name, value, asset.source, asset.digest, limit, mark)
