"""Zeek lines as events: values, forms of JSON, and the short way equal to the long one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.ecs import faults
from fengsui.event import Event
from fengsui.loss import Losses
from sensors.logs.lines import LineStream
from sensors.logs.parser import LineError
from sensors.logs.parsers.zeek import PARSER, ZeekParser
from sensors.logs.zeek_flows import FlowRows
from sensors.logs.zeek_logs import TELLING
from tests.sensors.logs.samples import CONN_FIELDS, CONN_HEADER, CONN_ROW, header


def parser(head: bytes = b"", name: str = "x.log") -> ZeekParser:
    made = PARSER.start(name, "east")
    for line in head.split(b"\n"):
        if line:
            assert made.parse(line).kind == "header"
    return made


def one(line: bytes, head: bytes = b"", name: str = "x.log") -> Event:
    event = parser(head, name).parse(line).event
    assert event is not None
    assert faults(event.fields) == []
    return event


def from_json(row: dict[str, Any], name: str = "x.log") -> Event:
    return one(json.dumps(row).encode(), name=name)


ENDS = {"id.orig_h": "fd00::5", "id.orig_p": 40000, "id.resp_h": "2001:db8::1", "id.resp_p": 53}


def test_conn() -> None:
    event = one(CONN_ROW, CONN_HEADER)
    expected = {
        "@timestamp": "2025-06-15T15:06:40.123456Z",
        "event.dataset": "flow",
        "event.module": "zeek",
        "event.end": "2025-06-15T15:06:42.623456Z",
        "event.duration": 2_500_000_000,
        "network.protocol": "tls",
        "network.bytes": 6200,
        "client.bytes": 517,
        "source.bytes": 1200,
        "source.port": 50000,
        "zeek.connection.state": "SF",
        "zeek.connection.local_orig": True,
    }
    assert {name: event.get(name) for name in expected} == expected
    assert event.text("network.community_id").startswith("1:")


def test_dns_over_ipv6() -> None:
    event = from_json(
        {
            **ENDS,
            "ts": 1750000000.5,
            "uid": "C1",
            "proto": "udp",
            "trans_id": 7,
            "rtt": 0.0015,
            "query": "WWW.Example.COM",
            "qclass_name": "C_INTERNET",
            "qtype_name": "AAAA",
            "rcode_name": "NOERROR",
            "AA": False,
            "RD": True,
            "RA": True,
            "answers": ["cdn.example.net", "2001:db8::7"],
            "TTLs": [60.0, 30.0],
        }
    )
    assert event.dataset == "dns"
    assert event.get("dns.question.name") == "www.example.com"
    assert event.get("dns.resolved_ip") == ["2001:db8::7"]
    assert event.get("dns.answers.ttl") == [60, 30]
    assert event.get("dns.header_flags") == ["RD", "RA"]
    assert event.get("dns.type") == "answer"
    assert event.get("network.type") == "ipv6"


@pytest.mark.parametrize(
    "ends",
    [
        {"id_orig_h": "10.0.0.1", "id_orig_p": 1, "id_resp_h": "10.0.0.2", "id_resp_p": 2},
        {"id": {"orig_h": "10.0.0.1", "orig_p": 1, "resp_h": "10.0.0.2", "resp_p": 2}},
    ],
)
@pytest.mark.parametrize("word", ["_path", "@path", "@stream", "file"])
def test_forms_of_json(ends: dict[str, Any], word: str) -> None:
    row = {**ends, "ts": "2026-01-02T03:04:05.000006Z", "proto": "tcp", "kerb": 1, word: "ntlm"}
    event = from_json(row, "ntlm.2026-01-02.log")
    assert (event.dataset, event.get("source.ip"), event.get("destination.port")) == (
        "ntlm",
        "10.0.0.1",
        2,
    )
    assert event.get("@timestamp") == "2026-01-02T03:04:05.000006Z"


@pytest.mark.parametrize(("columns", "log"), TELLING)
def test_columns_tell_the_log(columns: frozenset[str], log: str) -> None:
    assert parser().parse(json.dumps({"ts": 1, **dict.fromkeys(columns, "x")}).encode()).kind == log


def test_http_without_a_host_and_with_a_port() -> None:
    row = {
        "ts": 1,
        "_path": "http",
        **ENDS,
        "id.resp_p": 8080,
        "method": "GET",
        "uri": "/a.exe?b=1",
    }
    bare = from_json(row)
    assert bare.get("url.full") is None
    assert (bare.get("url.path"), bare.get("url.query"), bare.get("url.extension")) == (
        "/a.exe",
        "b=1",
        "exe",
    )
    assert from_json({**row, "host": "Up.Example."}).get("url.full") == (
        "http://Up.Example.:8080/a.exe?b=1"
    )


def test_an_unknown_log_is_kept_as_it_came() -> None:
    event = from_json({"ts": 1, "_path": "quic_tracer", "x": 1, **ENDS})
    assert event.dataset == "other"
    assert event.get("fengsui.parse") == "unmatched"
    assert "quic_tracer" in event.text("event.original")
    assert event.get("source.ip") == "fd00::5"


def test_icmp_ports_are_type_and_code() -> None:
    row = CONN_ROW.replace(b"\ttcp\t", b"\ticmp\t").replace(b"\t50000\t", b"\t8\t")
    event = one(row.replace(b"\t443\t", b"\t0\t"), CONN_HEADER)
    assert (event.get("icmp.type"), event.get("icmp.code")) == (8, 0)
    assert event.get("source.port") is None


def test_escapes_and_a_second_header_in_one_file() -> None:
    made = parser(CONN_HEADER)
    made.parse(CONN_ROW)
    for line in header("http", ["ts", "uri", "host"], ["time", "string", "string"]).splitlines():
        made.parse(line)
    event = made.parse(b"1.5\t/a\\x09b\t(empty)").event
    assert event is not None
    assert event.dataset == "http"
    assert event.get("url.original") == "/a\tb"
    with pytest.raises(LineError):
        made.parse(CONN_ROW)


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"ts": "yesterday"}', b'{"ts": 1e30}', b'{"ts": NaN}', b'{"ts": true}', b"{}"],
)
def test_bad_lines(line: bytes) -> None:
    with pytest.raises(LineError):
        parser().parse(line)


CELLS: dict[str, st.SearchStrategy[str]] = {
    "ts": st.sampled_from(["1750000000.123456", "0.000001", "99999999999.000000", "12", "-"]),
    "id.orig_h": st.sampled_from(["10.0.0.1", "fd00::1", "FE80::1", "nowhere", "-"]),
    "id.resp_h": st.sampled_from(["192.0.2.1", "2001:db8::2", "1.2.3"]),
    "proto": st.sampled_from(["tcp", "udp", "icmp", "unknown_transport", "sctp"]),
    "service": st.sampled_from(["-", "ssl", "gssapi,smb,krb", "-ssl", "http", "(empty)"]),
    "duration": st.sampled_from(["-", "0.000000", "12.000001", "1.5", "x"]),
    "local_orig": st.sampled_from(["T", "F", "-"]),
    "history": st.sampled_from(["-", "ShAD", "", "(empty)", "\\x41", 'a"b', "日"]),
    "uid": st.sampled_from(["C1", "-"]),
}
NUMBER = st.sampled_from(["0", "7", "65535", "70000", "-", "007", "9" * 17, "9" * 25, "-4"])


@settings(max_examples=400, deadline=None)
@given(st.fixed_dictionaries({name: CELLS.get(name, NUMBER) for name in CONN_FIELDS}))
def test_the_short_way_says_the_same_as_the_long_way(cells: dict[str, str]) -> None:
    line = "\t".join(cells.values()).encode()
    compare(line, CONN_HEADER, CONN_FIELDS)


def compare(line: bytes, head: bytes, columns: list[str]) -> None:
    short = FlowRows(columns, "east").row(line)
    if short is None or short.event is None:
        return
    long = parser(head)
    long._flows = None
    slow = long.parse(line)
    assert slow.event is not None
    assert orjson.loads(short.event.raw) == slow.event.fields
    assert (short.kind, short.dataset, short.time, short.clock) == (
        slow.kind,
        slow.dataset,
        slow.time,
        slow.clock,
    )


@pytest.mark.bench
def test_the_short_way_on_real_rows(bench: Callable[[str], Path]) -> None:
    with bench("zeek/c2_beacon_72h/conn.2024-04-19.log.zst").open("rb") as file:
        lines = [line for line, _ in LineStream(file, Losses(), "log", "x")][:3000]
    head = b"\n".join(line for line in lines[:10] if line.startswith(b"#"))
    columns = next(line for line in lines if line.startswith(b"#fields")).decode().split("\t")[1:]
    rows = [line for line in lines if line and not line.startswith(b"#")]
    for line in rows:
        compare(line, head, columns)
    assert sum(FlowRows(columns, "e").row(line) is not None for line in rows) > len(rows) * 0.95
