"""Control, Check, Finding: a clause, a claim with its method, and a verdict with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fengsui.alert import Fact
from fengsui.clock import to_iso
from fengsui.text import Text


class Conformity(StrEnum):
    """The five verdicts of a finding (符合、部分符合、不符合、不适用、证据不足)."""

    CONFORMS = "conforms"
    PARTLY = "partly"
    DOES_NOT = "does_not"
    NOT_APPLICABLE = "not_applicable"
    INSUFFICIENT = "insufficient_evidence"


@dataclass(frozen=True, slots=True)
class Control:
    """One assessment unit of GB/T 28448-2019 under its clause of GB/T 22239-2019."""

    unit: str
    clause: str
    item: str
    area: Text
    control_point: Text
    title: Text


@dataclass(frozen=True, slots=True)
class Check:
    """A claim that software can test. `limits` are data (file or settings), shown with the verdict."""

    id: str
    unit: str
    claim: Text
    limits: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's verdict at one time, with what proves it.

    Attributes:
        query: the exact question asked of the store (Lucene or a named state query).
        result_hash: SHA-256 over the canonical JSON of the rows that answered it.
        time: ns when it was decided; `since`, `until`: the period of the evidence.
        records: names of the records that would close what is open; of the newest run, not kept.
    """

    id: str
    check: str
    unit: str
    verdict: Conformity
    reason: Text
    facts: tuple[Fact, ...]
    query: str
    result_hash: str
    time: int
    since: int
    until: int
    repair: Text
    author: str
    records: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The published form (`fengsui schema finding`)."""
        return {
            "id": self.id,
            "check": self.check,
            "unit": self.unit,
            "verdict": self.verdict.value,
            "reason": self.reason.as_json(),
            "facts": [fact.as_json() for fact in self.facts],
            "query": self.query,
            "hash": self.result_hash,
            "time": to_iso(self.time),
            "since": to_iso(self.since),
            "until": to_iso(self.until),
            "repair": self.repair.as_json(),
            "author": self.author,
        }
