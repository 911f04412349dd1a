"""Who speaks in the event store: audit records by host, and assets by the names that they speak under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fengsui.asset import Asset

# What a source says about itself; what a sensor saw on the wire is no audit record of the asset.
AUDIT: Final = "event.category:(authentication OR iam OR configuration OR session)"
_PARSED: Final = "(_exists_:user.name OR _exists_:event.outcome OR _exists_:rule.name)"
UNREAD: Final = f"event.dataset:(syslog OR other) AND NOT ({AUDIT}) AND NOT {_PARSED}"
ANY_AUDIT: Final = f"({AUDIT}) OR event.dataset:syslog"
SPEAKERS: Final = ("host.name", "host.ip", "observer.name", "source.ip")


def names_of(asset: Asset) -> frozenset[str]:
    """All that an asset may be named."""
    return frozenset(each for each in (asset.id, asset.name, *asset.addresses) if each)


def spoken(counts: Mapping[str, int], names: frozenset[str]) -> int:
    """Records under any of the names."""
    return sum(counts.get(name, 0) for name in names)
