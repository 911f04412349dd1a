"""Our flat package names are ours alone, and no module hides behind a name that says nothing."""

from __future__ import annotations

import importlib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("fengsui", "sensors", "detections", "correlation", "playbooks", "console")


@pytest.mark.parametrize("name", PACKAGES)
def test_package_is_ours(name: str) -> None:
    package = importlib.import_module(name)
    assert [Path(path) for path in package.__path__] == [ROOT / name]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_claims_the_name(name: str) -> None:
    claimed = packages_distributions().get(name, [])
    assert set(claimed) <= {"fengsui"}, f"{claimed} also install a top-level {name}"


def test_no_module_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    named = [p for package in PACKAGES for p in (ROOT / package).rglob("*.py") if p.stem in empty]
    assert not named


def test_every_source_file_is_of_a_readable_size() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
        and (lines := len(path.read_text("utf-8").splitlines())) > 500
    }
    assert not long, "a file over 500 lines is more than one idea"
