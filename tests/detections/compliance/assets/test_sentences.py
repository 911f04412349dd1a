"""Every step of a check has its sentences: what fails and what is open, in both languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import detections.compliance.assets.checks as shelf
import fengsui.catalogue

CHECKS = Path(shelf.__path__[0])
SENTENCES = Path(fengsui.catalogue.__path__[0])
SHELVES = [
    ("host_", "hosts", "compliance_hosts.toml"),
    ("database_", "databases", "compliance_databases.toml"),
    ("service_", "services", "compliance_services.toml"),
]
_STEP = re.compile(r'\bstep\(\s*"(\w+)",\s*([^,)]+)')
_CLAIM = re.compile(r'_check\("L3-\w+-\d\d", "(\w+)"')


@pytest.mark.parametrize(("prefix", "name", "file"), SHELVES)
def test_steps_have_sentences(prefix: str, name: str, file: str) -> None:
    words = tomllib.loads((SENTENCES / file).read_text("utf-8"))[name]
    missing: list[str] = []
    for path in sorted(CHECKS.glob(f"{prefix}*.py")):
        text = path.read_text("utf-8")
        missing += [
            f"{path.name}: {one}" for one in _CLAIM.findall(text) if one not in words["claim"]
        ]
        for step, state in _STEP.findall(text):
            kinds = {"False": ["bad", "repair"], "None": ["open"], "True": ["good"]}
            needed = [k for word, found in kinds.items() if word in state for k in found]
            for kind in needed or ["bad"]:
                said = words.get(step, {}).get(kind, {})
                missing += [f"{path.name}: {step}.{kind}"] if said.keys() < {"zh", "en"} else []
    assert missing == []
