"""The generated reference of log sources: which of Sigma's our events feed, and by which names.

    python -m console.logsource_reference [FILE]

writes `docs/reference/logsources.md` from `detections/sigma/logsources.toml` and `fields.toml`; a test
compares the file with what this would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from detections.sigma.logsources import FOREIGN, Row, rows
from detections.sigma.mapping import Logsource
from detections.sigma.targets import Target, field_tables

FILE: Final = Path(__file__).resolve().parents[1] / "docs/reference/logsources.md"
REMAKE: Final = "python -m console.logsource_reference"
_OWN: Final = "fengsui"
_HEADINGS: Final = 3  # lines of a table without rows

_HEAD: Final = f"""# Log sources

Which Sigma log sources feed from which of our datasets, and what Sigma's fields are called there.
This page is made by `{REMAKE}`; the tables are `detections/sigma/logsources.toml` and `fields.toml`.

## How a rule finds its events

- A rule runs on the rows whose product, category and service are its own, case aside. What a rule
  does not state is open: `product: windows` alone means all Windows events, `category:
  process_creation` alone those of every product (Sigma 2.1, Rules, "Log source"). A rule that states
  more than a row does not run on it, unless its category and its service both have rows: then it
  runs where both hold.
- *Only itself* marks rows that serve only rules with this very log source: a rule on all of Windows
  does not read flows because `network_connection` can be seen on the wire.
- A log source without a row is fed by nothing: its rules are inert, with that reason. They never
  match everything.
- Rules of our own use product `{_OWN}` with any dataset as service, and ECS names.
- Fields: a name is looked up as written, then without regard to case. Names of our field registry
  (ECS) work in every row of our own datasets.
- A field that one of our datasets lacks is unknown: the rule fires only where its condition is true
  whatever that field holds, and is listed as partial or inert with the field's name.
- Exported logs ({", ".join(f"`{name}`" for name in FOREIGN)}; `fengsui hunt`): a record is all there
  is; a field that it lacks matches nothing, so `not` of it holds.
- Events given with `fengsui hunt --logsource product=…,category=…,service=…` keep their field names;
  rules run on them that state no more than that. `product=windows` alone reads channel and number.

## Adding a field or a log source

`fengsui rules coverage --rules FOLDER` says what a rule set lacks: "map this field and 14 go live". A
field is a line of a table in `fields.toml` (fields of our own datasets stand in `fengsui/fields/`), a
log source a row of `logsources.toml`; the heads of both files explain their words. Map a word only
where it means the same: a row broader than the rule's author meant fires on what he never saw.
Then `{REMAKE}`, and the counts of `tests/detections/sigma/test_coverage.py` say what went live.
"""


def page() -> str:
    """The whole page, in Markdown."""
    native = [row for row in rows() if row.feed.dataset not in FOREIGN]
    ours = [row for row in native if row.logsource.product != _OWN]
    foreign = [row for row in rows() if row.feed.dataset in FOREIGN]
    parts = [_HEAD, "## Our own datasets\n", _table(ours), "## Exported logs\n", _table(foreign)]
    parts.append("## Fields\n")
    parts += [_fields(name, table) for name, table in sorted(field_tables().items())]
    return "\n".join(parts)


def _table(some: Iterable[Row]) -> str:
    lines = ["| log source | datasets | held to | fields |", "|---|---|---|---|"]
    grouped: dict[tuple[Logsource, str, str, bool], list[str]] = {}
    for row in some:
        linked = [f"[{name}](#{name})" for name in row.tables]
        linked += [f"`{row.prefix}*` without its first word"] if row.prefix else []
        tables = ", ".join(linked) or "as they are"
        key = (row.logsource, _when(row), tables, row.exact)
        grouped.setdefault(key, []).append(row.feed.dataset)
    for (logsource, when, tables, exact), datasets in grouped.items():
        named = f"{logsource}" + (" *(only itself)*" if exact else "")
        lines.append(f"| {named} | {', '.join(dict.fromkeys(datasets))} | {when} | {tables} |")
    return "\n".join(lines) + "\n"


def _when(row: Row) -> str:
    held = (f"`{name}` {_values(value)}" for name, value in row.when.items())
    return "; ".join(held)


def _values(value: object) -> str:
    if value == "":
        return "absent"
    words = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return " or ".join(f"`{_cell(word)}`" for word in words)


def _fields(name: str, table: dict[str, Target]) -> str:
    lines = [f"### {name}\n", "| Sigma's name | where it is found |", "|---|---|"]
    lines += [
        f"| `{_cell(field)}` | {_cell(_target(target))} |"
        for field, target in table.items()
        if target != Target((field,))
    ]
    if len(lines) == _HEADINGS:
        return f"### {name}\n\nNames as the events have them, found whatever their case.\n"
    return "\n".join(lines) + "\n"


def _target(target: Target) -> str:
    return ", ".join(_said(target)) or "nowhere"


def _said(target: Target) -> Iterator[str]:
    if target.constants:
        yield "always " + " or ".join(f"`{one}`" for one in target.constants)
    if target.fields:
        yield " or ".join(f"`{one}`" for one in target.fields)
    if target.flags:
        yield f"whether it is {' or '.join(f'`{flag}`' for flag in target.flags)}"
    if target.values:
        yield "words " + ", ".join(f"`{one}` = `{ours}`" for one, ours in target.values.items())
    if target.scale != 1:
        yield f"times {target.scale:,}"
    if target.before:
        yield f"between `{target.before}` and `{target.after or 'the end'}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(words: list[str]) -> None:
    """Write the page."""
    path = Path(words[0]) if words else FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
