"""OSCAL 1.2.1 assessment results and plan of action and milestones of one system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from console.compliance.papers.content import FAILING, Content, facts_of
from detections.compliance.oscal.words import Document, metadata, props, uuid_of
from detections.compliance.profile.items import Item
from fengsui.clock import to_iso
from fengsui.control import Conformity
from fengsui.system import AssetVerdict, RepairTask

_STATES: Final = {
    Conformity.CONFORMS: ("satisfied", "pass"),
    Conformity.NOT_APPLICABLE: ("satisfied", "other"),
    Conformity.INSUFFICIENT: ("not-satisfied", "other"),
    Conformity.PARTLY: ("not-satisfied", "fail"),
    Conformity.DOES_NOT: ("not-satisfied", "fail"),
}


def assessment_results(content: Content) -> Document:
    """Findings of all items with the observations that they rest on."""
    system, standing = content.standing.system, content.standing
    when = to_iso(standing.runs[0].started if standing.runs else content.now)
    assets = sorted({each.asset for each in content.findings})
    observations = [_observation(content, each) for each in content.findings]
    result: Document = {
        "uuid": uuid_of("result", system.id, when),
        "title": f"{system.name} {standing.profile}",
        "description": "Verdicts of GB/T 28448-2019 units by evidence, telemetry and records",
        "start": when,
        "reviewed-controls": {
            "control-selections": [
                {"include-controls": [{"control-id": item.unit} for item in standing.items]}
            ]
        },
        "findings": [_finding(content, item) for item in standing.items],
    }
    if assets:
        result["local-definitions"] = {
            "inventory-items": [
                {"uuid": uuid_of("asset", system.id, name), "description": name or system.name}
                for name in assets
            ]
        }
        result["observations"] = observations
    return {
        "assessment-results": {
            "uuid": uuid_of("assessment-results", system.id, when),
            "metadata": metadata(f"{system.name}: assessment results", to_iso(content.now)),
            "import-ap": {"href": f"#{uuid_of('plan', system.id)}"},
            "results": [result],
        }
    }


def plan_of_action(content: Content) -> Document:
    """What fails, and what was decided to mend it."""
    system = content.standing.system
    failing = content.items(*FAILING)
    document: Document = {
        "uuid": uuid_of("poam", system.id, to_iso(content.now)),
        "metadata": metadata(f"{system.name}: plan of action", to_iso(content.now)),
        "system-id": {"id": system.number or system.id},
        "poam-items": [_poam_item(content, item) for item in failing] or [_nothing(content)],
    }
    if failing:
        document["risks"] = [_risk(content, item) for item in failing]
    return {"plan-of-action-and-milestones": document}


def _finding(content: Content, item: Item) -> Document:
    system, verdict = content.standing.system, content.standing.verdict(item.unit)
    state, reason = _STATES[verdict]
    found: Document = {
        "uuid": uuid_of("finding", system.id, item.unit),
        "title": f"{item.unit} {item.control.title.render('zh')}",
        "description": content.reason(item.unit),
        "props": props({"verdict": verdict.value}),
        "target": {
            "type": "objective-id",
            "target-id": item.unit,
            "status": {"state": state, "reason": reason},
        },
    }
    related = [
        {"observation-uuid": _observation_id(content, each)}
        for each in content.findings_of(item.unit)
    ]
    if related:
        found["related-observations"] = related
    return found


def _observation_id(content: Content, each: AssetVerdict) -> str:
    return uuid_of("observation", content.standing.system.id, each.unit, each.asset, each.check)


def _observation(content: Content, each: AssetVerdict) -> Document:
    document = each.document
    time = str(document.get("time") or to_iso(content.now))
    facts = facts_of(document)
    evidence = [
        {"href": f"sha256:{each.sha256}", "description": each.name}
        for each in content.evidence
        if each.sha256 == document.get("evidence")
    ]
    found: Document = {
        "uuid": _observation_id(content, each),
        "description": str(document["reason"]["zh"]),
        "props": props(
            {
                "check": each.check,
                "verdict": str(document["verdict"]),
                "hash": str(document["hash"]),
                "query": str(document.get("query", ""))[:1000],
            }
        ),
        "methods": ["EXAMINE"],
        "subjects": [
            {
                "subject-uuid": uuid_of("asset", content.standing.system.id, each.asset),
                "type": "inventory-item",
            }
        ],
        "collected": time,
    }
    if evidence:
        found["relevant-evidence"] = evidence
    if facts:
        found["remarks"] = facts
    return found


def _poam_item(content: Content, item: Item) -> Document:
    system = content.standing.system
    return {
        "uuid": uuid_of("poam-item", system.id, item.unit),
        "title": f"{item.unit} {item.control.title.render('zh')}",
        "description": content.reason(item.unit),
        "props": props({"verdict": content.standing.verdict(item.unit).value}),
        "related-findings": [{"finding-uuid": uuid_of("finding", system.id, item.unit)}],
        "related-risks": [{"risk-uuid": uuid_of("risk", system.id, item.unit)}],
    }


def _nothing(content: Content) -> Document:
    return {
        "uuid": uuid_of("poam-item", content.standing.system.id, "none"),
        "title": "No failing item",
        "description": "The newest run has no item that fails; open items are in the results",
    }


def _risk(content: Content, item: Item) -> Document:
    tasks = [task for task in content.standing.tasks if task.unit == item.unit]
    opened = [task for task in tasks if task.status != "closed"]
    found: Document = {
        "uuid": uuid_of("risk", content.standing.system.id, item.unit),
        "title": item.control.title.render("zh"),
        "description": content.reason(item.unit),
        "statement": content.reason(item.unit),
        "props": props({"high-risk-case": item.high_risk_case, "major-risk": item.major_risk}),
        "status": "remediating" if opened else "open",
    }
    if not found["props"]:
        del found["props"]
    if opened:
        found["deadline"] = f"{min(task.due for task in opened)}T23:59:59+08:00"
    if tasks:
        found["remediations"] = list(map(_remediation, tasks))
    return found


def _remediation(task: RepairTask) -> Document:
    return {
        "uuid": uuid_of("task", task.id),
        "lifecycle": "completed" if task.status == "closed" else "planned",
        "title": f"{task.assignee}: {task.due}",
        "description": ", ".join(_history(task)),
    }


def _history(task: RepairTask) -> Iterator[str]:
    for act in task.history:
        values: dict[str, Any] = dict(act.values)
        yield f"{to_iso(act.at)[:10]} {act.kind} {act.by} {values.get('text', '')}".strip()
