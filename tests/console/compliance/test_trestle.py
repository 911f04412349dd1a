"""OSCAL documents of ours as compliance-trestle reads them; skipped where it is not installed.

Its pins and ours differ, so it is no part of the development extra: `pip install compliance-trestle`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from detections.compliance.oscal.catalogue import oscal_catalogue, oscal_profile
from detections.compliance.profile.profile import make_profile
from tests.console.compliance.test_papers import Make, paper

MODELS = {
    "catalog": "Catalog",
    "profile": "Profile",
    "assessment_results": "AssessmentResults",
    "poam": "PlanOfActionAndMilestones",
}
__all__ = ["paper"]


def read(kind: str, document: Any, folder: Path) -> Any:
    """A document as the tool reads it from a file; it refuses what OSCAL does not know."""
    module = pytest.importorskip(f"trestle.oscal.{kind}")
    path = folder / f"{kind}.json"
    path.write_bytes(orjson.dumps(document))
    return getattr(module, MODELS[kind]).oscal_read(path)


@pytest.mark.filterwarnings("ignore")
def test_the_catalogue_and_a_profile_are_read(tmp_path: Path) -> None:
    assert read("catalog", oscal_catalogue(), tmp_path).groups
    made = make_profile(3, 3, {"cloud"})
    assert read("profile", oscal_profile(made), tmp_path).imports


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "name"), [("assessment_results", "results"), ("poam", "poam")])
def test_results_and_the_plan_are_read(kind: str, name: str, paper: Make, tmp_path: Path) -> None:
    document = orjson.loads(paper(name))
    found = read(kind, document, tmp_path)
    assert found.results[0].findings if kind == "assessment_results" else found.poam_items
    broken = orjson.loads(paper(name))
    next(iter(broken.values()))["unheard-of"] = 1
    with pytest.raises(Exception, match="unheard-of"):
        read(kind, broken, tmp_path)
