"""The situation as the API and the command line show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from console.api.schemas import situation as schemas
from console.situation.attacks import Attacks
from console.situation.desk import Gauge, Picture, ScopeGauges
from console.situation.outlook import Outlook
from console.situation.units import WEEK, UnitRow
from correlation.situation.levels import is_held
from correlation.situation.reading import Item, Part
from correlation.situation.weights import number
from fengsui.clock import DAY, SECOND, to_iso
from fengsui.store.situation_states import GaugeDay
from fengsui.store.state import Replay, State
from fengsui.text import Text
from fengsui.warning import Warned

_RUNS_SHOWN = 20
_CRITICAL = 3  # from this criticality on an asset is called critical


def situation_shown(
    picture: Picture, scope: ScopeGauges, runs: Sequence[Replay], alerts: int
) -> schemas.Situation:
    """The picture, with the parts of the gauges of one scope."""
    period = picture.period
    newest = min(picture.seen.newest, period.now)
    return schemas.Situation.model_validate(
        {
            "run": period.run,
            "run_kind": period.kind,
            "run_name": period.name,
            "at": to_iso(period.now),
            "wall": to_iso(period.wall),
            "since": to_iso(period.window.since),
            "newest": to_iso(newest) if newest else None,
            "stale_seconds": max(0.0, (period.now - newest) / SECOND) if newest else None,
            "cut": picture.gathered.cut,
            "scope": _scope(scope),
            "gauges": [{**_brief(g), "parts": _parts(g.reading.parts)} for g in scope.gauges],
            "scopes": [_scope(each) for each in picture.scopes],
            "counts": _counts(picture, alerts),
            "runs": [
                {
                    "id": run.id,
                    "kind": run.kind,
                    "name": run.name,
                    "started": to_iso(run.started),
                }
                for run in runs[:_RUNS_SHOWN]
                if run.finished and run.kind != "live"
            ],
        }
    )


def alerts_of_week(state: State, picture: Picture) -> int:
    """How many alerts began in the last seven days of the period."""
    period = picture.period
    hours = state.alert_hours(period.scope, period.now - WEEK, period.now + 1)
    return sum(hours.values())


def _counts(picture: Picture, alerts: int) -> dict[str, Any]:
    gathered, seen = picture.gathered, picture.seen
    assets = gathered.period.plan.assets
    found = [each.fact for each in gathered.incidents if each.fact.is_open]
    critical = [asset for asset in assets if asset.criticality >= _CRITICAL]
    sources = [each.fact for each in gathered.expected if each.fact.part == "sources"]
    kinds = Counter(asset.kind for asset in assets)
    kinds_seen = Counter(asset.kind for asset in assets if asset.id in seen.assets)
    return {
        "incidents": Counter(each.severity.word for each in found),
        "untaken": sum(not each.taken for each in found),
        "assets": len(assets),
        "assets_seen": len(seen.assets),
        "critical_assets": len(critical),
        "critical_assets_seen": sum(asset.id in seen.assets for asset in critical),
        "unregistered": len(seen.unregistered),
        "sources": len(sources),
        "sources_silent": sum(each.share < 1 for each in sources),
        "alerts": alerts,
        "asset_kinds": _counted(kinds),
        "asset_kinds_seen": _counted(kinds_seen),
    }


def _counted(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"key": key, "count": count}
        for key, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    ]


def _scope(each: ScopeGauges) -> dict[str, Any]:
    kind, id_ = each.scope
    return {
        "kind": kind,
        "id": id_,
        "name": each.name,
        "gauges": [_brief(gauge) for gauge in each.gauges],
    }


def _brief(gauge: Gauge) -> dict[str, Any]:
    reading, level = gauge.reading, gauge.level
    return {
        "gauge": reading.gauge,
        "value": _rounded(reading.value),
        "seen": round(reading.seen, 4),
        "level": level.word if level else None,
        "level_since": to_iso(level.since) if level else None,
        "level_held": is_held(reading, level),
        "week_ago": _rounded(gauge.week_ago),
        "unknown": _text(reading.unknown),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _text(text: Text | None) -> dict[str, object] | None:
    return text.as_json() if text else None


def _parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {
            "name": part.name,
            "points": round(part.points, 4),
            "most": round(part.most, 4),
            "why": part.why.as_json(),
            "items": [_item(item) for item in part.items],
            "link": {"page": part.link.page, "words": dict(part.link.words)} if part.link else None,
        }
        for part in parts
    ]


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.id,
        "title": item.title.as_json(),
        "points": round(item.points, 4),
        "most": round(item.most, 4),
        "at": to_iso(item.at) if item.at else None,
        "detail": _text(item.detail),
        "severity": item.severity or None,
    }


def units_shown(picture: Picture, rows: Sequence[UnitRow]) -> schemas.UnitRows:
    """The table of units."""
    return schemas.UnitRows.model_validate(
        {
            "run": picture.period.run,
            "at": to_iso(picture.period.now),
            "prior": number("fairness.prior"),
            "items": [_unit(row) for row in rows],
        }
    )


def _unit(row: UnitRow) -> dict[str, Any]:
    rates = {"by_asset": row.by_asset, "by_user": row.by_user, "by_gb": row.by_gb}
    return {
        **{name: getattr(row, name) for name in ("responsible", "assets", "users", "bytes")},
        **{name: getattr(row, name) for name in ("incidents", "alerts", "before", "trend")},
        "id": row.gauges.scope[1],
        "name": row.gauges.name,
        "gauges": [_brief(gauge) for gauge in row.gauges.gauges],
        "worst": row.worst or None,
        **{
            name: {"size": r.size, "raw": r.raw, "shrunk": r.shrunk, "mean": r.mean}
            for name, r in rates.items()
        },
    }


def outlooks_shown(picture: Picture, found: Sequence[Outlook]) -> schemas.Outlooks:
    """Forecasts."""
    return schemas.Outlooks.model_validate(
        {
            "run": picture.period.run,
            "at": to_iso(picture.period.now),
            "items": [_outlook(each) for each in found],
        }
    )


def _outlook(each: Outlook) -> dict[str, Any]:
    made = each.forecast
    past = made.backtest
    return {
        "name": each.name,
        "unit": each.unit,
        "history": _amounts(each.history),
        "days": _amounts(each.days),
        "hours": [
            {
                "start": to_iso(hour.start),
                "expected": hour.expected,
                "low": hour.low,
                "high": hour.high,
            }
            for hour in made.hours
        ],
        "past": {
            "hours": past.hours,
            "error": past.error,
            "naive_error": past.naive_error,
            "inside": past.inside,
        }
        if past
        else None,
        "season_hours": made.season,
        "yesterday": made.yesterday,
        "have_days": made.have_days,
        "need_days": made.need_days,
        "capacity": each.capacity or None,
        "full_at": number("forecast.full_at"),
        "tight": to_iso(each.tight) if each.tight else None,
    }


def _amounts(series: Mapping[int, float]) -> list[dict[str, Any]]:
    return [{"start": to_iso(at), "amount": amount} for at, amount in sorted(series.items())]


def attacks_shown(picture: Picture, found: Attacks, since: int) -> schemas.Attacks:
    """Flows of attacks."""

    def place(each: Any) -> dict[str, str]:
        return {"kind": each.kind, "unit": each.unit, "zone": each.zone}

    return schemas.Attacks.model_validate(
        {
            "run": picture.period.run,
            "since": to_iso(since),
            "until": to_iso(picture.period.now),
            "alerts": found.alerts,
            "without_ends": found.without_ends,
            "cut": found.cut,
            "flows": [
                {
                    "source": place(flow.source),
                    "target": place(flow.target),
                    "alerts": flow.alerts,
                    "severity": flow.severity.word,
                }
                for flow in found.flows
            ],
            "rules": [
                {"rule": alert.rule, "title": alert.title.as_json(), "alerts": count}
                for alert, count in found.rules
            ],
            "tactics": [{"key": key, "count": count} for key, count in found.tactics],
            "severities": [{"key": key, "count": count} for key, count in found.severities],
        }
    )


def warning_shown(warned: Warned) -> schemas.Warning:
    """A warning."""
    return schemas.Warning.model_validate(warned.as_json())


def days_shown(days: Sequence[GaugeDay]) -> schemas.GaugeDays:
    """Days of gauges."""
    return schemas.GaugeDays.model_validate(
        {
            "items": [
                {
                    "day": to_iso(each.day * DAY)[:10],
                    **{n: getattr(each, n) for n in ("gauge", "value", "low", "high")},
                    "level": each.level,
                    "changes": each.changes,
                }
                for each in days
            ]
        }
    )
