"""`fengsui rules`: what is looked for, and what cannot be."""

from __future__ import annotations

import typer

from console.cli.output import severity, show_json, show_table
from console.cli.situation import settings
from console.wiring import make_detections
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rules)


def rules(
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema rules)"),
) -> None:
    """List rules and detectors: live, or inert because nothing feeds their logsource.

    Example: `FENGSUI_DETECTION_RULES=./sigma/rules fengsui rules --json`
    """
    detections = make_detections(settings(), AddressPlan(Plan()))
    found = detections.rules
    others = [row for row in detections.coverage if row.state != "live"]
    if as_json:
        coverage = [row.as_json() for row in detections.coverage]
        show_json({"rules": [rule.as_json() for rule in found], "coverage": coverage})
        return
    show_table(
        "Rules and detectors",
        ("severity", "rule", "what", "kind", "status", "ATT&CK"),
        [
            (
                severity(rule.severity.word),
                rule.id,
                rule.title.render("en"),
                rule.kind,
                rule.status,
                ", ".join(rule.techniques),
            )
            for rule in found
        ],
    )
    show_table(
        "Not (wholly) live",
        ("state", "rule", "where", "why"),
        [(row.state, row.title, f"{row.path}:{row.line}", row.reason) for row in others],
    )
