"""Stored: indicators as a query of the event store; it selects at least what the detector matches."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Final

from detections.indicators.detector import ADDRESSES, HASHES, NAMES, URLS
from detections.indicators.lists import Indicator
from fengsui.query.pattern import escape
from fengsui.query.selecting import any_of, odd
from fengsui.query.tree import Exists, Query, Term
from fengsui.query.values import field_type

MOST: Final = 200  # indicators of a query; with more it asks for events that have the fields at all


def stored_query(indicators: Sequence[Indicator]) -> Query:
    """What selects at least every stored event that holds one of the indicators."""
    if len(indicators) <= MOST:
        return any_of(part for one in indicators for part in _one(one))
    kinds = {one.kind for one in indicators}
    names = [name for name, kind in HASHES.items() if kind in kinds]
    names += ADDRESSES if kinds & {"ip", "cidr"} else ()
    names += NAMES if "domain" in kinds else ()
    names += URLS if "url" in kinds else ()
    return any_of(Exists(name) for name in dict.fromkeys(names))


def _one(one: Indicator) -> Iterator[Query]:
    match one.kind:
        case "ip":
            yield from (Term(name, one.value) for name in ADDRESSES)
        case "cidr":
            for name in ADDRESSES:
                if field_type(name) == "ip":
                    yield any_of([Term(name, one.value), odd(name)])
                else:
                    yield Term(name, _beginning(one.value), True)
        case "domain":
            yield from (Term(name, f"*{escape(one.value)}*", True) for name in NAMES)
        case "url":
            host = one.value.partition("/")[0]
            yield from (Term(name, f"*{escape(host)}*", True) for name in URLS)
        case _:
            yield from (Term(name, one.value) for name, kind in HASHES.items() if kind == one.kind)


def _beginning(cidr: str) -> str:
    """How addresses of a network begin as text; of IPv6, which is written in many ways, not at all."""
    network = ipaddress.ip_network(cidr)
    if network.version == 6:
        return "*:*"
    whole = network.prefixlen // 8
    return "".join(f"{part}." for part in str(network.network_address).split(".")[:whole])[
        : -1 if whole == 4 else None
    ] + ("" if whole == 4 else "*")
