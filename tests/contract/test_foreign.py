"""Indices of other products on a real server: found in our names, and left as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from fengsui.clock import from_iso
from fengsui.errors import SettingsError
from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches
from fengsui.store.elastic.connection import Address, connect
from fengsui.store.elastic.foreign import ForeignIndices, fields_of
from fengsui.store.event_store import TimeRange
from tests.contract.conftest import elastic_address

KEYWORDS = {"strings": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}}
ECS = {
    "dynamic_templates": [KEYWORDS],
    "properties": {
        "@timestamp": {"type": "date"},
        "source": {"properties": {"ip": {"type": "ip"}, "port": {"type": "long"}}},
        "message": {"type": "text"},
    },
}
SHIPPED: dict[str, list[dict[str, Any]]] = {
    "filebeat": [
        {
            "@timestamp": f"2026-11-{day:02d}T08:00:00.123Z",
            "event": {"dataset": "suricata.eve", "kind": "alert"},
            "source": {"ip": f"10.0.0.{day}", "port": 40_000 + day},
            "destination": {"ip": "203.0.113.9", "port": 443},
            "rule": {"name": "ET MALWARE Beacon" if day % 2 else "ET INFO"},
            "user": {"name": ["Admin", "root"] if day == 3 else "bob"},
            "message": "beacon seen",
        }
        for day in range(1, 9)
    ],
    "zeek": [
        {"ts": 1_793_520_000.5 + n, "uid": f"C{n}", "id.orig_h": f"10.0.1.{n}", "id.orig_p": 5000 + n,
         "id.resp_h": "8.8.8.8", "id.resp_p": 53, "proto": "udp", "query": f"H{n}.bad.example"}
        for n in range(5)
    ],
    "wazuh": [
        {"timestamp": "2026-11-02T09:00:00.000+0800", "agent": {"name": "dc1"}, "full_log": "login failed",
         "rule": {"level": 10, "description": "Brute force", "id": "5712"},
         "data": {"srcip": "198.51.100.7", "srcuser": "Admin", "srcport": "5555"}}
    ],
    "suricata": [
        {"timestamp": "2026-11-03T01:02:03.000004+0000", "event_type": "dns", "src_ip": "2001:db8::1",
         "src_port": 5353, "dest_ip": "10.0.0.53", "dest_port": 53, "proto": "UDP",
         "dns": {"rrname": "x.bad.example", "rrtype": "A"}}
    ],
}  # fmt: skip
QUERIES = [
    "*",
    "source.ip:10.0.0.0/8",
    "source.ip:198.51.100.7",
    "source.ip:2001:db8::/32",
    "source.port:5555",
    "source.port:>40000",
    "destination.port:53 AND dns.question.name:*.BAD.example",
    "NOT destination.port:443",
    "user.name:ADMIN",
    "rule.name:*beacon*",
    "message:*failed*",
    "message:/.*seen.*/",
    "agent.name:dc1 OR host.name:nothing",
    "event.dataset:suricata.eve",
    "zeek.session_id:c3",
    "bad.example",
    "_exists_:data.srcuser",
    "nothing.there:x",
]
WHEN = TimeRange(from_iso("2026-11-02T00:00:00Z"), from_iso("2026-11-04T00:00:00Z"))


@pytest.fixture(scope="module")
def indices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Address, str]]:
    address = elastic_address(tmp_path_factory.mktemp("foreign"))
    client, base = connect(address), f"x{address.prefix}"
    for name, documents in SHIPPED.items():
        index = f"{base}-{name}"
        client.indices.create(index=index, mappings=ECS if name == "filebeat" else None)
        for number, document in enumerate(documents):
            client.index(index=index, id=str(number), document=document, refresh=True)
    yield address, base
    client.indices.delete(index=[f"{base}-{name}" for name in SHIPPED])
    client.close()


def expected(base: str, text: str) -> set[str]:
    query = parse_lucene(text)
    events = [
        fields_of(document, f"{base}-{name}", str(number))
        for name, documents in SHIPPED.items()
        for number, document in enumerate(documents)
    ]
    return {str(event["event.id"]) for event in events if matches(query, event)}


@pytest.mark.parametrize("text", QUERIES)
def test_what_matches_is_found(indices: tuple[Address, str], text: str) -> None:
    address, base = indices
    foreign = ForeignIndices(address, [f"{base}-*"])
    page = foreign.search(parse_lucene(text), limit=100)
    foreign.close()
    assert {str(one["event.id"]) for one in page.events} == expected(base, text)
    assert (page.total, page.partial) == (len(page.events), False)


def test_every_query_is_right_because_it_hits() -> None:
    assert [text for text in QUERIES if not expected("x", text)] == ["nothing.there:x"]


def test_time_order_and_limit(indices: tuple[Address, str]) -> None:
    address, base = indices
    foreign = ForeignIndices(address, [f"{base}-*"])
    page = foreign.search(parse_lucene("*"), WHEN, limit=3)
    times = [str(one["@timestamp"]) for one in page.events]
    assert page.total == 4
    assert all("2026-11-02" <= one < "2026-11-04" for one in times)
    assert foreign.search(parse_lucene("*"), timeout=0).partial
    foreign.close()


def test_nothing_is_written(indices: tuple[Address, str]) -> None:
    address, base = indices
    client: Elasticsearch = connect(address)
    before = client.indices.get_mapping(index=f"{base}-*").body
    foreign = ForeignIndices(address, [f"{base}-*", "nothing-of-this-name-*"])
    foreign.search(parse_lucene("never.seen:x"))
    foreign.close()
    assert client.indices.get_mapping(index=f"{base}-*").body == before
    client.close()


def test_patterns_that_are_refused() -> None:
    address = Address(("http://127.0.0.1:9",))
    for patterns in ([], ["fengsui-*"], ["_all"], ["-x"]):
        with pytest.raises(SettingsError):
            ForeignIndices(address, patterns)
