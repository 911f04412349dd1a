import pytest

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
)
from detections.sigma.mapping import Feed, Logsource, feeds, field_tables, resolve, routing
from fengsui import ecs

NETWORK = [
    Logsource("zeek", service=service)
    for service in (
        "conn", "dns", "http", "ssl", "x509", "ssh", "rdp", "smb_files", "smb_mapping", "dce_rpc",
        "kerberos", "ntlm", "files", "notice",
    )
] + [
    Logsource(category=category)
    for category in ("dns", "proxy", "firewall", "webserver", "network_connection")
] + [Logsource("suricata")]  # fmt: skip


def feed(logsource: Logsource, dataset: str) -> Feed:
    (found,) = [one for one in feeds(logsource) if one.dataset == dataset]
    return found


@pytest.mark.parametrize("logsource", NETWORK, ids=str)
def test_every_network_logsource_is_fed_by_one_of_our_datasets(logsource: Logsource) -> None:
    found = feeds(logsource)
    assert found
    assert {one.dataset for one in found} <= set(ecs.DATASETS)


def test_every_target_is_a_field_of_the_registry() -> None:
    names = {
        field
        for table in field_tables().values()
        for target in table.values()
        for field in target.fields
    }
    assert names <= ecs.registry().keys()
    assert {name for fields in routing().values() for name in fields} - {
        "Channel", "EventID",
    } <= ecs.registry().keys()  # fmt: skip


def test_what_a_zeek_user_calls_a_value_is_what_our_event_holds() -> None:
    """The other way: for each dataset, a public rule's words find our own event."""
    pairs = [
        (Logsource("zeek", service="dns"), "dns",
         All((Text("query", ("x",)), Text("id.orig_h", ("10.1.1.1",)))),
         {"dns.question.name": "x", "source.ip": "10.1.1.1"}),
        (Logsource("zeek", service="http"), "http",
         Text("user_agent", ("ua",)), {"user_agent.original": "UA"}),
        (Logsource("zeek", service="ssl"), "tls", Text("version", ("TLSv12",)), {"tls.version": "1.2"}),
        (Logsource("zeek", service="conn"), "flow",
         Compare("duration", "gt", 5), {"event.duration": 6 * 10**9}),
        (Logsource(category="proxy"), "http", Text("c-uri", ("/a",)), {"url.original": "/a"}),
        (Logsource(category="proxy"), "tls", Text("cs-host", ("h",)), {"tls.client.server_name": "h"}),
        (Logsource(category="dns"), "dns", Text("record_type", ("TXT",)), {"dns.question.type": "TXT"}),
        (Logsource("windows", "network_connection"), "flow",
         All((Truth("Initiated", value=True), Number("DestinationPort", 445))), {"destination.port": 445}),
        (Logsource("suricata"), "ids", Text("alert.signature", ("s",)), {"rule.name": "s"}),
    ]  # fmt: skip
    from detections.sigma.oracle import holds

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
    assert resolve(Text("rejected", ("maybe",)), zeek).unknown == {"rejected"}


def test_a_logsource_that_nothing_feeds_is_fed_by_nothing() -> None:
    assert feeds(Logsource("aws", service="cloudtrail")) == ()
    assert feeds(Logsource("zeek")) == ()
