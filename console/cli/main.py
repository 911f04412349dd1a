"""The command line. `fengsui --help` lists the commands, each with examples.

Exit status: 0 done; 1 unexpected; otherwise by kind of error, see `fengsui.errors`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Final

import typer

from console.cli.home import set_home
from console.cli.output import show_error
from fengsui import __version__
from fengsui.errors import FengsuiError

# Where each command is registered, in the order of the help. Only what is called is loaded:
# `fengsui events` needs a third of the time and half of the memory without the stores and the web.
COMMANDS: Final = {
    "up": "roles",
    "sense": "roles",
    "work": "roles",
    "serve": "roles",
    "replay": "replay",
    "events": "events",
    "correlate": "correlate",
    "hunt": "hunt",
    "rules": "rules",
    "drill": "drill",
    "check": "check",
    "collect": "collect",
    "settings": "settings",
    "health": "health",
    "packets": "packets",
    "schema": "schema",
    "users": "users",
    "demo": "demo",
    "licences": "licences",
}


def show_version(wanted: bool) -> None:
    """Answer `--version`."""
    if wanted:
        typer.echo(f"fengsui {__version__}")
        raise typer.Exit


def situation(
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


def make_app(parts: Iterable[str] = COMMANDS.values()) -> typer.Typer:
    """The command line with the commands of these modules; all of them by default."""
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
    made.callback()(situation)
    return made


def main() -> None:
    """Run a command; errors that people can act upon are shown as three lines."""
    part = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        (make_app([part]) if part else make_app())()
    except FengsuiError as error:
        show_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(0)  # the reader of our output has had enough
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
