"""Times on the command line: ISO 8601 in, ns inside."""

from __future__ import annotations

from typing import TypeVar

from fengsui.clock import from_iso
from fengsui.errors import UsageError
from fengsui.store.event_store import ALWAYS, TimeRange

T = TypeVar("T")


def time_option(text: str, option: str, open_end: T) -> int | T:
    """The ns of an option's time; `open_end` where the option was not given.

    Raises:
        UsageError: not a time.
    """
    if not text:
        return open_end
    try:
        return from_iso(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a time", where=option, next="Write it as 2026-11-21T08:00:00Z"
        ) from error


def time_range(since: str, until: str) -> TimeRange:
    """The range of `--since` and `--until`; open where one was not given."""
    return TimeRange(
        time_option(since, "--since", ALWAYS.since),
        time_option(until, "--until", ALWAYS.until),
    )
