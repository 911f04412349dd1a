"""Parts of a rule's page: guidance, samples, versions, results of checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.api.schemas import rule_edits as edits
from console.api.schemas import rules as shown
from console.api.shown import text_shown
from console.rules.checking import CheckedText
from console.rules.loading import RuleFile
from console.rules.wording import in_chinese
from detections.life import AnyRule, state_of
from detections.samples import SampleResult
from detections.sigma.loader import LoadedRule
from fengsui.clock import to_iso
from fengsui.rule import Guidance
from fengsui.store.rule_states import RuleLife, RuleVersion


def guidance_shown(
    guidance: Guidance | None,
    gbt20986: Sequence[str],
    units: Sequence[str],
    event: Mapping[str, object] | None = None,
) -> shown.Guidance | None:
    """Guidance; with an event, its queries are filled from it, or empty where it lacks a field."""
    if guidance is None:
        return None
    return shown.Guidance(
        means=text_shown(guidance.means),
        harmless=text_shown(guidance.harmless),
        act=text_shown(guidance.act),
        check=[
            shown.GuidanceCheck(
                question=text_shown(one.question),
                query=one.query if event is None else one.filled(event) or "",
                missing=[] if event is None else _missing(one.query, event),
            )
            for one in guidance.check
        ],
        gbt20986=list(gbt20986),
        units=list(units),
    )


def _missing(query: str, event: Mapping[str, object]) -> list[str]:
    names = dict.fromkeys(piece.partition("}")[0] for piece in query.split("{")[1:])
    return [name for name in names if event.get(name) in (None, "", [])]


def sample_shown(sample: SampleResult) -> shown.Sample:
    """A sample and what became of it."""
    return shown.Sample(
        rule=sample.rule,
        kind=sample.kind,
        number=sample.number,
        fired=sample.fired,
        ok=sample.ok,
        event=sample.event if isinstance(sample.event, dict | list) else {"value": sample.event},
        kept=sample.kept,
    )


def version_shown(version: RuleVersion, file: RuleFile | None) -> shown.Version:
    """One text of a file."""
    active = file.version.number if file and file.version else None
    return shown.Version(
        version=version.number,
        hash=version.hash,
        origin=version.origin,
        by=version.by,
        at=to_iso(version.at),
        reason=version.reason,
        current=version.number == active,
    )


def checked_shown(checked: CheckedText, lives: Mapping[str, RuleLife]) -> edits.Checked:
    """The answer to a text."""
    return edits.Checked(
        ok=checked.ok,
        problems=[
            edits.RuleProblem(
                line=fault.line,
                column=fault.column,
                message=fault.message,
                message_zh=in_chinese(fault.message),
                severity=fault.severity,
                where=f"{fault.line}:{fault.column}",
                next=fault.next,
                next_zh=in_chinese(fault.next),
                rule=fault.rule,
            )
            for fault in checked.faults
        ],
        rules=[_checked_rule(rule, checked, lives) for rule in checked.rules],
        samples=[sample_shown(one) for one in checked.samples],
    )


def _checked_rule(
    rule: AnyRule, checked: CheckedText, lives: Mapping[str, RuleLife]
) -> edits.CheckedRule:
    health = checked.health[rule.id]
    plain = isinstance(rule, LoadedRule)
    return edits.CheckedRule.model_validate(
        {
            "id": rule.id,
            "title": rule.title.as_json(),
            "severity": rule.severity.word,
            "kind": "sigma" if plain else "correlation",
            "state": state_of(rule.status, lives.get(rule.id)),
            "logsource": str(rule.logsource) if isinstance(rule, LoadedRule) else "",
            "techniques": list(rule.techniques),
            "tactics": list(rule.tactics),
            "health": health.health,
            "why": health.why,
            "missing": list(health.missing),
            "datasets": list(health.datasets),
        }
    )
