"""A rule's page: everything about it in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.api.parts import ApiParts
from console.api.rule_parts import guidance_shown, sample_shown, version_shown
from console.api.rule_rows import Rows
from console.api.schemas.jobs import Job
from console.api.schemas.rules import RelatedRule, RuleName, RulePage, SimilarRule, Step, Upstream
from console.api.shown import job_shown, text_shown
from console.rules.checking import with_named
from console.rules.desk import Known
from console.rules.loading import RuleFile
from detections.life import AnyRule
from detections.samples import try_samples
from detections.sigma.loader import LoadedRule
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.hashes import sha256
from fengsui.rule import Rule as OtherRule

SIMILAR_MOST: Final = 12
BACK_TESTS: Final = 10


def page_of(parts: ApiParts, rule: str) -> RulePage:
    """The page of a rule, of whatever detector.

    Raises:
        NotFoundError: there is none with this id.
    """
    rows = Rows(parts)
    found = rows.known.by_id.get(rule)
    if found is not None:
        return _own(parts, rows, found)
    other = next((each for each in rows.others if each.id == rule), None)
    if other is None:
        raise NotFoundError("There is no such rule", where=rule, next="See GET /api/rules")
    return _other(rows, other)


def _own(parts: ApiParts, rows: Rows, rule: AnyRule) -> RulePage:
    known = rows.known
    file = known.rules.file(rule.id)
    assert file is not None
    text = file.text
    loaded = with_named([rule], known.rules)
    kept = parts.desk.editor.kept((rule.id,))
    pack = file.origin.pack
    return RulePage.model_construct(
        **dict(rows.row(rule)),
        description=text_shown(rule.description),
        source=text,
        hash=sha256(text.encode()),
        file_rules=[_name(known.by_id[each]) for each in file.ids if each != rule.id],
        guidance=guidance_shown(rule.guidance, rule.gbt20986, rule.units),
        references=list(getattr(rule, "references", ())),
        false_positives=list(getattr(rule, "falsepositives", ())),
        related=_related(rule, known),
        similar=_similar(rule, known),
        samples=[sample_shown(one) for one in try_samples(loaded, [rule.id], kept)],
        versions=[version_shown(each, file) for each in parts.state.rule_versions(file.id)],
        history=_history(parts, rule.id, file),
        upstream=Upstream(
            hash=sha256(file.upstream_text.encode()), version=pack.version if pack else ""
        )
        if file.upstream is not None
        else None,
        back_tests=_back_tests(parts, rule.id),
    )


def _other(rows: Rows, rule: OtherRule) -> RulePage:
    return RulePage.model_construct(
        **dict(rows.other(rule)),
        description=text_shown(rule.description),
        source="",
        hash="",
        file_rules=[],
        guidance=guidance_shown(rule.guidance, rule.gbt20986, rule.units),
        references=[],
        false_positives=[],
        related=[],
        similar=[],
        samples=[],
        versions=[],
        history=[],
        upstream=None,
        back_tests=[],
    )


def _related(rule: AnyRule, known: Known) -> list[RelatedRule]:
    found: list[RelatedRule] = []
    for kind, id_ in getattr(rule, "related", ()):
        other = known.by_id.get(id_)
        title = text_shown(other.title) if other else None
        found.append(RelatedRule(id=id_, type=kind, title=title))
    return found


def _similar(rule: AnyRule, known: Known) -> list[SimilarRule]:
    """Rules of the same log source that look for the same technique, then those of the technique."""
    source = rule.logsource if isinstance(rule, LoadedRule) else None
    techniques = set(rule.techniques)
    near: list[SimilarRule] = []
    far: list[SimilarRule] = []
    for other in known.by_id.values():
        if other.id == rule.id or not techniques & set(other.techniques):
            continue
        same = source is not None and isinstance(other, LoadedRule) and other.logsource == source
        why = "logsource" if same else "technique"
        (near if same else far).append(
            SimilarRule(id=other.id, title=text_shown(other.title), why=why)
        )
    return (near + far)[:SIMILAR_MOST]


def _history(parts: ApiParts, rule: str, file: RuleFile) -> list[Step]:
    """Decisions about the rule, and texts of its file."""
    steps = parts.state.rule_steps(rule)
    if file.id != rule:
        texts = {"save", "revert", "merge", "upstream"}
        steps += [each for each in parts.state.rule_steps(file.id) if each.kind in texts]
    return [
        Step(
            kind=each.kind,
            before=each.before,
            after=each.after,
            by=each.by,
            at=to_iso(each.at),
            reason=each.reason,
        )
        for each in sorted(steps, key=lambda each: -each.at)
    ]


def _back_tests(parts: ApiParts, rule: str) -> Sequence[Job]:
    jobs = (job for job in parts.state.jobs(500) if job.kind == "backtest")
    mine = [job for job in jobs if job.arguments.get("rule") == rule]
    return [job_shown(job) for job in mine[:BACK_TESTS]]


def _name(rule: AnyRule) -> RuleName:
    return RuleName(id=rule.id, title=text_shown(rule.title))
