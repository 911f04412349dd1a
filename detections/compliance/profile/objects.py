"""Objects of assessment: which kinds of asset an item is asked of.

GB/T 28448-2019 leaves kinds out of some units of the computing environment; units of other classes
are asked of the kinds that their checks know.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from detections.compliance.assets.asset import AssetKind
from detections.compliance.assets.judging import asset_checks

_COMPUTING: Final = "CES"
# No applications, databases and middleware among the objects of these [V].
_NO_SOFTWARE: Final = frozenset({"L3-CES1-17", "L3-CES1-18", "L3-CES1-19", "L3-CES1-22"})
_SYSTEMS: Final = frozenset({"host", "network", "security", "windows"})
_HOSTS_ONLY: Final = frozenset({"L3-CES1-23"})
# Applications, databases, middleware and management software only [V].
_SOFTWARE_ONLY: Final = frozenset({"L3-CES1-27"})
_KINDS: Final[Mapping[str, AssetKind]] = {
    "host": "host",
    "server": "host",
    "workstation": "host",
    "terminal": "host",
    "network": "network",
    "switch": "network",
    "router": "network",
    "wireless": "network",
    "security": "security",
    "firewall": "security",
    "database": "database",
}


def evidence_kind(kind: str) -> AssetKind | None:
    """The kind of evidence that is read of an asset of the register; None where no reader is."""
    return _KINDS.get(kind)


def is_object(unit: str, prefix: str, kind: AssetKind | None, kinds: frozenset[AssetKind]) -> bool:
    """Whether an item is asked of a kind of asset."""
    if prefix != _COMPUTING:
        return kind in kinds
    if unit in _SOFTWARE_ONLY:
        return kind in {"database", "service"}
    if unit in _HOSTS_ONLY:
        return kind in {"host", "windows"}
    return kind in _SYSTEMS or unit not in _NO_SOFTWARE


@cache
def covered() -> Mapping[str, frozenset[AssetKind]]:
    """By unit, the kinds of asset that the checks of the shelf judge.

    Raises:
        RuleError: a module of the shelf does not load.
    """
    found: dict[str, frozenset[AssetKind]] = {}
    for check, _ in asset_checks():
        found[check.unit] = found.get(check.unit, frozenset()) | frozenset(check.kinds)
    return found
