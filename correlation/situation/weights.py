"""The numbers of the situation, with where each comes from (`weights.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

FILE: Final = Path(__file__).parent / "weights.toml"
Mark = Literal["V", "M", "J"]


@dataclass(frozen=True, slots=True)
class Weight:
    """One number or small table; `mark`: V read, M remembered, J our own judgement."""

    name: str
    value: Any
    mark: Mark
    why: str


@cache
def weights() -> Mapping[str, Weight]:
    """All of them by dotted name, in the order of the file."""
    document = tomllib.loads(FILE.read_text("utf-8"))
    return {
        f"{topic}.{name}": Weight(f"{topic}.{name}", **entry)
        for topic, entries in document.items()
        for name, entry in entries.items()
    }


def number(name: str) -> float:
    """A number."""
    return float(weights()[name].value)


def by_word(name: str) -> Mapping[str, float]:
    """A table of numbers by word."""
    table: Mapping[str, float] = weights()[name].value
    return table


def steps(name: str) -> Sequence[float]:
    """A list of numbers."""
    row: Sequence[float] = weights()[name].value
    return row


def colours() -> Mapping[str, Sequence[str]]:
    """The matrix of warnings: colours by importance 1 to 4, by harm."""
    table: Mapping[str, Sequence[str]] = weights()["warning.matrix"].value
    return table
