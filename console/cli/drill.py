"""`fengsui drill`: run a scenario and score what was seen of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import typer
from rich.text import Text as Styled

from console.cli.compiling import say_if_compiling
from console.cli.installation import settings
from console.cli.output import OUT, progress, short_time, show_json, show_table
from console.cli.replay import show_alerts, show_incidents
from console.drill_runs import run_drill
from fengsui.settings import Settings, load_settings
from playbooks.drills.scenario import all_scenarios

app = typer.Typer(
    no_args_is_help=True, help="Run a scenario through the whole pipeline and score it."
)

_STYLES = {"detected": "green", "late": "yellow", "missed": "bold red"}


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="drill")


@app.command("list")
def list_scenarios(as_json: bool = typer.Option(False, "--json", help="One JSON document")) -> None:
    """List the scenarios.

    Example: `fengsui drill list`
    """
    rows = [
        {"id": one.id, "name": one.name.as_json(), "description": one.description.as_json()}
        for one in all_scenarios()
    ]
    if as_json:
        show_json({"scenarios": rows})
        return
    show_table(
        "Scenarios",
        ("name", "what"),
        [(s.id, s.description.render("en")) for s in all_scenarios()],
    )


@app.command()
def run(
    name: str = typer.Argument(help="Scenario, as `fengsui drill list` names it"),
    seed: int = typer.Option(
        1, "--seed", help="The same seed gives the same bytes and the same result"
    ),
    store: Path | None = typer.Option(
        None, "--store", help="Keep the drill in this installation's folder"
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema drill)"),
) -> None:
    """Make the scenario's traffic, replay it on its own clock, score every step.

    Examples:
    `fengsui drill run first-intrusion`

    `fengsui drill run first-intrusion --seed 7 --json`
    """
    if store is None:
        with tempfile.TemporaryDirectory(prefix="fengsui-") as folder:
            document = drill(load_settings(home=Path(folder)).settings, name, seed, quiet=as_json)
    else:
        document = drill(settings(store), name, seed, quiet=as_json)
    if as_json:
        show_json(document)
    else:
        show_drill(document)


def drill(current: Settings, name: str, seed: int, *, quiet: bool) -> dict[str, Any]:
    """Run with progress on standard error."""
    say_if_compiling()
    with progress(quiet) as tell:
        return run_drill(current, name, seed, tell)


def show_drill(document: dict[str, Any]) -> None:
    """Incidents, false alerts and the scorecard."""
    show_incidents(document["incidents"])
    false = set(document["false_alert_ids"])
    show_alerts([alert for alert in document["alerts"] if alert["id"] not in false])
    if false:
        OUT.print("Of these alerts no step knows anything (false):")
        show_alerts([alert for alert in document["alerts"] if alert["id"] in false])
    titles = {alert["rule"]: alert["title"]["en"] for alert in document["alerts"]}
    show_table(
        f"Scorecard of {document['scenario']}, seed {document['seed']}",
        ("step", "what", "techniques", "began", "status", "#seconds", "seen by"),
        [
            (
                step["name"],
                step["title"]["en"],
                ", ".join(step["techniques"]),
                short_time(step["start"]),
                Styled(step["status"], style=_STYLES[step["status"]]),
                "" if step["seconds"] is None else f"{step['seconds']:.0f}",
                ", ".join(titles.get(rule, rule) for rule in step["rules"]),
            )
            for step in document["steps"]
        ],
    )
    OUT.print(
        f"{document['detected']} of {len(document['steps'])} steps detected, {document['late']} late, "
        f"{document['missed']} missed; {document['false_incidents']} false incidents, "
        f"{document['false_alerts']} false alerts; {document['seconds']:.1f} s, "
        f"peak memory {document['peak_memory_bytes'] / 1e6:,.0f} MB\n"
    )
