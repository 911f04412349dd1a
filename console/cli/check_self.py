"""`fengsui check self`: Fengsui's own level-3 self-check, gaps included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.text import Text as Styled

from console.checking import evidence_of
from console.cli.check_run import STYLES
from console.cli.installation import settings
from console.cli.output import ERR, show_json, show_table
from console.compliance.own import NAME, OWN_UNITS, own_findings
from console.evidence import run_evidence
from console.wiring import open_stores
from detections.compliance.assets.asset import AssetKind
from detections.compliance.check import run_checks
from detections.compliance.profile.attested import Attested
from detections.compliance.profile.combine import Judged, Material, judge_item
from detections.compliance.profile.items import Item, item_of
from detections.compliance.profile.objects import covered
from detections.compliance.profile.profile import parse_profile
from fengsui.clock import WallClock


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("self")(check_self)


def check_self(
    evidence: list[str] = typer.Option(
        [],
        "--evidence",
        "-e",
        help="Bundle of the machine that it runs on (fengsui collect script)",
    ),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
    as_json: bool = typer.Option(False, "--json", help="One JSON document"),
) -> None:
    """Check Fengsui itself by GB/T 22239-2019, level 3: its accounts, audit, settings, folder, machine.

    What only a person can see stays open, and what is missing in the program is a finding.

    Examples:
    `fengsui check self`

    `sh collect.sh -o host.tar.gz && fengsui check self -e host.tar.gz --json`
    """
    chosen, now = settings(store), WallClock().now()
    with open_stores(chosen, writable=False) as stores:
        own = own_findings(chosen, stores.state, now)
        events = run_checks(evidence_of(chosen, stores, ""))
    carried = run_evidence(evidence)
    kinds: dict[str, AssetKind | None] = {NAME: "service"}
    kinds.update({asset.name: asset.kind for asset in carried.assets})
    known = dict(covered())
    for unit in OWN_UNITS:
        service: frozenset[AssetKind] = frozenset({"service"})
        known[unit] = known.get(unit, frozenset()) | service
    material = Material([*own, *carried.findings], events, Attested([], now), kinds, known)
    items = parse_profile("S3A3").items()
    judged = [(item, judge_item(item, material)) for item in items]
    if as_json:
        show_json(_document(judged))
        return
    counts = Counter(each.verdict.value for _, each in judged)
    show_table(
        f"Fengsui itself, S3A3: {dict(sorted(counts.items()))}",
        ("unit", "title", "verdict", "step", "what"),
        [
            (
                finding.check.unit,
                item_of(finding.check.unit).control.title.render("zh"),
                Styled(finding.verdict.value, style=STYLES[finding.verdict]),
                {True: "✓", False: "✕", None: "?"}[step.state],
                step.text.render("en"),
            )
            for finding in own
            for step in finding.steps
        ],
    )
    for refused in carried.refused:
        ERR.print(f"{refused.source}: refused: {refused.error.what}", markup=False)


def _document(judged: Sequence[tuple[Item, Judged]]) -> dict[str, object]:
    return {
        "profile": "S3A3",
        "counts": dict(sorted(Counter(each.verdict.value for _, each in judged).items())),
        "items": [
            {
                "unit": item.unit,
                "title": item.control.title.as_json(),
                "verdict": each.verdict.value,
                "may_be_worse": each.may_be_worse,
                "reason": each.reason.as_json(),
                "open_steps": list(each.open_steps),
            }
            for item, each in judged
        ],
    }
