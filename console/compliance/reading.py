"""One system as it stands: its row, clocks, verdicts, risks, conclusion and what would lift it most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from console.compliance.assessing import found_system, profile_of
from detections.compliance.profile.attested import Attested
from detections.compliance.profile.clocks import Clock, clocks
from detections.compliance.profile.editions import in_use
from detections.compliance.profile.items import Item
from detections.compliance.profile.profile import Profile
from detections.compliance.risk.high_risk import RaisedCase, raised_cases
from detections.compliance.risk.major_risk import MajorRisk, major_risks
from detections.compliance.score.inputs import Conclusion, Limits, Risks, ScoredItem, limits_with
from detections.compliance.score.score import Repair, conclude, template_ids, what_if
from fengsui.control import Conformity
from fengsui.settings import Settings
from fengsui.store.state import State
from fengsui.system import AssessmentRun, FiledSystem, ItemVerdict, RepairTask

LIMITS: Final = "conclusion.toml"  # an installation's own numbers, under its folder
_BAD: Final = frozenset({Conformity.DOES_NOT.value, Conformity.PARTLY.value})


@dataclass(frozen=True, slots=True)
class Standing:
    """One system on a day. Without a run, every item lacks evidence.

    Attributes:
        conclusions: one of each score template; `template` is the one in use.
    """

    system: FiledSystem
    profile: Profile
    today: date
    clocks: tuple[Clock, ...]
    runs: tuple[AssessmentRun, ...]
    verdicts: Mapping[str, ItemVerdict]
    high_risk_edition: str
    cases: tuple[RaisedCase, ...]
    majors: tuple[MajorRisk, ...]
    risks: Risks
    template: str
    conclusions: Mapping[str, Conclusion]
    what_if: tuple[Repair, ...]
    tasks: tuple[RepairTask, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Its item set."""
        return self.profile.items()

    def verdict(self, unit: str) -> Conformity:
        """Of one item; insufficient evidence before any run."""
        known = self.verdicts.get(unit)
        return known.verdict if known else Conformity.INSUFFICIENT

    @property
    def counts(self) -> dict[str, int]:
        """Items by verdict."""
        found = {each.value: 0 for each in Conformity}
        for item in self.items:
            found[self.verdict(item.unit).value] += 1
        return found

    @property
    def conclusion(self) -> Conclusion:
        """By the template in use."""
        return self.conclusions[self.template]


def standing(settings: Settings, state: State, id_: str, now: int, today: date) -> Standing:
    """How a system stands.

    Raises:
        NotFoundError: no such system.
        SettingsError: the installation's own `conclusion.toml` is broken.
    """
    system = found_system(state, id_)
    profile = profile_of(system)
    items = profile.items()
    verdicts = {each.unit: each for each in state.item_verdicts(system.id)}
    values = {item.unit: _value(verdicts, item.unit) for item in items}
    attested = Attested(state.attestations(system.id), now)
    edition = system.high_risk_edition or in_use("high_risk", today.isoformat()).id
    cases = tuple(raised_cases(system, items, values, attested, edition))
    majors = tuple(major_risks(items, values, attested))
    risks = _risks(cases, majors)
    limits = _limits(settings.home)
    scored = [ScoredItem(unit, verdict) for unit, verdict in values.items()]
    template = system.score_edition or in_use("score", today.isoformat()).id
    failing = {
        unit: sum(word in _BAD for word in each.assets.values()) for unit, each in verdicts.items()
    }
    return Standing(
        system=system,
        profile=profile,
        today=today,
        clocks=tuple(clocks(system, today)),
        runs=tuple(state.assessments(system.id, 30)),
        verdicts=verdicts,
        high_risk_edition=edition,
        cases=cases,
        majors=majors,
        risks=risks,
        template=template,
        conclusions={each: conclude(scored, risks, each, limits) for each in template_ids()},
        what_if=tuple(what_if(items, values, failing, template, limits)),
        tasks=tuple(state.tasks(system.id)),
    )


def _limits(home: Path) -> Limits:
    return limits_with(home / LIMITS)


def _value(verdicts: Mapping[str, ItemVerdict], unit: str) -> Conformity:
    return verdicts[unit].verdict if unit in verdicts else Conformity.INSUFFICIENT


def _risks(cases: tuple[RaisedCase, ...], majors: tuple[MajorRisk, ...]) -> Risks:
    chosen = [each for each in majors if each.set_by]
    return Risks(
        high=sum(each.counts for each in cases),
        possible=sum(each.state == "possible" for each in cases),
        major=len(chosen),
        repaired=sum(each.repaired for each in chosen),
    )
