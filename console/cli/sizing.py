"""`fengsui sizing`: how many sensors, cores, disks and shards an installation needs."""

from __future__ import annotations

from pathlib import Path

import typer

from console.cli.output import OUT, show_json, show_table
from console.sizing import COSTS, Cost, Load, Sized, StoreKind, read_costs, sized
from fengsui.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sizing)


def sizing(  # noqa: PLR0913, PLR0917 - each is an option of the command
    data: float = typer.Option(0.0, "--data", min=0, help="Gbit/s of the data plane when busiest"),
    video: float = typer.Option(0.0, "--video", min=0, help="Gbit/s of the video plane"),
    mean: float = typer.Option(0.4, "--mean", min=0.01, max=1, help="Day's mean over the busiest"),
    units: int = typer.Option(0, "--units", min=0, help="Units whose logs come too"),
    days: int = typer.Option(184, "--days", min=1, help="Days that events are kept"),
    all_protocols: bool = typer.Option(
        False, "--all-protocols", help="Also the second tier's, eight times as dear"
    ),
    store: str = typer.Option("elastic", "--store-kind", help="elastic or embedded"),
    copies: int = typer.Option(1, "--copies", min=0, max=3, help="Of each shard beside the first"),
    costs: Path = typer.Option(COSTS, "--costs", help="TOML file with costs of your own"),
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema sizing)"),
) -> None:
    """Reckon what an installation takes, from what a packet and an event were measured to cost.

    Examples:
    `fengsui sizing --data 3 --units 60`

    `fengsui sizing --data 3 --video 37 --units 60 --days 366 --json`
    """
    kind = _kind(store)
    loads = [Load("data", data, mean, all_protocols), Load("video", video, mean)]
    known = read_costs(costs)
    found = sized(
        [one for one in loads if one.gigabits], units, days, known, store=kind, copies=copies
    )
    if as_json:
        rows = {name: {"value": one.value, "from": one.source} for name, one in known.items()}
        show_json({**found.as_json(), "costs": rows})
    else:
        _show(found, known)


def _kind(name: str) -> StoreKind:
    if name == "elastic":
        return "elastic"
    if name == "embedded":
        return "embedded"
    raise UsageError(f"{name!r} is no store", where="--store-kind", next="Name elastic or embedded")


def _show(found: Sized, costs: dict[str, Cost]) -> None:
    rows = [
        ("packets a second", f"{found.packets_a_second:,.0f}"),
        ("events a second", f"{found.events_a_second:,.0f}"),
        ("events a day", f"{found.events_a_day:,.0f}"),
        ("sensors", f"{found.sensors:,} with {found.sensor_cores:,.1f} cores in all"),
        ("cores of workers", f"{found.work_cores:,.1f}"),
        ("spool", f"{found.spool_bytes_a_second / 1e6:,.1f} MB/s"),
        ("store a day", f"{found.store_bytes_a_day / 1e9:,.0f} GB"),
        ("store in all", f"{found.store_bytes / 1e12:,.1f} TB"),
    ]
    if found.nodes:
        rows += [
            ("nodes of the cluster", f"{found.nodes:,} with {found.node_cores:,.1f} cores in all"),
            ("shards", f"{found.shards:,}, the largest {found.largest_shard / 1e9:,.0f} GB"),
        ]
    show_table("Sizing", ("what", "how much"), rows)
    for limit in found.limits:
        OUT.print(f"does not fit: {limit}", markup=False)
    assumed = [name for name, one in costs.items() if one.is_assumed]
    OUT.print(f"assumed, not measured: {', '.join(assumed)}", markup=False)
