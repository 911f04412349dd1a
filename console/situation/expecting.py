"""What should be seen, and whether it was: the facts of Visibility."""

from __future__ import annotations

from collections.abc import Iterable

from console.api.condition import SILENT
from console.situation.period import Period
from console.situation.places import Placed, Places, named
from console.situation.telemetry import Telemetry
from correlation.situation.facts import ExpectedFact
from correlation.situation.weights import number
from fengsui.clock import DAY
from fengsui.store.state import State
from fengsui.text import Text, literal


def expected(
    state: State, period: Period, seen: Telemetry, places: Places
) -> Iterable[Placed[ExpectedFact]]:
    """Assets, log sources, planes, sensors; of a run its inputs."""
    for asset in period.plan.assets:
        fact = ExpectedFact(
            "assets",
            asset.id,
            named(asset, asset.id),
            float(asset.criticality),
            float(asset.id in seen.assets),
            asset.last,
        )
        yield Placed(fact, places.of_asset(asset))
    for asset, dataset, arrives in seen.pairs:
        if dataset != "flow":  # that an asset is seen in traffic is counted above
            values = {"asset": asset.name or asset.id, "dataset": dataset}
            title = Text("situation.detail.asset_source", values)
            fact = ExpectedFact(
                "sources", f"{asset.id}/{dataset}", title, float(asset.criticality), float(arrives)
            )
            yield Placed(fact, places.of_asset(asset))
    yield from _planes(period, seen)
    yield from _live(state, period) if not period.run else _inputs(state, period)


def _planes(period: Period, seen: Telemetry) -> Iterable[Placed[ExpectedFact]]:
    networks = [each for each in period.plan.networks if each.plane]
    for plane in sorted({each.plane for each in networks}):
        title = Text("situation.detail.plane", {"plane": plane})
        scopes = {("unit", each.unit) for each in networks if each.plane == plane and each.unit}
        fact = ExpectedFact("planes", plane, title, 1.0, float(plane in seen.planes))
        yield Placed(fact, frozenset({("plane", plane), *scopes}))


def _live(state: State, period: Period) -> Iterable[Placed[ExpectedFact]]:
    """Sources that sent something lately, the roles of the pipeline and its interfaces."""
    recent = period.now - int(number("visibility.expect_days") * DAY)
    for source in state.sources():
        if source.last >= recent:
            values = {"sensor": source.sensor, "dataset": source.dataset}
            arrives = source.last >= period.window.since
            title = Text("situation.detail.source", values)
            fact = ExpectedFact(
                "sources",
                f"{source.sensor}/{source.dataset}",
                title,
                1.0,
                float(arrives),
                source.last,
            )
            yield Placed(fact, frozenset(), everywhere=True)
    reports = state.health()
    for role in ("sense", "work"):
        at = reports[role][0] if role in reports else 0
        alive = period.wall - at <= SILENT if at else False
        title = Text(f"situation.detail.role_{role}")
        yield Placed(ExpectedFact("sensors", role, title, 1.0, float(alive), at), frozenset(), True)
    rows = reports["sense"][1].get("interfaces", ()) if "sense" in reports else ()
    for row in rows:
        packets, drops = float(row["packets"]), float(row["drops"])
        share = _kept(drops, packets) if row["status"] == "capturing" else 0.0
        title = Text("situation.detail.interface", {"name": str(row["name"])})
        yield Placed(
            ExpectedFact("sensors", f"interface/{row['name']}", title, 1.0, share),
            frozenset(),
            True,
        )


def _inputs(state: State, period: Period) -> Iterable[Placed[ExpectedFact]]:
    """The captures and logs of a run: what of them could not be read."""
    record = state.replay(period.run)
    for each in record.summary.get("inputs", ()) if record else ():
        records = float(each.get("records") or 0)
        lost = float(sum((each.get("losses") or {}).values()))
        share = 0.0 if each.get("error") else _kept(lost, records)
        name = str(each.get("name") or "")
        yield Placed(
            ExpectedFact("sensors", name, literal(name, name), 1.0, share), frozenset(), True
        )


def _kept(lost: float, records: float) -> float:
    """1 without loss, 0 from the loss on that makes a sensor worthless."""
    if records <= 0:
        return 1.0
    return max(0.0, 1.0 - lost / records / number("visibility.sensor_loss"))
