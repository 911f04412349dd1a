"""Words of the Windows checks: a step's sentence by its name and state, and the host shelf's open steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from detections.compliance.assets.asset import AssetEvidence, AssetKind
from detections.compliance.assets.judging import AssetCheck, AssetFact, State, Step
from detections.compliance.assets.steps import step as host_step
from detections.compliance.assets.steps import worded
from detections.compliance.assets.windows.facts import WindowsFacts
from fengsui.text import Text

_KINDS: Final[tuple[AssetKind, ...]] = ("windows",)


def windows_check(unit: str, name: str, *, single: bool = False) -> AssetCheck:
    """A check of Windows hosts; its claim is that of the host shelf, `hosts.claim.NAME`."""
    return AssetCheck(f"windows_{name}", unit, _KINDS, Text(f"hosts.claim.{name}", {}), single)


def windows_of(asset: AssetEvidence) -> WindowsFacts:
    """The facts of a Windows host."""
    if not isinstance(asset.facts, WindowsFacts):
        raise TypeError(f"{asset.source} is no Windows bundle")
    return asset.facts


def step(name: str, state: State, detail: str = "", facts: Iterable[AssetFact] = ()) -> Step:
    """A step with its sentence `windows.NAME.good|bad|open`."""
    return worded("windows", name, state, detail, facts)


def elsewhere(name: str, facts: Iterable[AssetFact] = ()) -> Step:
    """A step that no bundle shows, in the words of the host shelf."""
    return host_step(name, None, "", facts)


def named(names: Sequence[str]) -> str:
    """The first few."""
    return ", ".join(names[:8])
