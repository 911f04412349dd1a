from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.foreign.device_lines import document_of, web_document
from sensors.foreign.text_lines import told_line

ENDS = {"source.ip": "10.0.0.1", "destination.ip": "8.8.8.8", "destination.port": 3389}
NAME = {"source.ip": "10.0.0.1", "dns.question.name": "a.example.com", "dns.question.type": "A"}
PAN = (
    "Jan 2 03:04:05 fw 1,2026/01/02,01,TRAFFIC,end,2049,2026/01/02,10.0.0.1,8.8.8.8,0.0.0.0,"
    "0.0.0.0,r,,,ms-rdp,vsys1,a,b,e1,e2,f,2026/01/02,1,1,1000,3389,0,0,0x0,tcp,allow,1,1,1"
)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("<134>x CEF:0|A|B|1|t|T|3|src=10.0.0.1 spt=1 dst=8.8.8.8 dpt=3389 act=allow", ENDS),
        ("x LEEF:2.0|A|B|6|1|^|src=10.0.0.1^dst=8.8.8.8^dstPort=3389^action=accept", ENDS),
        ("x LEEF:1.0|A|B|6|1|src=10.0.0.1\tdst=8.8.8.8\tdstPort=3389", ENDS),
        ('devname="fw" devid="F" type="traffic" srcip=10.0.0.1 dstip=8.8.8.8 dstport=3389', ENDS),
        ("Jan  2 03:04:05 h kernel: ACCEPT SRC=10.0.0.1 DST=8.8.8.8 PROTO=TCP DPT=3389", ENDS),
        (PAN, {**ENDS, "network.transport": "tcp", "event.action": "allow"}),
        ("2026-01-02 03:04:05 DROP TCP 10.0.0.1 8.8.8.8 1 3389 0 - 0 0 0 - - - SEND",
         {**ENDS, "event.type": ["connection", "denied"]}),
        ("x client @0x7f 10.0.0.1#12 (a.example.com): query: a.example.com IN A +E(0)K", NAME),
        ("Jan  2 03:04:05 dnsmasq[12]: query[A] a.example.com from 10.0.0.1", NAME),
        ("1767323045.1 2 10.0.0.1 TCP_MISS/200 1 GET http://a/b.exe?x - HIER_DIRECT/8.8.8.8 t/p", {}),
        ("1767323045.123    200 10.0.0.1 TCP_DENIED/403 1 CONNECT a:443 - HIER_NONE/- -",
         {"url.domain": "a", "event.action": "deny"}),
        (r"CEF:0|Z|N|5|A|A|3|request=http://a/b.php?c\=d requestMethod=GET dhost=a x=y\|z",
         {"url.original": "http://a/b.php?c=d", "url.query": "c=d", "url.extension": "php",
          "x": "y|z"}),
    ],
)  # fmt: skip
def test_lines_of_devices_become_documents(line: str, fields: dict[str, object]) -> None:
    found = document_of(line)
    if not fields:
        assert found is None
        return
    assert found is not None
    origin, known = found
    assert (origin, known["message"]) == ("ecs_documents", line)
    assert {name: known[name] for name in fields} == fields


def test_what_a_firewall_says_of_itself_keeps_its_names() -> None:
    line = 'devname="fw" devid="F" logid="1" type="event" action="Add" cfgpath="system.admin"'
    origin, fields = told_line(line)
    assert origin == ("fortigate", "", "event")
    assert (fields["action"], fields["cfgpath"]) == ("Add", "system.admin")


def test_requests_under_nginxs_names() -> None:
    row = {"request": "GET /a?b HTTP/1.1", "http_user_agent": "x", "status": "200"}
    found = web_document(row)
    assert found is not None
    assert found[1]["url.query"] == "b"
    assert found[1]["http.request.method"] == "GET"
    assert web_document({"request": "GET /a?b HTTP/1.1"}) is None


@given(st.text("ACEFLDRPOTQUSHIN:|=\\ 01.#query[client(@x)]devid,T", max_size=200))
def test_no_line_is_fatal(text: str) -> None:
    origin, fields = told_line(text)
    assert isinstance(origin, str | tuple)
    assert fields["message"] == text
