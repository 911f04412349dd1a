"""`fengsui hunt --rules …` without Typer, whose start takes longer than a hunt over a small file.

It takes the usual options in their usual spelling. Whatever else is written (help, an unknown option, a
query over stored events) is left to Typer, which then explains it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from console.cli.quick_words import values_of

OPTIONS: Final[dict[str, tuple[str, type]]] = {  # name → parameter of `hunt`, kind of value
    "--rules": ("rules", list),
    "--rule": ("rule", list),
    "--logsource": ("logsource", str),
    "--level": ("level", str),
    "--limit-hits": ("limit_hits", int),
    "--format": ("form", str),
    "--output": ("output", Path),
    "-o": ("output", Path),
    "--placeholders": ("placeholders", Path),
    "--json": ("as_json", bool),
}


def ran(words: Sequence[str]) -> bool:
    """Run the hunt that these words of the command line ask for; whether they were understood.

    Raises:
        FengsuiError: as the command does.
    """
    asked = understood(words)
    if asked is None:
        return False
    hunting = import_module("console.cli.hunt_rules")
    hunting.hunt_files(
        asked.get("what", []),
        asked["rules"],
        logsource=asked.get("logsource", ""),
        level=asked.get("level", ""),
        rule=asked.get("rule", []),
        limit_hits=asked.get("limit_hits", 0),
        form="json" if "as_json" in asked else asked.get("form", "table"),
        output=asked.get("output"),
        placeholders=asked.get("placeholders"),
    )
    return True


def understood(words: Sequence[str]) -> dict[str, Any] | None:
    """The values of a hunt over files by parameter; None where Typer must read the words."""
    found = values_of(words, OPTIONS, "what")
    return found if found and "rules" in found else None
