"""JSON documents of filed systems ↔ their words, one function a word."""

from __future__ import annotations

from typing import Any

from fengsui.control import Conformity
from fengsui.store.sql.codecs import Document, text_from
from fengsui.system import (
    AssessmentRun,
    AssetVerdict,
    Attachment,
    Attestation,
    Collection,
    Drift,
    EvidenceFile,
    FiledSystem,
    Inherited,
    ItemVerdict,
    RepairTask,
    TaskAct,
)


def _with(document: Document, **changes: Any) -> Document:
    return {**document, **changes}


def system_from(document: Document) -> FiledSystem:
    """A row of the register."""
    return FiledSystem(
        **_with(
            document,
            extensions=tuple(document["extensions"]),
            assets=tuple(document["assets"]),
            inherited=tuple(Inherited(**each) for each in document["inherited"]),
            # Systems filed before evidence was fetched have none.
            collections=tuple(Collection(**each) for each in document.get("collections", ())),
        )
    )


def attestation_from(document: Document) -> Attestation:
    """What a person attested."""
    given = document["attachment"]
    return Attestation(**_with(document, attachment=Attachment(**given) if given else None))


def evidence_from(document: Document) -> EvidenceFile:
    """A file that was brought."""
    return EvidenceFile(**_with(document, problems=tuple(document["problems"])))


def run_from(document: Document) -> AssessmentRun:
    """One run."""
    drift = tuple(
        Drift(
            each["unit"],
            Conformity(each["before"]),
            Conformity(each["after"]),
            each.get("asset", ""),
        )
        for each in document["drift"]
    )
    lists: Document = {name: tuple(document[name]) for name in ("evidence", "problems")}
    return AssessmentRun(**_with(document, drift=drift, **lists))


def verdict_from(document: Document) -> ItemVerdict:
    """An item's verdict."""
    names = ("open_steps", "findings", "attested")
    lists: Document = {name: tuple(document[name]) for name in names}
    verdict, reason = Conformity(document["verdict"]), text_from(document["reason"])
    return ItemVerdict(**_with(document, verdict=verdict, reason=reason, **lists))


def finding_from(document: Document) -> AssetVerdict:
    """A finding about an asset."""
    return AssetVerdict(**document)


def task_from(document: Document) -> RepairTask:
    """A repair with its history."""
    history = tuple(TaskAct(**each) for each in document["history"])
    return RepairTask(**_with(document, steps=tuple(document["steps"]), history=history))
