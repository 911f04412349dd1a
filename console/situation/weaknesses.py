"""What could be attacked: the facts of Exposure."""

from __future__ import annotations

from collections.abc import Iterable

from console.situation.period import Period
from console.situation.places import Placed, Places, named
from console.situation.telemetry import Telemetry
from correlation.situation.facts import WeaknessFact
from correlation.situation.weights import by_word
from fengsui.control import Conformity
from fengsui.store.state import State
from fengsui.text import Text, literal


def weaknesses(
    state: State, period: Period, seen: Telemetry, places: Places
) -> Iterable[Placed[WeaknessFact]]:
    """Failed controls, reachable and clear-text hosts, what is unregistered or nobody's."""
    failed = by_word("exposure.failed_control")
    for finding in () if period.run else state.findings():
        if finding.verdict in (Conformity.DOES_NOT, Conformity.PARTLY):
            title = literal(finding.unit, finding.unit)
            assert finding.verdict.value in failed
            yield Placed(
                WeaknessFact(
                    "control",
                    f"{finding.unit}/{finding.check}",
                    title,
                    finding.verdict.value,
                    at=finding.time,
                    detail=finding.reason,
                ),
                frozenset(),
            )
    for part, found in (("service", seen.reachable), ("practice", seen.cleartext)):
        for address, flows in sorted(found.items()):
            if places.is_internal(address):
                asset = places.asset(address)
                detail = Text(f"situation.detail.{part}", {"flows": flows})
                yield Placed(
                    WeaknessFact(
                        part,
                        address,
                        named(asset, address),
                        criticality=asset.criticality if asset else 1,
                        detail=detail,
                    ),
                    places.of_address(address),
                )
    for address in seen.unregistered:
        yield Placed(
            WeaknessFact("unregistered", address, literal(address, address)),
            places.of_address(address),
        )
    for asset in period.plan.assets:
        if not asset.unit or not asset.responsible:
            yield Placed(
                WeaknessFact(
                    "unowned", asset.id, named(asset, asset.id), criticality=asset.criticality
                ),
                places.of_asset(asset),
            )
