"""`fengsui schema`: the shape of each document that programs read."""

from __future__ import annotations

import typer

from console.cli.output import OUT, show_json
from console.published import json_schema, names


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    name: str = typer.Argument("", help="Name of a document; without one, the names"),
) -> None:
    """Show the JSON Schema of what a command prints with --json.

    Example: `fengsui schema replay > replay.schema.json`
    """
    if name:
        show_json(json_schema(name))
    else:
        OUT.print("\n".join(names()))
