"""Progress for logs, where standard error is no terminal."""

from __future__ import annotations

import sys


class Tenths:
    """A line on standard error when a tenth more is done, or the message changes."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._last = ("", -1)

    def tell(self, done: int, total: int, message: str) -> None:
        """So much of `total` is done; 0 where that is not known."""
        tenth = 10 * done // total if total else 0
        if self._enabled and message and (message, tenth) != self._last:
            self._last = (message, tenth)
            sys.stderr.write(f"  {tenth * 10:3d} %  {message}\n")
