"""`fengsui check run`: evidence that was carried here, judged alone, without store or settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer
from rich.text import Text as Styled

from console.cli.output import ERR, show_json, show_table
from console.evidence import Run, run_evidence
from fengsui.control import Conformity

STYLES: Final = {
    Conformity.CONFORMS: "green",
    Conformity.PARTLY: "yellow",
    Conformity.DOES_NOT: "bold red",
    Conformity.NOT_APPLICABLE: "dim",
    Conformity.INSUFFICIENT: "cyan",
}


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("run")(run)


def run(
    evidence: list[Path] = typer.Option(
        ...,
        "--evidence",
        "-e",
        help="Host bundle or device configuration; more than one may be named",
    ),
    more: list[Path] = typer.Argument(None, help="Further files of evidence", show_default=False),
    profile: str = typer.Option("S3A3", "--profile", help="Level of the system; S3A3 is known"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema check-run)"
    ),
) -> None:
    """Judge host bundles and device configurations by GB/T 28448-2019, level 3.

    Examples:
    `fengsui check run --evidence host.tar.gz --evidence core-switch.cfg`

    `fengsui check run -e host.tar.gz --json | jq '.findings[] | {unit, verdict, asset}'`
    """
    done = run_evidence([*evidence, *(more or [])], profile)
    if as_json:
        show_json(done.as_json())
    else:
        show_run(done)
    if done.refused and not done.assets:
        raise typer.Exit(done.refused[0].error.exit_status)


def show_run(done: Run) -> None:
    """One row a finding; what was refused or not read on standard error."""
    show_table(
        f"Compliance {done.profile} (GB/T 22239-2019, units of GB/T 28448-2019)",
        ("asset", "unit", "verdict", "why", "repair"),
        [
            (
                finding.asset.name,
                finding.check.unit,
                Styled(finding.verdict.value, style=STYLES[finding.verdict]),
                finding.reason().render("en"),
                finding.repair().render("en"),
            )
            for finding in done.findings
        ],
        empty="no findings",
    )
    for asset in done.assets:
        for problem in asset.problems:
            ERR.print(f"{asset.source}: not whole: {problem}", markup=False)
    for refused in done.refused:
        ERR.print(f"{refused.source}: refused: {refused.error.what}", markup=False)
