"""A hunt's findings for people: tables, as wide as the terminal."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console

from console.cli.hunt_report import place, summary
from console.cli.output import OUT, severity, table_of
from console.hunting import Hunted

_SHOWN = 20  # rows of the smaller tables


def show(found: Hunted, stream: TextIO) -> None:
    """Rules with hits, what could not be read, and one line of counts."""
    to = OUT if stream is sys.stdout else Console(file=stream, width=180, highlight=False)
    table_of(
        to,
        "Rules that fired",
        ("level", "rule", "#hits", "first event", "id", "author", "licence"),
        [
            (
                severity(rule.severity.word),
                rule.title.render("en"),
                f"{count:,}",
                place(found, first),
                rule.id,
                rule.author,
                rule.licence,
            )
            for rule, count, first in found.matched()
        ],
        empty="none",
    )
    problems = [
        (
            row["file"],
            row["what"],
            f"{row['count']:,}",
            row["number"] if row["number"] >= 0 else "",
            row["example"],
        )
        for one in found.files
        for row in one.counted()
    ]
    problems += [
        (one.file.name, one.error.what, "", "", "") for one in found.files if one.error is not None
    ]
    table_of(
        to, "Not read, or not wholly", ("file", "what", "#count", "#first", "example"), problems
    )
    parked = [(found.rules[number].title.render("en"), why) for number, why in found.parked.items()]
    table_of(to, "Rules stopped for their cost", ("rule", "why"), parked)
    refused = [(f"{one.path}:{one.line}", one.reason) for one in found.refused]
    title = f"Rules refused ({len(refused):,})"
    table_of(to, title, ("where", "why"), refused[:_SHOWN])
    to.print(summary(found), markup=False)
