"""Times in queries: ISO 8601 in, ns inside."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from console.api.schemas.words import TIME
from fengsui.clock import from_iso
from fengsui.errors import InputError
from fengsui.store.event_store import ALWAYS, TimeRange

Since = Annotated[str, Query(max_length=40, description=TIME)]
Until = Annotated[str, Query(max_length=40, description=f"{TIME}; not included")]


def time_range(since: str, until: str) -> TimeRange:
    """Both ends; empty text is open.

    Raises:
        InputError: not a time (code `bad_time`), or the end is before the beginning.
    """
    within = TimeRange(
        _time(since, "since") if since else ALWAYS.since,
        _time(until, "until") if until else ALWAYS.until,
    )
    if within.since > within.until:
        raise InputError(
            "The time range ends before it begins",
            where="since, until",
            next="Swap the two",
            code="bad_time",
        )
    return within


def _time(text: str, where: str) -> int:
    try:
        # A + that was not escaped arrives as a space.
        return max(0, from_iso(text.strip().replace(" ", "+") if "T" in text else text))
    except (ValueError, OverflowError) as error:
        raise InputError(
            "This is not a time",
            where=where,
            next="Write it as 2026-11-21T08:00:00Z",
            code="bad_time",
        ) from error
