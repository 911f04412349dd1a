"""`docs/adding/` has a page for each shelf, and every path that a page names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/adding").glob("*.md"))
LINE = re.compile(r"^- (Shelf|Interface|Template|Tests): `([^`]+)`$", re.MULTILINE)
SHELF = re.compile(r"\bparts\((\w+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_path_of_a_page_exists(page: Path) -> None:
    named = dict(LINE.findall(page.read_text("utf-8")))
    assert set(named) == {"Shelf", "Interface", "Template", "Tests"}
    missing = [path for path in named.values() if not (ROOT / path).exists()]
    assert not missing


def test_every_shelf_has_a_page() -> None:
    described = {dict(LINE.findall(page.read_text("utf-8")))["Shelf"].rstrip("/") for page in PAGES}
    shelves = {
        "sensors/logs/parsers",
        "sensors/protocols",
        "detections/anomalies",
        "detections/rules",
        "detections/compliance/checks",
        "playbooks/actions",
        "playbooks/library",
        "playbooks/drills/scenarios",
        "console/api/routes",
    }
    assert described == shelves


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
