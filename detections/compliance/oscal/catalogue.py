"""The catalogue as OSCAL: levels and extensions as catalogues, a system's item set as a profile.

Titles are ours: the licensed text of the standards is not in the export. A control's id is its
GB/T 28448 unit; properties carry clause, item, S/A/G and how far the row was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from detections.compliance.oscal.words import Document, metadata, props, uuid_of
from detections.compliance.profile.items import Item, items
from detections.compliance.profile.points import DIGITS, GENERAL
from detections.compliance.profile.profile import Profile

MODIFIED: Final = "2026-11-21T00:00:00Z"  # of the data, not of the export: the same bytes each time
TITLE: Final = "GB/T 22239-2019 / GB/T 28448-2019 (ids and own short titles)"


def oscal_catalogue(levels: Sequence[int] = (1, 2, 3, 4)) -> Document:
    """All carried items of these levels."""
    name = "-".join(map(str, levels))
    return {
        "catalog": {
            "uuid": uuid_of("catalogue", name),
            "metadata": metadata(TITLE, MODIFIED),
            "groups": [
                group
                for level in levels
                for extension in DIGITS
                for group in _groups(level, extension)
            ],
        }
    }


def oscal_profile(profile: Profile) -> Document:
    """The item set of a profile, as an import from the catalogue of its levels."""
    levels = sorted({item.level for item in profile.items()})
    catalogue = uuid_of("catalogue", "1-2-3-4")
    return {
        "profile": {
            "uuid": uuid_of("profile", str(profile)),
            "metadata": metadata(f"{profile}: level {levels[-1]}", MODIFIED),
            "imports": [
                {
                    "href": f"#{catalogue}",
                    "include-controls": [{"with-ids": [item.unit for item in profile.items()]}],
                }
            ],
            "merge": {"as-is": True},
            "back-matter": {
                "resources": [
                    {
                        "uuid": catalogue,
                        "title": TITLE,
                        "rlinks": [{"href": "catalogue.json", "media-type": "application/json"}],
                    }
                ]
            },
        }
    }


def _groups(level: int, extension: str) -> Iterator[Document]:
    by_prefix: dict[str, list[Item]] = {}
    for item in items(level, extension):
        by_prefix.setdefault(item.prefix, []).append(item)
    for prefix, found in by_prefix.items():
        name = f"l{level}-{extension}-{prefix.lower()}"
        yield {
            "id": name,
            "class": "area" if extension == GENERAL else f"area-{extension}",
            "title": found[0].control.area.render("zh"),
            "props": props({"level": str(level), "title-en": found[0].control.area.render("en")}),
            "groups": list(_points(name, found)),
        }


def _points(name: str, found: Sequence[Item]) -> Iterator[Document]:
    by_clause: dict[str, list[Item]] = {}
    for item in found:
        by_clause.setdefault(item.control.clause, []).append(item)
    for clause, mine in by_clause.items():
        yield {
            "id": f"{name}-{clause}",
            "class": "control-point",
            "title": mine[0].control.control_point.render("zh"),
            "props": props(
                {"clause": clause, "title-en": mine[0].control.control_point.render("en")}
            ),
            "controls": [_control(item) for item in mine],
        }


def _control(item: Item) -> Document:
    control = item.control
    values = {
        "label": item.unit,
        "clause": control.clause,
        "item": control.item,
        "sag": item.sag,
        "automation": item.automation,
        "title-en": control.title.render("en"),
        "high-risk-case": item.high_risk_case,
        "major-risk": item.major_risk,
        "mark": item.mark,
    }
    return {
        "id": item.unit,
        "class": "assessment-unit",
        "title": control.title.render("zh"),
        "props": props(values),
    }
