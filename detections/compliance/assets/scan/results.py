"""Results of another scanner, and the table that says which unit each speaks for and how far.

A scanner's rule has its own threshold and its own idea of what must be said aloud, so that most of its
failures do not decide a unit, and none of its passes does: `rules.csv` says what each shows. `limits` is
empty where a failure alone breaks the requirement; else `threshold`, `explicit`, `present` or `part`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

Outcome = Literal["pass", "fail", "other"]
Tool = Literal["openscap", "lynis", "wazuh"]
TABLE: Final = Path(__file__).with_name("rules.csv")
MOST_BYTES: Final = 128 << 20
MOST_RESULTS: Final = 20_000
_LONGEST: Final = 300
_TOOLS: Final[dict[str, Tool]] = {"openscap": "openscap", "lynis": "lynis", "wazuh": "wazuh"}


@dataclass(frozen=True, slots=True)
class Result:
    """One rule of a scanner: its short name, how it ended, the scanner's word for that."""

    rule: str
    outcome: Outcome
    word: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner said of one host. `collected` in ns, 0 where it does not say."""

    tool: Tool
    host: str
    collected: int
    title: str
    results: tuple[Result, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rule shows: the unit, and why a failure does not decide it ("" where it does)."""

    tool: Tool
    rule: re.Pattern[str]
    unit: str
    limits: str


@cache
def meanings() -> tuple[Meaning, ...]:
    """The table, in its order; a rule may speak for several units, for each by its first row."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Meaning(_TOOLS[row["tool"]], re.compile(row["rule"]), row["unit"], row["limits"])
            for row in csv.DictReader(file)
        )


@cache
def meanings_of(tool: Tool, rule: str) -> tuple[Meaning, ...]:
    """What one rule speaks for; none where the table does not know it."""
    found: dict[str, Meaning] = {}
    text = rule.lower() if tool == "wazuh" else rule
    for meaning in meanings():
        if meaning.tool == tool and meaning.unit not in found and meaning.rule.fullmatch(text):
            found[meaning.unit] = meaning
    return tuple(found.values())


def plain(text: str) -> str:
    """A name of a scanner's, on one line and short."""
    return re.sub(r"\s+", " ", text).strip()[:_LONGEST]
