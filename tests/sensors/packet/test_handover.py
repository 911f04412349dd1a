"""What leaves compiled code: sessions of the second tier, certificates and bodies."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sensors.packet.frames import CLIENT, SERVER, START, Connection, pcap, sense, udp
from tests.sensors.packet.test_tls import hello, record, vector


@cache
def certificate() -> bytes:
    """A self-signed certificate, DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "unit.example")])
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4660)
        .not_valid_before(since)
        .not_valid_after(since + dt.timedelta(days=90))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def old_server(version: bytes = b"\x03\x03", suite: bytes = b"\xc0\x2f") -> bytes:
    """ServerHello without extensions, Certificate, ServerHelloDone."""
    chain = vector(vector(certificate(), 3), 3)
    first = handshake(2, version + b"q" * 32 + b"\0" + suite + b"\0")
    return first + handshake(11, chain) + handshake(14, b"")


@pytest.mark.parametrize("size", [1400, 60, 1])
@pytest.mark.parametrize("split", [False, True])
def test_the_certificate_of_a_handshake_is_in_its_event(size: int, split: bool) -> None:
    messages = old_server()
    records = record(22, messages)
    if split:  # a message over several records
        records = b"".join(
            record(22, messages[at : at + 100]) for at in range(0, len(messages), 100)
        )
    secure = Connection(443).open()
    secure.say(0, record(22, hello()))
    secure.say(1, records, size)
    secure.say(0, record(20, b"\1") + record(22, b"e" * 40))
    secure.say(1, record(20, b"\1") + record(22, b"e" * 40) + record(23, b"data"))
    (event,) = sense(secure.close().pcap()).of("tls")
    assert event["tls.server.hash.sha256"] == hashlib.sha256(certificate()).hexdigest()
    assert event["tls.server.x509.subject.common_name"] == "unit.example"
    assert event["tls.server.not_after"].startswith("2026-04-01")
    assert event["tls.established"] is True
    assert event["tls.resumed"] is False


def test_a_session_that_goes_on_without_certificate_is_resumed() -> None:
    secure = Connection(443).open()
    secure.say(0, record(22, hello()))
    secure.say(
        1, record(22, handshake(2, b"\3\3" + b"q" * 32 + b"\0\xc0\x2f\0")) + record(20, b"\1")
    )
    secure.say(0, record(20, b"\1") + record(23, b"x"))
    (event,) = sense(secure.close().pcap()).of("tls")
    assert event["tls.resumed"] is True


def test_tlcp_is_named() -> None:
    def tlcp(kind: int, data: bytes) -> bytes:
        return bytes([kind, 1, 1]) + vector(data)

    body = b"\1\1" + b"r" * 32 + b"\0" + vector(b"\xe0\x13\xe0\x11") + b"\1\0"
    secure = Connection(443).open()
    secure.say(0, tlcp(22, handshake(1, body)))
    secure.say(1, tlcp(22, old_server(b"\1\1", b"\xe0\x13")))
    (event,) = sense(secure.close().pcap()).of("tls")
    assert event["tls.version_protocol"] == "tlcp"
    assert event["tls.cipher"] == "ECC_SM4_CBC_SM3"
    assert event["tls.server.hash.sha256"] == hashlib.sha256(certificate()).hexdigest()


def test_an_alert_in_clear_is_in_the_event() -> None:
    secure = Connection(443).open()
    secure.say(0, record(22, hello()))
    secure.say(1, record(21, b"\2\x28"))
    (event,) = sense(secure.close().pcap()).of("tls")
    assert event["tls.last_alert"] == "handshake_failure"


@pytest.mark.parametrize("size", [1400, 11])
def test_bodies_become_files_with_hashes(size: int) -> None:
    data = b"%PDF-1.7 " + b"content " * 900
    packed = gzip.compress(data, mtime=0)
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(packed[i : i + 300]), packed[i : i + 300])
        for i in range(0, len(packed), 300)
    )
    web = Connection().open()
    web.say(0, b"POST /up?x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
    web.say(
        1,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
        + chunks
        + b"0\r\n\r\n",
        size,
    )
    web.say(0, b"GET /docs/b.pdf HTTP/1.1\r\nHost: h\r\n\r\n")
    web.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data, size)
    seen = sense(web.close().pcap())
    files = {event["source.ip"] + event.get("file.name", ""): event for event in seen.of("files")}
    assert files[CLIENT]["file.hash.sha256"] == hashlib.sha256(b"hello").hexdigest()
    for key in (SERVER + "up", SERVER + "b.pdf"):
        assert files[key]["file.hash.sha256"] == hashlib.sha256(data).hexdigest()
        assert files[key]["file.hash.md5"] == hashlib.md5(data).hexdigest()
        assert files[key]["file.mime_type"] == "application/pdf"
        assert files[key]["file.size"] == len(data)
    first, second = seen.of("http")
    assert first["http.request.body.bytes"] == 5
    assert first["http.response.body.bytes"] == len(packed)
    assert (first["http.transaction"], second["http.transaction"]) == (1, 2)


def test_a_second_tier_flow_is_parsed_named_and_its_place_compared() -> None:
    shell = Connection(443).open()
    shell.say(1, b"SSH-2.0-OpenSSH_9.6\r\n")
    shell.say(0, b"SSH-2.0-PuTTY_Release_0.80\r\n")
    seen = sense(shell.close().pcap())
    (event,) = seen.of("ssh")
    assert event["ssh.client.banner"] == "SSH-2.0-PuTTY_Release_0.80"
    (flow,) = seen.of("flow")
    assert flow["network.protocol"] == "ssh"
    assert flow["fengsui.port_protocol"] == "tls"


def test_what_nobody_knows_is_a_flow_without_a_name() -> None:
    talk = Connection(9999).open()
    talk.say(0, bytes(range(200, 250)) * 3)
    talk.say(1, bytes(range(150, 200)) * 3)
    seen = sense(talk.close().pcap())
    (flow,) = seen.of("flow")
    assert "network.protocol" not in flow
    assert flow["client.bytes"] == 150


def test_only_what_is_wanted_is_written() -> None:
    web = Connection().open()
    web.say(0, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    web.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    packets = [*web.close().packets, (START, udp(CLIENT, 1, SERVER, 123, b"\x1b" + b"\0" * 47))]
    for wanted in ({"http"}, {"flow"}, {"files"}, {"ntp", "flow"}, set[str]()):
        seen = sense(pcap(packets), datasets=frozenset(wanted))
        assert {event["event.dataset"] for event in seen.events} == wanted


def test_a_flow_that_stays_open_is_reported() -> None:
    web = Connection().open()
    for _ in range(400):
        web.time += 10_000_000_000
        web.send(0, "PA", b"x")
    seen = sense(web.pcap(), report_every=600_000_000_000)
    reports = seen.of("flow_open")
    assert len(reports) == 6
    counts = [event["source.packets"] for event in reports]
    assert counts == sorted(counts)
    (flow,) = seen.of("flow")
    assert flow["zeek.session_id"] == reports[0]["zeek.session_id"]
