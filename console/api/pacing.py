"""How often a person may ask for what costs the server seconds."""

from __future__ import annotations

from console.api.problems import TooManyError
from console.security.limiter import Limiter


def keep_pace(pace: Limiter, name: str) -> None:
    """Count one more question of a person.

    Raises:
        TooManyError: there were too many.
    """
    wait = pace.wait_seconds(name)
    if wait:
        raise TooManyError("That is asked too often", seconds=wait, next=f"Wait {wait} s")
    pace.failed(name)
