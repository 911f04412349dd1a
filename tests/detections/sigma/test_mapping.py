from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import (
    ALWAYS,
    NEVER,
    All,
    Compare,
    Missing,
    Not,
    Number,
    SameAs,
    Some,
    Text,
    Truth,
    Wild,
)
from detections.sigma.logsources import FOREIGN, feeds, routing, rows
from detections.sigma.mapping import Feed, Logsource, resolve
from detections.sigma.oracle import holds
from detections.sigma.targets import Names, Target, field_tables
from detections.sigma.values import as_text, scalars
from fengsui import ecs


def feed(logsource: Logsource, dataset: str) -> Feed:
    (found,) = feeds(logsource, [dataset])
    return found


def test_every_target_of_our_datasets_is_a_field_of_the_registry() -> None:
    names = {
        field
        for row in rows()
        if row.feed.dataset not in FOREIGN
        for target in row.feed.names.table.values()
        for field in target.fields
    }
    assert len(names) > 300
    assert names <= ecs.registry().keys()
    for dataset, fields in routing().items():
        assert dataset in FOREIGN or set(fields) <= ecs.registry().keys()


def test_every_table_is_used_by_some_row() -> None:
    used = {table for row in rows() for table in row.tables}
    assert used == field_tables().keys()


def test_what_a_zeek_user_calls_a_value_is_what_our_event_holds() -> None:
    """The other way: for each dataset, a public rule's words find our own event."""
    pairs = [
        (Logsource("zeek", service="dns"), "dns",
         All((Text("query", ("x",)), Text("id.orig_h", ("10.1.1.1",)))),
         {"dns.question.name": "x", "source.ip": "10.1.1.1"}),
        (Logsource("zeek", service="http"), "http",
         Text("user_agent", ("ua",)), {"user_agent.original": "UA"}),
        (Logsource("zeek", service="ssl"), "tls", Text("version", ("TLSv12",)), {"tls.version": "1.2"}),
        (Logsource("zeek", service="conn"), "flow", Text("service", ("ssl",)), {"network.protocol": "tls"}),
        (Logsource("zeek", service="conn"), "flow", Text("service", ("ssh",)), {"network.protocol": "ssh"}),
        (Logsource("zeek", service="dns"), "dns", Number("qclass", 3), {"dns.question.class": "CH"}),
        (Logsource("zeek", service="conn"), "flow",
         Compare("duration", "gt", 5), {"event.duration": 6 * 10**9}),
        (Logsource(category="proxy"), "http", Text("c-uri", ("/a",)), {"url.original": "/a"}),
        (Logsource(category="proxy"), "tls", Text("cs-host", ("h",)), {"tls.client.server_name": "h"}),
        (Logsource(category="dns"), "dns", Text("record_type", ("TXT",)), {"dns.question.type": "TXT"}),
        (Logsource("windows", "network_connection"), "flow",
         All((Truth("Initiated", value=True), Number("DestinationPort", 445))), {"destination.port": 445}),
        (Logsource("suricata"), "ids", Text("alert.signature", ("s",)), {"rule.name": "s"}),
    ]  # fmt: skip
    for logsource, dataset, condition, event in pairs:
        resolved = resolve(condition, feed(logsource, dataset))
        assert not resolved.unknown, logsource
        assert holds(resolved.condition, event), logsource
        assert not holds(resolved.condition, {}), logsource


def test_an_unknown_field_never_makes_a_rule_fire_more() -> None:
    dns = feed(Logsource(category="dns"), "dns")
    known, unknown = Text("query", ("x",)), Text("nobody", ("y",))
    assert resolve(All((known, unknown)), dns).condition == NEVER
    assert resolve(All((known, Not(unknown))), dns).condition == NEVER
    partly = resolve(Some((known, unknown)), dns)
    assert partly.condition == Text("dns.question.name", ("x",))
    assert partly.unknown == {"nobody"}
    assert resolve(All((known, Missing("nobody"))), dns).condition == NEVER


def test_ecs_names_work_in_any_row() -> None:
    dns = feed(Logsource(category="dns"), "dns")
    assert resolve(Text("source.ip", ("x",)), dns).condition == Text("source.ip", ("x",))


def test_a_field_of_several_places_is_missing_when_all_are() -> None:
    proxy = feed(Logsource(category="proxy"), "http")
    missing = resolve(Missing("c-uri"), proxy).condition
    assert missing == All((Missing("url.full"), Missing("url.original")))
    same = resolve(SameAs("c-uri", "r-dns"), proxy).condition
    assert same == Some((SameAs("url.full", "url.domain"), SameAs("url.original", "url.domain")))


def test_an_empty_text_is_an_absent_field_here() -> None:
    proxy = feed(Logsource(category="proxy"), "http")
    assert resolve(Text("c-useragent", ()), proxy).condition == Some(
        (Text("user_agent.original", ()), Missing("user_agent.original"))
    )


def test_constants_decide_and_unlisted_words_are_unknown() -> None:
    firewall = feed(Logsource(category="firewall"), "flow")
    assert resolve(Text("action", ("deny",)), firewall).condition == NEVER
    assert resolve(Text("action", ("accept",)), firewall).condition not in (ALWAYS, NEVER)
    zeek = feed(Logsource("zeek", service="dns"), "dns")
    assert resolve(Text("rejected", ("true",)), zeek).condition == Text(
        "dns.response_code", ("REFUSED",)
    )
    assert resolve(Text("rejected", ("maybe",)), zeek).condition == NEVER
    ssl = feed(Logsource("zeek", service="ssl"), "tls")
    assert resolve(Text("version", ("TLSv99",)), ssl).unknown == {"version"}


def test_a_flag_is_true_where_the_field_has_it_and_false_where_not() -> None:
    zeek = feed(Logsource("zeek", service="dns"), "dns")
    for word, flags, met in (
        (True, ["AA"], True), (True, ["RD"], False), (False, ["RD"], True), (False, [], True),
        (False, ["AA"], False),
    ):  # fmt: skip
        condition = resolve(Truth("AA", word), zeek).condition
        assert holds(condition, {"dns.header_flags": flags}) == met


def test_patterns_meet_every_word_of_a_table_that_they_mean() -> None:
    ssl = feed(Logsource("zeek", service="ssl"), "tls")
    old = resolve(Text("version", ("TLSv1", Wild.ONE)), ssl).condition
    assert holds(old, {"tls.version": "1.0"})
    assert not holds(old, {"tls.version": "3.0"})


def test_what_exported_logs_lack_does_not_match_and_so_is_no_reason_to_be_quiet() -> None:
    """The record is all there is: `not Company: x` holds where nothing says Company."""
    (windows, *_) = feeds(Logsource("windows", service="security"), ["windows"])
    rule = All((Text("Image", ("x",)), Not(Text("Company", ("y",)))))
    found = resolve(rule, windows)
    assert not found.unknown
    assert holds(found.condition, {"Channel": "Security", "Image": "x"})


OURS = [row for row in rows() if row.feed.dataset not in FOREIGN and row.feed.names.table]
WORDS = ("x", "10.1.2.3", "SF", "true", "TLSv12", "AA", "200", "accept", "root", "z*")


def back(event: dict[str, object], names: Names) -> dict[str, object]:
    """The event in Sigma's words, by the tables read the other way round."""
    found: dict[str, object] = {}
    for name in {*names.table, *event}:
        target = names.find(name)
        if target is not None and (values := _back(event, target)):
            found[name] = values
    return found


def _back(event: dict[str, object], target: Target) -> list[object]:
    if target.constants:
        return list(target.constants)
    values = [
        one
        for field in target.fields
        if event.get(field) is not None
        for one in scalars(event[field])
    ]
    if target.flags:
        return [any(one in target.flags for one in values)]
    if target.values is not None:
        return [word for word, ours in target.values.items() if ours in map(as_text, values)]
    if target.scale != 1:
        return [one / target.scale for one in values if isinstance(one, int)]
    return values


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_what_the_rule_means_by_sigmas_words_is_never_missed(data: st.DataObject) -> None:
    """resolve() never under-selects: what the oracle finds in Sigma's words, it finds in ours."""
    names = data.draw(st.sampled_from(OURS)).feed.names
    known = sorted(name for name, target in names.table.items() if not target.before)
    sigma = st.sampled_from(known or ["source.ip"])
    leaf = st.one_of(
        st.builds(Text, sigma, st.sampled_from(WORDS).map(lambda word: (word,))),
        st.builds(
            Text, sigma, st.sampled_from(WORDS).map(lambda word: (Wild.MANY, word, Wild.MANY))
        ),
        st.builds(Number, sigma, st.sampled_from([200, 443, 1])),
        st.builds(Truth, sigma, st.booleans()),
        st.builds(Compare, sigma, st.sampled_from(["gt", "lte"]), st.integers(0, 3)),
        st.builds(Missing, sigma.filter(lambda name: names.find(name).plain)),
    )
    condition = data.draw(
        st.recursive(
            leaf,
            lambda inner: st.one_of(
                inner.map(Not),
                st.lists(inner, min_size=1, max_size=3).map(lambda some: All(tuple(some))),
                st.lists(inner, min_size=1, max_size=3).map(lambda some: Some(tuple(some))),
            ),
            max_leaves=6,
        )
    )
    ours = sorted({field for target in names.table.values() for field in target.fields})
    value = st.one_of(
        st.sampled_from([*WORDS, "REFUSED", "1.2", "ipv6"]), st.sampled_from([443, 200, 2 * 10**9]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2),
    )  # fmt: skip
    event = data.draw(st.dictionaries(st.sampled_from(ours), value, max_size=4))
    found = resolve(condition, Feed("x", names))
    assume(not found.unknown)
    assert holds(found.condition, event) == holds(condition, back(event, names))
