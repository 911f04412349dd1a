"""What a look at a store finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Args:
        what: the thing.
        status: `good`, `warning` or `bad`.
        found: how it is.
        next: the command or setting that mends it; empty when nothing is to be done.
    """

    what: str
    status: str
    found: str
    next: str = ""
