"""Times as options."""

from __future__ import annotations

import pytest

from console.cli.times import time_option
from fengsui.clock import from_iso
from fengsui.errors import UsageError


def test_an_option_that_was_not_given_is_open() -> None:
    assert time_option("", "--since", None) is None
    assert time_option("", "--until", 7) == 7


def test_a_time_is_read_and_anything_else_names_the_option() -> None:
    assert time_option("2026-11-21T08:00:00Z", "--since", 0) == from_iso("2026-11-21T08:00:00Z")
    for text in ("yesterday", "2026-13-01", "12"):
        with pytest.raises(UsageError) as caught:
            time_option(text, "--since", 0)
        assert caught.value.where == "--since"
