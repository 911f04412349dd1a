from __future__ import annotations

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from fengsui import __version__

RUNNER = CliRunner()
COMMANDS = """up, replay, events, sense, work, serve, hunt, rules, check, health, schema, demo, licences,
drill run, drill list, settings show, users add, users list, users reset""".replace(
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
