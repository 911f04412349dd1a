"""Words of the house ↔ JSON columns, exactly: what is read back equals what was written.

Writing is orjson's own: a dataclass becomes an object of its fields (times stay ns, scores stay
unrounded, unlike the published `as_json` forms). Reading is spelled out, one function a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fengsui.alert import Alert, Entity, Fact
from fengsui.asset import Asset, Network, System, Unit
from fengsui.control import Conformity, Finding
from fengsui.incident import Decision, Incident, Join, ScorePart, Stage
from fengsui.playbook import Run, StepResult
from fengsui.severity import Severity
from fengsui.store.state import Job, Replay, SavedHunt
from fengsui.text import Text

Document = dict[str, Any]


def written(thing: object) -> str:
    """JSON text of a dataclass, mapping or list."""
    return orjson.dumps(thing, default=_plain).decode()


def canonical(thing: Mapping[str, Any]) -> bytes:
    """The one JSON form of a mapping that hashes are taken over: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(thing, default=_plain, option=orjson.OPT_SORT_KEYS)


def read(text: str) -> Document:
    """The object of a JSON column."""
    document: Document = orjson.loads(text)
    return document


def _plain(thing: object) -> object:
    if isinstance(thing, Mapping):
        return dict(thing)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(thing, set | frozenset):
        return sorted(thing)  # pyright: ignore[reportUnknownArgumentType]
    raise TypeError(f"{type(thing).__name__} has no place in the state")


def _with(document: Document, **changes: Any) -> Document:
    return {**document, **changes}


def text_from(document: Document) -> Text:
    """A sentence."""
    return Text(document["key"], document["values"])


def entity_from(document: Document) -> Entity:
    """Who an alert is about."""
    return Entity(**document)


def fact_from(document: Document) -> Fact:
    """One measured value."""
    return Fact(**document)


def alert_from(document: Document) -> Alert:
    """An alert."""
    return Alert(
        **_with(
            document,
            title=text_from(document["title"]),
            severity=Severity(document["severity"]),
            entities=tuple(map(entity_from, document["entities"])),
            events=tuple(document["events"]),
            reason=text_from(document["reason"]),
            facts=tuple(map(fact_from, document["facts"])),
            techniques=tuple(document["techniques"]),
            tactics=tuple(document["tactics"]),
        )
    )


def part_from(document: Document) -> ScorePart:
    """One summand of a score."""
    return ScorePart(
        name=document["name"],
        points=document["points"],
        why=text_from(document["why"]),
        alerts=tuple(document["alerts"]),
        size=document.get("size", 0),
    )


def stage_from(document: Document) -> Stage:
    """One tactic reached."""
    return Stage(
        tactic=document["tactic"],
        techniques=tuple(document["techniques"]),
        first=document["first"],
        alerts=tuple(document["alerts"]),
        size=document.get("size", 0),
    )


def decision_from(document: Document) -> Decision:
    """What an analyst decided."""
    return Decision(
        **_with(document, together=tuple(document["together"]), apart=tuple(document["apart"]))
    )


def join_from(document: Document) -> Join:
    """Why an alert stands in its incident."""
    return Join(**_with(document, why=text_from(document["why"])))


def incident_from(document: Document) -> Incident:
    """What correlation knows of an incident."""
    return Incident(
        **_with(
            document,
            title=text_from(document["title"]),
            severity=Severity(document["severity"]),
            parts=tuple(map(part_from, document["parts"])),
            entities=tuple(map(entity_from, document["entities"])),
            stages=tuple(map(stage_from, document["stages"])),
            alerts=tuple(document["alerts"]),
            joins=tuple(map(join_from, document.get("joins", ()))),
        )
    )


def finding_from(document: Document) -> Finding:
    """A verdict with its proof."""
    return Finding(
        **_with(
            document,
            verdict=Conformity(document["verdict"]),
            reason=text_from(document["reason"]),
            facts=tuple(map(fact_from, document["facts"])),
            repair=text_from(document["repair"]),
            records=tuple(document.get("records", ())),
        )
    )


def result_from(document: Document) -> StepResult:
    """What a step of a playbook did."""
    return StepResult(
        **_with(
            document,
            name=text_from(document["name"]),
            effect=text_from(document["effect"]),
            undo=text_from(document["undo"]),
        )
    )


def run_from(document: Document) -> Run:
    """One execution of a playbook."""
    return Run(**_with(document, results=tuple(map(result_from, document["results"]))))


def replay_from(document: Document) -> Replay:
    """A run of input through the pipeline."""
    return Replay(**_with(document, captures=tuple(document["captures"])))


def unit_from(document: Document) -> Unit:
    """An organisation."""
    return Unit(**document)


def system_from(document: Document) -> System:
    """A filed information system."""
    return System(**document)


def network_from(document: Document) -> Network:
    """A block of addresses."""
    return Network(**document)


def asset_from(document: Document) -> Asset:
    """One thing that is ours."""
    return Asset(
        **_with(
            document,
            addresses=tuple(document["addresses"]),
            logs=tuple(document["logs"]),
        )
    )


def job_from(document: Document) -> Job:
    """Long work and its progress."""
    return Job(**document)


def hunt_from(document: Document) -> SavedHunt:
    """A query that somebody keeps."""
    return SavedHunt(**document)
