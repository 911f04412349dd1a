"""CACAO 2.0 (OASIS Committee Specification 01, November 2023): written as YAML, stored as JSON.

What CACAO has no property for (Chinese names, the adapter of a step, approval) stands in an
extension of ours, so that the JSON stays valid for other tools: they show each step as a manual
command. Step ids are derived from their names, in the layout of UUID version 4 that the standard
asks for, so that the same YAML always gives the same JSON.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast

from fengsui.attack import TACTICS
from fengsui.errors import RuleError
from fengsui.ids import digest_id
from fengsui.playbook import Playbook, Step
from fengsui.text import Text, literal
from playbooks.written import Written, list_at, mapping_at, read_yaml, texts_at

LIBRARY: Final = Path(__file__).parent / "library"
EXTENSION: Final = "extension-definition--5b0a1d3e-8f6c-4a52-9c1e-7d2f4b6a9e10"
AUTHOR: Final = "identity--0d9f3c77-1e52-4b8a-8a46-2c5b7e913f04"
TYPES: Final = frozenset(  # playbook-type-ov, section 3.1.1
    {
        "attack",
        "detection",
        "engagement",
        "investigation",
        "mitigation",
        "notification",
        "prevention",
        "remediation",
    }
)
_IDENTIFIER: Final = re.compile(
    r"[a-z][a-z0-9-]+[a-z0-9]--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_TOP: Final = frozenset(
    {"id", "name", "description", "types", "created", "modified", "tactics", "needs", "steps"}
)
_STEP: Final = frozenset(
    {"step", "name", "action", "arguments", "approval", "activity", "on_failure"}
)


def load_library(actions: Iterable[str], folder: Path = LIBRARY) -> list[Playbook]:
    """All playbooks of a folder, by name of the file.

    Raises:
        RuleError: a file does not load; names it and the line.
    """
    known = frozenset(actions)
    return [
        from_json(to_json(read_yaml(path.read_text("utf-8"), path.name), known), path.name)
        for path in sorted(folder.glob("*.yml"))
    ]


def to_json(written: Written, actions: frozenset[str]) -> dict[str, Any]:
    """The CACAO JSON of a playbook that people wrote.

    Raises:
        RuleError: with file and line, whatever is missing, unknown or leads nowhere.
    """
    top = mapping_at(written, (), _TOP, _TOP - {"needs"})
    if not _is_uuid(top["id"]):
        raise written.error("id is no UUID", ("id",), "Make one: python3 -m uuid")
    texts_at(written, ("name",))
    texts_at(written, ("description",))
    for word, known in (("types", TYPES), ("tactics", frozenset(TACTICS))):
        unknown = [value for value in list_at(written, (word,)) if value not in known]
        if unknown:
            known_words = "Known: " + ", ".join(sorted(known))
            raise written.error(f"{word}: {unknown[0]} is not known", (word,), known_words)
    for word in ("created", "modified"):
        if not _STAMP.fullmatch(str(top[word])):
            raise written.error(
                f"{word} is no time with milliseconds",
                (word,),
                'Write it as "2026-11-21T08:00:00.000Z"',
            )
    workflow, start = _workflow(written, str(top["id"]), actions)
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": f"playbook--{top['id']}",
        "name": top["name"]["en"],
        "description": top["description"]["en"],
        "playbook_types": top["types"],
        "playbook_activities": sorted(
            {s["commands"][0]["playbook_activity"] for s in workflow.values() if "commands" in s}
        ),
        "created_by": AUTHOR,
        "created": top["created"],
        "modified": top["modified"],
        "revoked": False,
        "labels": ["fengsui"],
        "workflow_start": start,
        "workflow": workflow,
        "playbook_extensions": {
            EXTENSION: {
                "name_zh": top["name"]["zh"],
                "description_zh": top["description"]["zh"],
                "tactics": top["tactics"],
                "needs": top.get("needs", []),
            }
        },
        "agent_definitions": {_agent(str(top["id"])): _AGENT},
        "extension_definitions": {EXTENSION: _DEFINITION},
    }


def from_json(document: dict[str, Any], name: str = "playbook") -> Playbook:
    """Our reading of a CACAO document: a line of action steps from start to end.

    Raises:
        RuleError: it is not CACAO 2.0, uses a kind of step that is not run here, or its steps lead
            nowhere.
    """
    if document.get("spec_version") != "cacao-2.0" or document.get("type") != "playbook":
        raise _refusal("This is not a CACAO 2.0 playbook", name, "spec_version must be cacao-2.0")
    workflow = cast("dict[str, dict[str, Any]]", document.get("workflow", {}))
    steps = {id_: _step(id_, raw, name) for id_, raw in workflow.items()}
    start = str(document.get("workflow_start", ""))
    for step in steps.values():
        for to in (step.on_success, step.on_failure):
            if to and to not in steps:
                raise _refusal(f"A step leads to {to}, which is not there", f"{name}: {step.id}")
    if start not in steps or steps[start].kind != "start":
        raise _refusal("workflow_start is no start step", f"{name}: workflow_start")
    _check_ends(steps, start, name)
    ours = document.get("playbook_extensions", {}).get(EXTENSION, {})
    return Playbook(
        id=str(document["id"]),
        name=_text(document, ours, "name"),
        description=_text(document, ours, "description"),
        tactics=tuple(ours.get("tactics", ())),
        start=start,
        steps=steps,
        document=document,
    )


_AGENT: Final[dict[str, Any]] = {
    "type": "security-category",
    "name": "Fengsui",
    "category": ["siem", "orchestrator"],
}
_DEFINITION: Final[dict[str, Any]] = {
    "type": "extension-definition",
    "name": "Fengsui step",
    "description": "Chinese names, the adapter that carries a step out, and whether it needs approval",
    "created_by": AUTHOR,
    "schema": "playbook: name_zh, description_zh, tactics, needs; "
    "step: name_zh, action, arguments, approval",
    "version": "1.0.0",
}


def _workflow(
    written: Written, playbook: str, actions: frozenset[str]
) -> tuple[dict[str, dict[str, Any]], str]:
    """CACAO steps by id, and the id of the first: in the order of the list, failures as named."""
    rows = list_at(written, ("steps",))
    ids: dict[str, str] = {}
    for n, _ in enumerate(rows):
        row = mapping_at(written, ("steps", n), _STEP, frozenset({"step", "name", "action"}))
        if row["step"] in ids or row["step"] in {"start", "end"}:
            raise written.error(f"The step {row['step']} is there twice", ("steps", n, "step"))
        if row["action"] not in actions:
            known = "Known: " + ", ".join(sorted(actions))
            raise written.error(f"{row['action']} is no action", ("steps", n, "action"), known)
        ids[row["step"]] = _step_id("action", playbook, row["step"])
    start, end = _step_id("start", playbook, "start"), _step_id("end", playbook, "end")
    order = [*ids.values(), end]
    workflow: dict[str, dict[str, Any]] = {start: {"type": "start", "on_completion": order[0]}}
    for n, row in enumerate(rows):
        failure = row.get("on_failure", "")
        if failure and failure not in {*ids, "end"}:
            raise written.error(f"on_failure leads to {failure}", ("steps", n, "on_failure"))
        to = {**ids, "end": end}.get(failure)
        workflow[order[n]] = _action_step(written, n, playbook, order[n + 1], to)
    workflow[end] = {"type": "end"}
    return workflow, start


def _action_step(
    written: Written, n: int, playbook: str, after: str, on_failure: str | None
) -> dict[str, Any]:
    row = written.value["steps"][n]
    texts_at(written, ("steps", n, "name"))
    arguments = row.get("arguments", {})
    if not isinstance(arguments, dict):
        raise written.error("arguments is no mapping", ("steps", n, "arguments"))
    leads = (
        {"on_success": after, "on_failure": on_failure} if on_failure else {"on_completion": after}
    )
    return {
        "type": "action",
        "name": row["name"]["en"],
        **leads,
        "commands": [
            {
                "type": "manual",
                "command": row["name"]["en"],
                "playbook_activity": row.get("activity", "step-sequence"),
            }
        ],
        "agent": _agent(playbook),
        "step_extensions": {
            EXTENSION: {
                "name_zh": row["name"]["zh"],
                "action": row["action"],
                "arguments": arguments,
                "approval": bool(row.get("approval", False)),
            }
        },
    }


def _step(id_: str, raw: dict[str, Any], name: str) -> Step:
    kind = str(raw.get("type", ""))
    if not _IDENTIFIER.fullmatch(id_) or not id_.startswith(f"{kind}--"):
        raise _refusal(f"{id_} is no CACAO identifier of a step of type {kind}", name)
    if kind not in {"start", "end", "action"}:
        raise _refusal(
            f"Steps of type {kind} are not run here", f"{name}: {id_}", "Use action steps in a line"
        )
    ours = raw.get("step_extensions", {}).get(EXTENSION, {})
    return Step(
        id=id_,
        name=_text(raw, ours, "name"),
        kind=kind,
        action=str(ours.get("action", "")),
        arguments=dict(ours.get("arguments", {})),
        needs_approval=bool(ours.get("approval", False)),
        on_success=str(raw.get("on_success") or raw.get("on_completion") or ""),
        on_failure=str(raw.get("on_failure") or ""),
    )


def _check_ends(steps: dict[str, Step], start: str, name: str) -> None:
    """Every way through the steps must come to the end: no circle, no dead end."""
    seen: set[str] = set()
    on_way: list[str] = []

    def walk(id_: str) -> None:
        if id_ in on_way:
            raise _refusal("The steps go in a circle", f"{name}: {id_}")
        if id_ in seen:
            return
        on_way.append(id_)
        step = steps[id_]
        if step.kind != "end" and not step.on_success:
            raise _refusal("A step leads nowhere", f"{name}: {id_}", "Give it on_completion")
        for to in (step.on_success, step.on_failure):
            if to:
                walk(to)
        seen.add(on_way.pop())

    walk(start)


def _text(raw: dict[str, Any], ours: dict[str, Any], name: str) -> Text:
    english = str(raw.get(name, raw.get("type", "")))
    return literal(str(ours.get(f"{name}_zh", english)), english)


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and _IDENTIFIER.fullmatch(f"playbook--{value}") is not None


def _step_id(kind: str, playbook: str, name: str) -> str:
    number = uuid.UUID(hex=digest_id("cacao", playbook, kind, name), version=4)
    return f"{kind}--{number}"


def _agent(playbook: str) -> str:
    return _step_id("security-category", playbook, "fengsui")


def _refusal(what: str, where: str, next: str = "") -> RuleError:  # noqa: A002
    return RuleError(what, where=where, next=next or "Mend the playbook", code="bad_playbook")
