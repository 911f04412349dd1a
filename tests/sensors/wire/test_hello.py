"""Hellos and their fingerprints, against the specifications' own examples."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.protocol import WireError
from sensors.wire import ja
from sensors.wire.hello import client_hello, client_hello_v2, server_hello
from sensors.wire.tls_names import is_grease, protocol_version
from sensors.wire.tls_suites import SUITES, suite
from tests.sensors.wire.hellos import (
    RETRY,
    alpn,
    client_bodies,
    client_body,
    ext,
    server_body,
    sni,
    vector,
    words,
)

# The example of FoxIO's specification of JA4.
_CIPHERS = (
    0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C,
    0x009D, 0x002F, 0x0035,
)  # fmt: skip
_EXTENSIONS = (
    0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D, 0x0005, 0x0023, 0x0012, 0x002B,
    0xFF01, 0x000B, 0x000A, 0x0015,
)  # fmt: skip
_SIGNATURES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)
_PARTS = {
    0x0000: sni(b"example.org"),
    0x0010: alpn(b"h2"),
    0x000D: ext(13, vector(words(_SIGNATURES))),
    0x002B: ext(43, vector(words((0x0304, 0x0303)), 1)),
}


def example(*, signatures: bool = True) -> bytes:
    parts = dict(_PARTS)
    if not signatures:
        parts[0x000D] = ext(13, vector(b""))
    made = b"".join(parts.get(kind, ext(kind)) for kind in _EXTENSIONS)
    return client_body(ext(0x0A0A) + made, (0x0A0A, *_CIPHERS))


def test_ja4_is_what_its_specification_shows() -> None:
    assert ja.ja4(client_hello(example())) == "t13d1516h2_8daaf6152771_e5627efa2ab1"
    without = ja.ja4(client_hello(example(signatures=False)), "q")
    assert without == "q13d1516h2_8daaf6152771_6d807ffa2a79"


def test_ja4s_is_what_its_specification_shows() -> None:
    made = b"".join(ext(kind) for kind in (0x0005, 0x0017, 0xFF01, 0x0000))
    hello = server_hello(server_body(made, 0xC030))
    assert ja.ja4s(hello) == "t120400_c030_4e8089b08790"


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"", "00"),
    ],
)
def test_the_ends_of_an_alpn_value(name: bytes, ends: str) -> None:
    assert ja.ja4(client_hello(client_body(alpn(name))))[8:10] == ends


def test_versions_of_dtls_count_down() -> None:
    offered = ext(43, vector(words((0xFEFD, 0xFEFC, 0x1A1A)), 1))
    hello = client_hello(client_body(offered, version=0xFEFD, cookie=b"c"), cookie=True)
    assert ja.ja4(hello, "d").startswith("dd3i")
    assert ja.ja4(client_hello(client_body(b"", version=0xFEFF)), "d").startswith("dd1i")


def test_ja3() -> None:
    hello = client_hello(client_body())
    assert ja.ja3(hello) == hashlib.md5(b"771,4865-49199-47,0-10-11-13-16-43,29-23,0").hexdigest()
    answer = server_hello(server_body())
    assert ja.ja3s(answer) == hashlib.md5(b"771,4865,43-51").hexdigest()


def test_parts_of_a_hello() -> None:
    hello = client_hello(client_body())
    assert hello.server_name == b"www.example.org"
    assert hello.protocols == [b"h2", b"http/1.1"]
    assert hello.offered_versions == [0x4A4A, 0x0304, 0x0303]
    assert hello.complete
    assert server_hello(server_body()).chosen_version == 0x0304
    assert server_hello(server_body(random=RETRY)).is_retry
    assert server_hello(server_body(b"", version=0x0302)).complete


def test_the_framing_of_sslv2() -> None:
    body = words((0x0301, 9, 0, 16)) + bytes.fromhex("00002f 010080 000035") + b"c" * 16
    hello = client_hello_v2(body)
    assert hello.version == 0x0301
    assert hello.ciphers == [0x2F, 0x35]
    assert hello.complete


def test_words_for_numbers() -> None:
    assert suite(0xE013) == "ECC_SM4_CBC_SM3"
    assert suite(0xE011) == "ECDHE_SM4_CBC_SM3"
    assert suite(0xFFFE) == SUITES.get(0xFFFE, "0xfffe")
    assert suite(0x1234) == "0x1234"
    assert protocol_version(0x0101) == ("tlcp", "1.1")
    assert protocol_version(0xFEFD) == ("dtls", "1.2")
    assert protocol_version(0x7F1C) == ("tls", "1.3")
    assert is_grease(0xFAFA)
    assert not is_grease(0x0A1A)


@given(client_bodies)
def test_a_whole_hello_is_complete_and_a_cut_one_is_not(body: bytes) -> None:
    assert client_hello(body).complete
    for cut in range(35, len(body), 7):
        try:
            hello = client_hello(body[:cut], whole=False)
        except WireError:
            continue
        assert not hello.complete


@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing_else(data: bytes) -> None:
    for reader in (client_hello, server_hello, client_hello_v2):
        try:
            hello = reader(data)
        except WireError:
            continue
        ja.ja3(hello)
        ja.ja4(hello)
        _ = hello.server_name, hello.protocols, hello.chosen_version


@pytest.mark.parametrize("draft", [0x7F12, 0x7F13, 0x7F15])
def test_server_hello_of_an_early_draft_has_no_session_id(draft: int) -> None:
    body = draft.to_bytes(2, "big") + bytes(range(32)) + b"\x13\x01"
    hello = server_hello(body + vector(ext(40, b"\0\x1d\0\0"), 2))
    assert hello.ciphers == [0x1301]
    assert hello.extensions == [40]
    assert hello.complete
    assert ja.ja3s(hello) == hashlib.md5(f"{draft},4865,40".encode()).hexdigest()
    with pytest.raises(WireError):
        server_hello(body[:-1])
