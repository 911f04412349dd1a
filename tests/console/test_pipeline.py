"""One stream through the real floors of the house: enrich, detect, keep, correlate."""

from __future__ import annotations

import hashlib

import pytest

from console.pipeline import Pipeline, Run
from console.rules.loading import RuleSet
from console.wiring import NO_RULES, Stores, make_pipeline
from fengsui.clock import MINUTE, SECOND
from fengsui.event import Event, join_lines, make_event
from fengsui.ids import digest_id, event_id
from fengsui.query.lucene import parse_lucene
from fengsui.settings import Settings
from fengsui.store.state import ReplayKind

START = 1_700_000_000 * SECOND
WITHOUT = RuleSet((0, 0), NO_RULES, (), {}, {})  # loading all rules takes seconds


def tunnel(count: int) -> list[Event]:
    """Queries as a DNS tunnel makes them: long, unique, encoded labels under one domain."""
    events: list[Event] = []
    for number in range(count):
        time = START + number * SECOND // 2
        label = hashlib.sha256(str(number).encode()).hexdigest()[:60]
        name = f"{label}.t.tunnel-test.example"
        fields = {
            "observer.name": "s",
            "source.ip": "10.3.4.17",
            "source.port": 40_000 + number,
            "destination.ip": "10.3.0.53",
            "destination.port": 53,
            "network.transport": "udp",
            "network.protocol": "dns",
            "dns.type": "answer",
            "dns.question.name": name,
            "dns.question.type": "TXT",
            "dns.response_code": "NOERROR",
            "dns.answers.data": [label[::-1]],
            "dns.answers.type": ["TXT"],
            "dns.answers_count": 1,
        }
        made = event_id("dns", time, "test", name.encode())
        events.append(make_event(id=made, time=time, dataset="dns", fields=fields))  # type: ignore[arg-type]
    return events


def sent(pipeline: Pipeline, events: list[Event]) -> None:
    for begin in range(0, len(events), 50):
        some = events[begin : begin + 50]
        pipeline.process(join_lines(some), some[-1].time)
    pipeline.finish()


def test_a_tunnel_becomes_an_explained_incident(settings: Settings, stores: Stores) -> None:
    pipeline = make_pipeline(settings, Run(), stores)
    sent(pipeline, tunnel(300))
    alerts = stores.state.alerts()
    assert any("tunnel" in alert.rule for alert in alerts)
    cases = [stores.state.case(i.id) for i in pipeline.correlator.incidents()]
    assert cases
    for case in cases:
        assert case is not None
        incident = case.incident
        assert abs(sum(part.points for part in incident.parts) - incident.score) < 1e-6
        assert {a.id for a in stores.state.alerts(list(incident.alerts))} == set(incident.alerts)
    for alert in alerts:
        assert alert.reason.render("zh") != alert.reason.key
        for event in alert.events:
            assert stores.events.get(event) is not None, (
                "an alert points at an event that is not there"
            )


def test_a_line_that_is_no_event_is_counted_and_stops_nothing(
    settings: Settings, stores: Stores
) -> None:
    pipeline = make_pipeline(settings, Run("r", "replay"), stores)
    good = join_lines(tunnel(1))
    pipeline.process(b"}\n" + good + b'["no object"]\n{"a":1}\n\xff\xfe\n', START)
    pipeline.finish()
    assert pipeline.losses.as_json()["event.unreadable_lines"] == 4
    assert pipeline.counts.added == 1


@pytest.mark.parametrize("kind", ["live", "replay", "drill"])
def test_a_killed_process_costs_detectors_nothing(
    settings: Settings, stores: Stores, kind: ReplayKind
) -> None:
    """A beacon of which each process saw too little; what was not acknowledged comes again."""
    run = Run("" if kind == "live" else "r", kind)
    beats = [
        make_event(
            id=digest_id(number),
            time=START + number * MINUTE,
            dataset="http",
            fields={
                "source.ip": "10.3.4.17",
                "destination.ip": "203.0.113.9",
                "destination.port": 80,
                "network.transport": "tcp",
                "network.protocol": "http",
                "http.request.method": "GET",
                "http.response.status_code": 200,
                "http.response.mime_type": "text/html",
                "url.domain": "c2.evil.example",
                "url.path": "/",
            },
        )
        for number in range(40)
    ]
    for part in (beats[:16], beats[12:28], beats[24:]):
        pipeline = make_pipeline(settings, run, stores, rules=WITHOUT)
        pipeline.resume()
        pipeline.process(join_lines(part), part[-1].time)
        pipeline.flush()
    assert [alert.rule for alert in stores.state.alerts(run=run.scope)] == ["anomaly.beacon"]


def test_the_same_input_again_adds_nothing(settings: Settings, stores: Stores) -> None:
    events = tunnel(120)
    for _ in range(2):
        pipeline = make_pipeline(settings, Run("r", "replay"), stores)
        sent(pipeline, events)
    assert pipeline.counts.added == 0
    assert pipeline.counts.duplicates == len(events)
    assert stores.events.count(parse_lucene("*")) == len(events)
    assert len({a.id for a in stores.state.alerts()}) == len(stores.state.alerts())


def test_a_drill_carries_its_id_and_is_no_source_of_live_evidence(
    settings: Settings, stores: Stores
) -> None:
    sent(make_pipeline(settings, Run("drill-1", "drill"), stores), tunnel(120))
    assert stores.events.count(parse_lucene("fengsui.run:drill-1")) == 120
    assert stores.state.sources() == []
    assert {alert.run for alert in stores.state.alerts()} == {"drill-1"}
    assert stores.events.purge_run("drill-1") == 120
    assert stores.events.count(parse_lucene("*")) == 0


def test_live_telemetry_tells_which_sources_are_alive(settings: Settings, stores: Stores) -> None:
    events = tunnel(10)
    sent(make_pipeline(settings, Run(), stores), events)
    (source,) = stores.state.sources()
    assert (source.sensor, source.dataset, source.events) == ("s", "dns", 10)
    assert (source.first, source.last) == (events[0].time, events[-1].time)
