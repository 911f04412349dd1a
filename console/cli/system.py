"""`fengsui system`: the filing register, evidence and records of each system, its runs and repairs."""

from __future__ import annotations

import getpass
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import typer
from pydantic import ValidationError
from rich.text import Text as Styled

from console.api.schemas.systems import Register, SystemRow
from console.cli.check_run import STYLES
from console.cli.installation import settings
from console.cli.output import ERR, OUT, progress, show_json, show_table
from console.cli.system_fetch import fetch
from console.compliance.assessing import Order, assess, found_system
from console.compliance.desk import Desk, Word
from console.compliance.reading import Standing, standing
from console.compliance.register import system_of
from console.compliance.shown import page_shown, register_shown, row_shown, run_shown, task_shown
from console.wiring import Stores, open_stores
from detections.compliance.profile.profile import parse_profile
from fengsui.clock import WallClock
from fengsui.errors import UsageError
from fengsui.ids import random_id
from fengsui.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Filed systems: register, evidence, runs, repairs.")
app.command()(fetch)
_CLOCK: Final = WallClock()
_JSON = typer.Option(False, "--json", help="One JSON document (fengsui schema system…)")
_STORE = typer.Option(None, "--store", help="Folder of the installation")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="system")


@app.callback()
def system() -> None:
    """Filed systems: the register, evidence, runs of checks, repairs."""


@app.command()
def add(  # noqa: PLR0913, PLR0917 - options of a command
    system: str = typer.Argument(..., help="Id, such as portal"),
    name: str = typer.Option("", "--name", help="Name of the system"),
    unit: str = typer.Option("", "--unit", help="Owner unit"),
    profile: str = typer.Option("", "--profile", help="Grade and extensions: S3A3, S2A3+cloud"),
    fields: list[str] = typer.Option(
        [],
        "--set",
        help="A field of the register: filed=2026-01-20, responsible=王敏, public=true, number=…",
    ),
    assets: list[str] = typer.Option([], "--asset", help="Id of a registered asset; repeatable"),
    inherited: list[str] = typer.Option(
        [], "--inherit", help="UNIT=SYSTEM that keeps the control, such as L3-PES1-03=platform"
    ),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """File a system, or change its row: what is not named stays.

    Examples:
    `fengsui system add portal --name 区门户网站 --unit 区大数据中心 --profile S3A3 --set filed=2026-01-20`

    `fengsui system add portal --asset web-1 --asset core-switch --set assessed=2026-03-10`
    """
    with _desk(store) as (stores, desk, _):
        known = stores.state.system(system)
        row = register_shown(known).model_dump() if known else {}
        row.update(_given(name, unit, profile))
        row.update(dict(_field(each) for each in fields))
        if assets:
            row["assets"] = assets
        if inherited:
            row["inherited"] = [
                {"unit": each.partition("=")[0], "system": each.partition("=")[2]}
                for each in inherited
            ]
        try:
            filed = Register.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(
                f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
                where=system,
                next="fengsui system add ID --name … --unit … --profile S3A3",
                code="bad_register",
            ) from error
        desk.file_system(system_of(system, filed, known.version if known else 0), _who())
        _show_rows([row_shown(_stand(stores, desk, system, store))], as_json=as_json)


@app.command("list")
def list_systems(store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """All filed systems: verdict counts, conclusion, the next clock.

    Examples:
    `fengsui system list`

    `fengsui system list --json | jq '.items[] | {id, counts}'`
    """
    with _desk(store) as (stores, desk, _):
        rows = [row_shown(_stand(stores, desk, e.id, store)) for e in stores.state.systems()]
    _show_rows(rows, as_json=as_json)


@app.command()
def show(
    system: str = typer.Argument(..., help="Id of the system"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """One system: clocks, conclusion with its sum, risks, what would lift the rate, failing items.

    Examples:
    `fengsui system show portal`

    `fengsui system show portal --json | jq '.rows[] | select(.verdict == "does_not")'`
    """
    with _desk(store) as (stores, desk, _):
        stand = _stand(stores, desk, system, store)
        page = page_shown(stand, stores.state)
    if as_json:
        show_json(page.model_dump(mode="json"))
        return
    show_table(
        "Clocks",
        ("clock", "state", "due", "#days", "by"),
        [(c.name, c.state, c.due or "-", c.days, c.mark.en) for c in page.clocks],
    )
    show_table(
        f"Conclusion by the template {page.conclusion.template}: {page.conclusion.grade}",
        ("quantity", "sum", "#value", "mark"),
        [
            (line.name, line.formula, line.value, line.mark.en if line.mark else "")
            for line in page.conclusion.trace
        ],
    )
    show_table(
        "Items that fail",
        ("unit", "title", "verdict", "why"),
        [
            (r.unit, r.title.zh, Styled(r.verdict.value, style=STYLES[r.verdict]), r.reason.en)
            for r in page.rows
            if r.verdict in {"does_not", "partly"}
        ],
        empty="none",
    )
    show_table(
        "What would lift it most for least work",
        ("unit", "title", "#lift", "#days", "high risk"),
        [(e.unit, e.title.zh, e.lift, e.days, e.high_risk) for e in page.what_if[:10]],
    )


@app.command()
def bring(
    system: str = typer.Argument(..., help="Id of the system"),
    files: list[Path] = typer.Argument(..., help="Host bundles and device configurations"),
    asset: str = typer.Option("", "--asset", help="Registered asset that the file speaks for"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Bring evidence for a system: host bundles, device configurations.

    Examples:
    `fengsui system bring portal host.tar.gz`

    `fengsui system bring portal core.cfg --asset core-switch && fengsui system run portal`
    """
    with _desk(store) as (_, desk, _settings):
        brought = [desk.bring(path, path.name, system, _who(), asset) for path in files]
    if as_json:
        show_json({"files": [{"asset": e.asset, "sha256": e.sha256} for e in brought]})
        return
    for each in brought:
        OUT.print(f"{each.name}: {each.asset} ({each.kind}, {each.level})", markup=False)
        for problem in each.problems:
            ERR.print(f"{each.name}: not whole: {problem}", markup=False)


@app.command()
def sign(  # noqa: PLR0913, PLR0917 - options of a command
    system: str = typer.Argument(..., help="Id of the system"),
    unit: str = typer.Argument(..., help="Assessment unit, such as L3-PES1-01"),
    statement: str = typer.Option(..., "--statement", help="What was seen, or the reason"),
    step: str = typer.Option("whole", "--step", help="Step of the unit or of a check"),
    kind: str = typer.Option(
        "record", "--kind", help="record, not_applicable, adjustment, high_risk, major_risk"
    ),
    fails: bool = typer.Option(False, "--fails", help="It speaks against the requirement"),
    test: bool = typer.Option(False, "--test", help="A test record (E5); else E6"),
    asset: str = typer.Option("", "--asset", help="Of this asset only"),
    approver: str = typer.Option("", "--approver", help="Who approved; a must but for records"),
    sample: str = typer.Option("", "--sample", help="How the sample was chosen"),
    file: Path | None = typer.Option(None, "--file", help="The document"),
    store: Path | None = _STORE,
) -> None:
    """Record what a person saw or decided about an item.

    Examples:
    `fengsui system sign portal L3-PES1-04 --step step_1 --statement "机柜固定，标识齐全" --file photo.jpg`

    `fengsui system sign portal L3-CES1-11 --kind not_applicable --statement … --approver 李四`
    """
    kinds: tuple[Any, ...] = ("record", "not_applicable", "adjustment", "high_risk", "major_risk")
    if kind not in kinds:
        raise UsageError(f"{kind[:20]} is no kind", next=f"Choose {', '.join(kinds)}")
    level: Literal["E5", "E6"] = "E5" if test else "E6"
    known: Any = kind
    word = Word(
        unit if kind in kinds[:3] else "",
        known,
        step if kind in kinds[:3] else unit,
        not fails,
        statement,
        asset,
        level,
        sample,
        approver,
    )
    with _desk(store) as (_, desk, _settings):
        made = desk.attest(system, word, _who(), (file, file.name) if file else None)
    OUT.print(f"{made.id} {made.kind} {made.unit or made.step}", markup=False)


@app.command()
def run(
    system: str = typer.Argument(..., help="Id of the system"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Run all checks of a system now and keep the verdicts; for cron.

    Examples:
    `fengsui system run portal`

    `fengsui system run portal --json | jq '.drift[] | select(.worse)'`
    """
    with _desk(store) as (stores, desk, chosen):
        found_system(stores.state, system)
        with progress(quiet=as_json) as tell:
            order = Order(random_id(), system, "full", _who(), _CLOCK.now())
            done = assess(chosen, stores, order, tell)
        stores.state.audit(_who(), "assess.run", system, {"run": done.id})
        page = row_shown(_stand(stores, desk, system, store))
    if as_json:
        show_json(run_shown(done).model_dump(mode="json"))
        return
    _show_rows([page], as_json=False)
    show_table(
        "Verdicts that turned",
        ("unit", "before", "after"),
        [(each.unit, each.before.value, each.after.value) for each in done.drift],
        empty="none",
    )
    for problem in done.problems:
        ERR.print(f"not whole: {problem}", markup=False)


@app.command()
def tasks(
    system: str = typer.Argument(..., help="Id of the system"),
    assign: str = typer.Option("", "--assign", help="UNIT[:ASSET:CHECK] to give to somebody"),
    to: str = typer.Option("", "--to", help="Unit in charge"),
    due: str = typer.Option("", "--due", help="Day, such as 2026-12-20"),
    prove: str = typer.Option("", "--prove", help="Id of a task that is mended"),
    text: str = typer.Option("", "--text", help="What was done"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Repairs of a system; give a finding to a unit, or say that one is mended.

    Examples:
    `fengsui system tasks portal`

    `fengsui system tasks portal --assign L3-CES1-01:web-1:host_ces1_01 --to 运维部 --due 2026-12-20`

    `fengsui system tasks portal --prove 3f… --text "已调整口令策略" && fengsui system run portal`
    """
    with _desk(store) as (stores, desk, _):
        if assign:
            unit, asset, check = (*assign.split(":"), "", "")[:3]
            desk.assign(system, (unit, asset, check), to, due, _who())
        if prove:
            known = stores.state.task(prove)
            seen = known.version if known else 0
            desk.act(prove, "prove", {"text": text}, _who(), seen)
        today = desk.today().isoformat()
        rows = [task_shown(task, today) for task in stores.state.tasks(system)]
    if as_json:
        show_json({"items": [row.model_dump(mode="json") for row in rows]})
        return
    show_table(
        "Repairs",
        ("id", "unit", "asset", "in charge", "due", "status"),
        [
            (r.id[:8], r.unit, r.asset, r.assignee, r.due, "overdue" if r.overdue else r.status)
            for r in rows
        ],
        empty="none",
    )


def _given(name: str, unit: str, profile: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if name:
        found["name"] = name
    if unit:
        found["unit"] = unit
    if profile:
        made = parse_profile(profile)
        found.update(s_level=made.s, a_level=made.a, extensions=list(made.extensions))
    return found


def _field(text: str) -> tuple[str, str]:
    name, sign_, value = text.partition("=")
    if not sign_:
        raise UsageError(f"{text[:40]!r} is no field", next="Write --set filed=2026-01-20")
    return name.strip(), value.strip()


def _who() -> str:
    return getpass.getuser()


@contextmanager
def _desk(store: Path | None) -> Generator[tuple[Stores, Desk, Settings]]:
    chosen = settings(store)
    with open_stores(chosen, writable=False) as stores:
        yield stores, Desk(chosen, stores.state, _CLOCK), chosen


def _stand(stores: Stores, desk: Desk, system: str, store: Path | None) -> Standing:
    return standing(settings(store), stores.state, system, _CLOCK.now(), desk.today())


def _show_rows(rows: list[SystemRow], *, as_json: bool) -> None:
    if as_json:
        show_json({"items": [row.model_dump(mode="json") for row in rows]})
        return
    show_table(
        "Filed systems",
        ("id", "name", "profile", "#items", "#C", "#P", "#N", "#I", "rate", "next clock"),
        [
            (
                row.id,
                row.name,
                row.profile,
                row.items,
                row.counts.conforms,
                row.counts.partly,
                row.counts.does_not,
                row.counts.insufficient_evidence,
                f"{row.conclusion.value} … {row.conclusion.best_value} ({row.conclusion.grade})",
                f"{row.clock.name} {row.clock.due}" if row.clock else "-",
            )
            for row in rows
        ],
        empty="none is filed: fengsui system add",
    )
