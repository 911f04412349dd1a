"""TLS behind another protocol: handshakes of all versions, cut, one-sided, resumed and refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.protocols.tls import PROTOCOL, recognises
from tests.sensors.protocols.playing import START, a_flow, play
from tests.sensors.wire.hellos import (
    RETRY,
    chain,
    client_bodies,
    client_body,
    ext,
    message,
    record,
    server_body,
    sni,
    words,
)
from tests.sensors.wire.test_certificate import certificate, sm2_certificate

Said = list[tuple[int, bytes]]
CCS = record(20, b"\1")
SECRET = record(22, b"e" * 40)


def hello(body: bytes) -> bytes:
    return record(22, message(1, body))


def answer(*messages: bytes) -> bytes:
    return record(22, b"".join(messages))


def tls12(certificates: bytes = b"", suite: int = 0xC02F) -> Said:
    chosen = message(2, server_body(ext(16, b"\0\3\2h2"), suite))
    shown = message(11, certificates or chain(certificate(), certificate("ec")))
    exchange = message(12, b"\3\0\x1d" + b"k" * 40)
    return [
        (0, hello(client_body())),
        (1, answer(chosen, shown, exchange, message(14, b""))),
        (0, answer(message(16, b"p" * 33)) + CCS + SECRET),
        (1, CCS + SECRET),
        (0, record(23, b"d" * 99)),
    ]


TLS13: Said = [
    (0, hello(client_body())),
    (1, answer(message(2, server_body())) + CCS + record(23, b"e" * 500)),
    (0, CCS + record(23, b"f" * 60)),
    (1, record(23, b"d" * 99)),
]


def one(said: Said, piece: int = 0) -> dict[str, Any]:
    played = play(PROTOCOL, said, a_flow(25), piece=piece)
    assert len(played.events) == 1
    return played.events[0]


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_handshake_of_tls_1_2(piece: int) -> None:
    event = one(tls12(), piece)
    assert event["tls.version"] == "1.2"
    assert event["tls.version_protocol"] == "tls"
    assert event["tls.cipher"] == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert event["tls.curve"] == "x25519"
    assert event["tls.next_protocol"] == "h2"
    assert event["tls.client.server_name"] == event["destination.domain"] == "www.example.org"
    assert event["tls.client.supported_versions"] == ["1.3", "1.2"]
    assert event["tls.server.x509.subject.common_name"] == "www.example.org"
    assert event["tls.server.chain_length"] == 2
    assert event["tls.established"] is True
    assert event["tls.resumed"] is False
    assert event["tls.ssl_history"] == "CsxknGIi"


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_handshake_of_tls_1_3(piece: int) -> None:
    event = one(TLS13, piece)
    assert event["tls.version"] == "1.3"
    assert event["tls.cipher"] == "TLS_AES_128_GCM_SHA256"
    assert event["tls.ssl_history"] == "CsiI"
    assert event["tls.established"] is True
    assert "tls.server.subject" not in event


def test_a_retry_does_not_hide_the_answer() -> None:
    retry = message(2, server_body(ext(43, b"\3\4") + ext(51, b"\0\x17"), random=RETRY))
    again = hello(client_body())
    event = one([TLS13[0], (1, answer(retry)), (0, again), *TLS13[1:]])
    assert event["tls.ssl_history"] == "CjCsiI"
    assert event["tls.curve"] == "x25519"


def test_tlcp_with_its_two_certificates() -> None:
    sent = chain(sm2_certificate(), sm2_certificate())
    said = [
        (0, record(22, message(1, client_body(b"", (0xE013, 0xE011), 0x0101)), 0x0101)),
        (
            1,
            record(22, message(2, server_body(b"", 0xE013, 0x0101)) + message(11, sent), 0x0101),
        ),
    ]
    event = one(said)
    assert (event["tls.version_protocol"], event["tls.version"]) == ("tlcp", "1.1")
    assert event["tls.cipher"] == "ECC_SM4_CBC_SM3"
    assert event["tls.server.x509.public_key_curve"] == "SM2"
    assert event["tls.established"] is False


def test_a_resumed_session_and_its_ticket() -> None:
    same = b"7" * 32
    said = [
        (0, hello(client_body(sni(b"a.example"), session=same))),
        (1, answer(message(2, server_body(b"", 0x2F, session=same))) + CCS + SECRET),
        (0, CCS + SECRET),
    ]
    event = one(said)
    assert event["tls.resumed"] is True
    assert event["tls.established"] is True
    ticket = hello(client_body(ext(35, b"t" * 9), session=b""))
    event = one([(0, ticket), (1, answer(message(2, server_body(b"", 0x2F))) + CCS), (0, CCS)])
    assert event["tls.resumed"] is True
    offered = hello(client_body(ext(43, b"\2\3\4") + ext(41, b"p")))
    taken = message(2, server_body(ext(43, b"\3\4") + ext(41, b"\0\0")))
    assert one([(0, offered), (1, answer(taken))])["tls.resumed"] is True


def test_a_refused_handshake() -> None:
    event = one([(0, hello(client_body())), (1, record(21, b"\2\x28"))])
    assert event["tls.last_alert"] == "handshake_failure"
    assert event["tls.ssl_history"] == "Cl"
    assert "tls.established" not in event
    assert event["@timestamp"] == "2025-10-09T08:53:20.010000Z"
    assert START == 1_760_000_000_000_000_000


def test_certificates_of_the_client() -> None:
    said = tls12()
    said[2] = (0, answer(message(11, chain(certificate("ed"))), message(16, b"p")) + CCS + SECRET)
    event = one(said)
    assert event["tls.client.x509.public_key_algorithm"] == "ED25519"
    assert event["tls.server.x509.public_key_algorithm"] == "rsaEncryption"
    assert event["tls.ssl_history"] == "CsxknXGIi"


def test_one_side_alone_and_a_cut_hello() -> None:
    client = one([(0, hello(client_body()))])
    assert client["tls.client.server_name"] == "www.example.org"
    assert "tls.version" not in client
    server = one([(1, tls12()[1][1])])
    assert server["source.ip"] == "192.0.2.10"
    assert server["tls.cipher"].startswith("TLS_ECDHE")
    assert server["tls.ssl_history"] == "sxkn"
    cut = one([(0, record(22, hello(client_body())[5:160])), (0, b"")])
    assert cut["fengsui.parse"] == "cut"
    assert "tls.client.ja3" not in cut


def test_the_responder_as_client() -> None:
    event = one([(1, hello(client_body())), (0, answer(message(2, server_body())))])
    assert event["source.ip"] == "198.51.100.20"
    assert event["tls.ssl_history"] == "^Cs"


def test_hellos_in_the_framing_of_sslv2() -> None:
    body = b"\1" + words((0x0301, 6, 0, 16)) + bytes.fromhex("00002f000035") + b"c" * 16
    old = words((0x8000 | len(body),)) + body
    assert recognises(old, 0, a_flow())
    event = one([(0, old), (1, answer(message(2, server_body(b"", 0x2F, 0x0301))))])
    assert event["tls.version"] == "1.0"
    assert event["tls.ssl_history"] == "Cs"
    leaf = certificate()
    body = b"\4\0\1" + words((2, len(leaf), 3, 16)) + leaf + b"\1\0\x80" + b"i" * 16
    event = one([(1, words((0x8000 | len(body),)) + body)])
    assert (event["tls.version_protocol"], event["tls.version"]) == ("ssl", "2.0")
    assert event["tls.server.issuer"] == "CN=Test CA"


def test_recognition() -> None:
    flow = a_flow(8443)
    assert recognises(hello(client_body()), 0, flow)
    assert recognises(answer(message(2, server_body())), 1, flow)
    for data in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\3\1\0\5hello" * 9, record(24, b"\1" * 60)):
        assert not recognises(data, 0, flow)


@given(client_bodies, st.integers(1, 40))
def test_cutting_the_stream_changes_nothing(body: bytes, piece: int) -> None:
    said = [(0, hello(body)), *tls12()[1:]]
    whole, parts = one(said), one(said, piece)
    for event in (whole, parts):
        del event["@timestamp"], event["event.id"]
    assert whole == parts


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=300)), max_size=6))
def test_random_bytes(said: Said) -> None:
    play(PROTOCOL, said)


@given(
    st.sampled_from([tls12(), TLS13]),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3000), st.integers(0, 255)), max_size=9),
)
def test_damaged_handshakes(said: Said, changes: list[tuple[int, int, int]]) -> None:
    damaged = [(side, bytearray(data)) for side, data in said]
    for which, at, value in changes:
        data = damaged[which % len(damaged)][1]
        data[at % len(data)] = value
    played = play(PROTOCOL, [(side, bytes(data)) for side, data in damaged])
    assert len(played.events) <= 1
    assert not played.losses.get("tls.parser_error")


def test_a_flow_met_behind_its_handshake_is_tls_and_no_event() -> None:
    data = record(23, b"d" * 99)
    for seen in (data, data + record(21, b"a" * 26), data[:40]):
        assert recognises(seen, 0, a_flow(443))
        assert not play(PROTOCOL, [(0, seen), (1, data)]).events
    for other in (data + b"GET / HTTP/1.1", record(23, b"short"), b"\x17\3\3"):
        assert not recognises(other, 0, a_flow(443))
