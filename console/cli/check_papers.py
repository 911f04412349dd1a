"""`fengsui check report`: the papers of a filed system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from console.cli.installation import settings
from console.cli.output import OUT
from console.compliance.desk import Desk
from console.compliance.papers.papers import PAPERS, make_paper
from console.compliance.reading import standing
from console.wiring import open_stores
from fengsui.clock import WallClock
from fengsui.errors import UsageError


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("report")(report)


def report(
    system: str = typer.Argument(..., help="Id of the filed system"),
    paper: list[str] = typer.Option(
        list(PAPERS), "--paper", help=f"One of {', '.join(PAPERS)}; all by default"
    ),
    out: Path = typer.Option(Path(), "--out", "-o", help="Folder to write into"),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
) -> None:
    """Write the papers of a system as its newest run left it.

    report: draft of the assessment report (docx) · selfcheck: self-check report (docx) ·
    problems: problem list and repair plan (xlsx) · workplan: protection work plan (docx) ·
    results, poam: OSCAL · pack: all with the evidence (zip) ·
    handover: what an assessment body asks for, as the Shanghai handbook lists it (zip).

    Examples:
    `fengsui check report portal -o papers`

    `fengsui check report portal --paper problems --paper poam`
    """
    chosen, clock = settings(store), WallClock()
    with open_stores(chosen, writable=False) as stores:
        today = Desk(chosen, stores.state, clock).today()
        stand = standing(chosen, stores.state, system, clock.now(), today)
        for name in paper:
            kind: Any = name
            made = make_paper(kind, stand, chosen, stores.state, clock.now())
            try:
                out.mkdir(parents=True, exist_ok=True)
                (out / made.name).write_bytes(made.data)
            except OSError as error:
                raise UsageError(
                    f"The paper cannot be written: {error.strerror}",
                    where=str(out),
                    next="Name another folder with -o",
                ) from error
            OUT.print(str(out / made.name), markup=False)
