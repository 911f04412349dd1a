"""`fengsui check`: 等保 verdicts from live evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.text import Text as Styled

from console.checking import check_run
from console.cli import check_catalogue, check_papers, check_self
from console.cli import check_run as evidence_run
from console.cli.installation import settings
from console.cli.output import show_json, show_table
from fengsui.control import Finding

app = typer.Typer()


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="check")


@app.callback(invoke_without_command=True)
def check(
    context: typer.Context,
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation to check"),
    run: str = typer.Option(
        "", "--run", help="Check one drill's telemetry instead of the live one"
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema check)"),
) -> None:
    """Check what telemetry can prove of GB/T 22239, level 3, and keep the findings.

    Examples:
    `fengsui check`

    `fengsui check --json | jq '.findings[] | {unit, verdict, hash}'`
    """
    if context.invoked_subcommand is not None:
        return
    findings = check_run(settings(store), run=run)
    if as_json:
        show_json(document(findings))
    else:
        show_findings(findings)


evidence_run.register(app)
check_catalogue.register(app)
check_papers.register(app)
check_self.register(app)


def document(findings: Sequence[Finding]) -> dict[str, object]:
    """Findings, and the same by unit with each unit's verdict."""
    units: dict[str, list[str]] = {}
    for finding in findings:
        units.setdefault(finding.unit, []).append(finding.id)
    return {
        "findings": [finding.as_json() for finding in findings],
        "units": [{"unit": unit, "findings": ids} for unit, ids in sorted(units.items())],
    }


def show_findings(findings: Sequence[Finding]) -> None:
    """One row a finding."""
    show_table(
        "Compliance (GB/T 22239-2019 level 3, units of GB/T 28448-2019)",
        ("unit", "check", "verdict", "why", "hash"),
        [
            (
                finding.unit,
                finding.check,
                Styled(finding.verdict.value, style=evidence_run.STYLES[finding.verdict]),
                finding.reason.render("en"),
                finding.result_hash[:12],
            )
            for finding in findings
        ],
        empty="no checks",
    )
