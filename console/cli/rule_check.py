"""`fengsui rules check` and `pipeline`: for people who write rules, here or with sigma-cli."""

from __future__ import annotations

from pathlib import Path

import typer

from console.cli.installation import settings
from console.cli.output import OUT, show_json
from detections.checking import problems
from detections.sigma.loader import load
from detections.sigma.pipeline import pipeline_text


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(check)
    group.command()(pipeline)


def check(
    files: list[Path] = typer.Argument(help="Files or folders of rules"),
    strict: bool = typer.Option(False, "--strict", help="Warnings fail too"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema rules-check)"
    ),
) -> None:
    """Validate rule files: they load, something feeds them, their samples do what they must.

    One line a problem, `file:line: error|warning: reason`; exit status 1 where there is an error.

    Example: `fengsui rules check ./rules`
    """
    loaded = load(files, settings().detection.placeholders)
    found = problems(loaded)
    errors = sum(one.severity == "error" for one in found)
    total = len(loaded.rules) + len(loaded.correlations)
    if as_json:
        show_json({"rules": total, "errors": errors, "problems": [one.as_json() for one in found]})
    else:
        for one in found:
            OUT.print(str(one), markup=False, soft_wrap=True)
        OUT.print(f"{total:,} rules, {errors:,} errors, {len(found) - errors:,} warnings")
    if errors or (strict and found):
        raise typer.Exit(1)


def pipeline() -> None:
    """Print a processing pipeline for sigma-cli: public rules become queries over our events.

    Example: `fengsui rules pipeline > fengsui.yml && sigma convert -t lucene -p fengsui.yml RULES`
    """
    typer.echo(pipeline_text(), nl=False)
