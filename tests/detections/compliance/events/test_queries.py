"""The event queries: traps decide against, complete evidence with records decides for, less never does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detections.compliance.check import run_checks
from detections.compliance.events.asking import event_queries, judge_query, supporting
from detections.compliance.events.ledger import AlertSeen, CaseSeen, Ledger
from detections.compliance.events.registers import parse_register
from detections.compliance.evidence import Record
from fengsui.clock import DAY, HOUR, MINUTE, to_iso
from fengsui.control import Conformity
from fengsui.event import make_event
from fengsui.ids import digest_id
from fengsui.text import catalogue

C, P, N, I = (  # noqa: E741
    Conformity.CONFORMS,
    Conformity.PARTLY,
    Conformity.DOES_NOT,
    Conformity.INSUFFICIENT,
)
QUERIES = {query.check.id: query for query in event_queries()}
HEADS = {
    "leavers": "account,kind,end,removed,returned",
    "tickets": "id,person,source,target,from,until",
    "backups": "data,kind,time,result,size,interval_hours,lag_seconds",
    "loads": "device,time,cpu,memory,peak",
    "links": "link,time,in_bps,out_bps,contract_bps,peak",
    "rules": "sensor,content,latest",
    "climate": "room,time,temperature,humidity",
}


def register(name: str, *rows: str):
    return parse_register(
        "\n".join([f"#fengsui-register: {name}", HEADS[name], *rows]).encode(), "x"
    )


def event(now_minus: int, now: int, dataset: str = "other", **fields: object):
    named = {name.replace("__", "."): value for name, value in fields.items()}
    at = now - now_minus
    return make_event(
        id=digest_id(at, dataset, str(sorted(named.items()))),
        time=at,
        dataset=dataset,
        fields=named,
    )


def days(now: int, count: int = 91) -> list[str]:
    return [to_iso(now - day * DAY - HOUR)[:19] + "Z" for day in range(count)]


def whole_ledger(now: int) -> Ledger:
    """A register of each kind that speaks for its requirement."""
    end = to_iso(now - 20 * DAY)[:19] + "Z"
    rows = {
        "leavers": [f"zhang,leaver,{end},{end},{end}", f"acme,vendor,{end},{end},"],
        "tickets": [
            f"T1,,,sw,{to_iso(now - 200 * DAY)[:19]}Z,{to_iso(now + DAY)[:19]}Z",
            f"T2,,,web,{to_iso(now - 200 * DAY)[:19]}Z,{to_iso(now + DAY)[:19]}Z",
        ],
        "backups": [f"{d},backup,{t},ok,100,24," for t in days(now) for d in ("erp", "audit")]
        + [f"{d},restore,{days(now)[3]},ok,100,," for d in ("erp", "audit")]
        + [f"erp,replica,{t},ok,,,60" for t in days(now)],
        "loads": [f"sw,{t},40,50,yes" for t in days(now)],
        "links": [f"wan,{t},10,20,100,yes" for t in days(now)],
        "rules": [f"ids-1,{days(now)[2][:10]},{days(now)[1][:10]}"],
        "climate": [f"A,{t},{20 + n % 3},50" for n, t in enumerate(days(now))],
    }
    alerts = tuple(
        AlertSeen(f"a{n}", "anomaly", now - DAY, outside, True, True, True)
        for n, outside in enumerate((True, False))
    )
    cases = (CaseSeen("c1", now - 9 * DAY, now - 8 * DAY, now - 7 * DAY, True, True, True, True),)
    registers = {name: register(name, *each) for name, each in rows.items()}
    return Ledger(registers, alerts, cases, chain=True)


def audit(now: int, name: str, kind: str = "authentication", **more: object):
    return [
        event(
            day * DAY + n * MINUTE + HOUR,
            now,
            host__name=name,
            event__category=kind,
            user__name="li",
            event__action="login",
            event__outcome="success",
            source__ip="10.1.0.9",
            **more,
        )
        for day in range(31)
        for n in range(2)
    ]


def remote(now: int):
    return [
        event(
            day * DAY + HOUR,
            now,
            "ssh",
            source__ip="198.51.100.7",
            destination__ip="10.1.0.1",
            event__outcome="success",
        )
        for day in (1, 3)
    ] + [
        event(
            day * DAY + HOUR,
            now,
            dataset,
            user__name="li",
            network__direction="outbound",
            source__ip="10.1.0.1",
            destination__ip="198.51.100.9",
        )
        for day in range(31)
        for dataset in ("http", "radius")
    ]


@pytest.fixture(scope="module")
def whole(make_evidence, ordinary):
    now = make_evidence([]).now
    events = ordinary(days=400)
    for name in ("web", "db", "sw", "cam"):
        events += audit(now, name)
    return replace(make_evidence(events + remote(now)), ledger=whole_ledger(now))


def all_signed(evidence) -> list[Record]:
    return [
        Record(query.check.unit, step.name, "E5", True, evidence.now - DAY, "王敏", "0")
        for query in QUERIES.values()
        for step in query.ask(evidence).steps
        if step.signed
    ]


def verdict(name, evidence, records=()):
    return judge_query(QUERIES[name], evidence, list(records)).verdict


def test_complete_evidence_with_every_record_conforms(whole):
    records = all_signed(whole)
    found = {name: verdict(name, whole, records) for name in QUERIES}
    assert {name: v for name, v in found.items() if v is not C} == {"authentication": I}
    assert supporting() == {"authentication"}


def test_nothing_conforms_without_records(whole):
    assert {verdict(name, whole) for name in QUERIES} == {I}


def test_sentences_are_in_the_catalogue(whole, make_evidence):
    empty = make_evidence([])
    for query in QUERIES.values():
        assert query.check.claim.key in catalogue()
        assert query.check.limits
        for evidence in (whole, empty):
            for step in query.ask(evidence).steps:
                assert f"web.step.{step.name}" in catalogue()
                assert not step.why or f"events.why.{step.why}" in catalogue()
            judged = judge_query(query, evidence, [])
            assert "{" not in judged.reason.render("zh") + judged.repair.render("en")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_less_never_makes_it_conform(data, whole):
    """Registers, assets, alerts, cases, networks or records taken away never turn into 'conforms'."""
    name = data.draw(st.sampled_from(sorted(set(QUERIES) - supporting())))
    ledger, records = whole.ledger, all_signed(whole)
    gone = data.draw(
        st.sampled_from(["register", "alerts", "cases", "chain", "records", "plan", "live"])
    )
    if gone == "register":
        dropped = data.draw(st.sampled_from(sorted(ledger.registers)))
        left = {k: v for k, v in ledger.registers.items() if k != dropped}
        less = replace(whole, ledger=replace(ledger, registers=left))
        needed = {"leavers": "ended", "backups": "backups", "loads": "peaks.d", "links": "peaks.l",
                  "rules": "attacks.o", "climate": "climate", "tickets": "sessions"}[dropped]  # fmt: skip
        if name.startswith(needed):
            assert verdict(name, less, records) is I
    elif gone == "records":
        assert verdict(name, whole, records[: len(records) // 2]) in {C, I}
        assert verdict(name, whole, []) is I
    elif gone == "live":
        later = replace(whole, now=whole.now + 40 * DAY)
        assert verdict(name, later, []) is not C
    else:
        empty = {
            "alerts": replace(whole, ledger=replace(ledger, alerts=())),
            "cases": replace(whole, ledger=replace(ledger, cases=())),
            "chain": replace(whole, ledger=replace(ledger, chain=None)),
            "plan": replace(whole, plan=replace(whole.plan, assets=(), networks=())),
        }[gone]
        wants = {"alerts": ("attacks",), "cases": ("handling", "cases.told"),
                 "chain": ("protection.b", "protection.s"),
                 "plan": ("fields", "silence", "strangers", "sessions", "peaks.d")}[gone]  # fmt: skip
        if name.startswith(wants):
            assert verdict(name, empty, records) is I


def with_events(evidence, make_evidence, *extra):
    events = [e for _, _, e in evidence.events._events]
    return replace(make_evidence([*events, *extra]), ledger=evidence.ledger)


def test_a_cleared_log_is_against_it_unless_a_ticket_says_so(whole, make_evidence):
    cleared = event(5 * DAY, whole.now, host__name="cam", message="The audit log was cleared.")
    seen = with_events(whole, make_evidence, cleared)
    records = all_signed(whole)
    assert verdict("protection.process", seen, records) is N
    assert verdict("protection.systems", seen, records) is P
    ticketed = event(5 * DAY, whole.now, host__name="web", event__action="audit-log-cleared")
    assert verdict("protection.process", with_events(whole, make_evidence, ticketed), records) is C


def test_use_after_the_end_is_against_it(whole, make_evidence):
    used = event(5 * DAY, whole.now, "ldap", user__name="zhang", event__outcome="success")
    seen = with_events(whole, make_evidence, used)
    assert verdict("ended.leavers", seen, all_signed(whole)) is N
    assert verdict("ended.vendors", seen, all_signed(whole)) is C


def test_a_success_after_many_failures_contradicts_the_lock(whole, make_evidence):
    def tries(count: int, spacing: int):
        fails = [
            event(DAY + n * spacing, whole.now, "radius", user__name="a", event__outcome="failure",
                  destination__ip="10.1.0.2")
            for n in range(1, count + 1)
        ]  # fmt: skip
        last = event(DAY, whole.now, "radius", user__name="a", event__outcome="success",
                     destination__ip="10.1.0.2")  # fmt: skip
        return with_events(whole, make_evidence, *fails, last)

    assert verdict("authentication", tries(25, MINUTE // 6)) in {N, P}
    assert verdict("authentication", tries(19, MINUTE // 6)) is I
    assert verdict("authentication", tries(25, HOUR)) is I


def test_a_session_without_a_ticket_is_against_it(whole, make_evidence):
    stray = event(DAY, whole.now, "rdp", source__ip="203.0.113.5", destination__ip="10.1.0.2")
    seen = with_events(whole, make_evidence, stray)
    assert verdict("sessions", seen, all_signed(whole)) is P
    left = {k: v for k, v in whole.ledger.registers.items() if k != "tickets"}
    nowhere = replace(seen, ledger=replace(whole.ledger, registers=left))
    assert verdict("sessions", nowhere, all_signed(whole)) is I


def test_fields_that_are_missing_are_named(whole, make_evidence):
    bare = [
        event(n * HOUR + 30 * MINUTE, whole.now, host__name="db", event__category="authentication",
              event__action="login", source__ip="10.1.0.9")
        for n in range(300)
    ]  # fmt: skip
    judged = judge_query(
        QUERIES["fields.systems"], with_events(whole, make_evidence, *bare), all_signed(whole)
    )
    assert judged.verdict is N
    assert "user" in judged.reason.render("en")


def test_lines_that_nobody_parsed_leave_it_open(whole, make_evidence):
    raw = [
        event(n * HOUR + 20 * MINUTE, whole.now, "syslog", host__name="sw", message=f"%LINE {n}")
        for n in range(60)
    ]
    seen = with_events(whole, make_evidence, *raw)
    assert verdict("fields.devices", seen, all_signed(whole)) is I


CHANGED = [
    ("loads", "sw,{t},40,50,yes", "sw,{t},95,50,yes", "peaks.devices", P),
    ("loads", "sw,{t},40,50,yes", "sw,{t},40,50,", "peaks.devices", I),
    ("links", "wan,{t},10,20,100,yes", "wan,{t},10,90,100,yes", "peaks.links", P),
    ("links", "wan,{t},10,20,100,yes", "wan,{t},10,20,0,yes", "peaks.links", I),
    ("climate", "A,{t},20,50", "A,{t},31,50", "climate", P),
    ("climate", "A,{t},20,50", "A,{t},20,50", "climate", I),
    ("backups", "erp,backup,{t},ok,100,24,", "erp,backup,{t},failed,,24,", "backups.local", P),
    ("backups", "erp,backup,{t},ok,100,24,", "erp,backup,{t},ok,,24,", "backups.local", I),
    ("backups", "erp,replica,{t},ok,,,9", "erp,replica,{t},ok,,,86400", "backups.remote", N),
]


@pytest.mark.parametrize(("name", "_good", "row", "query", "expected"), CHANGED)
def test_readings(name, _good, row, query, expected, whole):
    changed = register(name, *(row.format(t=t) for t in days(whole.now)))
    ledger = replace(whole.ledger, registers={**whole.ledger.registers, name: changed})
    assert verdict(query, replace(whole, ledger=ledger), all_signed(whole)) is expected


@pytest.mark.parametrize(("content", "latest", "expected"), [(200, 1, P), (60, 1, P), (5, None, I)])
def test_old_rules(content, latest, expected, whole):
    day = [to_iso(whole.now - n * DAY)[:10] if n is not None else "" for n in (content, latest)]
    ledger = replace(
        whole.ledger,
        registers={**whole.ledger.registers, "rules": register("rules", f"ids,{day[0]},{day[1]}")},
    )
    assert verdict("attacks.outside", replace(whole, ledger=ledger), all_signed(whole)) is expected


def test_a_register_with_rows_not_read_is_not_whole(whole):
    torn = register(
        "climate", *[f"A,{t},{20 + n % 2},50" for n, t in enumerate(days(whole.now))], "A,?,x,y"
    )
    assert torn.problems
    ledger = replace(whole.ledger, registers={**whole.ledger.registers, "climate": torn})
    assert verdict("climate", replace(whole, ledger=ledger), all_signed(whole)) is I


def test_cases_without_a_cause_or_too_late(whole):
    late = CaseSeen("late", whole.now - 9 * DAY, 0, 0, False, False, True, False)
    ledger = replace(whole.ledger, cases=(*whole.ledger.cases, late))
    assert verdict("handling.review", replace(whole, ledger=ledger), all_signed(whole)) is P
    bare = CaseSeen("bare", whole.now - 9 * DAY, 1, whole.now - DAY, True, False, True, True)
    ledger = replace(whole.ledger, cases=(bare,))
    assert verdict("cases.told", replace(whole, ledger=ledger), all_signed(whole)) is N


def test_a_record_against_it_is_no_conformity(whole):
    against = [replace(record, holds=False) for record in all_signed(whole)]
    for name in set(QUERIES) - supporting():
        assert verdict(name, whole, against) in {P, N}


def test_the_same_evidence_gives_the_same_findings(whole):
    one, other = (run_checks(whole, all_signed(whole)) for _ in range(2))
    assert [f.as_json() for f in one] == [f.as_json() for f in other]
