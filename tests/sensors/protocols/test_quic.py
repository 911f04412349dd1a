"""QUIC: Initial packets sealed by an independent hand, in all the orders they can come in."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.quic import PROTOCOL, recognises
from sensors.wire.quic_packets import version_name
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.wire.hellos import (
    RETRY,
    client_body,
    ext,
    message,
    server_body,
    usual_extensions,
)

Said = list[tuple[int, bytes]]
V1, V2 = 1, 0x6B3343CF
SALTS = {
    V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
    V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
    0xFF00001D: "afbfec289993d24c9e9786f19c6111e04390a899",
}
DCID, CLIENT, SERVER = bytes.fromhex("8394c8f03e515708"), b"client", b"server01"
FLOW = a_flow(443, "udp")
HELLO = message(1, client_body(usual_extensions(protocol=b"h3")))
ANSWER = message(2, server_body())


def expand(secret: bytes, label: bytes, size: int) -> bytes:
    info = size.to_bytes(2, "big") + bytes((6 + len(label),)) + b"tls13 " + label + b"\0"
    return HKDFExpand(SHA256(), size, info).derive(secret)


def keys(version: int, dcid: bytes, whose: bytes) -> tuple[bytes, bytes, bytes]:
    extract = HMAC(bytes.fromhex(SALTS[version]), SHA256())
    extract.update(dcid)
    secret = expand(extract.finalize(), whose + b" in", 32)
    prefix = b"quicv2 " if version == V2 else b"quic "
    return tuple(expand(secret, prefix + part, size) for part, size in PARTS)  # type: ignore[return-value]


PARTS = ((b"key", 16), (b"iv", 12), (b"hp", 16))


def varint(value: int) -> bytes:
    return (value | 0x4000).to_bytes(2, "big")


def crypto(data: bytes, at: int = 0) -> bytes:
    return b"\x06" + varint(at) + varint(len(data)) + data


def sealed(
    frames: bytes,
    side: int = 0,
    version: int = V1,
    number: int = 2,
    dcid: bytes = DCID,
    ids: tuple[bytes, bytes] | None = None,
    kind: int = 0,
) -> bytes:
    key, iv, hp = keys(version, dcid, b"server" if side else b"client")
    to, back = ids or ((CLIENT, SERVER) if side else (DCID, CLIENT))
    frames += b"\0" * max(0, 40 - len(frames))
    first = 0xC3 | ((kind + 1) % 4 if version == V2 else kind) << 4
    head = version.to_bytes(4, "big") + bytes((len(to),)) + to + bytes((len(back),)) + back
    if kind == 0:
        head += b"\0"
    head += varint(4 + len(frames) + 16)
    plain = bytes((first,)) + head + number.to_bytes(4, "big")
    nonce = bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big"), strict=True))
    data = bytearray(plain + AESGCM(key).encrypt(nonce, frames, plain))
    at = 1 + len(head)
    mask = Cipher(AES(hp), ECB()).encryptor().update(bytes(data[at + 4 : at + 20]))
    data[0] ^= mask[0] & 0x0F
    for i in range(4):
        data[at + i] ^= mask[1 + i]
    return bytes(data)


def handshake(side: int, version: int = V1) -> bytes:
    return sealed(b"h" * 60, side, version, kind=2)


SHORT = b"\x41" + b"x" * 50


def conversation(version: int = V1) -> Said:
    return [
        (0, sealed(crypto(HELLO), version=version)),
        (1, sealed(b"\2\0\0\0\0" + crypto(ANSWER), 1, version) + handshake(1, version)),
        (0, sealed(b"\2\0\0\0\0", 0, version, 3) + handshake(0, version)),
        (1, SHORT),
        (0, SHORT),
    ]


def both(said: Said) -> tuple[dict[str, Any], dict[str, Any]]:
    played = play(PROTOCOL, said, FLOW)
    assert len(played.of("quic")) == len(played.of("tls")) == 1
    return played.of("quic")[0], played.of("tls")[0]


def test_the_keys_of_the_specifications() -> None:
    assert keys(V1, DCID, b"client")[0].hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert keys(V2, DCID, b"client")[0].hex() == "8b1a0bc121284290a29e0971b5cd045d"


@pytest.mark.parametrize(("version", "name"), [(V1, "1"), (V2, "quicv2"), (0xFF00001D, "draft-29")])
def test_a_connection(version: int, name: str) -> None:
    quic, tls = both(conversation(version))
    assert quic["quic.version"] == name
    assert quic["quic.client_initial_dcid"] == DCID.hex()
    assert quic["quic.client_scid"] == CLIENT.hex()
    assert quic["quic.server_scid"] == SERVER.hex()
    assert quic["quic.server_name"] == quic["destination.domain"] == "www.example.org"
    assert quic["quic.client_protocol"] == "h3"
    assert quic["quic.history"] == "ISishIH"
    assert quic["tls.client.ja4"].startswith("q13d0306h3_")
    assert tls["tls.client.ja4"] == quic["tls.client.ja4"]
    assert tls["tls.version"] == "1.3"
    assert tls["tls.server.ja4s"].startswith("q130200_1301_")
    assert tls["tls.ssl_history"] == "Cs"
    assert tls["network.transport"] == "udp"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_hello_in_pieces_of_any_order(order: tuple[int, ...]) -> None:
    cuts = (0, 40, 100, len(HELLO))
    pieces = [crypto(HELLO[cuts[i] : cuts[i + 1]], cuts[i]) for i in range(3)]
    one = sealed(b"\1\0\0" + b"\1".join(pieces[i] for i in order))
    several = [(0, sealed(pieces[i], number=i)) for i in order]
    for said in ([(0, one)], several):
        quic, tls = both(said)
        assert quic["quic.server_name"] == "www.example.org"
        assert tls["tls.client.ja3"] == both(conversation())[1]["tls.client.ja3"]


def test_a_retry_ends_an_event_and_the_next_hello_begins_another() -> None:
    retry = b"\xf0" + V1.to_bytes(4, "big") + b"\x06" + CLIENT + b"\x08" + SERVER + b"t" * 40
    again = sealed(crypto(HELLO), dcid=SERVER, ids=(SERVER, CLIENT))
    played = play(PROTOCOL, [conversation()[0], (1, retry), (0, again)], FLOW)
    first, second = played.of("quic")
    assert first["quic.history"] == "ISr"
    assert second["quic.history"] == "IS"
    assert second["quic.client_initial_dcid"] == SERVER.hex()
    assert len(played.of("tls")) == 1


def test_a_retry_of_the_hello_itself() -> None:
    retry = message(2, server_body(ext(43, b"\3\4") + ext(51, b"\0\x17"), random=RETRY))
    said = conversation()
    said[1:2] = [(1, sealed(crypto(retry), 1)), (1, sealed(crypto(ANSWER, len(retry)), 1))]
    _, tls = both(said)
    assert tls["tls.ssl_history"] == "Cjs"
    assert tls["tls.curve"] == "x25519"


def test_a_closed_connection() -> None:
    close = b"\x1c\x01\x00\x00"
    played = play(PROTOCOL, [conversation()[0], (1, sealed(close, 1))], FLOW)
    assert [one["quic.history"] for one in played.of("quic")] == ["ISic"]


def test_a_cut_datagram_gives_the_name_still() -> None:
    data = conversation()[0][1]
    quic, tls = both([(0, data[: len(data) - 60])])
    assert quic["quic.server_name"] == "www.example.org"
    assert tls["fengsui.parse"] == "cut"
    assert "tls.client.ja4" not in tls


def test_versions_that_are_unknown_reserved_or_negotiated() -> None:
    unknown = b"\xc0" + 0xDEADBEEF.to_bytes(4, "big") + b"\x08" + DCID + b"\0" + b"p" * 1200
    played = play(PROTOCOL, [(0, unknown), (0, unknown)], FLOW)
    assert [(e["quic.version"], e["quic.history"]) for e in played.events] == [
        ("unknown-deadbeef", "U")
    ]
    negotiation = b"\x80" + bytes(4) + b"\x06" + CLIENT + b"\x08" + DCID + b"\0\0\0\1\xff\0\0\x1d"
    assert recognises(negotiation, 1, FLOW)
    assert len(play(PROTOCOL, [(1, negotiation), *conversation()], FLOW).events) == 2
    assert version_name(0xFACEB001) == "mvfst (faceb001)"
    assert version_name(0x54303531) == "T051"


def test_the_answer_alone_tells_its_ids_only() -> None:
    played = play(PROTOCOL, [(1, conversation()[1][1])], FLOW)
    assert [one["event.dataset"] for one in played.events] == ["quic"]
    assert played.events[0]["quic.server_scid"] == SERVER.hex()
    assert played.losses == {"quic.not_decrypted": 1}


def chlo(version: bytes) -> bytes:
    values = {b"SNI\0": b"www.example.org", b"VER\0": version, b"UAID": b"Chrome/64"}
    tags, whole = b"", b""
    for tag, value in values.items():
        whole += value
        tags += tag + len(whole).to_bytes(4, "little")
    return b"CHLO" + len(values).to_bytes(2, "little") + b"\0\0" + tags + whole


def test_google_quic() -> None:
    packet = b"\x09" + DCID + b"Q043" + b"\1" + b"h" * 12 + b"\xa0\1\0\4" + chlo(b"Q043")
    assert recognises(packet, 0, FLOW)
    played = play(PROTOCOL, [(0, packet), (1, b"\0" + DCID + b"x" * 30)], FLOW)
    event = played.events[0]
    assert len(played.events) == 1
    assert event["quic.version"] == "Q043"
    assert event["quic.server_name"] == "www.example.org"
    assert event["user_agent.original"] == "Chrome/64"
    assert event["quic.cyu_string"] == "43,SNI-VER-UAID"
    assert event["quic.client_initial_dcid"] == DCID.hex()
    long = b"\xc3Q046\x50" + DCID + b"\0\0\0\1" + b"h" * 12 + b"\xa0\1\0\4" + chlo(b"Q046")
    assert play(PROTOCOL, [(0, long)], FLOW).events[0]["quic.cyu_string"].startswith("46,")


def test_recognition() -> None:
    assert all(recognises(data, side, FLOW) for side, data in conversation()[:3])
    for data in (b"", SHORT, b"\x80" * 40, b"\xc0" + bytes(60), bytes(100), b"\xff" * 60):
        assert not recognises(data, 0, FLOW)


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=200)), max_size=6))
def test_random_bytes(said: Said) -> None:
    play(PROTOCOL, said, FLOW)
    head = b"\xc3\0\0\0\1\4abcd\0\0"
    play(PROTOCOL, [(side, head + data) for side, data in said], FLOW)


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=120)), max_size=4))
def test_random_frames_under_good_keys(frames: Said) -> None:
    play(PROTOCOL, [(side, sealed(data, side)) for side, data in [(0, b"\1"), *frames]], FLOW)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 900), st.integers(0, 255)), max_size=9))
def test_damaged_datagrams(changes: list[tuple[int, int, int]]) -> None:
    said = [(side, bytearray(data)) for side, data in conversation()]
    for which, at, value in changes:
        data = said[which % len(said)][1]
        data[at % len(data)] = value
    played = play(PROTOCOL, [(side, bytes(data)) for side, data in said], FLOW)
    assert len(played.events) <= 8
    assert not played.losses.get("quic.parser_error")
