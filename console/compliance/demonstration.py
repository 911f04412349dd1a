"""The demo's filed systems: those of the drill's plan, one with evidence of this very machine.

The machine's evidence is real (our own read-only script is run on it); the two devices are sample
configurations of ours. Nothing that only a person can see is made up: it stays open.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from console.compliance.assessing import Order, assess
from console.compliance.desk import Desk
from console.wiring import Stores
from detections.compliance.assets.host.script import collect_script
from fengsui.asset import Asset
from fengsui.clock import WallClock
from fengsui.errors import FengsuiError
from fengsui.ids import random_id
from fengsui.settings import Settings
from fengsui.store.state import Plan
from fengsui.system import FiledSystem

SAMPLES: Final = Path(__file__).with_name("samples")
SYSTEM: Final = "portal"  # the one that the evidence is brought for
BY: Final = "demo"
_SECONDS: Final = 120  # for the script


def demo_assets() -> Plan:
    """This machine and the two devices, to be registered beside the drill's own."""
    return Plan(
        assets=(
            Asset(socket.gethostname(), "", (), kind="server", system=SYSTEM),
            Asset("HX-Core-01", "", ("10.20.200.2",), kind="network", system=SYSTEM),
            Asset("HX-Edge-FW-01", "", ("10.20.200.1",), kind="security", system=SYSTEM),
        )
    )


def file_demo(settings: Settings, stores: Stores) -> Iterator[str]:
    """File the plan's systems, bring the evidence, run the checks; tells what was done, a line each."""
    state, clock = stores.state, WallClock()
    desk = Desk(settings, state, clock)
    plan = state.plan()
    units = {unit.id: unit for unit in plan.units}
    today = desk.today()
    for each in plan.systems:
        owner = units.get(each.unit)
        assessed = today - timedelta(days=330)
        desk.file_system(
            FiledSystem(
                id=each.id,
                name=each.name,
                unit=owner.name if owner else each.unit,
                responsible=owner.responsible if owner else "",
                s_level=each.s_level,
                a_level=each.a_level,
                number=each.filing_number,
                graded=(assessed - timedelta(days=90)).isoformat(),
                filed=(assessed - timedelta(days=70)).isoformat(),
                certified=(assessed - timedelta(days=60)).isoformat(),
                assessed=assessed.isoformat() if each.level >= 3 else "",
                public=each.id == SYSTEM,
                assets=tuple(asset.id for asset in plan.assets if asset.system == each.id),
            ),
            BY,
        )
    with tempfile.TemporaryDirectory() as folder:
        for path in [*_this_machine(Path(folder)), *sorted(SAMPLES.glob("*.cfg"))]:
            try:
                brought = desk.bring(path, path.name, SYSTEM, BY)
                yield f"evidence of {brought.asset} ({brought.level}): {path.name}"
            except FengsuiError as error:
                yield f"{path.name}: {error.what}"
    for each in plan.systems:
        order = Order(random_id(), each.id, "full", BY, clock.now())
        run = assess(settings, stores, order, lambda *_: None)
        counts = ", ".join(f"{word} {count}" for word, count in run.counts.items())
        yield f"{each.name} {run.profile}: {counts}"


def _this_machine(folder: Path) -> Iterator[Path]:
    script, bundle = folder / "collect.sh", folder / "this-machine.tar.gz"
    script.write_text(collect_script(), "utf-8")
    try:
        subprocess.run(  # noqa: S603 - our own script
            ["/bin/sh", str(script), "-o", str(bundle)],
            check=False,
            capture_output=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if bundle.exists():
        yield bundle
