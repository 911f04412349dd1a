from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from console.cli.main import COMMANDS as TABLE
from console.cli.main import make_app
from fengsui import __version__

RUNNER = CliRunner()
app = make_app()
COMMANDS = """up, replay, events, sense, work, serve, hunt, rules, check, health, schema, demo, licences,
packets, packets status, drill run, drill list, settings show, users add, users list, users reset""".replace(
    "\n", " "
).split(", ")


def test_the_version() -> None:
    result = RUNNER.invoke(app, ["--version"])
    assert (result.exit_code, result.output.strip()) == (0, f"fengsui {__version__}")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = RUNNER.invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output or "schema" in command


def test_the_table_of_commands_is_what_is_registered() -> None:
    shown = RUNNER.invoke(app, ["--help"]).output
    registered = [command.name or command.callback.__name__ for command in app.registered_commands]  # type: ignore[union-attr]
    registered += [str(group.name) for group in app.registered_groups]
    assert sorted(registered) == sorted(TABLE)
    assert all(name in shown for name in TABLE)


@pytest.mark.parametrize("command", TABLE)
def test_a_command_alone_is_as_it_is_among_all(command: str) -> None:
    alone = make_app([TABLE[command]])
    helps = [RUNNER.invoke(one, [command, "--help"]) for one in (alone, app)]
    assert helps[0].exit_code == 0
    assert helps[0].output == helps[1].output


def test_events_loads_neither_stores_nor_web() -> None:
    code = "import sys; from console.cli.main import make_app; make_app(['events']); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"duckdb", "pyarrow", "sqlalchemy", "fastapi", "sigma", "scapy", "hyperscan"}
    assert not heavy & set(loaded.stdout.split())
