"""Streams of alerts of a made-up network: usual noise for days, then an attack."""

from __future__ import annotations

import random
from dataclasses import dataclass

from correlation.surprise.table import AlertTable
from fengsui.clock import SECOND
from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert

START = 1_700_000_000 // 86_400 * 86_400
DAY = 86_400
ATTACK = START + 3 * DAY + 10 * 3_600


@dataclass(frozen=True)
class Raw:
    """One alert before it stands in a table."""

    time: int  # s
    address: str
    kind: str
    severity: Severity | None = None
    far: str = ""
    peer: str = ""  # another host of ours that it names

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """As the readers of alerts give it."""
        return (("host", self.peer),) if self.peer else ()


def noise(net: str, hosts: int = 6, days: int = 4, seed: int = 1) -> list[Raw]:
    """Each host shows some kinds every few hours."""
    chance = random.Random(f"{net}{seed}")
    found: list[Raw] = []
    for host in range(1, hosts + 1):
        for kind in range(3):
            time = START
            while (time := time + chance.randrange(1_800, 4 * 3_600)) < START + days * DAY:
                found.append(Raw(time, f"{net}.{host}", f"usual {(host + kind) % 5}"))
    return found


def attack(net: str, at: int = ATTACK) -> list[Raw]:
    """A scan of four hosts, then much that is new on one of them."""
    found = [Raw(at + host, f"{net}.{host}", f"scan {k}") for host in range(1, 5) for k in range(5)]
    found += [Raw(at + 60 * step, f"{net}.2", f"new {step}") for step in range(1, 14)]
    return found


FIREWALL = "192.0.2.1"


def site_mix(nets: list[str]) -> list[Raw]:
    """Sites of two subnets each behind one firewall, which shows what passes; all attacked at once."""
    found: list[Raw] = []
    for number, net in enumerate(nets):
        chance = random.Random(net)
        inner, outer = f"{net}.0", f"{net}.64"
        found += noise(inner, hosts=3) + noise(outer, hosts=3)
        for day in range(3):
            for occasion in range(6):
                at = START + day * DAY + 8 * 3_600 + occasion * 5_400 + chance.randrange(3_000)
                for subnet in (inner, outer):
                    host = f"{subnet}.{1 + occasion % 3}"
                    found.append(Raw(at, host, f"odd {occasion % 3}"))
                    found.append(Raw(at + 1, FIREWALL, f"odd {occasion % 3}"))
        at = ATTACK + number
        found += [Raw(at, FIREWALL, "scan 0"), *attack(outer, at), *attack(inner, at + 300)]
    return found


def table_of(alerts: list[Raw]) -> AlertTable:
    """A table; an alert's number is its place in the list."""
    table = AlertTable()
    for number, raw in enumerate(alerts):
        table.add(0, number, foreign(raw))
    return table


def foreign(raw: Raw) -> ForeignAlert:
    """The alert as a reader gives it."""
    return ForeignAlert(
        *(raw.time * SECOND, "ids", raw.kind, raw.kind, "", raw.address, raw.far, raw.severity),
        others=raw.others,
    )
