"""Community ID against the examples of its specification, and its laws."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.enrich.community_id import community_id, packed_address

# github.com/corelight/community-id-spec, baseline (seed 0)
EXAMPLES = [
    ("128.232.110.120", "66.35.250.204", 6, 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    ("66.35.250.204", "128.232.110.120", 6, 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    ("192.168.1.52", "8.8.8.8", 17, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
    ("192.168.0.89", "192.168.0.1", 1, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
    ("192.168.0.1", "192.168.0.89", 1, 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
    (
        "fe80::200:86ff:fe05:80da",
        "fe80::260:97ff:fe07:69ea",
        58,
        135,
        0,
        "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=",
    ),
    ("192.168.170.8", "192.168.170.56", 132, 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="),
]


def packed(text: str) -> bytes:
    address = packed_address(text)
    assert address is not None
    return address


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_of_the_specification(example: tuple[str, str, int, int, int, str]) -> None:
    source, destination, protocol, p, q, expected = example
    assert community_id(packed(source), packed(destination), protocol, p, q) == expected


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
PORTS = st.integers(0, 65_535)


@given(ADDRESSES, ADDRESSES, st.sampled_from([6, 17, 132]), PORTS, PORTS)
def test_both_directions_have_one_id(
    a: ipaddress.IPv4Address | ipaddress.IPv6Address,
    b: ipaddress.IPv4Address | ipaddress.IPv6Address,
    protocol: int,
    p: int,
    q: int,
) -> None:
    there = community_id(a.packed, b.packed, protocol, p, q)
    assert there == community_id(b.packed, a.packed, protocol, q, p)


def test_a_seed_gives_another_id() -> None:
    a, b = packed("10.0.0.1"), packed("10.0.0.2")
    assert community_id(a, b, 6, 1, 2) != community_id(a, b, 6, 1, 2, seed=1)


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.1.2", "::g", "fe80::1%eth0", "host", "\0"])
def test_no_address(text: str) -> None:
    assert packed_address(text) is None
