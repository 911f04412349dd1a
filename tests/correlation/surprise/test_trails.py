"""Attacks without loudness: new kinds hours apart on hosts that share nothing, and what only looks so."""

from __future__ import annotations

import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.incidents import SurpriseIncident
from correlation.surprise.kinds import Kind
from correlation.surprise.stream import AlertStream, StreamedAlert
from correlation.surprise.trails import by_chance
from correlation.surprise.weighing import STAGES, TRAIL
from fengsui.clock import SECOND
from fengsui.severity import Severity
from tests.correlation.surprise.streams import ATTACK, DAY, START, Raw, noise, table_of

NET = "10.1.0"
HOUR = 3_600
WORDS = ("port scan", "sql injection", "webshell", "lsass read", "psexec", "beacon", "dns tunnel")


def hops(titles: tuple[str, ...], apart: int, begin: int = ATTACK) -> list[Raw]:
    """One new kind after another, on three hosts one after another."""
    hosts = [f"{NET}.{2 + 3 * step // len(titles)}" for step in range(len(titles))]
    return [Raw(begin + apart * n, hosts[n], title) for n, title in enumerate(titles)]


def numbered(count: int) -> tuple[str, ...]:
    return tuple(f"rule {n}" for n in range(count))


def high(found: Correlated) -> list[SurpriseIncident]:
    return [one for one in found.incidents if one.severity >= Severity.HIGH]


def test_steps_an_hour_apart_on_three_hosts_are_one_incident_whatever_they_are_called() -> None:
    alerts = noise(NET) + hops(numbered(8), HOUR * 2 // 3)
    (incident,) = high(correlate(table_of(alerts)))
    held = {alerts[n].kind for n in incident.alerts.tolist()}
    assert held >= set(numbered(8))
    assert TRAIL in dict(incident.parts)
    assert sum(bits for _, bits in incident.parts) == pytest.approx(incident.score, abs=0.01)


def test_five_steps_do_where_their_titles_speak_of_an_attack() -> None:
    quiet = noise(NET)
    (incident,) = high(correlate(table_of(quiet + hops(WORDS[:5], 900))))
    assert dict(incident.parts)[STAGES] > 0
    for part in incident.as_json()["parts"][-2:]:  # type: ignore[index]
        assert part["title"]["zh"] != part["title"]["en"] == part["name"]
    assert not high(correlate(table_of(quiet + hops(numbered(4), 900))))


def test_four_stages_are_grave_though_their_tool_calls_each_of_them_low() -> None:
    low = [Raw(r.time, r.address, r.kind, Severity.LOW) for r in noise(NET) + hops(WORDS, 1_800)]
    assert len(high(correlate(table_of(low)))) == 1
    named = {word: f"rule {n}" for n, word in enumerate(WORDS)}
    unsaid = [Raw(r.time, r.address, named.get(r.kind, r.kind), r.severity) for r in low]
    assert not high(correlate(table_of(unsaid)))


def test_an_attack_over_days_is_one_incident_where_its_titles_say_what_it_is() -> None:
    alerts = noise(NET, days=12) + hops(WORDS, DAY * 2 // 3, START + 5 * DAY)
    (incident,) = high(correlate(table_of(alerts)))
    assert {alerts[n].kind for n in incident.alerts.tolist()} >= set(WORDS)
    without = noise(NET, days=12) + hops(numbered(7), DAY * 2 // 3, START + 5 * DAY)
    assert not high(correlate(table_of(without)))


def test_a_change_that_many_hosts_show_is_none() -> None:
    chance = random.Random(2)
    change = [
        Raw(ATTACK + chance.randrange(HOUR), f"{NET}.{host}", kind)
        for host in range(1, 40)
        for kind in ("program replaced", "policy set", "agent restarted", "settings read")
    ]
    assert not high(correlate(table_of(noise(NET, hosts=39, days=4) + change)))


def test_what_is_usual_everywhere_is_not_grave_because_nothing_was_known_on_the_first_day() -> None:
    chance = random.Random(3)
    cries = [
        Raw(START + chance.randrange(4 * DAY), f"{NET}.{host}", f"cry {kind}", Severity.HIGH)
        for host in range(1, 7)
        for kind in range(6)
        for _ in range(6)
    ]
    assert not high(correlate(table_of(noise(NET) + cries)))


def test_a_stream_that_restarts_follows_the_same_trail() -> None:
    alerts = sorted(noise(NET, hosts=4) + hops(numbered(8), HOUR * 2 // 3), key=lambda a: a.time)
    found: list[dict[str, tuple[float, Severity]]] = []
    for every in (0, 41):
        stream, held = AlertStream(), dict[str, tuple[float, Severity]]()
        for number, raw in enumerate(alerts):
            kind = Kind("ids", raw.kind, raw.kind, raw.severity)
            stream.add(StreamedAlert(str(number), raw.time * SECOND, raw.address, "", kind))
            steps = [stream.advance(raw.time * SECOND)]
            if number == len(alerts) - 1:
                steps.append(stream.flush())
            for change in (change for step in steps for change in step.changed):
                held[change.incident.id] = change.incident.score, change.incident.severity
                for absorbed in change.merged:
                    held.pop(absorbed, None)
            if every and number % every == 0:
                stream = AlertStream.restored(orjson.loads(orjson.dumps(stream.state())))
        found.append(held)
    assert found[0] == found[1]
    table = {one.id: (one.score, one.severity) for one in correlate(table_of(alerts)).incidents}
    assert found[0] == table
    assert sum(severity >= Severity.HIGH for _, severity in table.values()) == 1


@given(st.integers(1, 40), st.floats(0.001, 10))
def test_more_than_expected_is_less_of_a_chance(count: int, expected: float) -> None:
    assert by_chance(count + 1, expected) >= by_chance(count, expected) - 1e-6
    assert by_chance(count, expected) >= by_chance(count, expected * 2) - 1e-6


@pytest.mark.parametrize(
    ("title", "stages"),
    [
        ("Wazuh: CMS (WordPress or Joomla) login attempt.", ()),
        ("RDP from a server", ("lateral-movement",)),
        ("SQL注入攻击", ("initial-access",)),
        ("A driver loaded to gain rights", ("privilege-escalation",)),
        ("Policy set", ()),
    ],
)
def test_stages_are_heard_in_titles_at_the_beginning_of_words(
    title: str, stages: tuple[str, ...]
) -> None:
    assert Kind("ids", "1", title, None).stages == stages
