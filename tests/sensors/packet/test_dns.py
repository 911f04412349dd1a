"""DNS records as text, and names that attackers write."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.sensors.packet.frames import CLIENT, MS, START, answer, name, pcap, question, sense, udp

RESOLVER = "2001:db8::53"


def ask(query: bytes, *replies: bytes, port: int = 53) -> list[dict[str, Any]]:
    packets = [(START, udp("2001:db8::1", 4000, RESOLVER, port, query))]
    packets += [
        (START + MS * n, udp(RESOLVER, port, "2001:db8::1", 4000, reply))
        for n, reply in enumerate(replies, 1)
    ]
    return sense(pcap(packets)).of("dns")


def test_each_question_of_a_message_is_an_event() -> None:
    asked = [(f"host{n}.local", 1 + n % 2 * 27) for n in range(20)]
    body = b"".join(name(text) + struct.pack(">HH", kind, 0x8001) for text, kind in asked)
    query = struct.pack(">HHHHHH", 0, 0, len(asked), 0, 0, 0) + body
    packet = udp("192.0.2.1", 5353, "224.0.0.251", 5353, query)
    events = sense(pcap([(START, packet)])).of("dns")
    assert [event["dns.question.name"] for event in events] == [text for text, _ in asked]
    assert {event["dns.question.type"] for event in events} == {"A", "AAAA"}
    assert {event["dns.question.class"] for event in events} == {"IN"}


RECORDS: dict[str, tuple[int, bytes, str]] = {
    "A": (1, bytes([203, 0, 113, 7]), "203.0.113.7"),
    "AAAA": (28, bytes.fromhex("20010db8000000000000000000000001"), "2001:db8::1"),
    "CNAME": (5, name("cdn.Example.net"), "cdn.example.net"),
    "NS": (2, b"\x03ns1\xc0\x0c", "ns1.a.example.org"),
    "MX": (15, b"\0\x0a" + name("mail.example.org"), "10 mail.example.org"),
    "TXT": (16, b"\x05hello\x03\"\\\xff", 'hello "\\\xff'),
    "SRV": (33, struct.pack(">HHH", 1, 2, 443) + name("s.example.org"), "1 2 443 s.example.org"),
    "SOA": (6, name("ns.x") + name("root.x") + struct.pack(">5I", 1, 2, 3, 4, 5), "ns.x root.x 1 2 3 4 5"),
    "NULL": (10, b"\x01\xfe", "01fe"),
    "KEY": (25, b"\x00\x01\x02", "000102"),
    "HTTPS": (65, b"\0\x01\0" + bytes.fromhex("00010003026832"), "1 . 00010003026832"),
    "TYPE999": (999, b"\xaa", "aa"),
}  # fmt: skip


@pytest.mark.parametrize("kind", RECORDS)
def test_answers_as_text(kind: str) -> None:
    number, data, text = RECORDS[kind]
    (event,) = ask(
        question(1, "A.example.org", number), answer(1, "A.example.org", number, [(number, data)])
    )
    assert event["dns.type"] == "answer"
    assert event["dns.question.name"] == "a.example.org"
    assert event["dns.question.type"] == kind
    assert event["dns.answers.type"] == [kind]
    assert event["dns.answers.data"] == [text]
    assert event["dns.answers.ttl"] == [300]
    assert event["dns.answers_count"] == 1
    assert event["dns.header_flags"] == ["RD", "RA"]
    assert event["dns.response_code"] == "NOERROR"


def test_a_query_without_reply_is_told_after_its_time() -> None:
    packets = [
        (START, udp(CLIENT, 4000, "9.9.9.9", 53, question(5, "lost.example.org"))),
        (START + 11_000 * MS, udp(CLIENT, 4000, "9.9.9.9", 53, question(6, "next.example.org"))),
    ]
    first, second = sense(pcap(packets)).of("dns")
    assert (first["dns.type"], first["dns.question.name"]) == ("query", "lost.example.org")
    assert (second["dns.type"], second["dns.id"]) == ("query", 6)


def test_replies_find_their_query_among_many() -> None:
    packets = [
        (START + n, udp(CLIENT, 4000, "9.9.9.9", 53, question(n, f"h{n}.example.org")))
        for n in range(50)
    ]
    packets += [
        (
            START + MS + n,
            udp("9.9.9.9", 53, CLIENT, 4000, answer(n, f"h{n}.example.org", 1, [], 0x8183)),
        )
        for n in reversed(range(50))
    ]
    events = sense(pcap(packets)).of("dns")
    assert {(event["dns.id"], event["dns.question.name"]) for event in events} == {
        (n, f"h{n}.example.org") for n in range(50)
    }
    assert {event["dns.response_code"] for event in events} == {"NXDOMAIN"}
    assert {event["dns.bytes"] for event in events} == {64, 66}


def test_a_repeated_query_is_one_event() -> None:
    asked = question(5, "x.example.org")
    packets = [(START + n * MS, udp(CLIENT, 4000, "9.9.9.9", 53, asked)) for n in range(3)]
    seen = sense(pcap(packets))
    assert len(seen.of("dns")) == 1
    assert seen.summary.losses.as_json() == {"dns.repeated_query": 2}


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b'\x04a.b"\x02\xff\x00\x00', 'a\\.b".\xff\x00'),
        (b"\x06\xe4\xb8\xad\xe6\x96\x87\x02cn\x00", "中文.cn"),
        (b"\x00", "."),
    ],
)
def test_names_with_any_byte(wire: bytes, text: str) -> None:
    query = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + wire + struct.pack(">HH", 16, 1)
    (event,) = ask(query)
    assert event["dns.question.name"] == text


@pytest.mark.parametrize("body", [b"\xc0\x0c", b"\x3fabc", b"\xc0\xff", b"\x40abc\0"])
def test_malformed_replies_are_partial_or_counted(body: bytes) -> None:
    reply = struct.pack(">HHHHHH", 1, 0x8180, 1, 3, 0, 0) + body + b"\0\x01\0\x01" + body * 3
    for event in ask(question(1, "a.example.org"), reply):
        assert event["dns.type"] in {"answer", "query"}


def test_messages_over_tcp_and_on_odd_ports() -> None:
    (event,) = ask(question(1, "cc.example.org"), answer(1, "cc.example.org", 1, []), port=5300)
    assert event["destination.port"] == 5300
    assert ask(b"\x01\x02\x03\x04 not dns at all, by any look", port=5300) == []


def alone(message: bytes, source: int, target: int) -> list[dict[str, Any]]:
    """Events of one datagram of a flow that was met there."""
    return sense(pcap([(START, udp("10.0.0.1", source, "10.0.0.2", target, message))])).of("dns")


@pytest.mark.parametrize("port", [443, 5300, 40_000])
def test_an_answer_alone_is_known_at_any_port(port: int) -> None:
    records = [(16, b"\x04DNSC")]
    (event,) = alone(answer(7, "2.dnscrypt-cert.example.com", 16, records), port, 40_001)
    assert event["dns.question.name"] == "2.dnscrypt-cert.example.com"
    assert event["dns.answers.data"] == ["DNSC"]
    refused = answer(7, "a.example.com", 1, [], 0x8183)
    assert [one["dns.response_code"] for one in alone(refused, port, 40_001)] == ["NXDOMAIN"]
    strange = answer(7, "a.example.com", 16, records)[:-20] + bytes(20)
    assert not alone(strange, port, 40_001)


@pytest.mark.parametrize("operation", [5, 6, 7, 8, 9, 15])
def test_every_operation_on_netbios_names(operation: int) -> None:
    encoded = b"\x20" + b"EGEJEMEFFDFCFGCACACACACACACACACA" + b"\0"
    head = struct.pack(">6H", 7, 0x0110 | operation << 11, 1, 0, 0, 0)
    (event,) = alone(head + encoded + struct.pack(">HH", 0x20, 1), 137, 137)
    assert event["dns.question.name"] == "filesrv"
