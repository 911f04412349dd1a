"""`fengsui rules scheduled`: correlations that are run over what all workers have stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from console.cli.installation import settings
from console.cli.output import OUT, progress, severity, show_json, show_table
from console.cli.times import time_option
from console.retro.scheduled import chosen, engine_of, run
from console.retro.scheduled_report import last_report
from console.rules.desk import RuleDesk
from console.wiring import Stores, make_desk, open_stores
from detections.sigma.correlating import timespan_text
from detections.sigma.correlations.rule import LoadedCorrelation
from fengsui.clock import SECOND, WallClock
from fengsui.settings import Settings

BY = "command line"


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(scheduled)


def scheduled(
    run_now: bool = typer.Option(False, "--run", help="Run once now, also where no worker runs"),
    since: str = typer.Option(
        "", "--since", help="With --run: look at events from this time on once more (ISO 8601)"
    ),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema rules-scheduled)"
    ),
) -> None:
    """Correlations that the leading worker also runs over the store, where workers share a stream.

    The setting detection.scheduled names them. A run goes on where the last one ended; it raises nothing
    twice, so it may be repeated with --since.

    Examples:
    `FENGSUI_DETECTION_SCHEDULED=all fengsui rules scheduled`

    `fengsui rules scheduled --run --since 2026-11-01 --json`
    """
    again = time_option(since, "--since", None)
    current = settings(store)
    with open_stores(current, writable=False) as stores:
        desk = make_desk(current, stores)
        if run_now:
            _run(current, stores, desk, again, quiet=as_json)
        known = desk.library.current()
        picked = chosen(current, known)
        idle = engine_of(picked.rules, known, desk).idle() if picked.rules else ()
        last = last_report(stores.state)
    left_out = [*picked.left_out, *((one.rule, one.why) for one in idle)]
    if as_json:
        how = current.detection
        show_json(
            {
                "every_minutes": how.scheduled_minutes,
                "lateness_seconds": how.scheduled_lateness_seconds,
                "run_seconds": how.scheduled_run_seconds,
                "rules": [_row(one) for one in picked.rules],
                "left_out": [{"rule": name, "why": why} for name, why in left_out],
                "last": last or None,
            }
        )
        return
    _show(picked.rules, left_out)
    _show_last(last)


def _run(
    current: Settings, stores: Stores, desk: RuleDesk, since: int | None, *, quiet: bool
) -> None:
    with progress(quiet) as tell:
        run(
            current,
            stores.events,
            stores.state,
            desk,
            WallClock(),
            by=BY,
            since=since,
            on_progress=lambda report: tell(report.events, 0, f"{report.hits} hits"),
        )


def _row(rule: LoadedCorrelation) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title.as_json(),
        "severity": rule.severity.word,
        "type": rule.type,
        "timespan_seconds": rule.timespan / SECOND,
    }


def _show(rules: Sequence[LoadedCorrelation], left_out: Sequence[tuple[str, str]]) -> None:
    show_table(
        "Scheduled correlations",
        ("severity", "rule", "what", "type", "within"),
        [
            (severity(one.severity.word), one.id, one.title.render("en"), one.type,
             timespan_text(one.timespan))
            for one in rules
        ],
        empty="none; the setting detection.scheduled names them",
    )  # fmt: skip
    if left_out:
        show_table("Left out", ("rule", "why"), left_out)


def _show_last(last: dict[str, Any]) -> None:
    if not last:
        OUT.print("No run yet.")
        return
    OUT.print(
        f"Last run ({last['status']}) at {last['began'][:19]}Z: events of {last['since'][:19]}Z to"
        f" {last['looked_until'][:19]}Z, {last['events']:,} looked at in {last['seconds']:.1f} s,"
        f" {last['hits']:,} hits, {last['raised']:,} raised, {last['told']:,} known already",
        markup=False,
        soft_wrap=True,
    )
    if last["behind_seconds"]:
        OUT.print(
            f"It is {last['behind_seconds']:,.0f} s behind; the next run goes on.", markup=False
        )
    if last["late_events"]:
        OUT.print(
            f"{last['late_events']:,} events came after they would have been looked at: raise"
            " detection.scheduled_lateness_seconds, or repeat with --run --since.",
            markup=False,
            soft_wrap=True,
        )
    if last["problem"]:
        OUT.print(f"{last['problem']['what']}: {last['problem']['where']}", markup=False)
