"""`fengsui rules backtest`: what a rule would have raised over stored events."""

from __future__ import annotations

from pathlib import Path

import typer

from console.cli.output import OUT, progress, show_json, show_table
from console.cli.rule_life import read_rule, rule_id
from console.cli.rule_packs import desk_of
from console.cli.times import time_option
from console.rules.backtest import BackTest, Bounds
from console.rules.desk import RuleDesk
from fengsui.store.event_store import ALWAYS, TimeRange


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(backtest)


def backtest(
    what: str = typer.Argument(help="YAML file of a rule, - for standard input, or a rule's id"),
    since: str = typer.Option("", "--since", help="From this time on (ISO 8601)"),
    until: str = typer.Option("", "--until", help="Before this time"),
    limit: int = typer.Option(5_000_000, "--limit", min=1, help="Events looked at, at most"),
    seconds: float = typer.Option(600.0, "--seconds", min=0.1, help="Seconds, at most"),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
    as_json: bool = typer.Option(False, "--json", help="One JSON document"),
) -> None:
    """Look with a rule at stored events: how often it would have fired, on what, at what cost.

    Examples:
    `fengsui rules backtest ./my_rule.yml --since 2026-11-01`

    `fengsui rules backtest 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a01 --json`
    """
    within = TimeRange(
        time_option(since, "--since", ALWAYS.since), time_option(until, "--until", ALWAYS.until)
    )
    with desk_of(store) as desk, progress(quiet=as_json) as tell:

        def on_progress(found: BackTest) -> bool:
            tell(found.events, min(found.total, limit), f"{found.hits} hits")
            return True

        found = desk.test(_source(desk, what), within, Bounds(limit, seconds), on_progress)
    if as_json:
        show_json(found.as_json())
    else:
        _show(found)


def _source(desk: RuleDesk, what: str) -> str:
    if what == "-" or Path(what).exists() or what.endswith((".yml", ".yaml")):
        return read_rule(what)
    return desk.editor.file(rule_id(desk, what)).text


def _show(found: BackTest) -> None:
    row = found.as_json()
    OUT.print(
        f"{row['hits']} hits in {row['events']:,} events"
        f" ({row['since'] or 'none'} to {row['until'] or 'none'}), {row['per_day']} a day,"
        f" {row['keys']} different keys",
        markup=False,
    )
    OUT.print(f"{row['cost_us']} µs an event, {row['seconds']} s", markup=False)
    if row["partial"]:
        OUT.print(f"not everything was looked at: the bound of {row['why_partial']}", markup=False)
    if row["why"]:
        OUT.print(f"{row['health']}: {row['why']}", markup=False)
    show_table("Days", ("day", "#hits"), [(one["day"], one["count"]) for one in row["days"]])
    show_table("Who", ("entity", "#hits"), [(one["key"], one["count"]) for one in row["entities"]])
    show_table(
        "Samples",
        ("time", "dataset", "met"),
        [
            (
                one["time"],
                one["dataset"],
                " · ".join(f"{fact['name']} = {fact['value']}" for fact in one["facts"]),
            )
            for one in row["sample"]
        ],
    )
