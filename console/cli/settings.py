"""`fengsui settings`: what is set, and where that comes from."""

from __future__ import annotations

import typer

from console.cli.installation import loaded
from console.cli.output import show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Show settings and their origins.")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="settings")


@app.command()
def show(
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema settings)"
    ),
) -> None:
    """Every setting with its value, its origin and its meaning.

    Example: `FENGSUI_CONSOLE_PORT=8601 fengsui settings show`
    """
    origins = loaded().origins
    if as_json:
        rows = [
            {"name": o.name, "value": o.value, "origin": o.origin, "description": o.description}
            for o in origins
        ]
        show_json({"settings": rows})
        return
    show_table(
        "Settings",
        ("setting", "value", "from", "meaning"),
        [(o.name, o.value, o.origin, o.description) for o in origins],
    )
