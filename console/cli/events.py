"""`fengsui events`: captures and logs as ECS lines, without store, rules or settings."""

from __future__ import annotations

import typer

from console.cli.events_writing import write_events


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(events)


def events(
    paths: list[str] = typer.Argument(
        help="Captures and logs, plain, .gz or .zst; - is standard input"
    ),
    output: str = typer.Option("-", "--output", "-o", help="File to write; - is standard output"),
    protocols: str = typer.Option(
        "all", "--protocols", help="Datasets or protocols to write: flow,dns,tls,http or all"
    ),
    unordered: bool = typer.Option(
        False, "--unordered", help="Write events as they are found, not in order of time"
    ),
    sensor: str = typer.Option("sensor-1", "--sensor", help="Name of the sensor in each event"),
    as_json: bool = typer.Option(
        False, "--json", help="Afterwards one JSON document of counts on standard error"
    ),
) -> None:
    """Write one ECS object a line for what captures and logs hold, in order of time.

    Examples:
    `fengsui events office.pcap | jq 'select(."event.dataset"=="dns")'`

    `fengsui events *.pcap.zst -o events.ndjson --protocols flow,dns`
    """
    write_events(
        paths,
        output=output,
        protocols=protocols,
        unordered=unordered,
        sensor=sensor,
        as_json=as_json,
    )
