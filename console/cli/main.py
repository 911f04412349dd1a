"""The command line. `fengsui --help` lists the commands, each with examples.

Exit status: 0 done; 1 unexpected; otherwise by kind of error, see `fengsui.errors`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from fengsui.errors import FengsuiError

if TYPE_CHECKING:
    from typer import Typer

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
    "incidents": "incidents",
    "hunt": "hunt",
    "retro-hunt": "retro_hunt",
    "rules": "rules",
    "drill": "drill",
    "check": "check",
    "collect": "collect",
    "secrets": "secrets",
    "system": "system",
    "settings": "settings",
    "store": "store",
    "sizing": "sizing",
    "backup": "backup",
    "restore": "backup",
    "health": "health",
    "situation": "situation",
    "assets": "assets",
    "packets": "packets",
    "schema": "schema",
    "users": "users",
    "demo": "demo",
    "licences": "licences",
}
# What reads the usual words of a command without Typer, and runs it.
_QUICK: Final = {"events": "console.cli.events_quick", "hunt": "console.cli.hunt_quick"}


def make_app(parts: Iterable[str] = COMMANDS.values()) -> Typer:
    """The command line with the commands of these modules; all of them by default."""
    app: Typer = import_module("console.cli.app").made_of(parts)
    return app


def main() -> None:
    """Run a command; errors that people can act upon are shown as three lines."""
    part = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        if part not in _QUICK or not import_module(_QUICK[part]).ran(sys.argv[2:]):
            make_app([part] if part else COMMANDS.values())()
    except FengsuiError as error:
        import_module("console.cli.output").show_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(0)  # the reader of our output has had enough
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
