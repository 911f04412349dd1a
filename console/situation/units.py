"""Units side by side: what happened this week and the last, by size, fairly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.situation.desk import Picture, ScopeGauges
from console.situation.gathering import Gathered
from correlation.situation.fairness import Rate, Trend, fair_rates, trend
from fengsui.clock import DAY
from fengsui.store.state import State
from sensors.enrich.address_plan import AddressPlan

WEEK: Final = 7 * DAY
GB: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the register, or "" for what belongs to none.

    `alerts` and `before`: this week and the last. Rates are alerts a week for each asset, user and GB.
    """

    gauges: ScopeGauges
    responsible: str
    assets: int
    users: int
    bytes: int
    incidents: int
    worst: str
    alerts: int
    before: int
    trend: Trend
    by_asset: Rate
    by_user: Rate
    by_gb: Rate


def unit_rows(state: State, picture: Picture) -> list[UnitRow]:
    """All units, the highest shrunk rate by asset first."""
    period = picture.period
    plan = period.plan
    units = [each for each in picture.scopes if each.scope[0] == "unit"]
    ids = [each.scope[1] for each in units]
    this = _alerts(state, picture.gathered, period.now - WEEK, period.now + 1)
    last = _alerts(state, picture.gathered, period.now - 2 * WEEK, period.now - WEEK)
    hours = state.traffic(period.scope, "unit", period.now - WEEK, period.now + 1)
    traffic = {id_: sum(hour.bytes for hour in hours if hour.name == id_) for id_ in ids}
    registered = {each.id: each for each in plan.units}
    assets = [sum(asset.unit == id_ for asset in plan.assets) if id_ else 0 for id_ in ids]
    users = [registered[id_].users if id_ in registered else 0 for id_ in ids]
    counts = [this.get(id_, 0) for id_ in ids]
    rates = [
        fair_rates(counts, sizes) for sizes in (assets, users, [traffic[id_] / GB for id_ in ids])
    ]
    compared = 0 < period.first <= period.now - 2 * WEEK  # both weeks were seen whole
    rows: list[UnitRow] = []
    for at, (unit, id_) in enumerate(zip(units, ids, strict=True)):
        found = [
            each.fact
            for each in picture.gathered.incidents
            if each.within(unit.scope) and each.fact.is_open
        ]
        worst = max(found, key=lambda each: (each.severity, each.score), default=None)
        rows.append(
            UnitRow(
                unit,
                registered[id_].responsible if id_ in registered else "",
                assets[at],
                users[at],
                traffic[id_],
                len(found),
                worst.severity.word if worst else "",
                counts[at],
                last.get(id_, 0),
                trend(counts[at], last.get(id_, 0)) if compared else "few",
                *(rate[at] for rate in rates),
            )
        )
    rows.sort(key=lambda row: (-row.by_asset.shrunk, row.gauges.scope[1]))
    return rows


def _alerts(state: State, gathered: Gathered, since: int, until: int) -> dict[str, int]:
    """Alerts by unit. One that names hosts of two units counts for both, one of two hosts of a unit twice."""
    plan = AddressPlan(gathered.period.plan)
    found: dict[str, int] = {}
    for row in state.alert_hosts(gathered.period.scope, since, until):
        place = plan.at(row.host)
        if place.internal:
            found[place.unit] = found.get(place.unit, 0) + row.alerts
    return found
