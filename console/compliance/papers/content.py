"""What papers are made of: one system's standing with its findings, records and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.compliance.reading import Standing
from detections.compliance.profile.items import Item
from fengsui.asset import Asset
from fengsui.control import Conformity
from fengsui.store.state import Plan, State
from fengsui.system import AssetVerdict, Attestation, EvidenceFile
from fengsui.text import Text, catalogue

FAILING: Final = frozenset({Conformity.DOES_NOT, Conformity.PARTLY})
MOST_FACTS: Final = 8  # of one finding, in a table
_WORDS: Final = {"false": "failed", "open": "open"}


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a paper may say; `now` in ns."""

    standing: Standing
    findings: tuple[AssetVerdict, ...]
    attestations: tuple[Attestation, ...]
    evidence: tuple[EvidenceFile, ...]
    now: int
    plan: Plan

    def items(self, *verdicts: Conformity) -> list[Item]:
        """Items with one of these verdicts, or all."""
        return [
            item
            for item in self.standing.items
            if not verdicts or self.standing.verdict(item.unit) in verdicts
        ]

    @property
    def assets(self) -> list[Asset]:
        """Assets of the register that belong to the system."""
        return [each for each in self.plan.assets if each.id in self.standing.system.assets]

    def findings_of(self, unit: str) -> list[AssetVerdict]:
        """Findings of an item."""
        return [each for each in self.findings if each.unit == unit]

    def reason(self, unit: str) -> str:
        """Why an item has its verdict."""
        known = self.standing.verdicts.get(unit)
        return (known.reason if known else Text("system.reason.not_run", {})).render("zh")


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of a problem list: a failing finding, or a failing item without one."""

    item: Item
    asset: str
    verdict: Conformity
    reason: str
    facts: str
    repair: str


def content_of(standing: Standing, state: State, now: int) -> Content:
    """Read what papers need."""
    id_ = standing.system.id
    return Content(
        standing=standing,
        findings=tuple(state.asset_verdicts(id_)),
        attestations=tuple(state.attestations(id_)),
        evidence=tuple(state.evidence(id_)),
        now=now,
        plan=state.plan(),
    )


def problems_of(content: Content) -> Iterator[Problem]:
    """All failing findings by item; of a failing item without findings, the item itself."""
    for item in content.items(*FAILING):
        failing = [
            each
            for each in content.findings_of(item.unit)
            if Conformity(str(each.document["verdict"])) in FAILING
        ]
        for each in failing:
            yield _problem(item, each)
        if not failing:
            verdict = content.standing.verdict(item.unit)
            yield Problem(item, "", verdict, content.reason(item.unit), "", "")


def facts_of(document: Mapping[str, Any]) -> str:
    """Facts of a finding with thresholds and marks, a line each: of a step that fails, those alone."""
    rows = [row for row in document.get("facts", []) if str(row.get("value", "")) != ""]
    failed = {step["name"] for step in document.get("steps", []) if step.get("state") == "false"}
    against = [row for row in rows if row.get("step") in failed]
    if against:
        return "\n".join(dict.fromkeys(_fact(row) for row in against[:MOST_FACTS]))
    held = [row for row in rows if str(row.get("limit", row.get("baseline")) or "") != ""]
    return "\n".join(_fact(row) for row in (held or rows)[:MOST_FACTS])


def _problem(item: Item, each: AssetVerdict) -> Problem:
    document = each.document
    return Problem(
        item,
        each.asset,
        Conformity(str(document["verdict"])),
        str(document["reason"]["zh"]),
        facts_of(document),
        str(document["repair"]["zh"]),
    )


def _fact(row: Mapping[str, Any]) -> str:
    limit = row.get("limit", row.get("baseline"))
    mark = web_word("fact_mark", str(row.get("mark") or "").split(":", maxsplit=1)[0])
    against = f"（{limit}，{mark}）" if limit not in {"", None} and mark else ""
    source = f" ← {row['source']}" if row.get("source") else ""
    head, _, rest = str(row["name"]).partition(":")
    name = f"{web_word('check_fact', head)} {rest}".strip()
    value = "" if row["value"] == "yes" else f" = {row['value']}"
    return f"{name}{value}{against}{source}"


def web_word(prefix: str, name: str) -> str:
    """The word that the console has for a name, such as `asset_kind`; the name itself where it has none."""
    key = f"web.{prefix}.{name}"
    return Text(key, {}).render("zh") if key in catalogue() else name
