"""Which registered assets the sensors see, in both stacks: a gate of every verdict on silence."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass

from detections.compliance.evidence import (
    MOST_TERMS,
    Evidence,
    Row,
    cidrs,
    in_scope,
    query_of,
    quoted,
    terms,
)
from fengsui.asset import Asset
from fengsui.clock import DAY
from fengsui.store.event_store import Histogram, TimeRange

TALKED = "event.dataset:flow"
ANSWERED = "event.dataset:flow AND destination.bytes:[1 TO *]"
MOST_NAMED = 200  # networks and addresses written into a query


@dataclass(frozen=True, slots=True)
class AssetSeen:
    """One asset: its registered addresses and those of them that took part in traffic, in how many flows."""

    asset: Asset
    addresses: tuple[str, ...]
    seen: tuple[str, ...]
    flows: int

    @property
    def wholly(self) -> bool:
        """Whether each stack that it is registered in was seen."""
        return {_version(a) for a in self.addresses} == {_version(a) for a in self.seen}

    def row(self) -> Row:
        """One row of the answer."""
        return {
            "asset": self.asset.id,
            "plane": self.asset.plane,
            "registered": " ".join(self.addresses),
            "seen": " ".join(self.seen),
            "flows": self.flows,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was seen of the register since a time, and own addresses that nobody registered.

    Attributes:
        unplanned: registered addresses in no own network: what is unregistered beside them would not
            be noticed.
        blind_days: days of the period without a single flow; the sensors may have been down.
        cut: more addresses than a store counts at once; the rest was not looked at.
    """

    query: str
    assets: tuple[AssetSeen, ...]
    unregistered: tuple[str, ...]
    unplanned: tuple[str, ...]
    live: bool
    blind_days: int
    cut: bool

    @property
    def complete(self) -> bool:
        """Whether silence may mean something: all seen, none unknown, never blind, alive now."""
        return (
            self.live
            and not self.blind_days
            and not self.cut
            and bool(self.assets)
            and not self.unregistered
            and not self.unplanned
            and all(asset.wholly for asset in self.assets)
        )

    def share(self, *, version: int = 0, plane: str = "") -> tuple[int, int]:
        """Seen and all: assets (of a plane), or of those registered in a stack (4 or 6)."""
        chosen = [one for one in self.assets if not plane or one.asset.plane == plane]
        if not version:
            return sum(one.wholly for one in chosen), len(chosen)
        has = [one for one in chosen if any(_version(a) == version for a in one.addresses)]
        return sum(any(_version(a) == version for a in one.seen) for one in has), len(has)


def coverage(evidence: Evidence, since: int) -> Coverage:
    """Look at the flows since a time (ns)."""
    texts = {
        "source.ip": in_scope(evidence, TALKED + _ours(evidence, "source.ip")),
        "destination.ip": in_scope(evidence, ANSWERED + _ours(evidence, "destination.ip")),
    }
    seen: Counter[str] = Counter()
    cut = False
    for field, text in texts.items():
        found = terms(evidence, text, field, since)
        cut = cut or len(found) >= MOST_TERMS
        for address, count in found.items():
            seen[_plain(address)] += count
    assets = tuple(_asset(asset, seen) for asset in evidence.plan.assets if asset.addresses)
    registered = {address for one in assets for address in one.addresses}
    return Coverage(
        " ; ".join(f"{text} | terms {field}" for field, text in texts.items()),
        assets,
        tuple(sorted(_own(set(seen) - registered - set(map(_plain, evidence.others)), evidence))),
        tuple(sorted(registered - set(_own(registered, evidence)))),
        is_live(evidence),
        _blind_days(evidence, in_scope(evidence, TALKED), since),
        cut,
    )


def is_live(evidence: Evidence) -> bool:
    """Whether any event arrived in the last 24 hours: without, silence proves nothing."""
    within = TimeRange(evidence.now - DAY, evidence.now + 1)
    return evidence.events.count(query_of(in_scope(evidence, "")), within) > 0


def _ours(evidence: Evidence, field: str) -> str:
    """The clause that leaves others' addresses out, which may be very many."""
    known = cidrs(evidence.plan)
    known += [address for asset in evidence.plan.assets for address in asset.addresses]
    if not known or len(known) > MOST_NAMED:
        return ""
    values = " OR ".join(f'"{quoted(value)}"' for value in dict.fromkeys(known))
    return f" AND {field}:({values})"


def _blind_days(evidence: Evidence, text: str, since: int) -> int:
    within = TimeRange(since, evidence.now + 1)
    buckets = evidence.events.aggregate(query_of(text), Histogram(DAY), within)
    lit = {int(bucket.key) // DAY for bucket in buckets if bucket.count}
    # The first day is only partly in the period.
    return sum(day not in lit for day in range(since // DAY + 1, evidence.now // DAY + 1))


def _asset(asset: Asset, seen: Counter[str]) -> AssetSeen:
    addresses = tuple(map(_plain, asset.addresses))
    found = tuple(address for address in addresses if seen[address])
    return AssetSeen(asset, addresses, found, sum(seen[address] for address in found))


def _own(addresses: set[str], evidence: Evidence) -> list[str]:
    blocks = [ipaddress.ip_network(cidr) for cidr in cidrs(evidence.plan)]
    edges = {edge for b in blocks for edge in (b.network_address, b.broadcast_address)}
    found: list[str] = []
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address not in edges and any(
            address.version == b.version and address in b for b in blocks
        ):
            found.append(text)
    return found


def _plain(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def _version(address: str) -> int:
    return 6 if ":" in address else 4
