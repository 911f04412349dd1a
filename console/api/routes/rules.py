"""Detections: the list, a rule's page, its versions and hits, the ATT&CK map."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from console.api.access import Operator
from console.api.parts import ApiParts, Parts
from console.api.rule_choice import chosen
from console.api.rule_coverage import coverage_of
from console.api.rule_pages import page_of
from console.api.rule_parts import version_shown
from console.api.rule_rows import Rows, refused_row
from console.api.schemas.rules import (
    Diff,
    HitDay,
    HitDays,
    Merge,
    MergeConflict,
    RuleCoverage,
    RulePage,
    RuleQuery,
    Rules,
    Version,
    Versions,
    VersionText,
)
from console.rules.backtest import day_word
from console.rules.desk import DAY
from console.rules.loading import RuleFile
from detections.packs.merge import changes
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.hashes import sha256
from fengsui.store.rule_states import RuleVersion

router = APIRouter(prefix="/rules", tags=["rules"])
_REFUSED_SHOWN = 2000
Number = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("")
def list_rules(visitor: Operator, parts: Parts, asked: Annotated[RuleQuery, Query()]) -> Rules:
    """Rules and models: what feeds them, how often they spoke, what they cost."""
    rows = Rows(parts)
    found, facets = chosen(rows.all(), asked)
    refused = [refused_row(rows.known, one) for one in rows.known.refused]
    return Rules.model_construct(
        items=found[asked.offset : asked.offset + asked.limit],
        total=len(found),
        facets=facets,
        refused=refused[:_REFUSED_SHOWN],
        days_from=rows.days_from,
        generation=rows.known.rules.generation[0],
    )


@router.get("/coverage")
def read_coverage(visitor: Operator, parts: Parts) -> RuleCoverage:
    """The ATT&CK map: what the rules look for, and what is live of it."""
    return coverage_of(Rows(parts).all())


@router.get("/{rule}")
def read_rule(visitor: Operator, rule: str, parts: Parts) -> RulePage:
    """Everything about one rule."""
    return page_of(parts, rule)


@router.get("/{rule}/versions")
def list_versions(visitor: Operator, rule: str, parts: Parts) -> Versions:
    """All texts that its file has had here."""
    file = parts.desk.editor.file(rule)
    return Versions(
        items=[version_shown(each, file) for each in parts.state.rule_versions(file.id)]
    )


@router.get("/{rule}/versions/{number}")
def read_version(visitor: Operator, rule: str, number: int, parts: Parts) -> VersionText:
    """One text; number 0 is upstream's as it is now."""
    file = parts.desk.editor.file(rule)
    source = parts.desk.editor.text_of(file, number)
    return VersionText(source=source, **_version(parts, file, number, source).model_dump())


@router.get("/{rule}/diff")
def read_diff(visitor: Operator, rule: str, parts: Parts, older: Number, newer: Number) -> Diff:
    """What changed between two versions; 0 is upstream's text."""
    file = parts.desk.editor.file(rule)
    texts = [parts.desk.editor.text_of(file, number) for number in (older, newer)]
    unified = changes(texts[0], texts[1], f"version {older}", f"version {newer}")
    lines = unified.splitlines()[2:]
    return Diff(
        older=older,
        newer=newer,
        unified=unified,
        added=sum(line.startswith("+") for line in lines),
        removed=sum(line.startswith("-") for line in lines),
    )


@router.get("/{rule}/hits")
def read_hits(
    visitor: Operator,
    rule: str,
    parts: Parts,
    days: Annotated[int, Query(ge=1, le=3660)] = 90,
) -> HitDays:
    """What it raised and cost, by day of event time."""
    first = parts.clock.now() // DAY - days + 1
    return HitDays(
        items=[
            HitDay(
                day=day_word(row.day),
                hits=row.hits,
                events=row.events,
                seconds=round(row.seconds, 6),
            )
            for row in parts.state.rule_days(first, rule)
        ]
    )


@router.get("/{rule}/merge")
def read_merge(visitor: Operator, rule: str, parts: Parts) -> Merge:
    """Our text and upstream's, both made from one: what comes of them."""
    base, ours, theirs, merged = parts.desk.editor.three_way(rule)
    versions = parts.state.rule_versions(parts.desk.editor.file(rule).id)
    return Merge(
        base=base,
        local=ours,
        upstream=theirs,
        merged=merged.text,
        conflicts=[
            MergeConflict(
                line=one.line,
                base=list(one.base),
                local=list(one.local),
                upstream=list(one.upstream),
            )
            for one in merged.conflicts
        ],
        clean=merged.clean,
        version=versions[0].number if versions else 0,
        upstream_hash=sha256(theirs.encode()),
    )


def _version(parts: ApiParts, file: RuleFile, number: int, source: str) -> Version:
    for each in parts.state.rule_versions(file.id):
        if each.number == number:
            return version_shown(each, file)
    if number or file.upstream is None:
        raise NotFoundError("There is no such version", where=str(number), next="See its versions")
    pack = file.origin.pack
    at = pack.at if pack else 0
    made = RuleVersion(
        file.id, 0, sha256(source.encode()), "upstream", file.origin.name, file.path, "", "", at, ""
    )
    shown = version_shown(made, file)
    return shown.model_copy(update={"current": not file.local, "at": to_iso(at)})
