"""Fixtures that all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run, so that a change is judged by itself; `make fuzz` seeks new ones.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("seeking", deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def bench() -> Callable[[str], Path]:
    """`bench("dns/benign_1.pcap.zst")`: a file of FENGSUI_BENCH, or the test is skipped."""
    root = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench"))

    def find(name: str) -> Path:
        path = root / name
        if not path.exists():
            pytest.skip(f"{name} is not in FENGSUI_BENCH={root}")
        return path.resolve()

    return find
