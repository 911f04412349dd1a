"""Pipeline: our tables as a processing pipeline of pySigma, for people who convert with sigma-cli.

    fengsui rules pipeline > fengsui.yml
    sigma convert -t lucene -p fengsui.yml RULES

gives queries over our events' ECS fields. Rules whose log source none of our datasets feeds, and
rules that ask for fields that our events lack, fail with a reason instead of matching anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from detections.sigma.logsources import FOREIGN, Row, rows
from detections.sigma.mapping import Logsource
from detections.sigma.targets import Target
from fengsui import ecs

_ATTRIBUTES = ("product", "category", "service")
_TRUE = ("true", "True", "T")
_PRIORITY = 20  # after those that tell products apart, before the target's own


def pipeline_text() -> str:
    """The pipeline as YAML."""
    return yaml.safe_dump(pipeline(), sort_keys=False, allow_unicode=True, width=100)


def pipeline() -> dict[str, Any]:
    """The pipeline as the document that pySigma reads."""
    steps: list[dict[str, Any]] = []
    known: list[str] = []
    for logsource, some in _by_logsource().items():
        name = "fengsui_" + "_".join(filter(None, map(str.lower, _words(logsource))))
        made = _steps(name, logsource, some)
        steps += made
        known.append(made[-1]["id"])
    return {
        "name": "Fengsui events (ECS)",
        "priority": _PRIORITY,
        "transformations": [*steps, _unfed(known), _unmapped()],
    }


def _by_logsource() -> dict[Logsource, list[Row]]:
    """Rows of our own datasets by log source.

    Left out: a row for one product that repeats a broader one, and rows for all of a product, which
    pySigma would apply to rules of its categories and services too.
    """
    found: dict[Logsource, list[Row]] = {}
    for row in rows():
        if row.feed.dataset not in FOREIGN and (row.logsource.category or row.logsource.service):
            found.setdefault(row.logsource, []).append(row)
    broader = {one.category for one in found if one.category and not one.product}
    return {
        logsource: some
        for logsource, some in found.items()
        if not (logsource.product and logsource.category in broader)
    }


def _words(logsource: Logsource) -> tuple[str, str, str]:
    return logsource.product, logsource.category, logsource.service


def _steps(name: str, logsource: Logsource, some: Sequence[Row]) -> list[dict[str, Any]]:
    stated = zip(_ATTRIBUTES, _words(logsource), strict=True)
    condition = {"type": "logsource", **{word: value for word, value in stated if value}}
    held = {"rule_conditions": [condition]}
    targets = _merged(some)
    steps = [
        {"id": f"{name}_{kind}_{field}", **held, "field_name_conditions": [_field(field)], **step}
        for field, target in targets.items()
        for kind, step in _value_steps(target)
    ]
    mapping = {
        field: list(target.fields)
        for field, target in targets.items()
        if target.fields and target.scale == 1
    }
    if mapping:
        steps.append(
            {"id": f"{name}_fields", "type": "field_name_mapping", "mapping": mapping} | held
        )
    datasets = list(dict.fromkeys(row.feed.dataset for row in some))
    conditions = {"event.dataset": datasets, **some[0].when}
    steps.append({"id": name, "type": "add_condition", "conditions": conditions} | held)
    return steps


def _merged(some: Sequence[Row]) -> dict[str, Target]:
    """Targets of all rows of one log source; a field of several datasets is looked for in all."""
    found: dict[str, Target] = {}
    for row in some:
        for field, target in row.feed.names.table.items():
            known = found.get(field)
            if known is not None and known.plain and target.plain:
                target = Target(tuple(dict.fromkeys(known.fields + target.fields)))  # noqa: PLW2901
            found[field] = target
    return found


def _value_steps(target: Target) -> Iterator[tuple[str, dict[str, Any]]]:
    """What becomes of a field's values before the field is renamed; a word for each and the step."""
    if target.values:
        yield "words", {"type": "map_string", "mapping": _both_cases(target.values)}
    if target.flags:
        yield (
            "flag",
            {"type": "map_string", "mapping": {true: list(target.flags) for true in _TRUE}},
        )
    if target.before:
        step = {"type": "replace_string", "regex": "^(.*)$", "interpret_special": True}
        yield "inside", {**step, "replacement": f"*{target.before}\\1{target.after}*"}
    if target.constants:
        condition = _one_of(target.constants)
        yield "always", {"type": "drop_detection_item", "detection_item_conditions": [condition]}


def _field(name: str) -> dict[str, Any]:
    return {"type": "include_fields", "fields": [name]}


def _both_cases(values: Mapping[str, str]) -> dict[str, str]:
    return {one: ours for word, ours in values.items() for one in (word, word.lower())}


def _one_of(words: Sequence[str]) -> dict[str, Any]:
    return {"type": "match_string", "cond": "any", "pattern": f"(?i)^({'|'.join(words)})$"}


def _unfed(known: Sequence[str]) -> dict[str, Any]:
    return {
        "id": "fengsui_unfed",
        "type": "rule_failure",
        "message": "No dataset of Fengsui feeds this log source",
        "rule_conditions": [
            {"type": "processing_item_applied", "processing_item_id": one} for one in known
        ],
        "rule_cond_op": "or",
        "rule_cond_not": True,
    }


def _unmapped() -> dict[str, Any]:
    """Keywords have no field: a pattern leaves them alone where a negated list would not."""
    names = "|".join(map(re.escape, ecs.registry()))
    return {
        "id": "fengsui_unmapped",
        "type": "detection_item_failure",
        "message": "Fengsui's events of this log source lack this field",
        "field_name_conditions": [
            {"type": "include_fields", "mode": "re", "fields": [f"^(?!(?:{names})$)"]}
        ],
    }
