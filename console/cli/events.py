"""`fengsui events`: captures and logs as ECS lines, without store, rules or settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import typer

from console.cli.output import progress, show_json
from console.cli.replay import say_if_compiling
from console.replaying import feed
from fengsui.errors import InputError
from fengsui.event import join_lines, split_lines
from sensors.intake.opening import open_input


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(events)


def events(
    paths: list[str] = typer.Argument(
        help="Captures and logs, plain, .gz or .zst; - is standard input"
    ),
    output: str = typer.Option("-", "--output", "-o", help="File to write; - is standard output"),
    protocols: str = typer.Option(
        "all", "--protocols", help="Datasets to write: flow,dns,tls,http or all"
    ),
    sensor: str = typer.Option("sensor-1", "--sensor", help="Name of the sensor in each event"),
    as_json: bool = typer.Option(
        False, "--json", help="Afterwards one JSON document of counts on standard error"
    ),
) -> None:
    """Write one ECS object a line for what captures and logs hold.

    Examples:
    `fengsui events office.pcap | jq 'select(."event.dataset"=="dns")'`

    `fengsui events *.pcap.zst -o events.ndjson --protocols flow,dns`
    """
    sources = [open_input(path, sensor=sensor, max_flows=262_144) for path in paths]
    say_if_compiling()
    wanted = None if protocols == "all" else frozenset(protocols.split(","))
    with _Lines(output, wanted) as sink, progress(quiet=as_json) as tell:
        inputs = feed(sources, sink, tell)
    if as_json:
        document = {"inputs": [one.as_json() for one in inputs]}
        show_json(document, sys.stderr if output == "-" else sys.stdout)


class _Lines:
    """Writes lines to a file or to standard output."""

    def __init__(self, output: str, wanted: frozenset[str] | None) -> None:
        self._output = output
        self._wanted = wanted
        self._file: BinaryIO = sys.stdout.buffer

    def __enter__(self) -> _Lines:
        if self._output != "-":
            try:
                self._file = Path(self._output).open("wb")
            except OSError as error:
                raise InputError(
                    f"The output cannot be written: {error}",
                    where=self._output,
                    next="Name another file",
                ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.flush()
        if self._output != "-":
            self._file.close()

    def put(self, lines: bytes, clock: int) -> None:
        """Write a batch, or the wanted part of it; `clock` is not needed here."""
        del clock
        if self._wanted is not None:
            lines = join_lines(e for e in split_lines(lines) if e.dataset in self._wanted)
        self._file.write(lines)
