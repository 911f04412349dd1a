"""An incident with a C2, and what its actions are handed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from fengsui.alert import Alert, Entity
from fengsui.clock import HOUR, SECOND
from fengsui.incident import Incident, Stage
from fengsui.severity import Severity
from fengsui.text import literal
from playbooks.action import Owner, Surroundings
from playbooks.never_block import load_never_block

NOW = 1_790_000_000 * SECOND
HOST = Entity("host", "10.3.4.17", "source", internal=True)
C2 = Entity("host", "198.51.100.7", "c2")
C2_SIX = Entity("host", "2a01:db80::7", "c2")
DOMAIN = Entity("domain", "evil.example", "c2")


def _alert(entities: Sequence[Entity]) -> Alert:
    return Alert(
        id="a1",
        rule="beacon",
        title=literal("规律外联", "Beacon"),
        kind="anomaly",
        severity=Severity.HIGH,
        fidelity=0.9,
        key="k",
        entities=tuple(entities),
        events=("e1", "e2"),
        first=NOW - HOUR,
        last=NOW,
        raised=NOW,
        reason=literal("每 60 秒", "each 60 s"),
    )


@pytest.fixture
def incident() -> Incident:
    """10.3.4.17 talks to a C2 that has two addresses and a domain."""
    return Incident(
        id="0123456789abcdef0123456789abcdef",
        title=literal("10.3.4.17 受控", "10.3.4.17 is controlled"),
        score=72.0,
        severity=Severity.HIGH,
        parts=(),
        entities=(C2, C2_SIX, DOMAIN, HOST),
        stages=(Stage("command-and-control", ("T1071",), NOW, ("a1",)),),
        alerts=("a1",),
        first=NOW - HOUR,
        last=NOW,
    )


@pytest.fixture
def surround() -> Callable[..., Surroundings]:
    """`surround(incident)`, with other `entities` or `owner` on demand."""

    def make(
        incident: Incident,
        entities: Sequence[Entity] | None = None,
        owner: Owner | None = None,
        count: int = 42,
    ) -> Surroundings:
        if entities is not None:
            incident = replace(incident, entities=tuple(entities))
        return Surroundings(
            incident=incident,
            never_block=load_never_block(["198.18.0.0/15"]),
            alerts=lambda ids: [_alert(incident.entities)] if "a1" in ids else [],
            owner=lambda _address: owner or Owner("教育局", "王敏"),
            count=lambda _query, _since, _until: count,
        )

    return make
