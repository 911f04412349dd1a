"""`fengsui check list|show|catalogue`: the item set of a profile, one unit, OSCAL in and out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import typer

from console.cli.installation import settings
from console.cli.output import OUT, show_json, show_table
from console.compliance.requirements import import_texts, text_of
from detections.compliance.oscal.catalogue import oscal_catalogue, oscal_profile
from detections.compliance.profile.editions import editions
from detections.compliance.profile.items import Item, canonical_unit, item_of
from detections.compliance.profile.objects import covered
from detections.compliance.profile.profile import parse_profile
from detections.compliance.profile.steps import steps_of

_PROFILE = typer.Option("S3A3", "--profile", help="S3A3, S2A3, S3A3+cloud+iot, …")
_JSON = typer.Option(False, "--json", help="One JSON document")


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("list")(list_items)
    group.command("show")(show)
    group.command("catalogue")(catalogue)


def list_items(profile: str = _PROFILE, as_json: bool = _JSON) -> None:
    """The items that a profile must meet, computed from S, A and the extensions.

    Examples:
    `fengsui check list --profile S2A3`

    `fengsui check list --profile S3A3+cloud --json | jq '.items | length'`
    """
    found = parse_profile(profile)
    if as_json:
        show_json({"profile": str(found), "items": [_item(item) for item in found.items()]})
        return
    show_table(
        f"{found}: {len(found.items())} items",
        ("unit", "clause", "S/A/G", "auto", "control point", "title", "mark"),
        [
            (
                item.unit,
                f"{item.control.clause} {item.control.item}",
                item.sag,
                item.automation,
                item.control.control_point.render("zh"),
                item.control.title.render("zh"),
                item.mark,
            )
            for item in found.items()
        ],
    )
    counts = Counter(item.control.area.render("zh") for item in found.items())
    OUT.print(" · ".join(f"{area} {count}" for area, count in counts.items()), markup=False)


def show(
    unit: str = typer.Argument(..., help="Assessment unit, such as L3-CES1-01"),
    as_json: bool = _JSON,
) -> None:
    """One unit: where it stands, its steps, who can decide it, its high-risk case.

    Examples:
    `fengsui check show L3-CES1-01`

    `fengsui check show L3-SMC1-10 --json`
    """
    item = item_of(canonical_unit(unit))
    steps = steps_of(item.unit)
    document = {
        **_item(item),
        "steps": list(steps.names),
        "steps_mark": steps.mark,
        "checked_kinds": sorted(covered().get(item.unit, frozenset())),
        "text": text_of(settings(), item.unit),
    }
    if as_json:
        show_json(document)
        return
    show_table(
        item.unit,
        ("", ""),
        [(name, "、".join(v) if isinstance(v, list) else str(v)) for name, v in document.items()],
    )


def catalogue(
    oscal: bool = typer.Option(False, "--oscal", help="OSCAL 1.2.1 on standard output"),
    profile: str = typer.Option("", "--profile", help="The item set of a profile, as OSCAL"),
    brought: Path | None = typer.Option(
        None, "--import", help="OSCAL catalogue with the licensed texts, to be shown with items"
    ),
    as_json: bool = _JSON,
) -> None:
    """Editions and counts of the catalogue; OSCAL in and out.

    Examples:
    `fengsui check catalogue`

    `fengsui check catalogue --oscal > catalogue.json`

    `fengsui check catalogue --oscal --profile S3A3+cloud > profile.json`

    `fengsui check catalogue --import licensed.json`
    """
    if brought is not None:
        read = import_texts(settings(), brought)
        with_text = sum(bool(text) for text in read.texts.values())
        OUT.print(
            f"{read.kind}: {len(read.texts)} units known, {with_text} with text", markup=False
        )
        for each in read.unknown[:20]:
            OUT.print(f"not known: {each}", markup=False)
        return
    if oscal:
        show_json(oscal_profile(parse_profile(profile)) if profile else oscal_catalogue())
        return
    if as_json:
        show_json({"editions": [each.as_json() for each in editions()]})
        return
    show_table(
        "Editions",
        ("kind", "id", "title", "in use from", "data", "mark"),
        [
            (
                e.kind,
                e.id,
                e.title.render("zh"),
                e.since or "-",
                "yes" if e.carried else "no",
                e.mark,
            )
            for e in editions()
        ],
    )


def _item(item: Item) -> dict[str, object]:
    control = item.control
    return {
        "unit": item.unit,
        "clause": control.clause,
        "item": control.item,
        "area": control.area.as_json(),
        "control_point": control.control_point.as_json(),
        "title": control.title.as_json(),
        "level": item.level,
        "extension": item.extension,
        "sag": item.sag,
        "automation": item.automation,
        "high_risk_case": item.high_risk_case,
        "major_risk": item.major_risk,
        "mark": item.mark,
    }
