"""Combination: findings, records and inheritance become the verdict of each item.

Steps become the verdict of an asset (an open step is closed only by a record), assets that of the
item, and the parts of an item, telemetry and assets, its worst. Never conforms: an asset without
evidence, evidence older than 30 days, a step that nobody carried out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from detections.compliance.assets.asset import AssetKind
from detections.compliance.assets.judging import AssetFinding, asset_verdict
from detections.compliance.events.asking import supporting
from detections.compliance.evidence import Row, result_hash
from detections.compliance.judgement import NAMED
from detections.compliance.profile.attested import Attested
from detections.compliance.profile.items import Item
from detections.compliance.profile.objects import is_object
from detections.compliance.profile.steps import by_hand, steps_of
from detections.compliance.verdict import Step, of_assets, of_checks
from fengsui.clock import DAY
from fengsui.control import Conformity, Finding
from fengsui.text import Text

FRESH_DAYS: Final = 30  # of evidence taken on assets
_FAILING: Final = frozenset({Conformity.DOES_NOT, Conformity.PARTLY})
_SPEAK_AGAINST: Final = frozenset({"scan", "probe"})  # other scanners, and a look from outside
# All devices are one object: one with neither a secure way nor a network of its own fails the unit.
_ONE_OBJECT: Final = frozenset({"L3-SMC1-08"})
Values = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Material:
    """What a run found of one system.

    Attributes:
        assets: name and kind of evidence of each asset of the system ("" where no reader fits).
        covered: by unit, the kinds of asset that checks of the shelf can judge.
        inherited: unit → the system that keeps the control, with its newest verdict (None: none yet).
    """

    findings: Sequence[AssetFinding]
    events: Sequence[Finding]
    attested: Attested
    assets: Mapping[str, AssetKind | None]
    covered: Mapping[str, frozenset[AssetKind]]
    inherited: Mapping[str, tuple[str, Conformity | None]] = field(
        default_factory=dict[str, tuple[str, Conformity | None]]
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """An item's verdict with what it rests on."""

    verdict: Conformity
    reason: Text
    assets: Mapping[str, Conformity] = field(default_factory=dict[str, Conformity])
    open_steps: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()
    inherited: str = ""
    may_be_worse: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 over all of it but the sentence."""
        rows: list[Row] = [
            {"verdict": self.verdict.value, "from": self.inherited},
            {f"asset:{name}": each.value for name, each in sorted(self.assets.items())},
            *_rows("open", self.open_steps),
            *_rows("finding", self.findings),
            *_rows("attested", self.attested),
        ]
        return result_hash(rows)


def judge_item(item: Item, material: Material) -> Judged:
    """The verdict of one item."""
    inherited = material.inherited.get(item.unit)
    if inherited is not None:
        return _inherited(*inherited)
    excused = material.attested.excused(item.unit)
    if excused is not None:
        return Judged(
            Conformity.NOT_APPLICABLE,
            Text("system.reason.not_applicable", {"by": excused.by, "approver": excused.approver}),
            attested=(excused.id,),
        )
    found = [
        part
        for part in (_of_events(item, material), _of_assets(item, material))
        if part is not None
    ]
    return _worst(found) if found else _by_hand(item, material)


def closed_states(finding: AssetFinding, attested: Attested) -> list[tuple[str, Step]]:
    """Steps of a finding by name, the open ones as records close them."""
    unit, asset = finding.check.unit, finding.asset.name
    states: list[tuple[str, Step]] = []
    for step in finding.steps:
        record = attested.record(unit, step.name, asset) if step.state is None else None
        states.append((step.name, record.holds if record else step.state))
    return states


def closed_verdict(finding: AssetFinding, attested: Attested) -> Conformity:
    """The verdict of a finding with its records; old evidence never conforms."""
    states = [state for _, state in closed_states(finding, attested)]
    found = asset_verdict(states, single=finding.check.single, level=finding.asset.level)
    age = attested.now - finding.asset.collected
    fresh = finding.asset.collected > 0 and 0 <= age <= FRESH_DAYS * DAY
    if found is Conformity.CONFORMS and not fresh:
        return Conformity.INSUFFICIENT
    return found


def _rows(name: str, values: Sequence[str]) -> list[Row]:
    return [{name: value} for value in values]


def _inherited(system: str, verdict: Conformity | None) -> Judged:
    if verdict is None:
        reason = Text("system.reason.inherited_unknown", {"system": system})
        return Judged(Conformity.INSUFFICIENT, reason, inherited=system)
    return Judged(verdict, Text("system.reason.inherited", {"system": system}), inherited=system)


def _of_events(item: Item, material: Material) -> Judged | None:
    # A check that can only speak against a unit is no lack of evidence while it does not.
    mine = [
        finding
        for finding in material.events
        if finding.unit == item.unit
        and (finding.check not in supporting() or finding.verdict in _FAILING)
    ]
    if not mine:
        return None
    verdict = of_checks(finding.verdict for finding in mine)
    decisive = next(finding for finding in mine if finding.verdict is verdict)
    return Judged(
        verdict,
        decisive.reason,
        open_steps=tuple(dict.fromkeys(name for finding in mine for name in finding.records)),
        findings=tuple(f"{finding.check}:{finding.result_hash}" for finding in mine),
    )


def _of_assets(item: Item, material: Material) -> Judged | None:
    kinds = material.covered.get(item.unit)
    if not kinds:
        return None
    found: dict[str, list[Conformity]] = {
        name: []
        for name, kind in material.assets.items()
        if is_object(item.unit, item.prefix, kind, kinds)
    }
    opened: dict[str, None] = {}
    used: dict[str, None] = {}
    ids: list[str] = []
    for finding in (each for each in material.findings if each.check.unit == item.unit):
        verdict = closed_verdict(finding, material.attested)
        known = found.setdefault(finding.asset.name, [])
        # They may speak against an asset; that they decide nothing takes nothing away.
        if finding.asset.kind in _SPEAK_AGAINST and verdict not in _FAILING:
            continue
        known.append(verdict)
        ids.append(str(finding.as_json()["id"]))
        for step, (name, state) in zip(
            finding.steps, closed_states(finding, material.attested), strict=True
        ):
            record = material.attested.record(item.unit, name, finding.asset.name)
            if state is None:
                opened[name] = None
            elif step.state is None and record is not None:
                used[record.id] = None
    if not found:
        return None
    for name in [name for name, each in found.items() if not each]:
        kind = material.assets.get(name)
        if kind is None or kind in kinds:
            continue  # its evidence is to be brought
        # No check knows this kind of asset: a person carries the steps out on it.
        states = _signed_states(item.unit, name, material.attested, used)
        found[name].append(by_hand(item.unit, states))
        opened.update(dict.fromkeys(_open_names(item.unit, states)))
    verdicts = {
        name: of_checks(each) if each else Conformity.INSUFFICIENT
        for name, each in sorted(found.items())
    }
    verdict = _of_objects(item.unit, verdicts.values())
    return Judged(
        verdict,
        _assets_reason(verdict, verdicts),
        verdicts,
        tuple(opened),
        tuple(ids),
        tuple(used),
        may_be_worse=verdict is Conformity.PARTLY
        and (Conformity.INSUFFICIENT in verdicts.values() or bool(opened)),
    )


def _signed_states(
    unit: str, asset: str, attested: Attested, used: dict[str, None]
) -> dict[str, Step]:
    """Steps of a unit that were recorded of an asset; the records are added to `used`."""
    records = {name: attested.record(unit, name, asset) for name in steps_of(unit).names}
    known = {name: each for name, each in records.items() if each is not None}
    used.update(dict.fromkeys(each.id for each in known.values()))
    return {name: each.holds for name, each in known.items()}


def _open_names(unit: str, states: Mapping[str, Step]) -> list[str]:
    return [name for name in steps_of(unit).names if name not in states]


def _of_objects(unit: str, verdicts: Collection[Conformity]) -> Conformity:
    if unit in _ONE_OBJECT and _FAILING & set(verdicts):
        return Conformity.DOES_NOT
    return of_assets(verdicts)


def _assets_reason(verdict: Conformity, verdicts: Mapping[str, Conformity]) -> Text:
    bad = [n for n, v in verdicts.items() if v in _FAILING]
    opened = [n for n, v in verdicts.items() if v is Conformity.INSUFFICIENT]
    case = "conform" if verdict is Conformity.CONFORMS else "fail" if bad else "open"
    named = bad or opened
    values: Values = {
        "total": len(verdicts),
        "bad": len(bad),
        "open": len(opened),
        "names": "、".join(named[:NAMED]) or "-",
        "names_en": ", ".join(named[:NAMED]) or "-",
    }
    return Text(f"system.reason.assets_{case}", values)


def _by_hand(item: Item, material: Material) -> Judged:
    known = steps_of(item.unit)
    records = {name: material.attested.record(item.unit, name) for name in known.names}
    states = {name: each.holds for name, each in records.items() if each is not None}
    verdict = by_hand(item.unit, states)
    values: Values = {
        "done": len(states),
        "total": len(known.names),
        "holding": sum(states.values()),
    }
    return Judged(
        verdict,
        Text("system.reason.by_hand" if states else "system.reason.no_record", values),
        open_steps=tuple(name for name in known.names if name not in states),
        attested=tuple(each.id for each in records.values() if each is not None),
    )


def _worst(parts: Sequence[Judged]) -> Judged:
    verdict = of_checks(part.verdict for part in parts)
    decisive = next(part for part in parts if part.verdict is verdict)
    return Judged(
        verdict,
        decisive.reason,
        {name: each for part in parts for name, each in part.assets.items()},
        tuple(name for part in parts for name in part.open_steps),
        tuple(each for part in parts for each in part.findings),
        tuple(each for part in parts for each in part.attested),
        may_be_worse=verdict is Conformity.PARTLY and any(part.may_be_worse for part in parts),
    )
