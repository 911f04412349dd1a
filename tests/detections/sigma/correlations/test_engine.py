"""What the slow comparison does not reach: chains, aliases, bounds of memory, hostile events, state."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from detections.sigma.correlations.engine import CorrelationHit, Correlations, Limits
from detections.sigma.correlations.fields import fields_in, reader
from detections.sigma.correlations.link import Linked
from detections.sigma.correlations.ordered import Ordered
from detections.sigma.correlations.state import exported, restore
from detections.sigma.loaded import LoadedRule
from detections.sigma.loader import load_text
from detections.sigma.targets import Target
from fengsui.clock import SECOND

Correlating = Callable[..., Linked]
CHAIN = (
    "{type: event_count, rules: [a], group-by: [User, Host], timespan: 10s, condition: {gte: 3}}",
    "{type: temporal_ordered, rules: [t0, b], group-by: [User], timespan: 10s}",
    "{type: event_count, rules: [t0], group-by: [User], timespan: 1h, condition: {gte: 2},"
    " generate: true}",
)


def show(engine: Correlations, rule: int, time: float, **fields: object) -> list[CorrelationHit]:
    return list(engine.observe([rule], fields, int(time * SECOND), str(time)))


def titles(hits: list[CorrelationHit]) -> list[str]:
    return [hit.correlation.name for hit in hits]


def test_a_chain_groups_by_its_own_fields_only(correlating: Correlating) -> None:
    engine = Correlations(correlating(*CHAIN[:2]))
    for time in range(3):
        assert not show(engine, 0, time, User="u", Host="h")
    assert not show(engine, 1, 5, User="v", Host="h")
    (hit,) = show(engine, 1, 6, User="U", Host="other")
    assert hit.correlation.name == "t1"
    assert hit.key == (("User", "u"),)
    assert hit.events == ("0", "1", "2", "6")
    assert hit.event == "6"


def test_a_chain_of_many_levels_is_about_the_event_that_completed_it(
    correlating: Correlating,
) -> None:
    level = "{{type: event_count, rules: [t{}], timespan: {}, condition: {{gte: 2}}}}"
    spans = ("1h", "1d", "1w")  # each level needs two of the one below
    levels = [level.format(number, span) for number, span in enumerate(spans)]
    engine = Correlations(correlating(CHAIN[0], *levels))
    hits = [
        hit
        for day in (0, 2)
        for hour in range(24)
        for burst in (0, 1800)
        for second in range(3)
        for hit in show(engine, 0, day * 86_400 + hour * 3600 + burst + second, User="u", Host="h")
    ]
    assert hits
    assert {type(hit.event) for hit in hits} == {str}
    assert hits[0].event == hits[0].events[-1]


def test_a_lasting_attack_is_followed_however_long_ago_it_was_told(
    correlating: Correlating,
) -> None:
    engine = Correlations(correlating(*CHAIN[:2]))
    for time in range(19):  # t0 fires at 2 and at 13
        assert not show(engine, 0, time, User="u", Host="h")
    assert titles(show(engine, 1, 25, User="u", Host="h")) == ["t1"]


def test_a_count_of_correlations_counts_hits_not_events(correlating: Correlating) -> None:
    engine = Correlations(correlating(CHAIN[0], CHAIN[2].replace("[t0]", "[t0]")))
    hits = [hit for time in range(10) for hit in show(engine, 0, time, User="u", Host="h")]
    assert titles(hits) == ["t0"]  # generate: it speaks itself
    hits = [hit for time in range(30, 35) for hit in show(engine, 0, time, User="u", Host="h")]
    assert titles(hits) == ["t0", "t1"]


def test_one_event_is_not_two_steps_of_a_sequence(correlating: Correlating) -> None:
    linked = correlating("{type: temporal_ordered, rules: [a, b], timespan: 10s}")
    engine = Correlations(linked)
    assert not engine.observe([0, 1], {}, SECOND, "both")
    assert titles(list(engine.observe([1], {}, SECOND, "b"))) == ["t0"]


def test_a_rule_may_stand_twice_in_a_sequence(correlating: Correlating) -> None:
    engine = Correlations(correlating("{type: temporal_ordered, rules: [a, b, a], timespan: 9s}"))
    assert not show(engine, 0, 1)
    assert not show(engine, 1, 2)
    (hit,) = show(engine, 0, 3)
    assert hit.value == 3
    assert hit.events == ("1", "2", "3")


def test_aliases_join_different_fields(correlating: Correlating) -> None:
    engine = Correlations(
        correlating(
            "{type: temporal, rules: [a, b], group-by: [inside, outside], timespan: 10s, aliases:"
            " {inside: {a: destination.ip, b: source.ip}, outside: {a: source.ip, b: destination.ip}}}"
        )
    )
    assert not engine.observe([0], {"source.ip": "9.9.9.9", "destination.ip": "10.0.0.1"}, 0, "a")
    assert not engine.observe([1], {"source.ip": "9.9.9.9", "destination.ip": "10.0.0.1"}, 1, "x")
    (hit,) = engine.observe([1], {"source.ip": "10.0.0.1", "destination.ip": "9.9.9.9"}, 2, "b")
    assert hit.key == (("inside", "10.0.0.1"), ("outside", "9.9.9.9"))


def test_an_alias_that_chains_is_a_field_of_the_hit(correlating: Correlating) -> None:
    first = (
        "{type: event_count, rules: [a], group-by: [who], timespan: 9s, condition: {gte: 1},"
        " aliases: {who: {a: TargetUser}}}"
    )
    second = (
        "{type: temporal, rules: [t0, b], group-by: [who], timespan: 9s, aliases: {who: {b: User}}}"
    )
    engine = Correlations(correlating(first, second))
    assert not show(engine, 0, 1, TargetUser="Eve")
    (hit,) = show(engine, 1, 2, User="eve")
    assert hit.key == (("who", "Eve"),)


def test_fields_are_read_where_the_dataset_has_them(correlating: Correlating) -> None:
    targets = {
        "User": Target(("user.name", "account")),
        "Size": Target(("bytes",), scale=1000),
        "Host": None,
    }
    section = (
        "{type: value_sum, rules: [a], group-by: [User], timespan: 9s,"
        " condition: {field: Size, gte: 3}}"
    )
    engine = Correlations(correlating(section), lambda _rule, _set, name: targets[name])
    assert not engine.observe([0], {"account": "u", "bytes": 1500}, 0, "1", "flow")
    (hit,) = engine.observe([0], {"user.name": "u", "bytes": 1500}, 1, "2", "flow")
    assert hit.value == 3
    assert hit.fields == {"user.name": "u", "bytes": 1500}
    lacking = Correlations(
        correlating(section.replace("[User]", "[Host]")), lambda _rule, _set, name: targets[name]
    )
    assert not lacking.observe([0], {"Host": "h", "bytes": 9000}, 0, "1", "flow")
    assert lacking.losses.as_json() == {"correlations.ungrouped": 1}


def test_one_base_rule_feeds_several(correlating: Correlating) -> None:
    section = "{type: event_count, rules: [a], timespan: 9s, condition: {gte: %d}}"
    engine = Correlations(correlating(section % 1, section % 2))
    assert titles(show(engine, 0, 1)) == ["t0"]
    assert titles(show(engine, 0, 2)) == ["t1"]


# --- bounds of memory -----------------------------------------------------------------------------

COUNT = "{type: event_count, rules: [a], group-by: [User], timespan: 1h, condition: {gte: 3}}"


def test_groups_are_given_up_by_least_recent_use(correlating: Correlating) -> None:
    engine = Correlations(correlating(COUNT), limits=Limits(keys=2))
    for time, user in enumerate("xyzx"):
        show(engine, 0, time, User=user)
    engine.sweep(4 * SECOND)
    assert engine.losses.as_json() == {"correlations.groups_evicted": 1}
    assert titles(show(engine, 0, 5, User="x")) == ["t0"]
    assert set(engine.trackers[0].windows) == {"x", "z"}


def test_entries_of_all_groups_are_bounded(correlating: Correlating) -> None:
    engine = Correlations(correlating(COUNT), limits=Limits(entries=10))
    for time in range(40):
        show(engine, 0, time, User=f"u{time % 20}")
    engine.sweep(41 * SECOND)
    assert sum(len(one.entries) for one in engine.trackers[0].windows.values()) <= 10


def test_what_is_over_is_forgotten(correlating: Correlating) -> None:
    engine = Correlations(correlating(COUNT))
    show(engine, 0, 0, User="x")
    engine.sweep(3600 * 3 * SECOND)
    assert not engine.trackers[0].windows
    assert not engine.losses.as_json()


def test_the_clock_forgets_what_is_over_without_events(correlating: Correlating) -> None:
    engine = Correlations(correlating(COUNT))
    show(engine, 0, 1000, User="x")
    engine.advance(1000 * SECOND)
    assert engine.trackers[0].windows
    engine.advance(9000 * SECOND)
    assert not engine.trackers[0].windows


@pytest.mark.parametrize("kind", ["event_count", "value_count", "value_sum", "temporal_ordered"])
def test_a_flood_of_one_group_stays_small_and_is_told(correlating: Correlating, kind: str) -> None:
    field = "field: Host, " if kind == "value_count" else "field: Size, " if "sum" in kind else ""
    rules, limit = ("a, b", 2) if kind == "temporal_ordered" else ("a", 400)
    section = (
        f"{{type: {kind}, rules: [{rules}], timespan: 1d, condition: {{{field}gte: {limit}}}}}"
    )
    engine = Correlations(correlating(section), limits=Limits(window=1600))
    hits: list[CorrelationHit] = []
    for number in range(6000):
        fields = {"Host": f"h{number % 1000}", "Size": 1}
        hits += engine.observe([number % 2 if limit == 2 else 0], fields, number, number)
    assert len(hits) == 1
    assert hits[0].event == (1 if limit == 2 else 399)
    (window,) = engine.trackers[0].windows.values()
    assert len(window.entries) <= 1601
    assert len(hits[0].events) <= 50


def test_hostile_values_do_no_harm(correlating: Correlating) -> None:
    section = (
        "{type: value_count, rules: [a], group-by: [User], timespan: 1h,"
        " condition: {field: Host, gte: 3}}"
    )
    engine = Correlations(correlating(section))
    awkward: list[Any] = [
        "x" * 10_000_000, ["y"] * 100_000, {"a": 1}, None, [], [[["z"]]], float("1e308"), True, -1,
        list(range(100_000)), "\x00", "\ud800",
    ]  # fmt: skip
    for number, user in enumerate(awkward):
        for host in awkward:
            engine.observe([0], {"User": user, "Host": host}, number * SECOND, number)
    windows = engine.trackers[0].windows
    assert max(len(str(key)) for key in windows) <= 512
    assert engine.losses.as_json()["correlations.groups_left_out"] > 0


def test_a_very_late_event_is_counted(correlating: Correlating) -> None:
    engine = Correlations(correlating(COUNT.replace("1h", "10s")), lateness=5 * SECOND)
    show(engine, 0, 100, User="u")
    show(engine, 0, 90, User="u")
    show(engine, 0, 50, User="u")
    assert engine.losses.as_json() == {"correlations.late": 1, "correlations.too_late": 1}


def test_a_hunt_with_too_many_waiting_goes_on(correlating: Correlating) -> None:
    engine = Ordered(Correlations(correlating(COUNT)), most_waiting=10)
    hits: list[CorrelationHit] = []
    for number in range(100):
        time = (number ^ 1) * SECOND  # each pair the wrong way round
        hits += engine.observe([0], {"User": "u"}, time, number)
    assert len([*hits, *engine.finish()]) == 1


# --- state ----------------------------------------------------------------------------------------

KINDS = [
    COUNT,
    "{type: value_count, rules: [a], group-by: [User, Host], timespan: 1h,"
    " condition: {field: [Host, Size], gte: 2}}",
    "{type: value_avg, rules: [a], timespan: 1h, condition: {field: Size, gt: 2}}",
    "{type: temporal_ordered, rules: [a, b, c], group-by: [User], timespan: 1h}",
    "{type: event_count, rules: [a], group-by: [User], timespan: 5s, condition: {lt: 3}}",
    "{type: temporal, rules: [t4, c], group-by: [User], timespan: 1h}",
]


@pytest.mark.parametrize("cut", [0, 1, 7, 15, 29])
def test_a_restart_changes_nothing(correlating: Correlating, cut: int) -> None:
    linked = correlating(*KINDS)
    events = [
        ([number % 3], {"User": "uv"[number % 2], "Host": "h", "Size": number % 4}, number * SECOND)
        for number in range(30)
    ]

    def run(restart: int | None) -> list[tuple[str, object, object]]:
        engine, hits = Correlations(linked), []
        for number, (rules, fields, time) in enumerate(events):
            if number == restart:
                document = orjson.loads(orjson.dumps(exported(engine)))
                engine = Correlations(linked)
                assert restore(engine, document) == len(KINDS)
            hits += engine.observe(rules, fields, time, f"e{number}")
            hits += engine.advance(time)
        hits += engine.finish()
        return [(hit.correlation.name, hit.event, hit.value) for hit in hits]

    assert run(cut) == run(None)
    assert run(None)


def test_a_field_is_found_in_every_kind_of_event_that_feeds_the_rule() -> None:
    """A process is started in Sysmon's events and in those of Security, under other names."""
    text = (
        "title: P\nlogsource: {product: windows, category: process_creation}\n"
        "detection: {s: {CommandLine: x}, condition: s}\n"
    )
    (rule,) = load_text(text, Path("p.yml"))
    assert isinstance(rule, LoadedRule)
    target = fields_in([rule])(0, "windows", "Image")
    assert target is not None
    read = reader(target)
    assert read({"Image": "a.exe"}) == "a.exe"
    assert read({"NewProcessName": "b.exe"}) == "b.exe"


# --- late events -----------------------------------------------------------------------------------


def test_a_late_list_of_values_counts_each(correlating: Correlating) -> None:
    section = (
        "{type: value_count, rules: [a], group-by: [User], timespan: 10s,"
        " condition: {field: Host, gte: 3}}"
    )
    engine = Correlations(correlating(section))
    assert not show(engine, 0, 10, User="u", Host="h")
    (hit,) = show(engine, 0, 9, User="u", Host=["i", "j"])
    assert (hit.value, hit.event, hit.events) == (3, "9", ("9", "10"))


def test_a_late_event_that_makes_old_ones_go_is_told_with_its_window(
    correlating: Correlating,
) -> None:
    engine = Correlations(correlating(COUNT.replace("1h", "10s")), lateness=5 * SECOND)
    for time in range(0, 20 * 64, 20):  # as many as are kept before old ones are looked for
        assert not show(engine, 0, time, User="u")
    last = 20 * 63
    assert not show(engine, 0, last + 1, User="u")
    (hit,) = show(engine, 0, last + 0.5, User="u")
    assert hit.events == (str(last), str(last + 0.5), str(last + 1))


def test_a_group_is_the_same_however_its_events_write_it(correlating: Correlating) -> None:
    engine = Correlations(correlating(COUNT))
    for time, user in enumerate([7, "U", ["u", "v"], "7", True, "true"]):
        assert not show(engine, 0, time, User=user)
    hits = [show(engine, 0, time, User=user) for time, user in enumerate(["u", "7", "TRUE"], 6)]
    assert [[hit.key for hit in found] for found in hits] == [
        [(("User", "U"),)],
        [(("User", "7"),)],
        [(("User", "true"),)],
    ]
