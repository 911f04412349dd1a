"""Alerts as they come: the same incidents as from a table, whatever the order and the restarts."""

from __future__ import annotations

import random
from collections.abc import Iterable

import orjson
import pytest

from correlation.surprise.correlating import correlate
from correlation.surprise.kinds import Kind
from correlation.surprise.stream import AlertStream, Changed, Step, StreamedAlert
from fengsui.clock import SECOND
from fengsui.errors import InputError
from fengsui.severity import Severity
from tests.correlation.surprise.streams import ATTACK, START, Raw, attack, noise, table_of

NET = "10.1.0"
ALERTS = sorted(noise(NET, hosts=4) + attack(NET), key=lambda raw: raw.time)


def streamed(number: int, raw: Raw) -> StreamedAlert:
    kind = Kind("ids", raw.kind, raw.kind, raw.severity)
    return StreamedAlert(str(number), raw.time * SECOND, raw.address, "", kind, raw.far, raw.others)


def follow(steps: Iterable[Step]) -> dict[str, Changed]:
    """Incidents as somebody who stores each change has them in the end."""
    held: dict[str, Changed] = {}
    for step in steps:
        for change in step.changed:
            held[change.incident.id] = change
            for absorbed in change.merged:
                held.pop(absorbed, None)
    return held


def run(
    alerts: list[Raw], *, restart_every: int = 0, chance: random.Random | None = None
) -> dict[str, Changed]:
    steps: list[Step] = []
    stream = AlertStream()
    arrivals = [(raw.time + (chance.random() * 59 if chance else 0), raw) for raw in alerts]
    if chance:
        arrivals.sort(key=lambda one: one[0])
    for number, (at, raw) in enumerate(arrivals):
        stream.add(streamed(number, raw))
        if number % 7 == 0:
            steps.append(stream.advance(int(at) * SECOND))
        if restart_every and number % restart_every == 0:
            stream = AlertStream.restored(orjson.loads(orjson.dumps(stream.state())))
    return follow([*steps, stream.flush()])


def told(held: dict[str, Changed]) -> list[tuple[object, ...]]:
    return sorted(
        (one.incident.id, one.incident.score, one.incident.severity, len(one.items))
        for one in held.values()
    )


def test_a_stream_comes_to_what_its_table_comes_to() -> None:
    held = run(ALERTS)
    assert sorted((i.id, i.score) for i in correlate(table_of(ALERTS)).incidents) == sorted(
        (one.incident.id, one.incident.score) for one in held.values()
    )
    (grave,) = (one for one in held.values() if one.incident.severity >= Severity.HIGH)
    proofs = [item for item in grave.items if item.evidence]
    assert {item.kind.title.split()[0] for item in proofs} == {"scan", "new"}
    assert all(len(item.refs) == item.count for item in proofs)
    assert grave.incident.first == ATTACK + 1


def test_restarts_and_arrival_within_a_minute_change_nothing() -> None:
    plain = told(run(ALERTS))
    assert told(run(ALERTS, restart_every=101)) == plain
    assert told(run(ALERTS, chance=random.Random(3))) == plain


def test_what_has_no_time_of_its_own_is_counted() -> None:
    stream = AlertStream()
    kind = Kind("ids", "k", "k", Severity.HIGH)
    for ref, time, address in (
        ("none", None, "10.0.0.1"),
        ("nobody", START * SECOND, ""),
        ("now", START * SECOND, "10.0.0.1"),
        ("future", 4_070_908_800 * SECOND, "10.0.0.1"),
    ):
        stream.add(StreamedAlert(ref, time, address, "", kind))
    stream.advance((START + 61) * SECOND)
    stream.add(StreamedAlert("past", SECOND, "10.0.0.1", "", kind))
    step = stream.advance((START + 122) * SECOND)
    losses = {name: count for name, count in stream.losses().items() if count}
    assert losses == {"without_time": 1, "without_host": 1, "ahead_of_time": 1, "late": 1}
    (change,) = step.changed
    assert change.items[0].refs == ("now", "future", "past")
    assert change.incident.last < START + 122


@pytest.mark.parametrize("state", [{}, {"version": 0}, {"version": 1, "names": {"hosts": [1]}}])
def test_a_state_that_is_none_says_so(state: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        AlertStream.restored(state)
    assert caught.value.code == "bad_state"
