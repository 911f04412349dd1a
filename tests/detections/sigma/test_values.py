import time

import pytest

from detections.sigma.conditions import Wild
from detections.sigma.values import (
    LOOKAROUND_TEXT,
    as_number,
    as_text,
    network_test,
    regex_search,
    time_part,
    wildcard_match,
)


def test_scalars_become_the_text_that_json_writes() -> None:
    assert [as_text(v) for v in ("x", True, 12, 1.5, None, {"a": 1})] == [
        "x", "true", "12", "1.5", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["1_000", "inf", "nan", "0x10", "", "1" * 60, True, None, "1,5"])
def test_what_is_no_number(value: object) -> None:
    assert as_number(value) is None


def test_numbers_of_texts() -> None:
    assert (as_number("-12"), as_number("1e3"), as_number(7)) == (-12, 1000.0, 7)


def test_networks_do_not_mix_families() -> None:
    assert network_test("fe80::/10")("fe80::1")
    assert not network_test("0.0.0.0/0")("::1")


def test_a_catastrophic_pattern_stays_linear() -> None:
    started = time.perf_counter()
    assert not regex_search(r"(\w+`?)+$", "")("a" * 20_000 + "!")
    assert time.perf_counter() - started < 1


def test_lookaround_sees_a_capped_text() -> None:
    search = regex_search("(?<!x)needle", "")
    assert search("a needle")
    assert not search("a" * LOOKAROUND_TEXT + "needle")


def test_a_pattern_that_no_engine_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="not valid"):
        regex_search("(open", "")


def test_wildcards_may_stand_anywhere() -> None:
    match = wildcard_match(("a", Wild.MANY, "b", Wild.MANY, "c"))
    assert match("a..b..c")
    assert not match("a..c..b")
    assert not wildcard_match(("ab", Wild.MANY, "ba"))("aba")
    assert wildcard_match((Wild.ONE, "é"))("éé")


def test_time_parts_are_utc() -> None:
    assert time_part("2026-11-21T23:30:00-02:00", "day") == 22
    assert time_part("not a time", "day") is None
