"""The command line as Typer knows it; apart from `main`, which some commands do without."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import typer

from console.cli.home import set_home
from fengsui import __version__


def show_version(wanted: bool) -> None:
    """Answer `--version`."""
    if wanted:
        typer.echo(f"fengsui {__version__}")
        raise typer.Exit


def installation(
    home: Path | None = typer.Option(
        None,
        "--home",
        help="Folder of the installation (default: FENGSUI_HOME or ~/.local/share/fengsui)",
    ),
    version: bool = typer.Option(
        False, "--version", help="Show the version and end", is_eager=True, callback=show_version
    ),
) -> None:
    """Options of all commands."""
    del version  # answered by its callback, before a command is looked for
    set_home(home)


def made_of(parts: Iterable[str]) -> typer.Typer:
    """The command line with the commands of these modules."""
    made = typer.Typer(
        name="fengsui",
        no_args_is_help=True,
        add_completion=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        help="烽燧 Fengsui: sees packets and logs, says what matters, proves it, and gets it answered.",
    )
    for part in dict.fromkeys(parts):
        import_module(f"console.cli.{part}").register(made)
    made.callback()(installation)
    return made
