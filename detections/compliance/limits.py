"""Limits of the checks as data, each with the mark that says whether a standard or we set it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from fengsui.alert import Fact

_FILE: Final = Path(__file__).with_name("limits.toml")


def limit(check: str, name: str) -> int:
    """The value of one limit."""
    return int(_document()[check][name]["value"])


def limit_facts(check: str) -> tuple[Fact, ...]:
    """All limits of a check, with the mark as what each is measured against."""
    return tuple(
        Fact(name, row["value"], row["mark"], row["unit"])
        for name, row in _document()[check].items()
    )


def public_zones() -> frozenset[str]:
    """Zones whose records are kept for a year."""
    return frozenset(_document()["public"]["zones"])


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
