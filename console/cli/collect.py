"""`fengsui collect`: the script that an administrator runs on a host and carries a bundle back from."""

from __future__ import annotations

import sys

import typer

from detections.compliance.assets.host.script import collect_script

app = typer.Typer(no_args_is_help=True, help="Evidence of hosts: the script that collects it.")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="collect")


@app.callback()
def collect() -> None:
    """Evidence of hosts: the script that collects it, read-only."""


@app.command()
def script() -> None:
    """Print the POSIX shell script that collects a host's evidence, read-only.

    Examples:
    `fengsui collect script > collect.sh`

    `sh collect.sh -o host.tar.gz`

    `sh collect.sh --root /mnt/image -o image.tar.gz`
    """
    sys.stdout.write(collect_script())
