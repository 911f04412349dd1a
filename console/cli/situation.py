"""`fengsui situation`: how are we now, and where to look."""

from __future__ import annotations

from pathlib import Path

import typer

from console.api.schemas.situation import Gauge, Outlook, Situation, UnitRow
from console.api.schemas.situation import Warning as WarningShown
from console.cli.installation import settings
from console.cli.output import OUT, severity, short_time, show_json, show_table
from console.published_situation import SituationReport
from console.situation.desk import SituationDesk
from console.situation.outlook import alert_outlook, link_outlooks
from console.situation.shown import (
    alerts_of_week,
    outlooks_shown,
    situation_shown,
    units_shown,
    warning_shown,
)
from console.situation.units import unit_rows
from console.wiring import open_stores
from correlation.situation.reading import HIGH_IS_GOOD
from fengsui.clock import WallClock
from fengsui.settings import Settings

_ITEMS = 3  # of each part, in the table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(situation)


def situation(
    run: str = typer.Option(
        "", "--run", help="A replay or drill, on its own clock (default: live telemetry)"
    ),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation to ask"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema situation)"
    ),
) -> None:
    """Threat, exposure, visibility and response, each with the parts that it is the sum of.

    A gauge reads unknown where less than 60 % of what should be seen is. With the table of units,
    forecasts of alerts and traffic, and four-colour warnings.

    Examples:
    `fengsui situation`

    `fengsui situation --run drill-1a2b3c4d --json | jq '.situation.gauges[] | {gauge, value, seen}'`
    """
    report = make_report(settings(store), run)
    if as_json:
        show_json(report.model_dump(mode="json"))
        return
    told = report.situation
    OUT.print(_headline(told), markup=False)
    show_table(
        "Gauges", ("gauge", "#value", "level", "why"), [_gauge(each) for each in told.gauges]
    )
    show_table(
        "What they sum",
        ("gauge", "part", "#points", "#of", "most of it"),
        [row for each in told.gauges for row in _parts(each)],
    )
    show_table(
        "Units",
        (
            "unit",
            "#threat",
            "#visibility",
            "incidents",
            "#alerts",
            "#before",
            "trend",
            "#per asset",
        ),
        [_unit(each) for each in report.units.items],
    )
    show_table(
        "Forecasts of the next 24 hours",
        ("series", "expected", "band", "past error", "history"),
        [_outlook(each) for each in report.forecasts.items],
    )
    show_table(
        "Warnings",
        ("colour", "status", "what", "proposed", "due"),
        [_warning(each) for each in report.warnings],
        empty="none",
    )


def make_report(current: Settings, run: str) -> SituationReport:
    """The whole document.

    Raises:
        NotFoundError: there is no such run.
    """
    with open_stores(current, writable=False) as stores:
        state = stores.state
        picture = SituationDesk(state, stores.events, WallClock()).picture(
            "" if run == "live" else run
        )
        capacity = current.situation.capacity_megabits
        outlooks = [
            alert_outlook(state, picture.period),
            *link_outlooks(state, picture.period, capacity),
        ]
        return SituationReport(
            situation=situation_shown(
                picture, picture.whole, state.replays(), alerts_of_week(state, picture)
            ),
            units=units_shown(picture, unit_rows(state, picture)),
            forecasts=outlooks_shown(picture, outlooks),
            warnings=[warning_shown(each) for each in state.warnings(picture.period.run)],
        )


def _headline(told: Situation) -> str:
    which = f"{told.run_kind} {told.run_name or told.run}".strip()
    age = "no event in this time" if told.newest is None else f"newest event {told.newest[:19]}Z"
    return f"Situation of {which}, {told.since[:19]}Z to {told.at[:19]}Z; {age}\n"


def _gauge(each: Gauge) -> tuple[str, str, str, str]:
    if each.value is not None:
        return each.gauge, f"{each.value:.0f}", each.level or "", ""
    is_risk = each.gauge not in HIGH_IS_GOOD  # of which what was seen is a lower bound
    least = f"at least {each.seen:.0f}" if each.seen and is_risk else ""
    return each.gauge, "unknown", least, each.unknown.en if each.unknown else ""


def _parts(each: Gauge) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            each.gauge,
            part.name,
            f"{part.points:.1f}",
            f"{part.most:.0f}",
            "; ".join(item.title.en for item in part.items[:_ITEMS]),
        )
        for part in each.parts
    ]


def _value(row: UnitRow, gauge: str) -> str:
    found = next(each for each in row.gauges if each.gauge == gauge)
    if found.value is None:
        return f"≥ {found.seen:.0f}" if found.seen and gauge == "threat" else "unknown"
    return f"{found.value:.0f}"


def _unit(row: UnitRow) -> tuple[object, ...]:
    worst = severity(row.worst) if row.worst else ""
    return (
        row.name or "(no unit)",
        _value(row, "threat"),
        _value(row, "visibility"),
        f"{row.incidents} {worst}".strip(),
        row.alerts,
        row.before,
        row.trend,
        f"{row.by_asset.shrunk:.2f}",
    )


def _outlook(each: Outlook) -> tuple[str, str, str, str, str]:
    name = "alerts" if each.unit == "alerts" else f"traffic {each.name or 'all'}"
    history = f"{each.have_days:.1f} days"
    if not each.hours or each.past is None:
        return name, "unknown", "", "", f"{history}, needs {each.need_days:.0f}"
    most = max(each.hours, key=lambda hour: hour.high)
    unit = "an hour" if each.unit == "alerts" else "Mbit/s"
    return (
        name,
        f"up to {max(hour.expected for hour in each.hours):.1f} {unit}",
        f"{most.low:.1f} to {most.high:.1f} at {short_time(most.start)}",
        f"{each.past.error:.2f}, {each.past.inside:.0%} inside ({each.past.hours} h)",
        history,
    )


def _warning(each: WarningShown) -> tuple[str, str, str, str, str]:
    late = " escalated" if each.escalated else ""
    return (
        each.colour,
        each.status + late,
        each.title.en,
        short_time(each.proposed),
        short_time(each.due),
    )
