"""`fengsui collect probe`: a registered asset looked at from outside, under a leave that is recorded."""

from __future__ import annotations

import getpass
from pathlib import Path

import typer

from console.cli.installation import settings
from console.cli.output import ERR, OUT
from console.compliance.assessing import found_system
from console.compliance.collecting import Fetching, bring_fetched
from console.compliance.desk import Desk
from console.wiring import open_stores
from detections.compliance.assets.probe.pace import RATE
from fengsui.clock import WallClock
from fengsui.errors import UsageError
from fengsui.system import Collection


def probe(  # noqa: PLR0913, PLR0917 - options of a command
    system: str = typer.Argument(..., help="Id of the filed system"),
    asset: str = typer.Option(..., "--asset", help="Registered asset of it"),
    host: str = typer.Option("", "--host", help="Of its registered addresses; else the first"),
    approved_by: str = typer.Option(..., "--approved-by", help="Who gave leave; recorded"),
    ports: str = typer.Option("", "--ports", help="Ports to try, 22,443,8000-8100; else the usual"),
    allow: str | None = typer.Option(None, "--allow", help="Ports of the signed list"),
    speak: str = typer.Option("", "--speak", help="What is spoken: 8443=https,2200=ssh"),
    rate: float = typer.Option(RATE, "--rate", help="Connections a second, up to 100"),
    hours: str = typer.Option("", "--hours", help="Only within, such as 22:00-06:00 (UTC+8)"),
    out: Path | None = typer.Option(None, "--out", "-o", help="File of the record"),
    bring: bool = typer.Option(False, "--bring", help="Bring it as evidence of the asset"),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
) -> None:
    """Probe a registered asset, politely: ports, TLS and TLCP, SSH, HTTP, default SNMP communities.

    Nothing is sent outside of the asset's registered addresses, nor of the hours; no password is tried
    but the two SNMP communities that makers ship. Leave, addresses, rate and hours are in the record.

    Examples:
    `fengsui collect probe portal --asset web-1 --approved-by 李四 --allow 22,443 --bring`

    `fengsui collect probe portal --asset web-1 --approved-by 李四 --hours 22:00-06:00 -o web-1.probe.json`
    """
    if out is None and not bring:
        raise UsageError("The record goes nowhere", next="-o FILE, --bring, or both")
    chosen, clock, by = settings(store), WallClock(), getpass.getuser()
    with open_stores(chosen, writable=False) as stores:
        filed = found_system(stores.state, system)
        known = {each.id: each for each in stores.state.plan().assets if each.id in filed.assets}
        addresses = known[asset].addresses if asset in known else ()
        options = {"ports": ports, "speak": speak, "rate": str(rate)}
        if allow is not None:
            options["allow"] = allow
        collection = Collection(
            asset, "probe", host or next(iter(addresses), ""), "", hours, approved_by, options
        )
        data = Fetching(chosen, known, clock).fetch(collection, by)
        if out is not None:
            _written(out, data)
        if bring:
            desk = Desk(chosen, stores.state, clock)
            bring_fetched(desk, system, collection, data, by)
            OUT.print(f"{asset}: brought; fengsui system run {system}", markup=False)
    ERR.print(f"{asset}: {len(data)} bytes", markup=False)


def _written(out: Path, data: bytes) -> None:
    try:
        out.write_bytes(data)
    except OSError as error:
        raise UsageError(f"The file cannot be written: {error.strerror}", where=str(out)) from error
