"""TLS hellos and their fingerprints, against independent reckoning."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import pytest

from tests.sensors.packet.frames import Connection, sense

CIPHERS = [0x1A1A, 0x1301, 0xC02F, 0x002F]
SIGNATURES = [0x0403, 0x0804]


def ext(kind: int, data: bytes = b"") -> bytes:
    return struct.pack(">HH", kind, len(data)) + data


def vector(data: bytes, width: int = 2) -> bytes:
    return len(data).to_bytes(width, "big") + data


def hello(alpn: bytes = b"h2", sni: bytes = b"www.example.org") -> bytes:
    extensions = (
        ext(0x2A2A)
        + ext(0, vector(b"\0" + vector(sni)))
        + ext(10, vector(struct.pack(">HHH", 0x3A3A, 29, 23)))
        + ext(11, vector(b"\0", 1))
        + ext(13, vector(struct.pack(">HH", *SIGNATURES)))
        + ext(16, vector(vector(alpn, 1) + vector(b"http/1.1", 1)))
        + ext(43, vector(struct.pack(">HHH", 0x4A4A, 0x0304, 0x0303), 1))
    )
    body = b"\x03\x03" + b"r" * 32 + vector(b"s" * 32, 1)
    body += vector(struct.pack(f">{len(CIPHERS)}H", *CIPHERS)) + b"\x01\0" + vector(extensions)
    return b"\x01" + len(body).to_bytes(3, "big") + body


def server_hello(random: bytes = b"q" * 32) -> bytes:
    extensions = ext(43, b"\x03\x04") + ext(51, struct.pack(">HH", 29, 2) + b"kk")
    body = b"\x03\x03" + random + b"\0" + b"\x13\x01" + b"\0" + vector(extensions)
    return b"\x02" + len(body).to_bytes(3, "big") + body


def record(kind: int, data: bytes) -> bytes:
    return bytes([kind, 3, 1]) + vector(data)


def talk(
    client: bytes, server: bytes, after: bytes = b"", size: int = 1400
) -> list[dict[str, Any]]:
    secure = Connection(8443).open()
    secure.say(0, client, size)
    secure.say(1, server, size)
    if after:
        secure.say(0, after)
    return sense(secure.close().pcap()).of("tls")


JA3 = hashlib.md5(b"771,4865-49199-47,0-10-11-13-16-43,29-23,0", usedforsecurity=False).hexdigest()
JA3S = hashlib.md5(b"771,4865,43-51", usedforsecurity=False).hexdigest()
JA4 = "t13d0306h2_{}_{}".format(
    hashlib.sha256(b"002f,1301,c02f").hexdigest()[:12],
    hashlib.sha256(b"000a,000b,000d,002b_0403,0804").hexdigest()[:12],
)

JA4S = f"t130200_1301_{hashlib.sha256(b'002b,0033').hexdigest()[:12]}"


@pytest.mark.parametrize("size", [1400, 50, 3])
def test_hellos_however_they_are_cut(size: int) -> None:
    (event,) = talk(
        record(22, hello()),
        record(22, server_hello()) + record(23, b"x" * 99),
        record(23, b"y"),
        size,
    )
    assert {k: v for k, v in event.items() if k.startswith(("tls", "destination.d"))} == {
        "tls.client.server_name": "www.example.org",
        "destination.domain": "www.example.org",
        "tls.client.supported_versions": ["1.3", "1.2"],
        "tls.server.ja4s": JA4S,
        "tls.resumed": False,
        "tls.client.ja3": JA3,
        "tls.client.ja4": JA4,
        "tls.version": "1.3",
        "tls.version_protocol": "tls",
        "tls.cipher": "TLS_AES_128_GCM_SHA256",
        "tls.curve": "x25519",
        "tls.server.ja3s": JA3S,
        "tls.established": True,
    }


def test_a_hello_spread_over_records_and_a_retry() -> None:
    whole = hello()
    client = b"".join(record(22, whole[at : at + 40]) for at in range(0, len(whole), 40))
    retry = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    (event,) = talk(
        client, record(22, server_hello(retry)) + record(20, b"\x01") + record(22, server_hello())
    )
    assert event["tls.client.ja3"] == JA3
    assert event["tls.server.ja3s"] == JA3S
    assert event["tls.established"] is False


@pytest.mark.parametrize(
    ("alpn", "code"), [(b"h2", "h2"), (b"x", "xx"), (b"\xab\xcd", "ad"), (b"h\xcd", "6d")]
)
def test_alpn_in_ja4(alpn: bytes, code: str) -> None:
    (event,) = talk(record(22, hello(alpn)), record(22, server_hello()))
    assert event["tls.client.ja4"][8:10] == code


def test_a_hello_without_extensions_and_only_one_side() -> None:
    body = b"\x03\x00" + b"r" * 32 + b"\0" + vector(b"\0\x2f") + b"\x01\0"
    (event,) = talk(record(22, b"\x01" + len(body).to_bytes(3, "big") + body), b"")
    assert event["tls.client.ja4"].startswith("ts3i010000_")
    assert event["tls.client.ja4"].endswith("_000000000000")
    assert "tls.established" not in event


@pytest.mark.parametrize("keep", range(5, 200, 13))
def test_cut_hellos_do_not_break_anything(keep: int) -> None:
    talk(record(22, hello())[:keep], record(22, server_hello())[:keep])
