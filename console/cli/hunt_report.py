"""How a hunt's findings are shown: a table for people, JSON, CSV or Markdown for what comes next."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import import_module
from typing import Any, TextIO

import orjson

from console.hunting import Hit, Hunted
from fengsui.severity import Severity

FORMATS = ("table", "json", "csv", "markdown")


def write(found: Hunted, form: str, to: TextIO) -> None:
    """Write one of `FORMATS`."""
    match form:
        case "json":
            to.writelines(_json(found))
        case "csv":
            _csv(found, to)
        case "markdown":
            to.write(_markdown(found))
        case _:
            # Imported here: what only people look at.
            import_module("console.cli.hunt_table").show(found, to)
    to.flush()


def document_of(found: Hunted) -> dict[str, Any]:
    """The document of `fengsui hunt --rules … --json` (`fengsui schema hunt_rules`)."""
    return {"hits": [_hit(found, hit) for hit in found.hits.in_order(found.rules)], **_rest(found)}


def _json(found: Hunted) -> Iterator[str]:
    """The document, hit by hit: millions of them are never held as objects."""
    start = '{\n  "hits": ['
    for number, hit in enumerate(found.hits.in_order(found.rules)):
        comma = "," if number else ""
        yield f"{start}{comma}\n    {orjson.dumps(_hit(found, hit)).decode()}"
        start = ""
    rest = orjson.dumps(_rest(found), option=orjson.OPT_INDENT_2).decode()
    yield f"{start}\n  ]," + rest[1:] + "\n"


def _hit(found: Hunted, hit: Hit) -> dict[str, Any]:
    rule = found.rules[hit.rule]
    return {
        "rule": rule.id,
        "title": rule.title.render("en"),
        "level": _level(rule.severity),
        "file": found.files[hit.file].file.name,
        "number": hit.number,
    }


def _rest(found: Hunted) -> dict[str, Any]:
    return {
        "rules": {
            "loaded": len(found.rules),
            "refused": [
                {"file": str(one.path), "line": one.line, "reason": one.reason}
                for one in found.refused
            ],
            "inert": [
                {
                    "rule": one.rule.id,
                    "title": one.rule.title.render("en"),
                    "file": str(one.rule.path),
                    "line": one.rule.line,
                    "reason": one.reason,
                }
                for one in found.inert
            ],
            "parked": [
                {"rule": found.rules[number].id, "reason": reason}
                for number, reason in sorted(found.parked.items())
            ],
            "matched": [
                {
                    "rule": rule.id,
                    "title": rule.title.render("en"),
                    "level": _level(rule.severity),
                    "hits": count,
                    "author": rule.author,
                    "licence": rule.licence,
                }
                for rule, count, _ in found.matched()
            ],
        },
        "events": found.events,
        "seconds": round(found.seconds, 3),
        "counted": [row for one in found.files for row in one.counted()],
        "files": [one.as_json() for one in found.files],
    }


def _level(level: Severity) -> str:
    """Sigma's word."""
    return "informational" if level is Severity.INFO else level.word


def _csv(found: Hunted, to: TextIO) -> None:
    """One row a hit."""
    rows = csv.writer(to, lineterminator="\n")
    rows.writerow(("rule", "title", "level", "file", "number", "author", "licence"))
    for hit in found.hits.in_order(found.rules):
        rule = found.rules[hit.rule]
        rows.writerow((*_hit(found, hit).values(), rule.author, rule.licence))


def _markdown(found: Hunted) -> str:
    lines = [
        "| level | rule | hits | first event | author | licence |",
        "|---|---|--:|---|---|---|",
    ]
    for rule, count, first in found.matched():
        cells = (
            _level(rule.severity),
            f"{rule.title.render('en')} (`{rule.id}`)",
            f"{count:,}",
            place(found, first),
            rule.author,
            rule.licence,
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    if len(lines) == 2:
        lines = ["No rule fired."]
    counted = [row for one in found.files for row in one.counted()]
    if counted:
        lines += ["", "Not read, or not wholly:", ""]
        lines += [f"- {row['file']}: {row['what']} ({row['count']:,})" for row in counted]
    return "\n".join([*lines, "", summary(found), ""])


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def place(found: Hunted, hit: Hit) -> str:
    """File and number."""
    return f"{found.files[hit.file].file.name}:{hit.number}"


def summary(found: Hunted) -> str:
    """The hunt in one line."""
    rate = found.events / found.seconds if found.seconds else 0.0
    hits = sum(found.counts.values())
    left = hits - len(found.hits)
    return (
        f"{hits:,} hits{f' ({left:,} not listed)' if left else ''} of {len(found.counts):,} rules in "
        f"{found.events:,} events; {len(found.rules):,} rules loaded, {len(found.inert):,} of them inert, "
        f"{len(found.refused):,} refused; {found.seconds:.1f} s, {rate:,.0f} events/s"
    )
