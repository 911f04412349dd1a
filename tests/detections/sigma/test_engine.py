from pathlib import Path

from detections.detector import Context
from detections.sigma.engine import PARKED, SigmaDetector, fidelity
from detections.sigma.loader import LoadedRule, load_text
from fengsui.alert import Entity
from fengsui.clock import SECOND, from_iso
from fengsui.event import Event, make_event
from fengsui.severity import Severity

NOW = from_iso("2026-11-21T08:00:00Z")
RULE = """
title: Odd Name
title_zh: 可疑域名
id: 5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11
status: test
level: high
author: Somebody
license: DRL 1.1
tags: [attack.command-and-control, attack.t1071.004]
logsource: {category: dns}
detection:
    name: {query|endswith: [.odd.example, .strange.example]}
    type: {record_type: TXT}
    quiet: {query|startswith: ok.}
    condition: name and type and not quiet
"""


def detector(text: str = RULE) -> SigmaDetector:
    rules = [one for one in load_text(text, Path("r.yml")) if isinstance(one, LoadedRule)]
    return SigmaDetector(rules, Context(lambda address: address.startswith("10.")))


def question(name: str, **more: object) -> Event:
    fields = {
        "source.ip": "10.1.2.3", "destination.ip": "10.0.0.53", "dns.question.name": name,
        "dns.question.registered_domain": "odd.example", "dns.question.type": "TXT", **more,
    }  # fmt: skip
    return make_event(id="0" * 32, time=NOW, dataset="dns", fields=fields)  # type: ignore[arg-type]


def test_a_hit_tells_who_what_and_why() -> None:
    (alert,) = detector().observe(question("a.odd.example"), NOW + SECOND)
    assert alert.title.render("zh") == "可疑域名"
    assert (alert.severity, alert.kind, alert.events) == (Severity.HIGH, "sigma", ("0" * 32,))
    assert (alert.first, alert.raised) == (NOW, NOW + SECOND)
    assert (alert.techniques, alert.tactics) == (("T1071.004",), ("command-and-control",))
    assert (alert.author, alert.licence) == ("Somebody", "DRL 1.1")
    assert alert.entities == (
        Entity("host", "10.1.2.3", "source", internal=True),
        Entity("host", "10.0.0.53", "target", internal=True),
        Entity("domain", "odd.example", "c2"),
    )
    assert [(fact.name, fact.value) for fact in alert.facts] == [
        ("dns.question.name", "a.odd.example"),
        ("dns.question.type", "TXT"),
    ]
    for language in ("zh", "en"):
        assert "dns.question.name = a.odd.example" in alert.reason.render(language)


def test_no_hit_no_alert() -> None:
    found = detector()
    assert list(found.observe(question("ok.a.odd.example"), NOW)) == []
    assert list(found.observe(question("a.example"), NOW)) == []
    assert list(found.advance(NOW)) == []


def test_the_key_is_the_entities_or_what_the_rule_names() -> None:
    (plain,) = detector().observe(question("a.odd.example"), NOW)
    assert plain.key == "10.1.2.3|10.0.0.53|odd.example"
    keyed = detector(RULE + "fengsui: {key: [source.ip, dns.question.name], fidelity: 0.25}\n")
    (alert,) = keyed.observe(question("a.odd.example"), NOW)
    assert alert.key == "10.1.2.3|a.odd.example"
    assert alert.fidelity == 0.25


def test_the_same_event_in_a_drill_is_another_alert() -> None:
    event = question("a.odd.example")
    (real,) = detector().observe(event, NOW)
    (drill,) = detector().observe(event.in_run("drill-1"), NOW)
    assert (real.run, drill.run) == ("", "drill-1")
    assert real.id != drill.id


def test_a_missing_direction_is_worked_out_from_the_addresses() -> None:
    text = RULE.replace("type: {record_type: TXT}", "type: {network.direction: outbound}")
    found = detector(text)
    assert not list(found.observe(question("a.odd.example"), NOW))
    outside = question("a.odd.example", **{"destination.ip": "203.0.113.5"})
    (alert,) = found.observe(outside, NOW)
    assert alert.entities[1] == Entity("host", "203.0.113.5", "peer")  # a resolver, not the c2


def test_rules_are_rows_of_the_detections_page() -> None:
    text = RULE + "---\n" + RULE.replace("category: dns", "product: aws").replace("5f1d", "6f1d")
    live, inert = detector(text).rules
    assert (live.status, live.maturity, live.logsource) == ("live", "test", "category dns")
    assert inert.status == "inert"
    assert detector(text).datasets == {"dns"}


def test_long_values_are_shortened() -> None:
    name = "x" * 5000 + ".odd.example"
    (alert,) = detector().observe(question(name), NOW)
    assert all(len(str(fact.value)) <= 160 for fact in alert.facts)


def test_fidelity_follows_level_and_status() -> None:
    def of(level: str, status: str) -> float:
        text = RULE.replace("level: high", f"level: {level}").replace(
            "status: test", f"status: {status}"
        )
        (rule,) = load_text(text, Path("r.yml"))
        assert isinstance(rule, LoadedRule)
        return fidelity(rule)

    assert (
        of("critical", "stable")
        > of("high", "stable")
        > of("high", "experimental")
        > of("low", "test")
    )


def test_rules_are_exchanged_while_it_runs_and_counters_go_on() -> None:
    made = detector()
    assert list(made.observe(question("a.odd.example"), NOW))
    (rule,) = made._loaded
    made.reload([], [])
    assert not list(made.observe(question("a.odd.example"), NOW))
    assert made.rules == ()
    made.reload([rule], [])
    assert list(made.observe(question("a.odd.example"), NOW))
    assert made.rule_costs()[rule.id].hits == 2
    made._matcher.park(0, "slow")
    made.reload([rule], [])
    assert made.parked_rules == {rule.id: "slow"}
    (changed,) = [
        one
        for one in load_text(RULE.replace("ok.", "fine."), Path("r.yml"))
        if isinstance(one, LoadedRule)
    ]
    made.reload([changed], [])
    assert made.parked_rules == {}


def test_a_rule_that_is_stopped_says_so_in_an_alert() -> None:
    made = detector()
    made._runaways.append((0, "more than 200 µs an event"))
    (alert,) = made.observe(question("quiet.example"), NOW)
    assert (alert.rule, alert.key) == (PARKED, made._loaded[0].id)
    assert "可疑域名" in alert.title.render("zh")
    assert "200 µs" in alert.reason.render("en")
    assert made.unpark("nothing") is False
