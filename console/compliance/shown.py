"""Filed systems as documents: the one shape that API, command line and papers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from console.api.schemas import systems as shown
from console.api.schemas.compliance import VerdictCounts
from console.api.shown import text_shown
from console.compliance.reading import Standing
from detections.compliance.profile.clocks import Clock
from detections.compliance.profile.items import Item, item_of
from detections.compliance.profile.repairs import is_overdue
from detections.compliance.profile.steps import steps_of
from detections.compliance.risk.high_risk import RaisedCase
from detections.compliance.score.inputs import Conclusion, rounded
from fengsui.clock import to_iso
from fengsui.control import Conformity
from fengsui.errors import NotFoundError
from fengsui.store.state import State
from fengsui.system import AssessmentRun, Attestation, EvidenceFile, FiledSystem, RepairTask
from fengsui.text import Text

_BAD = frozenset({Conformity.DOES_NOT.value, Conformity.PARTLY.value})
_RUNNING = frozenset({"running", "soon", "overdue"})
NOT_RUN = Text("system.reason.not_run", {})


def row_shown(standing: Standing) -> shown.SystemRow:
    """A line of the matrix."""
    system = standing.system
    due = [clock for clock in standing.clocks if clock.due and clock.state in _RUNNING]
    today = standing.today.isoformat()
    return shown.SystemRow(
        id=system.id,
        name=system.name,
        unit=system.unit,
        responsible=system.responsible,
        profile=str(standing.profile),
        level=system.level,
        number=system.number,
        items=len(standing.items),
        counts=VerdictCounts.model_validate(standing.counts),
        areas=_areas(standing),
        conclusion=conclusion_shown(standing.conclusion),
        high_risks=standing.risks.high,
        clock=clock_shown(due[0]) if due else None,
        overdue=sum(is_overdue(task, today) for task in standing.tasks),
        open_tasks=sum(task.status != "closed" for task in standing.tasks),
        last_run=to_iso(standing.runs[0].started) if standing.runs else None,
    )


def page_shown(standing: Standing, state: State) -> shown.SystemPage:
    """The whole of one system."""
    today = standing.today.isoformat()
    return shown.SystemPage(
        **row_shown(standing).model_dump(),
        register_row=register_shown(standing.system),
        clocks=[clock_shown(clock) for clock in standing.clocks],
        runs=[run_shown(run) for run in standing.runs],
        rows=[item_shown(item, standing) for item in standing.items],
        high_risk_edition=standing.high_risk_edition,
        cases=[case_shown(case) for case in standing.cases],
        majors=[
            shown.MajorRisk(
                code=each.code,
                title=each.title,
                units=list(each.units),
                set_by=each.set_by,
                repaired=each.repaired,
                mark=each.mark,
            )
            for each in standing.majors
        ],
        conclusions=[
            conclusion_shown(each)
            for each in sorted(
                standing.conclusions.values(), key=lambda one: one.template != standing.template
            )
        ],
        what_if=[
            shown.RepairIdea(
                unit=each.unit,
                title=text_shown(item_of(each.unit).control.title),
                verdict=each.verdict,
                lift=rounded(each.lift),
                days=rounded(each.days),
                high_risk=each.high_risk,
            )
            for each in standing.what_if
        ],
        tasks=[task_shown(task, today) for task in standing.tasks],
        evidence=[evidence_shown(file) for file in state.evidence(standing.system.id)],
    )


def item_page(
    standing: Standing, state: State, unit: str, now: int, text: str = ""
) -> shown.ItemPage:
    """One item of a system; `text` of the standard, where it was brought.

    Raises:
        NotFoundError: it is not one of its items.
    """
    item = item_of(unit)
    if unit not in standing.profile.units():
        raise NotFoundError(f"{unit} is no item of this system", where=standing.system.id)
    known = standing.verdicts.get(unit)
    steps = steps_of(unit)
    case = next((each for each in standing.cases if unit in each.units), None)
    today = standing.today.isoformat()
    return shown.ItemPage(
        row=item_shown(item, standing),
        text=text,
        steps=list(steps.names),
        steps_mark=steps.mark,
        open_steps=list(known.open_steps) if known else list(steps.names),
        assets=[
            shown.AssetState(name=name, verdict=Conformity(word))
            for name, word in (known.assets.items() if known else ())
        ],
        findings=[
            {"asset": each.asset, **each.document}
            for each in state.asset_verdicts(standing.system.id, unit)
        ],
        attestations=[
            attestation_shown(each, now)
            for each in state.attestations(standing.system.id)
            if each.unit == unit or (case is not None and each.step == case.case.id)
        ],
        history=[
            shown.VerdictOfRun(
                run=each.run,
                time=to_iso(each.time),
                verdict=each.verdict,
                reason=text_shown(each.reason),
            )
            for each in state.item_verdicts(standing.system.id, unit=unit)[:60]
        ],
        tasks=[task_shown(task, today) for task in standing.tasks if task.unit == unit],
        risk=case_shown(case) if case else None,
    )


def item_shown(item: Item, standing: Standing) -> shown.ItemRow:
    """One line of a system's items."""
    known = standing.verdicts.get(item.unit)
    return shown.ItemRow(
        unit=item.unit,
        clause=item.control.clause,
        item=item.control.item,
        title=text_shown(item.control.title),
        control_point=text_shown(item.control.control_point),
        area=text_shown(item.control.area),
        prefix=item.prefix,
        automation=item.automation,
        mark=item.mark,
        verdict=standing.verdict(item.unit),
        may_be_worse=known.may_be_worse if known else False,
        reason=text_shown(known.reason if known else NOT_RUN),
        inherited=known.inherited if known else "",
        failing=sum(word in _BAD for word in known.assets.values()) if known else 0,
        high_risk_case=item.high_risk_case,
        open_tasks=sum(t.unit == item.unit and t.status != "closed" for t in standing.tasks),
    )


def register_shown(system: FiledSystem) -> shown.Register:
    """The row of the register."""
    return shown.Register(
        name=system.name,
        unit=system.unit,
        responsible=system.responsible,
        s_level=system.s_level,
        a_level=system.a_level,
        extensions=list(system.extensions),
        number=system.number,
        graded=system.graded,
        filed=system.filed,
        certified=system.certified,
        assessed=system.assessed,
        renewed=system.renewed,
        public=system.public,
        continuity=system.continuity,
        key_industry=system.key_industry,
        assets=list(system.assets),
        inherited=[shown.Inherited(unit=e.unit, system=e.system) for e in system.inherited],
        collections=[shown.Collection.model_validate(asdict(e)) for e in system.collections],
        daily=system.daily,
        high_risk_edition=system.high_risk_edition,
        score_edition=system.score_edition,
        version=system.version,
    )


def clock_shown(clock: Clock) -> shown.Clock:
    """A clock."""
    return shown.Clock.model_validate(clock.as_json())


def run_shown(run: AssessmentRun) -> shown.RunRow:
    """A run."""
    return shown.RunRow(
        id=run.id,
        kind=run.kind,
        by=run.by,
        started=to_iso(run.started),
        counts=VerdictCounts.model_validate(run.counts),
        drift=[
            shown.Drift(unit=e.unit, asset=e.asset, before=e.before, after=e.after, worse=e.worse)
            for e in run.drift
        ],
        problems=list(run.problems),
        evidence=len(run.evidence),
        digest=run.digest,
    )


def conclusion_shown(conclusion: Conclusion) -> shown.Conclusion:
    """A score with its sum."""
    return shown.Conclusion(
        template=conclusion.template,
        value=rounded(conclusion.outcome.value),
        grade=conclusion.grade,
        worst_grade=conclusion.outcome.grade,
        best_value=rounded(conclusion.best.value),
        best_grade=conclusion.best.grade,
        open_items=conclusion.open_items,
        trace=[
            shown.TraceLine(
                name=e.name,
                formula=e.formula,
                value=e.value,
                mark=text_shown(e.mark) if e.mark else None,
            )
            for e in conclusion.outcome.trace
        ],
    )


def case_shown(raised: RaisedCase) -> shown.RiskCase:
    """A high-risk case."""
    return shown.RiskCase(
        id=raised.case.id,
        title=raised.case.title,
        state=raised.state,
        units=list(raised.units),
        mitigable=raised.case.mitigable,
        mark=raised.case.mark,
        decided=bool(raised.attested),
    )


def task_shown(task: RepairTask, today: str) -> shown.Task:
    """A repair."""
    return shown.Task(
        id=task.id,
        system=task.system,
        unit=task.unit,
        title=text_shown(item_of(task.unit).control.title),
        check=task.check,
        asset=task.asset,
        steps=list(task.steps),
        assignee=task.assignee,
        due=task.due,
        wish=task.wish,
        status=task.status,
        overdue=is_overdue(task, today),
        made=to_iso(task.made),
        history=[
            shown.TaskAct(kind=act.kind, by=act.by, at=to_iso(act.at), values=dict(act.values))
            for act in task.history
        ],
        version=task.version,
    )


def attestation_shown(each: Attestation, now: int) -> shown.Attestation:
    """What a person attested."""
    given = each.attachment
    return shown.Attestation(
        id=each.id,
        unit=each.unit,
        kind=each.kind,
        step=each.step,
        asset=each.asset,
        holds=each.holds,
        level=each.level,
        statement=each.statement,
        sample=each.sample,
        by=each.by,
        approver=each.approver,
        at=to_iso(each.at),
        expires=to_iso(each.expires),
        expired=each.expires <= now,
        attachment=shown.Attachment(
            name=given.name, size=given.size, sha256=given.sha256, sm3=given.sm3
        )
        if given
        else None,
    )


def evidence_shown(file: EvidenceFile) -> shown.EvidenceRow:
    """A file that was brought."""
    return shown.EvidenceRow(
        sha256=file.sha256,
        name=file.name,
        asset=file.asset,
        kind=file.kind,
        level=file.level,
        collected=to_iso(file.collected) if file.collected else None,
        brought=to_iso(file.brought),
        by=file.by,
        size=file.size,
        problems=list(file.problems),
    )


def _areas(standing: Standing) -> list[shown.AreaCounts]:
    by_prefix: dict[str, list[Item]] = {}
    for item in standing.items:
        by_prefix.setdefault(item.prefix, []).append(item)
    return [
        shown.AreaCounts(
            prefix=prefix,
            area=text_shown(items[0].control.area),
            counts=_counts([standing.verdict(item.unit) for item in items]),
        )
        for prefix, items in by_prefix.items()
    ]


def _counts(verdicts: Sequence[Conformity]) -> VerdictCounts:
    return VerdictCounts.model_validate({e.value: verdicts.count(e) for e in Conformity})
