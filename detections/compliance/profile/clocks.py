"""Clocks of a filed system: what falls due, when, and by which text, with the mark of that text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from detections.compliance.limits import limit
from fengsui.errors import InputError
from fengsui.system import FiledSystem
from fengsui.text import Text

ClockName = Literal["filing", "refiling", "certificate", "renewal", "assessment", "retention"]
ClockState = Literal["done", "running", "soon", "overdue", "unknown"]
FILING_DAYS: Final = 30
CERTIFICATE_YEARS: Final = 3
SOON_DAYS: Final = 30
RENEWAL_DAYS: Final = 90
# Certificates older than this count from it; systems filed before the forms of 2025 file again.
CERTIFICATES_COUNT_FROM: Final = date(2025, 1, 1)
FORMS_OF_2025: Final = date(2025, 3, 8)
REFILING_DUE: Final = date(2025, 11, 30)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: `due` is a day ("" unknown), `days` those that are left (negative: late)."""

    name: ClockName
    state: ClockState
    due: str
    days: int
    mark: Text

    def as_json(self) -> dict[str, object]:
        """For documents."""
        return {
            "name": self.name,
            "state": self.state,
            "due": self.due,
            "days": self.days,
            "mark": self.mark.as_json(),
        }


def day_of(text: str, where: str = "day") -> date | None:
    """A day of the register; None for "".

    Raises:
        InputError: not a day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{text[:40]!r} is no day", where=where, next="Write it as 2026-11-21", code="bad_day"
        ) from error


def clocks(system: FiledSystem, today: date) -> list[Clock]:
    """All clocks of a system, the nearest first; those without a known day at the end."""
    found = [clock for clock in _clocks(system, today) if clock is not None]
    return sorted(found, key=lambda clock: (not clock.due, clock.due, clock.name))


def years_after(day: date, years: int) -> date:
    """The same day years later; 29 February becomes 28."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def certificate_ends(system: FiledSystem) -> date | None:
    """The last day of the filing certificate."""
    given = day_of(system.certified, "certified")
    if given is None:
        return None
    renewed = day_of(system.renewed, "renewed")
    start = max(each for each in (given, CERTIFICATES_COUNT_FROM, renewed) if each is not None)
    assessed = day_of(system.assessed, "assessed")
    extended = assessed is not None and assessed >= start
    return years_after(start, CERTIFICATE_YEARS + extended)


def _clocks(system: FiledSystem, today: date) -> Iterator[Clock | None]:
    if system.level >= 2:
        yield _filing(system, today)
        yield _refiling(system, today)
        yield from _certificate(system, today)
        yield _assessment(system, today)
    days = limit("log_retention", "retention_days_public" if system.public else "retention_days")
    yield Clock("retention", "running", "", days, _mark("retention"))


def _filing(system: FiledSystem, today: date) -> Clock:
    if system.filed:
        return Clock("filing", "done", "", 0, _mark("filing"))
    graded = day_of(system.graded, "graded")
    return _until("filing", graded and graded + timedelta(days=FILING_DAYS), today)


def _refiling(system: FiledSystem, today: date) -> Clock | None:
    filed = day_of(system.filed, "filed")
    if filed is None or filed >= FORMS_OF_2025:
        return None
    return _until("refiling", REFILING_DUE, today)


def _certificate(system: FiledSystem, today: date) -> Iterator[Clock]:
    ends = certificate_ends(system)
    yield _until("certificate", ends, today)
    if ends is not None and ends - timedelta(days=RENEWAL_DAYS) <= today <= ends:
        yield Clock("renewal", "soon", ends.isoformat(), (ends - today).days, _mark("renewal"))


def _assessment(system: FiledSystem, today: date) -> Clock:
    assessed = day_of(system.assessed, "assessed")
    if system.level == 2:
        return _until("assessment", assessed and years_after(assessed, 2), today, "level_two")
    return _until("assessment", assessed and years_after(assessed, 1), today)


def _mark(name: str) -> Text:
    return Text(f"system.clock_mark.{name}", {})


def _until(name: ClockName, due: date | None, today: date, rule: str = "") -> Clock:
    mark = _mark(rule or name)
    if due is None:
        return Clock(name, "unknown", "", 0, mark)
    left = (due - today).days
    state: ClockState = "overdue" if left < 0 else "soon" if left <= SOON_DAYS else "running"
    return Clock(name, state, due.isoformat(), left, mark)
