"""Numbers behind texts: addresses, dates, intervals."""

from __future__ import annotations

import ipaddress
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.query.tree import Range, Term
from fengsui.query.values import address, date_text, fold, instant, interval

addresses = st.ip_addresses()


@given(addresses, addresses)
def test_addresses_are_in_the_order_of_their_numbers(one: object, other: object) -> None:
    def number(value: object) -> int:
        text = str(value)
        return int(ipaddress.ip_address(text if ":" in text else f"::ffff:{text}"))

    assert address(str(one)) == number(one)
    assert ((address(str(one)) or 0) < (address(str(other)) or 0)) == (number(one) < number(other))


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_a_network_is_the_interval_of_its_addresses(host: object, bits: int) -> None:
    network = ipaddress.ip_network(f"{host}/{bits}", strict=False)
    span = interval(Term("source.ip", f"{host}/{bits}"), "ip")
    assert span == (address(str(network[0])), address(str(network[-1])))


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0", "10.0.0.256", "01.2.3.4", "::g", "fe80::1%eth0", "1.2.3.4\0", "十", "\ud800"],
)
def test_no_address(text: str) -> None:
    assert address(text) is None


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_date_comes_back(moment: datetime) -> None:
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert instant(date_text(microseconds)) == microseconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026", 365 * 86400),
        ("2024", 366 * 86400),
        ("2026-02", 28 * 86400),
        ("2026-12", 31 * 86400),
        ("2026-02-02", 86400),
        ("2026-02-02T10", 3600),
        ("2026-02-02T10:00", 60),
        ("2026-02-02T10:00:00", 1),
        ("2026-02-02 10:00:00.25Z", 0.01),
        ("2026-02-02T10:00:00.123456+08:00", 1e-6),
        ("9999-12-31", 86400),
    ],
)
def test_a_date_stands_for_all_of_its_precision(text: str, seconds: float) -> None:
    span = interval(Term("@timestamp", text), "date")
    assert span is not None
    assert span[1] - span[0] + 1 == round(seconds * 1_000_000)


def test_open_and_empty_intervals() -> None:
    assert interval(Range("n", None, None), "long") == (-math.inf, math.inf)
    assert interval(Range("n", "5", "5", False, True), "long") is None
    assert interval(Range("n", "4.5", "5.5"), "long") == (5, 5)
    assert interval(Range("n", "x", None), "long") is None
    assert interval(Term("n", "1e999"), "long") == (10**999, 10**999)
    assert interval(Term("n", "1e999"), "float") is None


def test_folding_is_per_character() -> None:
    assert fold("ÄΣİ烽A") == "äσi烽a"
