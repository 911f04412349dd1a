"""`fengsui rules coverage` and `show`: what of a rule set can fire here, and one rule in full."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import orjson
import typer

from console.cli.installation import settings
from console.cli.output import OUT, severity, show_json, show_table
from console.rules.loading import load_rules
from console.wiring import make_state
from detections.detections import OWN_RULES
from detections.samples import try_samples
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.coverage import Covered, listing, plan
from detections.sigma.coverage_totals import by_logsource, by_missing_field, states
from detections.sigma.loader import Loaded, LoadedRule, load
from detections.sigma.logsources import FOREIGN
from detections.sigma.satisfying import event_for
from fengsui import ecs
from fengsui.errors import NotFoundError

_RULES = typer.Option(
    [], "--rules", help="Folder or file of rules; may be repeated (default: the installation's)"
)
_SHOWN = 40  # rows of each table; --json holds all


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(coverage)
    group.command()(show)


def loaded_from(chosen: Sequence[Path]) -> Loaded:
    """Rules of the folders chosen, else of the installation: packs and rules saved here, too."""
    current = settings()
    known = current.detection
    if chosen or not current.has_state:
        return load(list(chosen) or [OWN_RULES, *map(Path, known.rules)], known.placeholders)
    with closing(make_state(current)) as state:
        return load_rules(current, state).loaded


def coverage(
    rules: list[Path] = _RULES,
    logs: bool = typer.Option(
        False,
        "--logs",
        help="Count exported logs too (Windows, ECS documents, auditd), as in a hunt",
    ),
    state: str = typer.Option(
        "", "--state", help="Rows of one state: live, partial, inert, refused"
    ),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema rules-coverage)"
    ),
) -> None:
    """Show how much of a rule set is live, and which field or log source is missing.

    Examples:
    `fengsui rules coverage --rules ./sigma/rules`

    `fengsui rules coverage --rules ./sigma/rules --logs --state inert`
    """
    fed = [*ecs.DATASETS, *FOREIGN] if logs else list(ecs.DATASETS)
    rows = listing(loaded_from(rules), fed)
    wanted = [row for row in rows if row.state == state or not state]
    sources, fields = by_logsource(rows), by_missing_field(rows)
    if as_json:
        show_json(
            {
                "states": states(rows),
                "logsources": [one.as_json() for one in sources],
                "missing": [one.as_json() for one in fields],
                "rules": [row.as_json() for row in wanted],
            }
        )
        return
    OUT.print(" · ".join(f"{count:,} {word}" for word, count in states(rows).items()))
    show_table(
        "By log source",
        ("log source", "#live", "#partial", "#inert", "why not"),
        [
            (one.logsource, one.live, one.partial, one.inert, _short(one.reason, one.logsource))
            for one in sources[:_SHOWN]
        ],
    )
    show_table(
        "Missing fields",
        ("field", "log source", "#rules", "then"),
        [
            (one.field, one.logsource, one.rules, f"map this field and {one.unlocks} go live")
            for one in fields[:_SHOWN]
        ],
    )
    _show_rows([row for row in wanted if state or row.state != "live"])


def _short(reason: str, logsource: str) -> str:
    """The reason without the log source that stands beside it."""
    return reason.replace(f" the log source {logsource}", " it")


def _show_rows(rows: Sequence[Covered]) -> None:
    show_table(
        "Rules",
        ("state", "rule", "where", "why"),
        [(row.state, row.title, f"{row.path}:{row.line}", row.reason) for row in rows[:_SHOWN]],
    )
    if len(rows) > _SHOWN:
        OUT.print(f"… and {len(rows) - _SHOWN:,} more: --json lists all, --state chooses")


def show(
    rule: str = typer.Argument(help="Id of a rule, or its beginning, name or title"),
    rules: list[Path] = _RULES,
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema rules-show)"
    ),
) -> None:
    """Show one rule: source, guidance, coverage, samples and an event that it would fire on.

    Example: `fengsui rules show 5f2a --rules ./sigma/rules`
    """
    loaded = loaded_from(rules)
    found = _found(loaded, rule)
    (row,) = [one for one in listing(loaded, [*ecs.DATASETS, *FOREIGN]) if one.id == found.id]
    results = try_samples(loaded, [found.id])
    sample = _example(found) if isinstance(found, LoadedRule) else None
    source = found.path.read_text("utf-8", "replace")
    if as_json:
        show_json(
            {
                "coverage": row.as_json(),
                "source": source,
                "guidance": found.guidance.as_json() if found.guidance else None,
                "samples": [
                    {"kind": one.kind, "number": one.number, "fired": one.fired, "ok": one.ok}
                    for one in results
                ],
                "example": sample,
            }
        )
        return
    OUT.print(severity(found.severity.word), found.title.render("en"), found.id)
    why = f": {row.reason}" if row.reason else ""
    OUT.print(f"{row.state} on {', '.join(row.datasets) or 'nothing'}{why}", markup=False)
    OUT.print(f"{found.path}:{found.line}  {found.author}  {found.licence}", markup=False)
    OUT.print()
    OUT.print(source, markup=False, soft_wrap=True)
    _show_guidance(found)
    show_table(
        "Samples",
        ("kind", "#number", "result"),
        [(one.kind, one.number, "as it must" if one.ok else "WRONG") for one in results],
    )
    if sample is not None:
        OUT.print("It would fire on:", orjson.dumps(sample).decode(), markup=False, soft_wrap=True)


def _show_guidance(rule: LoadedRule | LoadedCorrelation) -> None:
    if rule.guidance is None:
        return
    OUT.print("What it means:", rule.guidance.means.render("en"), markup=False)
    OUT.print("Usually harmless:", rule.guidance.harmless.render("en"), markup=False)
    for one in rule.guidance.check:
        OUT.print("Check:", one.question.render("en"), one.query, markup=False, soft_wrap=True)
    OUT.print("What to do:", rule.guidance.act.render("en"), markup=False)


def _found(loaded: Loaded, word: str) -> LoadedRule | LoadedCorrelation:
    """The one rule that a word means.

    Raises:
        NotFoundError: none, or several.
    """
    known: list[LoadedRule | LoadedCorrelation] = [*loaded.rules, *loaded.correlations]
    lowered = word.lower()
    exact = [
        one
        for one in known
        if lowered in (one.id.lower(), one.name.lower(), one.title.render("en").lower())
    ]
    found = exact or [one for one in known if one.id.lower().startswith(lowered)]
    if len(found) == 1:
        return found[0]
    count: Literal["No", "More than one"] = "More than one" if found else "No"
    raise NotFoundError(
        f"{count} rule is called {word!r}",
        where="--rules",
        next="`fengsui rules list --json` names the ids; give more of one, or another folder",
    )


def _example(rule: LoadedRule) -> dict[str, object] | None:
    """An event made from the rule's condition, for the first dataset that can have one."""
    entries, _ = plan([rule], [*ecs.DATASETS, *FOREIGN])
    for entry in entries:
        made = event_for(entry.condition)
        if made is not None:
            return {"event.dataset": entry.dataset, **made}
    return None
