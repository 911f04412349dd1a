"""The semantics of `fengsui.query.tree`, one line each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches

EVENT: dict[str, Any] = {
    "event.id": "00ff" * 8,
    "@timestamp": "2026-11-21T08:30:15.123456Z",
    "event.dataset": "dns",
    "source.ip": "10.1.2.3",
    "destination.ip": "2001:DB8::5",
    "related.ip": ["192.168.1.1", "fe80::1"],
    "source.port": 51234,
    "dns.question.name": "Mail.Example.CN",
    "dns.answers.data": ["a.example", "B.example"],
    "tls.established": True,
    "user.name": "张三",
    "url.path": "/a*b\\c",
    "network.vlan.id": "100",
    "x.unknown": 5,
    "x.nested": {"k": [1]},
    "destination.port": "http",
}


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "dns.question.name:mail.example.cn",
        "dns.question.name:MAIL.*",
        "dns.question.name:*.cn",
        "dns.question.name:mai?.example.cn",
        "dns.question.name:/mail\\..*/",
        "dns.answers.data:b.example",
        "user.name:张*",
        "source.ip:10.0.0.0/8",
        "source.ip:10.1.2.3",
        "source.ip:10.*",
        "source.ip:[10.1.2.0 TO 10.1.2.9]",
        "source.ip:>9.255.255.255",
        "destination.ip:2001:db8::/32",
        "destination.ip:2001:db8:0:0:0:0:0:5",
        "destination.ip:2001:DB8*",
        "related.ip:fe80::/10",
        "source.port:51234",
        "source.port:>=51234 source.port:<=51234.5",
        "source.port:5.1234e4",
        "source.port:512*",
        "destination.port:HTTP",
        "@timestamp:2026-11-21",
        "@timestamp:2026-11",
        "@timestamp:2026-11-21T08:30",
        '@timestamp:"2026-11-21T16:30:15.123456+08:00"',
        "@timestamp:[2026-11-20 TO 2026-11-21]",
        "@timestamp:>2026-11-20",
        "tls.established:true",
        "tls.established:TR*",
        "network.vlan.id:>0999",
        "x.unknown:5",
        "x.nested:*k*",
        "_exists_:x.nested",
        "NOT absent.field:1",
        "NOT source.ip:11.0.0.0/8",
        "EXAMPLE.cn",
        "2001:db8::5",
        "true",
        "08:30:15.123",
        r"url.path:\/a\*b\\c",
        r'url.path:"/a*b\\c"',
        "e*mple.c",
    ],
)
def test_matches(text: str) -> None:
    assert matches(parse_lucene(text), EVENT)


@pytest.mark.parametrize(
    "text",
    [
        "dns.question.name:example.cn",
        "dns.question.name:/mail/",
        "source.ip:10.1.2.3/33",
        "source.ip:2001:db8::/32",
        "source.ip:::/96",
        "source.port:abc",
        "source.port:51234.5",
        "source.port:{51234 TO 51234}",
        "destination.port:>0",
        "@timestamp:>2026-11-21",
        "@timestamp:{2026-11-21 TO *]",
        "@timestamp:2026-13-01",
        "_exists_:absent.field",
        "absent.field:*",
        "absent.field:[* TO *]",
        "NOT *",
        "NOT mail",
        "url.path:/a.b.c/",
        "tls.established:1",
        "no such words",
    ],
)
def test_does_not_match(text: str) -> None:
    assert not matches(parse_lucene(text), EVENT)


@given(st.text(max_size=20))
def test_a_quoted_value_finds_itself_whatever_it_is(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    fields = {"user.name": value}
    assert matches(parse_lucene(f'user.name:"{quoted}"'), fields)
    assert matches(parse_lucene(f'"{quoted}"'), fields)
