"""Judging one asset: steps of an assessment unit, true, false or open, become its verdict.

GB/T 28449-2018 8.2.1: all steps true conform, none true does not, some is partly. A step that was
not carried out is open. False beside open is printed as partly and marked `may_be_worse`: it surely
does not conform, and that nothing of it holds is not shown. Offline evidence (E0) never conforms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import detections.compliance.assets.checks
from detections.compliance.assets.asset import AssetEvidence, AssetKind, Parts
from detections.compliance.catalogue import control
from detections.compliance.evidence import Row, result_hash
from fengsui.clock import to_iso
from fengsui.control import Conformity
from fengsui.ids import digest_id
from fengsui.registry import parts
from fengsui.text import Text

State = bool | None


@dataclass(frozen=True, slots=True)
class AssetFact:
    """One effective value: where it was read, the hash of that source, and what it is held against.

    Attributes:
        source: file and line, or command.
        digest: SHA-256 of the source file or output; empty where the source is absent.
        limit: threshold, empty where there is none; `mark` STD, HR, PRACTICE or OURS, with its clause.
    """

    name: str
    value: str | int
    source: str
    digest: str = ""
    limit: str | int = ""
    mark: str = ""

    def row(self) -> Row:
        """All fields by name."""
        return {
            "name": self.name,
            "value": self.value,
            "source": self.source,
            "hash": self.digest,
            "limit": self.limit,
            "mark": self.mark,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a unit, or a part of one: `state` None is open; `text` says why."""

    name: str
    state: State
    text: Text
    facts: tuple[AssetFact, ...] = ()
    repair: Text | None = None


@dataclass(frozen=True, slots=True)
class AssetCheck:
    """A claim about one kind of asset under one unit. `single`: 28448 knows no "partly" here."""

    id: str
    unit: str
    kinds: tuple[AssetKind, ...]
    claim: Text
    single: bool = False


@dataclass(frozen=True, slots=True)
class AssetFinding:
    """One check's verdict on one asset. `query` names what was read."""

    check: AssetCheck
    asset: AssetEvidence
    verdict: Conformity
    steps: tuple[Step, ...]
    may_be_worse: bool
    digest: str

    @property
    def deciding(self) -> tuple[Step, ...]:
        """Steps that made the verdict: those that fail, else those that are open, else all."""
        failed = tuple(step for step in self.steps if step.state is False)
        opened = tuple(step for step in self.steps if step.state is None)
        return failed or opened or self.steps

    def reason(self) -> Text:
        """The sentences of the deciding steps."""
        return _joined([step.text for step in self.deciding])

    def repair(self) -> Text:
        """What to do about them."""
        found = [step.repair for step in self.deciding if step.repair is not None]
        return _joined(list({text.render("en"): text for text in found}.values()))

    def as_json(self) -> dict[str, object]:
        """The published form (`fengsui schema check-run`)."""
        return {
            "id": digest_id("finding", self.check.id, self.asset.name, self.digest),
            "check": self.check.id,
            "unit": self.check.unit,
            "verdict": self.verdict.value,
            "may_be_worse": self.may_be_worse,
            "asset": self.asset.name,
            "kind": self.asset.kind,
            "level": self.asset.level,
            "evidence": self.asset.digest,
            "time": to_iso(self.asset.collected) if self.asset.collected else "",
            "claim": self.check.claim.as_json(),
            "reason": self.reason().as_json(),
            "repair": self.repair().as_json(),
            "steps": [
                {"name": step.name, "state": _WORDS[step.state], "text": step.text.as_json()}
                for step in self.steps
            ],
            "facts": [
                {**fact.row(), "step": step.name} for step in self.steps for fact in step.facts
            ],
            "hash": self.digest,
        }


_WORDS: Final = {True: "true", False: "false", None: "open"}


def judge_asset(asset: AssetEvidence) -> list[AssetFinding]:
    """A finding of each check that has something to say of this asset, in order of unit.

    Raises:
        RuleError: a module of the shelf does not load.
        NotFoundError: a check names a unit that is not in the catalogue.
    """
    found: list[AssetFinding] = []
    seen = asset.facts.parts if isinstance(asset.facts, Parts) else (asset,)
    for check, judge in asset_checks():
        steps = [step for part in seen if part.kind in check.kinds for step in judge(part)]
        if steps:
            control(check.unit)
            found.append(finding_of(check, asset, steps))
    return sorted(found, key=lambda finding: (finding.check.unit, finding.check.id))


def asset_checks() -> Iterator[tuple[AssetCheck, Callable[[AssetEvidence], list[Step]]]]:
    """Checks of the shelf, each with its judge; a module has one `CHECK` or several `CHECKS`.

    Raises:
        RuleError: a module of the shelf does not load.
    """
    for module in parts(detections.compliance.assets.checks):
        if hasattr(module, "CHECKS"):
            for check in module.CHECKS:
                yield check, partial(module.judge_unit, check=check)
        else:
            yield module.CHECK, module.judge


def finding_of(check: AssetCheck, asset: AssetEvidence, steps: Sequence[Step]) -> AssetFinding:
    """Steps of a check as its finding."""
    states = [step.state for step in steps]
    verdict = asset_verdict(states, single=check.single, level=asset.level)
    rows: list[Row] = [fact.row() for step in steps for fact in step.facts]
    rows.extend(_state_row(step) for step in steps)
    worse = verdict is Conformity.PARTLY and None in states
    return AssetFinding(check, asset, verdict, tuple(steps), worse, result_hash(rows))


def _state_row(step: Step) -> Row:
    return {"step": step.name, "state": _WORDS[step.state]}


def asset_verdict(states: Sequence[State], *, single: bool, level: str) -> Conformity:
    """The verdict of steps; see the head of this module."""
    if False in states:
        some = True in states or None in states
        return Conformity.PARTLY if some and not single else Conformity.DOES_NOT
    if not states or None in states or level == "E0":
        return Conformity.INSUFFICIENT
    return Conformity.CONFORMS


def _joined(texts: Sequence[Text]) -> Text:
    if len(texts) == 1:
        return texts[0]
    return Text(
        "",
        {
            "zh": "；".join(text.render("zh") for text in texts),
            "en": "; ".join(text.render("en") for text in texts),
        },
    )
