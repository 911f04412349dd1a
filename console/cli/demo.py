"""`fengsui demo`: the main job on a drill that it makes itself, then the console."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from console.checking import check_run
from console.cli.check import show_findings
from console.cli.drill import drill, show_drill
from console.cli.installation import settings
from console.cli.output import ERR, OUT
from console.cli.replay import run, show_outcome
from console.cli.roles import run_all
from console.compliance.demonstration import demo_assets, file_demo
from console.drilling import scenario_plan
from console.inventory import joined
from console.wiring import make_home, make_state, open_stores
from fengsui.control import Conformity
from fengsui.errors import UsageError

_MARK = ".fengsui-demo"
SCENARIO = "first-intrusion"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    capture: list[Path] = typer.Option(
        [], "--capture", help="A capture or log of your own to replay too"
    ),
    seed: int = typer.Option(1, "--seed", help="Seed of the drill"),
    serve: bool = typer.Option(True, "--serve/--no-serve", help="Leave the console open"),
) -> None:
    """Run a drill through everything, show what was found, and open the console on it.

    The folder of the installation is emptied first, if a demo made it.

    Examples:
    `FENGSUI_HOME=/tmp/fengsui-demo fengsui demo`

    `FENGSUI_HOME=/tmp/fengsui-demo fengsui demo --capture office.pcap --no-serve`
    """
    current = settings()
    _empty(current.home)
    make_home(current)
    (current.home / _MARK).touch()
    state = make_state(current)
    state.put_plan(joined(scenario_plan(SCENARIO, seed), demo_assets()))
    state.close()
    ERR.print(f"drill {SCENARIO}, seed {seed}")
    document = drill(current, SCENARIO, seed, quiet=False)
    show_drill(document)
    OUT.print(
        "What the drill's own telemetry would prove (live evidence is judged apart, in the console):"
    )
    findings = check_run(current, run=document["drill"])
    decided = [one for one in findings if one.verdict is not Conformity.INSUFFICIENT]
    show_findings(decided)
    OUT.print(
        f"{len(findings) - len(decided)} more wait for evidence that a drill cannot give: fengsui check\n"
    )
    check_run(current)
    with open_stores(current, writable=False) as stores:
        for line in file_demo(current, stores):
            ERR.print(line, markup=False)
    if capture:
        show_outcome(run(current, [str(path) for path in capture], "", quiet=False))
    if serve:
        OUT.print("The console opens on this drill; Ctrl-C ends it.")
        run_all(f"/situation?run={document['drill']}")


def _empty(home: Path) -> None:
    """Begin afresh; never touch a folder that no demo made."""
    if not home.exists() or not any(home.iterdir()):
        return
    if not (home / _MARK).exists():
        raise UsageError(
            "This folder holds an installation that no demo made",
            where=str(home),
            next="Name another folder: FENGSUI_HOME=/tmp/fengsui-demo fengsui demo",
        )
    shutil.rmtree(home)
