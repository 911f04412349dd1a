"""Ledger: what the queries join telemetry with: registers that were brought, alerts, cases, the audit chain.

A register is a table that a person or another system keeps (leavers, tickets, backup jobs, loads);
it is brought as evidence and says nothing about what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fengsui.clock import from_iso
from fengsui.errors import InputError


@dataclass(frozen=True, slots=True)
class Register:
    """One register as it was brought. `problems`: rows that were not read; with any, it is not whole."""

    name: str
    rows: tuple[Mapping[str, str], ...]
    digest: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertSeen:
    """One alert by what an assessor asks of it. Times in ns."""

    id: str
    kind: str
    first: int
    outside: bool
    source: bool
    target: bool
    category: bool


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """One case: when it came, when somebody first acted (0: nobody yet), how it was closed."""

    id: str
    first: int
    acted: int
    closed: int
    true: bool
    cause: bool
    evidence: bool
    handled: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """All of it. `chain`: whether the audit chain verifies, None where it is empty."""

    registers: Mapping[str, Register] = field(default_factory=dict[str, Register])
    alerts: tuple[AlertSeen, ...] = ()
    cases: tuple[CaseSeen, ...] = ()
    chain: bool | None = None

    def register(self, name: str) -> Register | None:
        """A register that was brought."""
        return self.registers.get(name)

    def rows(self, name: str) -> Iterator[Mapping[str, str]]:
        """Its rows; none where it was not brought."""
        known = self.registers.get(name)
        yield from known.rows if known else ()


def moment(text: str) -> int:
    """A day, or a time as ISO, in ns; days and times without a zone are China's (UTC+8); 0 for "".

    Raises:
        InputError: neither.
    """
    given = text.strip()
    text = given.replace("/", "-")
    if not text:
        return 0
    if len(text) <= 10:
        text += "T00:00:00"
    text = text.replace(" ", "T", 1)
    if not (text.endswith("Z") or "+" in text[10:] or "-" in text[10:]):
        text += "+08:00"
    try:
        return from_iso(text)
    except ValueError as error:
        raise InputError(f"{given[:40]} is no time", next="Such as 2026-11-21 09:30") from error


def number(text: str) -> float:
    """A number; a percent sign and thousands' commas are taken off.

    Raises:
        ValueError: it is none.
    """
    value = float(text.strip().rstrip("%").replace(",", ""))
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        raise ValueError(text[:20])
    return value
