"""Values of foreign logs: what does not fit is left out, never raised."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given

from sensors.logs.parser import LineError
from sensors.logs.urls import host_name, request_url
from sensors.logs.values import endpoints, first, flag, instant, span, text, texts, whole
from tests.sensors.logs.samples import JSON


@given(JSON)
def test_nothing_raises_but_a_time(value: object) -> None:
    for read in (text, texts, first, whole, flag, span):
        read(value)
    endpoints(value, value, value, value, value)
    with contextlib.suppress(LineError):
        assert instant(value) >= 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (7.0, 7),
        (-1, None),
        (True, None),
        (1 << 63, None),
        ("٣", None),
        ([], None),
    ],
)
def test_whole(value: object, expected: int | None) -> None:
    assert whole(value) == expected


def test_instant_keeps_microseconds() -> None:
    assert instant("1713484795.943239") == 1_713_484_795_943_239_000
    assert instant(1713484795.943239) == 1_713_484_795_943_239_000
    assert instant("2021-06-06T15:59:46.457984+0200") == 1_622_987_986_457_984_000


def test_a_zone_is_cut_from_a_link_local_address() -> None:
    assert endpoints("fe80::1%eth0", 1, "fe80::2", 2, "udp")["source.ip"] == "fe80::1"


def test_what_is_no_address_is_kept_as_text() -> None:
    fields = endpoints("printer", 1, "10.0.0.1", 70_000, "tcp")
    assert fields["source.address"] == "printer"
    assert fields["source.ip"] is None
    assert fields["destination.port"] is None
    assert fields["network.community_id"] is None


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("A.Example.", "a.example"),
        ("a.example:8080", "a.example"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", None),
        (None, None),
    ],
)
def test_host_name(host: str | None, name: str | None) -> None:
    assert host_name(host) == name


def test_a_target_in_absolute_form_brings_its_host() -> None:
    fields = request_url("proxy.local", "http://a.example/b.c?d", 3128)
    assert fields["url.domain"] == "proxy.local"
    assert fields["url.path"] == "/b.c"
    assert request_url(None, "http://a.example/b", 80)["url.domain"] == "a.example"
