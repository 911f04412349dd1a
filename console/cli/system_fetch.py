"""`fengsui system fetch`: evidence that a system's runs fetch by themselves, and fetching it now."""

from __future__ import annotations

import getpass
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import typer

from console.cli.installation import settings
from console.cli.output import ERR, progress, show_json, show_table
from console.compliance.assessing import found_system
from console.compliance.collecting import collect_all
from console.compliance.desk import Desk
from console.wiring import open_stores
from fengsui.clock import WallClock
from fengsui.errors import NotFoundError, UsageError
from fengsui.system import Collection

KINDS = ("ssh", "winrm", "device", "database", "probe")


def fetch(  # noqa: PLR0913, PLR0917 - options of a command
    system: str = typer.Argument(..., help="Id of the system"),
    add: str = typer.Option("", "--add", help="Asset whose evidence is fetched from now on"),
    remove: str = typer.Option("", "--remove", help="ASSET:KIND that is fetched no more"),
    kind: str = typer.Option("", "--kind", help=f"One of {', '.join(KINDS)}"),
    target: str = typer.Option("", "--target", help="user@host, a database's URL, or a host"),
    secret: str = typer.Option("", "--secret", help="Name of a kept password"),
    hours: str = typer.Option("", "--hours", help="Only within, such as 22:00-06:00 (UTC+8)"),
    approved_by: str = typer.Option("", "--approved-by", help="Who gave leave; of a probe a must"),
    option: list[str] = typer.Option(
        [], "--option", help="NAME=VALUE: vendor, host_key, ca, allow …"
    ),
    now: bool = typer.Option(False, "--now", help="Fetch all of it now"),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
    as_json: bool = typer.Option(False, "--json", help="One JSON document"),
) -> None:
    """What is fetched before each full or daily run of a system; add, remove, or fetch it now.

    Examples:
    `fengsui system fetch portal --add web-1 --kind ssh --target root@10.1.2.3 --secret web-1`

    `fengsui system fetch portal --add core --kind device --target audit@10.1.0.1 --option vendor=huawei`

    `fengsui system fetch portal --now && fengsui system run portal`

    `fengsui system fetch portal --remove web-1:ssh`
    """
    chosen, clock, by = settings(store), WallClock(), getpass.getuser()
    with open_stores(chosen, writable=False) as stores:
        desk = Desk(chosen, stores.state, clock)
        filed = found_system(stores.state, system)
        kept = list(filed.collections)
        if remove:
            kept = _without(kept, remove)
        if add:
            if kind not in KINDS:
                raise UsageError(f"{kind[:20]} is no kind", next=f"Choose {', '.join(KINDS)}")
            known: Any = kind
            made = Collection(add, known, target, secret, hours, approved_by, _options(option))
            kept = [*(e for e in kept if (e.asset, e.kind) != (add, kind)), made]
        if add or remove:
            filed = desk.file_system(replace(filed, collections=tuple(kept)), by)
        problems: list[str] = []
        if now:
            with progress(quiet=as_json) as tell:
                problems = collect_all(chosen, stores.state, filed, clock, tell)
    rows = [asdict(each) for each in filed.collections]
    if as_json:
        show_json({"items": rows, "problems": problems})
        return
    show_table(
        "Fetched before each full or daily run",
        ("asset", "kind", "target", "secret", "hours", "approved by"),
        [
            tuple(row[n] for n in ("asset", "kind", "target", "secret", "hours", "approved_by"))
            for row in rows
        ],
        empty="nothing: fengsui system fetch SYSTEM --add ASSET",
    )
    for problem in problems:
        ERR.print(f"not fetched: {problem}", markup=False)


def _without(kept: list[Collection], place: str) -> list[Collection]:
    asset, _, kind = place.rpartition(":")
    left = [each for each in kept if (each.asset, each.kind) != (asset, kind)]
    if len(left) == len(kept):
        raise NotFoundError(f"{place[:60]} is not fetched", next="ASSET:KIND, as the list shows")
    return left


def _options(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign:
            raise UsageError(f"{each[:40]!r} is no option", next="Write --option vendor=huawei")
        found[name.strip()] = value.strip()
    return found
