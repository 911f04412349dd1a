"""Words of the house as the API shows them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.api.schemas.alerts import Alert as AlertShown
from console.api.schemas.assets import Asset as AssetShown
from console.api.schemas.incidents import ActDone, CaseName, CaseRow
from console.api.schemas.incidents import Case as CaseShown
from console.api.schemas.jobs import Job as JobShown
from console.api.schemas.playbooks import PendingStep
from console.api.schemas.playbooks import Run as RunShown
from console.api.schemas.words import Count
from console.api.schemas.words import Text as TextShown
from console.retro.asked import JOB as RETRO
from fengsui.alert import Alert
from fengsui.asset import Asset
from fengsui.clock import DAY, to_iso
from fengsui.incident import Incident, ScorePart, alert_count
from fengsui.playbook import Playbook, Run
from fengsui.store.state import Case, Job
from fengsui.store.story_states import KeptStory
from fengsui.text import Text, literal

RISK_HALF_LIFE: Final = DAY


def text_shown(text: Text) -> TextShown:
    """A sentence."""
    return TextShown.model_validate(text.as_json())


def alert_shown(alert: Alert) -> AlertShown:
    """An alert."""
    return AlertShown.model_validate(alert.as_json())


def case_row(case: Case, unit_of: Callable[[str], str], now: int | None = None) -> CaseRow:
    """A row of the queue; `now` (ns) is the clock of the incident's run."""
    return CaseRow.model_validate(_row(case, unit_of, now))


def case_shown(
    case: Case, story: KeptStory, similar_open: int, unit_of: Callable[[str], str]
) -> CaseShown:
    """A whole incident but its alerts, of which the story knows how many there are."""
    incident = case.incident
    titles = {kind["rule"]: kind["title"] for kind in story.document["kinds"]}
    tactics: dict[str, int] = story.document["tactics"]
    return CaseShown.model_validate(
        {
            **_row(case, unit_of),
            "parts": [_part(part, titles) for part in incident.parts],
            "stages": [
                {
                    **stage.as_json(),
                    "alerts": max(alert_count(stage), tactics.get(stage.tactic, 0)),
                }
                for stage in incident.stages
            ],
            "history": [
                ActDone(kind=act.kind, by=act.by, at=to_iso(act.at), values=dict(act.values))
                for act in case.history
            ],
            "verdict_reason": case.verdict_reason,
            "similar_open": similar_open,
        }
    )


def _part(part: ScorePart, titles: Mapping[str, object]) -> dict[str, object]:
    rule = part.name.removeprefix("rule:") if part.name.startswith("rule:") else ""
    return {
        **part.as_json(),
        "rule": rule,
        "title": titles.get(rule),
        "alerts": alert_count(part),
    }


def case_name(case: Case) -> CaseName:
    """Just enough for a link."""
    incident = case.incident
    return CaseName(
        id=incident.id, title=text_shown(incident.title), score=round(incident.score, 2)
    )


def risk_at(incident: Incident, now: int) -> float:
    """Score halved with each day since the last alert; never above the score."""
    age = max(0, now - incident.last)
    return round(incident.score * math.exp2(-age / RISK_HALF_LIFE), 2)


def _row(case: Case, unit_of: Callable[[str], str], now: int | None = None) -> dict[str, object]:
    incident = case.incident
    return {
        **incident.as_json(),
        "entities": [
            {**each.as_json(), "unit": unit_of(each.value) if each.kind == "host" else ""}
            for each in incident.entities
        ],
        "status": case.status,
        "owner": case.owner,
        "verdict": case.verdict,
        "escalated": case.escalated,
        "grown": _grown(case),
        "risk_now": risk_at(incident, incident.last if now is None else now),
        "below_line": case.below_line,
        "version": case.version,
        "tactics": [stage.tactic for stage in incident.stages],
        "alerts": alert_count(incident),
    }


def _grown(case: Case) -> bool:
    if case.status != "closed":
        return False
    scores = [act.values.get("score") for act in case.history if act.kind == "close"]
    last = scores[-1] if scores else None
    return isinstance(last, int | float) and case.incident.score > last + 0.005


def counts(rows: Sequence[tuple[str, int]], nothing: str | None = None) -> list[Count]:
    """A facet; `nothing` is the word for an empty key."""
    return [Count(key=key or nothing or "", count=count) for key, count in rows]


def job_shown(job: Job) -> JobShown:
    """A job; its arguments stay inside, they name paths of the machine; a retro-hunt has its own page."""
    return JobShown(
        id=job.id,
        kind=job.kind,
        status=job.status,
        by=job.by,
        created=to_iso(job.created),
        done=job.done,
        total=job.total,
        message=job.message,
        result=dict(job.result) if job.kind != RETRO else {},
    )


def run_shown(run: Run, playbooks: Sequence[Playbook]) -> RunShown:
    """A playbook run with the step that waits for somebody."""
    playbook = next((each for each in playbooks if each.id == run.playbook), None)
    name = playbook.name if playbook else literal(run.playbook, run.playbook)
    pending = _pending(run, playbook) if run.status == "waiting_approval" else None
    return RunShown.model_validate({**run.as_json(), "name": name.as_json(), "pending": pending})


def _pending(run: Run, playbook: Playbook | None) -> PendingStep | None:
    waiting = [each for each in run.results if each.step == run.next_step]
    step = playbook.steps.get(run.next_step) if playbook else None
    if waiting:
        name, effect = waiting[-1].name, waiting[-1].effect
    elif step is not None:
        name, effect = step.name, literal("", "")
    else:
        return None
    return PendingStep(step=run.next_step, name=text_shown(name), effect=text_shown(effect))


def asset_shown(asset: Asset) -> AssetShown:
    """A registered asset."""
    return AssetShown(
        id=asset.id,
        name=asset.name,
        addresses=list(asset.addresses),
        unit=asset.unit,
        zone=asset.zone,
        plane=asset.plane,
        kind=asset.kind,
        criticality=asset.criticality,
        system=asset.system,
        responsible=asset.responsible,
        logs=list(asset.logs),
        first=to_iso(asset.first) if asset.first else None,
        last=to_iso(asset.last) if asset.last else None,
    )
