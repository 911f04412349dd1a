"""`fengsui incidents`: the queue on the command line, and a time range correlated anew."""

from __future__ import annotations

import getpass
from typing import Any

import typer

from console.api.shown import risk_at
from console.api.times import time_range
from console.cli.installation import settings
from console.cli.output import OUT, severity, short_time, show_json, show_table
from console.recorrelating import apply, recorrelate
from console.wiring import open_stores
from fengsui.clock import HOUR, WallClock, to_iso
from fengsui.settings import Settings
from fengsui.store.decision_states import WeakFilter
from fengsui.store.state import Budget, Case, CaseFilter

_RUNS = {"live": "", "any": None}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="The queue: its incidents, what stands below the line, correlating anew"
    )
    group.command(name="list")(list_incidents)
    group.command(name="recorrelate")(recorrelate_incidents)
    app.add_typer(group, name="incidents")


def list_incidents(
    run: str = typer.Option("any", "--run", help="`live`, `any` or a run's id"),
    below: bool = typer.Option(
        False, "--below", help="What stands below the line, and alerts that make no incident"
    ),
    limit: int = typer.Option(50, "--limit", min=1, max=500, help="At most so many"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema incidents)"
    ),
) -> None:
    """The incidents of the queue, the worst first.

    Examples:
    `fengsui incidents list`

    `fengsui incidents list --below --json | jq '.weak[].title.en'`
    """
    current = settings()
    which = _RUNS.get(run, run)
    with open_stores(current, writable=False) as stores:
        found, total = stores.state.cases(
            CaseFilter(run=which, budget=_budget(current), below=below), limit=limit
        )
        alerts, weak = (
            stores.state.weak_alerts(WeakFilter(run=which), limit=limit) if below else ([], 0)
        )
    document: dict[str, Any] = {
        "total": total,
        "incidents": [_row(case) for case in found],
        "weak_total": weak,
        "weak": [alert.as_json() for alert in alerts],
    }
    if as_json:
        show_json(document)
        return
    _show(f"Incidents ({total:,})", document["incidents"])
    if below:
        show_table(
            f"Alerts that make no incident ({weak:,})",
            ("severity", "what", "who", "#count", "first"),
            [
                (
                    severity(one["severity"]),
                    one["title"]["en"],
                    ", ".join(e["value"] for e in one["entities"][:3]),
                    one["count"],
                    short_time(one["first"]),
                )
                for one in document["weak"]
            ],
            empty="none",
        )


def recorrelate_incidents(
    since: str = typer.Option(
        "", "--since", help="Beginning, ISO 8601 (default: a week before the newest alert)"
    ),
    until: str = typer.Option("", "--until", help="End, ISO 8601, not included (default: now)"),
    run: str = typer.Option("live", "--run", help="`live`, or a drill's id"),
    do: bool = typer.Option(False, "--apply", help="Write it; without, only say what would change"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema incidents-recorrelate)"
    ),
) -> None:
    """Correlate a week's alerts anew, with today's assets, verdicts and decisions.

    Examples:
    `fengsui incidents recorrelate`

    `fengsui incidents recorrelate --since 2026-11-14T00:00:00Z --apply`
    """
    current = settings()
    scope = _RUNS.get(run, run) or ""
    with open_stores(current, writable=False) as stores:
        result = recorrelate(current, stores.events, stores.state, scope, time_range(since, until))
        if do:
            apply(result, stores.state, f"cli:{getpass.getuser()}", scope)
    document: dict[str, Any] = {**result.as_json(), "applied": do}
    if as_json:
        show_json(document)
        return
    for name in ("new", "changed", "gone"):
        _show(f"{name.capitalize()} ({len(document[name])})", document[name])
    if document["kept"]:
        _show("Left as they are, because somebody acted on them", document["kept"])
    OUT.print(
        f"{document['alerts']:,} alerts from {short_time(document['since'])} to "
        f"{short_time(document['until'])}: {document['before']} incidents before, "
        f"{document['after']} after, {document['same']} the same."
    )
    if document["cut"]:
        OUT.print(
            "There are more alerts than are correlated at once; the newest were: give --since."
        )
    OUT.print("Written." if do else "Nothing was written: --apply writes it.")


def _budget(current: Settings) -> Budget:
    given = current.correlation
    return Budget(given.budget, int(given.shift_hours * HOUR), given.raise_at)


def _row(case: Case) -> dict[str, Any]:
    one = case.incident
    now = one.last if one.run else WallClock().now()
    return {
        "id": one.id,
        "title": one.title.as_json(),
        "origin": one.origin,
        "severity": one.severity.word,
        "score": one.score,
        "risk_now": risk_at(one, now),
        "status": case.status,
        "owner": case.owner,
        "learning": one.learning,
        "below_line": case.below_line,
        "stages": [stage.tactic for stage in one.stages],
        "count": one.count,
        "first": to_iso(one.first),
        "last": to_iso(one.last),
        "run": one.run,
    }


def _show(title: str, rows: list[dict[str, Any]]) -> None:
    show_table(
        title,
        ("#score", "severity", "what", "alerts of", "first", "last", "id"),
        [
            (
                f"{one['score']:.0f}",
                severity(one["severity"]),
                one["title"]["en"],
                one["origin"],
                short_time(one["first"]),
                short_time(one["last"]),
                one["id"][:8],
            )
            for one in rows
        ],
        empty="none",
    )
