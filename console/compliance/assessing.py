"""A run of all checks of one filed system: evidence, telemetry and records become its verdicts.

Nothing here touches a target: evidence was brought, telemetry is in the store. The same evidence,
records and telemetry give the same verdicts; a run that was cut short leaves nothing behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import orjson

from console.compliance.drift import raise_drift
from console.compliance.folders import evidence_folder, kept
from console.compliance.ledger import ledger_of
from console.stored_evidence import StoredEvidence
from console.wiring import Stores
from detections.compliance.assets.asset import AssetEvidence, AssetKind
from detections.compliance.assets.judging import AssetFinding, judge_asset
from detections.compliance.assets.reading import read_evidence
from detections.compliance.check import run_checks
from detections.compliance.events.ledger import Ledger
from detections.compliance.profile.attested import Attested
from detections.compliance.profile.combine import (
    Judged,
    Material,
    closed_states,
    closed_verdict,
    judge_item,
)
from detections.compliance.profile.objects import covered, evidence_kind
from detections.compliance.profile.profile import Profile, make_profile
from detections.compliance.profile.repairs import followed, holds_now
from detections.compliance.verdict import Step
from fengsui.control import Conformity, Finding
from fengsui.errors import FengsuiError, InputError, NotFoundError
from fengsui.hashes import sha256
from fengsui.settings import Settings
from fengsui.store.state import State
from fengsui.system import (
    AssessmentRun,
    AssetVerdict,
    Drift,
    EvidenceFile,
    FiledSystem,
    ItemVerdict,
    RunKind,
)

Tell = Callable[[int, int, str], None]  # done, total, what; raises StoppedError to stop
_MOST_TURNS: Final = 500  # told of one run; the verdicts themselves are all kept
TELEMETRY: Final = "telemetry"  # the asset of findings about the whole


class StoppedError(FengsuiError):
    """Somebody cancelled the run."""

    default_code = "stopped"
    exit_status = 130


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: id of the run, the system, why, for whom, when (ns)."""

    id: str
    system: str
    kind: RunKind
    by: str
    now: int


@dataclass(frozen=True, slots=True)
class _Found:
    """Findings of brought evidence; `problems`: what could not be read or is not whole."""

    findings: tuple[AssetFinding, ...]
    digests: tuple[str, ...]
    problems: tuple[str, ...]


def assess(
    settings: Settings, stores: Stores, order: Order, tell: Tell, problems: Sequence[str] = ()
) -> AssessmentRun:
    """Run all checks of a system, keep the verdicts, follow its repairs.

    `problems` of fetching its evidence before are told with those of reading it.

    Raises:
        NotFoundError: no such system.
        StoppedError: `tell` said so; nothing was kept.
    """
    state = stores.state
    system = found_system(state, order.system)
    profile = profile_of(system)
    attested = Attested(state.attestations(system.id), order.now)
    files = newest(state.evidence(system.id))
    brought = _brought(settings, files, tell)
    brought = replace(brought, problems=(*problems, *brought.problems))
    tell(0, 0, "telemetry")
    events = run_checks(
        _evidence(stores, system, order.now, ledger_of(settings, state, order.now, files)),
        attested.records(),
    )
    material = Material(
        findings=brought.findings,
        events=events,
        attested=attested,
        assets=_assets(state, system),
        covered=covered(),
        inherited=_inherited(state, system),
    )
    judged: dict[str, Judged] = {}
    for number, item in enumerate(profile.items()):
        judged[item.unit] = judge_item(item, material)
        if number % 50 == 0:
            tell(number, len(profile.items()), "items")
    run, verdicts = _run(order, system, profile, judged, brought, state)
    findings = [
        *_asset_verdicts(system.id, brought.findings, attested),
        *_event_verdicts(system.id, events, profile.units()),
    ]
    state.put_assessment(run, verdicts, findings)
    follow_repairs(state, run, findings, {unit: each.verdict for unit, each in judged.items()})
    raise_drift(settings, stores, system, run)
    return run


def found_system(state: State, id_: str) -> FiledSystem:
    """The system.

    Raises:
        NotFoundError: there is none.
    """
    system = state.system(id_)
    if system is None:
        raise NotFoundError(
            f"No system {id_[:40]} is filed",
            where="filing register",
            next="`fengsui system list` shows all",
            code="unknown_system",
        )
    return system


def profile_of(system: FiledSystem) -> Profile:
    """Its profile."""
    return make_profile(system.s_level, system.a_level, system.extensions)


def newest(files: Iterable[EvidenceFile]) -> list[EvidenceFile]:
    """Of each asset the newest evidence by its own time, by asset."""
    best: dict[tuple[str, str], EvidenceFile] = {}
    for file in files:
        place = (file.asset, file.kind)
        if place not in best or _age(file) > _age(best[place]):
            best[place] = file
    return [best[place] for place in sorted(best)]


def _age(file: EvidenceFile) -> tuple[int, int, str]:
    return (file.collected, file.brought, file.sha256)


def _brought(settings: Settings, files: Sequence[EvidenceFile], tell: Tell) -> _Found:
    findings: list[AssetFinding] = []
    problems: list[str] = []
    for number, file in enumerate(files):
        tell(number, len(files), file.name)
        try:
            asset = read_evidence(kept(evidence_folder(settings), file.sha256))
        except (InputError, NotFoundError) as error:
            problems.append(f"{file.name}: {error.what}")
            continue
        if asset.digest != file.sha256:
            problems.append(f"{file.name}: its content changed since it was brought")
            continue
        problems += [f"{file.name}: {each}" for each in asset.problems]
        named = _named(asset, file)
        light = replace(named, facts=None)  # a thousand trees of facts would not fit
        findings += [replace(each, asset=light) for each in judge_asset(named)]
    return _Found(tuple(findings), tuple(file.sha256 for file in files), tuple(problems))


def _named(asset: AssetEvidence, file: EvidenceFile) -> AssetEvidence:
    """Under the asset of the register that it was brought for."""
    return replace(asset, source=file.name, name=file.asset)


def _evidence(stores: Stores, system: FiledSystem, now: int, ledger: Ledger) -> StoredEvidence:
    """The system's own part of the register; other registered addresses are not strangers."""
    plan = stores.state.plan()
    mine = tuple(asset for asset in plan.assets if asset.id in system.assets)
    others = frozenset(
        address
        for asset in plan.assets
        if asset.id not in system.assets
        for address in asset.addresses
    )
    return StoredEvidence(
        stores.events,
        replace(plan, assets=mine),
        stores.state.sources(),
        now,
        others=others,
        ledger=ledger,
    )


def _assets(state: State, system: FiledSystem) -> dict[str, AssetKind | None]:
    known = {asset.id: asset for asset in state.plan().assets}
    found: dict[str, AssetKind | None] = {}
    for id_ in system.assets:
        asset = known.get(id_)
        name = asset.name if asset and asset.name else id_
        found[name] = evidence_kind(asset.kind) if asset else None
    return found


def _inherited(state: State, system: FiledSystem) -> Mapping[str, tuple[str, Conformity | None]]:
    found: dict[str, tuple[str, Conformity | None]] = {}
    latest: dict[str, tuple[str, dict[str, Conformity]]] = {}
    for each in system.inherited:
        if each.system not in latest:
            giver = state.system(each.system)
            verdicts = state.item_verdicts(each.system) if giver else []
            latest[each.system] = (
                giver.name if giver else each.system,
                {one.unit: one.verdict for one in verdicts},
            )
        name, verdicts_by_unit = latest[each.system]
        found[each.unit] = (name, verdicts_by_unit.get(each.unit))
    return found


def _run(
    order: Order,
    system: FiledSystem,
    profile: Profile,
    judged: Mapping[str, Judged],
    brought: _Found,
    state: State,
) -> tuple[AssessmentRun, list[ItemVerdict]]:
    before = {each.unit: each for each in state.item_verdicts(system.id)}
    turns = (turn for unit, each in judged.items() if unit in before
             for turn in _turned(before[unit], each))  # fmt: skip
    drift = tuple(islice(turns, _MOST_TURNS))
    verdicts = [
        ItemVerdict(
            system=system.id,
            unit=unit,
            run=order.id,
            time=order.now,
            verdict=each.verdict,
            may_be_worse=each.may_be_worse,
            reason=each.reason,
            assets={name: one.value for name, one in each.assets.items()},
            open_steps=each.open_steps,
            findings=each.findings,
            attested=each.attested,
            inherited=each.inherited,
            digest=each.digest,
        )
        for unit, each in judged.items()
    ]
    counts = Counter(each.verdict.value for each in judged.values())
    run = AssessmentRun(
        id=order.id,
        system=system.id,
        kind=order.kind,
        by=order.by,
        started=order.now,
        finished=order.now,
        profile=str(profile),
        counts=dict(sorted(counts.items())),
        evidence=brought.digests,
        problems=brought.problems,
        drift=drift,
        digest=sha256(orjson.dumps([(each.unit, each.digest) for each in verdicts])),
    )
    return run, verdicts


def _turned(before: ItemVerdict, now: Judged) -> list[Drift]:
    """What turned of an item: its verdict; where that stayed, those of its assets."""
    if before.verdict is not now.verdict:
        return [Drift(before.unit, before.verdict, now.verdict)]
    return [
        Drift(before.unit, Conformity(was), now.assets[name], name)
        for name, was in sorted(before.assets.items())
        if name in now.assets and now.assets[name].value != was
    ]


def _asset_verdicts(
    system: str, findings: Sequence[AssetFinding], attested: Attested
) -> list[AssetVerdict]:
    found: list[AssetVerdict] = []
    for finding in findings:
        document = finding.as_json()
        states = closed_states(finding, attested)
        document["closed"] = {name: state for name, state in states if state is not None}
        document["combined"] = closed_verdict(finding, attested).value
        found.append(
            AssetVerdict(system, finding.check.unit, finding.asset.name, finding.check.id, document)
        )
    return found


def _event_verdicts(
    system: str, events: Sequence[Finding], units: frozenset[str]
) -> list[AssetVerdict]:
    return [
        AssetVerdict(system, each.unit, TELEMETRY, each.check, each.as_json())
        for each in events
        if each.unit in units
    ]


def follow_repairs(
    state: State,
    run: AssessmentRun,
    findings: Sequence[AssetVerdict],
    verdicts: Mapping[str, Conformity],
) -> None:
    """Close what holds now, open again what fails again; each with an audit record."""
    known = {(each.unit, each.asset, each.check): each.document for each in findings}
    for task in state.tasks(run.system):
        document = known.get((task.unit, task.asset, task.check))
        verdict = Conformity(str(document["verdict"])) if document else verdicts.get(task.unit)
        steps = _steps(document) if document and task.steps else None
        after = followed(task, holds_now(task, steps, verdict), run.id, run.finished)
        if after is not None:
            state.put_task(after, task.version)
            state.audit("fengsui", f"repair.{after.history[-1].kind}", task.id, {"run": run.id})


def _steps(document: Mapping[str, object]) -> dict[str, Step]:
    words: Mapping[str, Step] = {"true": True, "false": False, "open": None}
    found: dict[str, Step] = {}
    steps = document["steps"]
    assert isinstance(steps, list)
    for step in steps:
        name, state = str(step["name"]), words[str(step["state"])]
        if name not in found or state is False or found[name] is not False:
            found[name] = state
    return found
