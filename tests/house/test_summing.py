"""The runner of the tests counts what its tools say, wherever they say it."""

from __future__ import annotations

import pytest

from tests.run import counted


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("....\n12 passed, 1 skipped in 33.21s\n", {"passed": 12, "skipped": 1}),
        ("= 1 failed, 3 passed in 61.20s (0:01:01) =\n", {"failed": 1, "passed": 3}),
        ("2 errors in 3.20s\n", {"error": 2}),
        (
            " Test Files  2 passed (2)\n      Tests  1 failed | 31 passed (32)\n",
            {"failed": 1, "passed": 31},
        ),
        ("does not start\n", {}),
    ],
)
@pytest.mark.parametrize("after", ["", "a server goes down\n" * 400])
def test_what_servers_say_after_the_sum_does_not_hide_it(
    output: str, found: dict[str, int], after: str
) -> None:
    assert counted(output + after) == found
