"""The command line. `fengsui --help` lists the commands, each with examples.

Exit status: 0 done; 1 unexpected; otherwise by kind of error, see `fengsui.errors`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from console.cli import check, demo, drill, events, health, hunt, licences, replay, roles
from console.cli import rules as rules_command
from console.cli import schema as schema_command
from console.cli import settings as settings_command
from console.cli import users as users_command
from console.cli.output import show_error
from console.cli.situation import set_home
from fengsui import __version__
from fengsui.errors import FengsuiError

app = typer.Typer(
    name="fengsui",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="烽燧 Fengsui: sees packets and logs, says what matters, proves it, and gets it answered.",
)
for part in (
    roles,
    replay,
    events,
    hunt,
    rules_command,
    drill,
    check,
    settings_command,
    health,
    schema_command,
    users_command,
    demo,
    licences,
):
    part.register(app)


def show_version(wanted: bool) -> None:
    """Answer `--version`."""
    if wanted:
        typer.echo(f"fengsui {__version__}")
        raise typer.Exit


@app.callback()
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


def main() -> None:
    """Run a command; errors that people can act upon are shown as three lines."""
    try:
        app()
    except FengsuiError as error:
        show_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(0)  # the reader of our output has had enough
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
