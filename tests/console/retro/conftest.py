"""The installation of the tests of rules."""

from __future__ import annotations

from tests.console.rules.conftest import builtin, empty_state, settings, state

__all__ = ["builtin", "empty_state", "settings", "state"]
