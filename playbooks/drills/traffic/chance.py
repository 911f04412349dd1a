"""Chance that a seed decides: the same words give the same numbers on every machine."""

from __future__ import annotations

import random


def chance(*words: object) -> random.Random:
    """A generator of its own for these words, so that one activity never changes another's numbers."""
    return random.Random(":".join(str(word) for word in words))  # noqa: S311 - traffic, not secrets
