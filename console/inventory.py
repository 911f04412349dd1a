"""Two inventories as one: the register of an installation, and a drill's own hosts."""

from __future__ import annotations

from collections.abc import Mapping

from fengsui.asset import Asset
from fengsui.store.state import Plan


def joined(ours: Plan, extra: Plan) -> Plan:
    """Two inventories as one; where both know an asset, `extra` wins."""
    assets: Mapping[str, Asset] = {a.id: a for a in (*ours.assets, *extra.assets)}
    return Plan(
        units=tuple({u.id: u for u in (*ours.units, *extra.units)}.values()),
        systems=tuple({s.id: s for s in (*ours.systems, *extra.systems)}.values()),
        networks=tuple({n.cidr: n for n in (*ours.networks, *extra.networks)}.values()),
        assets=tuple(assets.values()),
    )
