"""`fengsui assets`: the register of units, systems, networks and assets."""

from __future__ import annotations

import getpass
from pathlib import Path

import typer

from console.cli.installation import settings
from console.cli.output import OUT, show_json
from console.register import read_register
from console.wiring import make_state
from fengsui.store.state import Plan

app = typer.Typer(no_args_is_help=True, help="The register of what is ours.")
_STORE = typer.Option(None, "--store", help="Folder of the installation")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="assets")


@app.command("import")
def import_register(
    file: Path | None = typer.Argument(
        None, help="Register in TOML (default: assets.toml in the installation's folder)"
    ),
    store: Path | None = _STORE,
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema assets)"),
) -> None:
    """Replace the register by a file of units, systems, networks and assets; all of it or nothing.

    What was seen of an asset stays. Restart `fengsui up` so that events to come are placed by it.

    Examples:
    `fengsui assets import district.toml`

    `fengsui assets import district.toml --json | jq .assets`
    """
    current = settings(store)
    plan = read_register(file or current.assets_file)
    state = make_state(current)
    try:
        state.put_plan(plan)
        state.audit(
            getpass.getuser(), "assets.import", str(file or current.assets_file), _counts(plan)
        )
    finally:
        state.close()
    _show(plan, as_json=as_json)


@app.command("show")
def show(
    store: Path | None = _STORE,
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema assets)"),
) -> None:
    """How much the register holds.

    Example: `fengsui assets show`
    """
    state = make_state(settings(store))
    try:
        plan = state.plan()
    finally:
        state.close()
    _show(plan, as_json=as_json)


def _counts(plan: Plan) -> dict[str, int]:
    return {
        "units": len(plan.units),
        "systems": len(plan.systems),
        "networks": len(plan.networks),
        "assets": len(plan.assets),
    }


def _show(plan: Plan, *, as_json: bool) -> None:
    counts = _counts(plan)
    if as_json:
        show_json(counts)
    else:
        OUT.print(", ".join(f"{count} {what}" for what, count in counts.items()), markup=False)
