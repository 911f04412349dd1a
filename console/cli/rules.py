"""`fengsui rules`: what is looked for, what cannot be, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import typer

from console.cli import (
    rule_backtest,
    rule_check,
    rule_coverage,
    rule_life,
    rule_packs,
    rule_schedule,
)
from console.cli.installation import settings
from console.cli.output import severity, show_json, show_table
from console.rules.loading import load_rules
from console.wiring import make_detections, make_state
from detections.detections import Detections
from detections.life import state_of
from fengsui.rule import Rule
from fengsui.settings import Settings
from fengsui.store.rule_states import RuleLife
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan

app = typer.Typer()
_JSON = typer.Option(False, "--json", help="One JSON document (fengsui schema rules)")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="rules")


@app.callback(invoke_without_command=True)
def rules(context: typer.Context, as_json: bool = _JSON) -> None:
    """Rules and detectors: what is looked for, what cannot be, and why.

    Examples:
    `fengsui rules --json`

    `fengsui rules coverage --rules ./sigma/rules`

    `fengsui rules check ./my_rule.yml`
    """
    if context.invoked_subcommand is None:
        list_rules(as_json)


@app.command("list")
def list_rules(as_json: bool = _JSON) -> None:
    """List all rules and detectors of the installation.

    Example: `FENGSUI_DETECTION_RULES=./sigma/rules fengsui rules list --json`
    """
    detections, lives = _known(settings())
    found = [_stated(rule, lives.get(rule.id)) for rule in detections.rules]
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


def _known(current: Settings) -> tuple[Detections, Mapping[str, RuleLife]]:
    """Everything that is known, with what people decided; files alone where nothing ran here yet."""
    plan = AddressPlan(Plan())
    if not current.has_state:
        return make_detections(current, plan), {}
    state = make_state(current)
    rules = load_rules(current, state)
    state.close()
    return make_detections(current, plan, rules, every=True), rules.lives


def _stated(rule: Rule, life: RuleLife | None) -> Rule:
    """The rule with one word for what it does: parked, draft and retired ones raise nothing."""
    state = state_of(rule.maturity, life)
    if life is not None and life.parked:
        return replace(rule, status="parked")
    return replace(rule, status=state) if state in {"draft", "retired"} else rule


rule_coverage.register(app)
rule_check.register(app)
rule_packs.register(app)
rule_life.register(app)
rule_backtest.register(app)
rule_schedule.register(app)
