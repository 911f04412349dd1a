"""DTLS: fragments, repetition, the request to repeat the hello, and what is hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.protocols.dtls import PROTOCOL, recognises
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.wire.hellos import chain, client_body, ext, server_body, sni, vector, words
from tests.sensors.wire.test_certificate import certificate

Said = list[tuple[int, bytes]]


def record(kind: int, data: bytes, epoch: int = 0, version: int = 0xFEFD) -> bytes:
    return bytes((kind,)) + words((version, epoch)) + b"\0" * 6 + vector(data)


def part(kind: int, body: bytes, number: int, at: int = 0, size: int | None = None) -> bytes:
    piece = body[at : at + (len(body) if size is None else size)]
    head = bytes((kind,)) + len(body).to_bytes(3, "big") + words((number,))
    return head + at.to_bytes(3, "big") + len(piece).to_bytes(3, "big") + piece


def parts(kind: int, body: bytes, number: int, size: int) -> list[bytes]:
    return [record(22, part(kind, body, number, at, size)) for at in range(0, len(body), size)]


def conversation(size: int = 4000, backwards: bool = False) -> Said:
    first = client_body(sni(b"vpn.example"), version=0xFEFD, cookie=b"")
    second = client_body(sni(b"vpn.example"), version=0xFEFD, cookie=b"c" * 20)
    shown = parts(11, chain(certificate()), 2, size)
    if backwards:
        shown.reverse()
    answer = server_body(ext(16, b"\0\7\6webrtc"), 0xC02F, 0xFEFD)
    return [
        (0, record(22, part(1, first, 0))),
        (1, record(22, part(3, words((0xFEFF,)) + vector(b"c" * 20, 1), 0))),
        (0, record(22, part(1, second, 1))),
        (1, record(22, part(2, answer, 1)) + shown[0]),
        *((1, one) for one in shown),
        (1, record(22, part(14, b"", 4))),
        (0, record(22, part(16, b"k" * 33, 2)) + record(20, b"\1") + record(22, b"e" * 40, 1)),
        (1, record(20, b"\1") + record(22, b"e" * 40, 1)),
        (0, record(23, b"d" * 40, 1)),
    ]


@pytest.mark.parametrize(("size", "backwards"), [(4000, False), (100, False), (100, True)])
def test_a_handshake(size: int, backwards: bool) -> None:
    played = play(PROTOCOL, conversation(size, backwards), a_flow(4433, "udp"))
    assert len(played.events) == 1
    event = played.events[0]
    assert (event["tls.version_protocol"], event["tls.version"]) == ("dtls", "1.2")
    assert event["tls.client.ja4"].startswith("dd2d030100_")
    assert event["tls.server.ja4s"].startswith("dd201wc_c02f_")
    assert event["tls.server.subject"].startswith("CN=www.example.org")
    assert event["tls.ssl_history"] == "CvCsxnGIi"
    assert event["tls.established"] is True


def test_one_side_alone() -> None:
    for side in (0, 1):
        said = [one for one in conversation() if one[0] == side]
        event = play(PROTOCOL, said, a_flow(4433, "udp")).events[0]
        assert ("tls.client.ja3" in event) == (side == 0)
        assert ("tls.cipher" in event) == (side == 1)


def test_recognition() -> None:
    flow = a_flow(4433, "udp")
    said = conversation()
    assert all(recognises(said[which][1], said[which][0], flow) for which in (0, 1, 2, 3))
    for data in (b"", b"\x16\xfe\xfd", b"\x17" + said[0][1][1:], bytes(60)):
        assert not recognises(data, 0, flow)


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=200)), max_size=6))
def test_random_bytes(said: Said) -> None:
    play(PROTOCOL, [(side, b"\x16\xfe\xfd\0\0" + data) for side, data in said])
    play(PROTOCOL, said)


@given(
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 900), st.integers(0, 255)), max_size=9),
    st.permutations(range(8)),
)
def test_damaged_and_shuffled_handshakes(
    changes: list[tuple[int, int, int]], order: list[int]
) -> None:
    said = [(side, bytearray(data)) for side, data in conversation(300)]
    for which, at, value in changes:
        data = said[which % len(said)][1]
        data[at % len(data)] = value
    shuffled = [said[which] for which in order] + said[8:]
    played = play(PROTOCOL, [(side, bytes(data)) for side, data in shuffled])
    assert len(played.events) <= 1
    assert not played.losses.get("dtls.parser_error")
