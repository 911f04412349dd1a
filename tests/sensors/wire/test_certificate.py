"""Certificates: what is read of good ones, bad ones and those that no library here knows."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from fengsui import ecs
from sensors.wire.certificate import (
    CLIENT_FIELDS,
    SERVER_FIELDS,
    CertificateCache,
    chain_of,
    describe,
)
from sensors.wire.names import escaped
from sensors.wire.x509 import instant, read

SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "城区政务, Office"),
        x509.NameAttribute(NameOID.COMMON_NAME, "www.example.org"),
    ]
)
ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = {
    "rsa": RSA_KEY,
    "ec": ec.generate_private_key(ec.SECP384R1()),
    "ed": ed25519.Ed25519PrivateKey.generate(),
}


def certificate(
    key: str = "rsa", issuer: x509.Name = ISSUER, limits: x509.BasicConstraints | None = None
) -> bytes:
    made = (
        x509.CertificateBuilder()
        .subject_name(SUBJECT)
        .issuer_name(issuer)
        .public_key(KEYS[key].public_key())
        .serial_number(0x0A1B2C)
        .not_valid_before(dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2051, 1, 1, tzinfo=dt.UTC))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("www.example.org"),
                    x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
                    x509.RFC822Name("a@example.org"),
                    x509.UniformResourceIdentifier("https://example.org/"),
                ]
            ),
            critical=False,
        )
    )
    if limits:
        made = made.add_extension(limits, critical=True)
    return made.sign(RSA_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def message(chain: list[bytes]) -> bytes:
    body = b"".join(len(one).to_bytes(3, "big") + one for one in chain)
    return len(body).to_bytes(3, "big") + body


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    wide = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(wide))) + wide + body


def sm2_certificate() -> bytes:
    """As GM/T 0015 has it: key of id-ecPublicKey on curve SM2, signed with SM2-with-SM3."""
    sm2 = tlv(6, bytes.fromhex("2a811ccf5501822d"))
    signature = tlv(0x30, tlv(6, bytes.fromhex("2a811ccf55018375")))
    named = tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, b"\x55\x04\x03"), tlv(12, "国密站".encode()))))
    key = tlv(
        0x30,
        tlv(0x30, tlv(6, bytes.fromhex("2a8648ce3d0201")), sm2),
        tlv(3, b"\0\x04" + b"k" * 64),
    )
    times = tlv(0x30, tlv(23, b"240101000000Z"), tlv(24, b"20991231235959Z"))
    signed = tlv(
        0x30, tlv(0xA0, tlv(2, b"\2")), tlv(2, b"\x01\xff"), signature, named, times, named, key
    )
    return tlv(0x30, signed, signature, tlv(3, b"\0" + b"s" * 70))


def test_a_certificate_gives_what_zeek_logs_of_it() -> None:
    leaf, above = certificate(), certificate(issuer=SUBJECT)
    found = describe([leaf, above])
    assert found == {
        "tls.server.subject": "CN=www.example.org,O=城区政务\\, Office,C=CN",
        "tls.server.issuer": "CN=Test CA",
        "tls.server.not_before": "2024-02-29T01:02:03.000000Z",
        "tls.server.not_after": "2051-01-01T00:00:00.000000Z",
        "tls.server.hash.sha256": hashlib.sha256(leaf).hexdigest(),
        "tls.server.hash.sha1": hashlib.sha1(leaf).hexdigest(),
        "tls.server.hash.md5": hashlib.md5(leaf).hexdigest(),
        "tls.server.x509.serial_number": "0A1B2C",
        "tls.server.x509.version_number": "3",
        "tls.server.x509.subject.common_name": "www.example.org",
        "tls.server.x509.issuer.common_name": "Test CA",
        "tls.server.x509.alternative_names": [
            "www.example.org",
            "192.0.2.7",
            "a@example.org",
            "https://example.org/",
        ],
        "tls.server.x509.public_key_algorithm": "rsaEncryption",
        "tls.server.x509.public_key_size": 2048,
        "tls.server.x509.public_key_exponent": 65537,
        "tls.server.x509.signature_algorithm": "sha256WithRSAEncryption",
        "tls.server.self_signed": False,
        "tls.server.certificate_chain_sha256": [
            hashlib.sha256(one).hexdigest() for one in (leaf, above)
        ],
        "tls.server.chain_length": 2,
    }
    assert ecs.faults(found) == []
    assert set(found) <= set(SERVER_FIELDS)
    assert ecs.faults(describe([leaf], "client")) == []
    assert set(describe([leaf], "client")) <= set(CLIENT_FIELDS)


@pytest.mark.parametrize(("ca", "length"), [(False, None), (True, None), (True, 0), (True, 3)])
def test_whether_it_may_sign_others(ca: bool, length: int | None) -> None:
    found = read(certificate(limits=x509.BasicConstraints(ca, length)))
    assert found["x509.basic_constraints_ca"] is ca
    assert found.get("x509.basic_constraints_path_length") == length
    assert "x509.basic_constraints_ca" not in read(certificate())


def test_every_field_is_in_the_registry() -> None:
    assert {*SERVER_FIELDS, *CLIENT_FIELDS} <= set(ecs.registry())


@pytest.mark.parametrize(
    ("key", "algorithm", "size", "curve"),
    [("ec", "id-ecPublicKey", 384, "secp384r1"), ("ed", "ED25519", 256, None)],
)
def test_keys(key: str, algorithm: str, size: int, curve: str | None) -> None:
    found = read(certificate(key, SUBJECT))
    assert found["x509.public_key_algorithm"] == algorithm
    assert found["x509.public_key_size"] == size
    assert found.get("x509.public_key_curve") == curve
    assert found["self_signed"] is True
    assert "certificate_malformed" not in found


def test_an_sm2_certificate_is_read() -> None:
    found = read(sm2_certificate())
    assert found["subject"] == "CN=国密站"
    assert found["x509.public_key_curve"] == "SM2"
    assert found["x509.public_key_size"] == 256
    assert found["x509.signature_algorithm"] == "SM2-with-SM3"
    assert found["not_after"] == "2099-12-31T23:59:59.000000Z"
    assert found["x509.serial_number"] == "01FF"
    assert found["self_signed"] is True
    assert "certificate_malformed" not in found


def test_of_a_cut_certificate_stays_what_came_before_the_cut() -> None:
    whole = certificate()
    cut = whole[: whole.index(b"Test CA") + 60]
    found = read(cut)
    assert found["certificate_malformed"] is True
    assert found["issuer"] == "CN=Test CA"
    assert found["x509.serial_number"] == "0A1B2C"


def test_names_are_escaped_as_rfc_2253_says() -> None:
    assert escaped(',+"\\<>;') == "".join("\\" + one for one in ',+"\\<>;')
    assert escaped("#x ") == "\\#x\\ "
    assert escaped(" x") == "\\ x"
    assert escaped("a\nb") == "a\\0Ab"


@pytest.mark.parametrize(
    ("tag", "words", "expected"),
    [
        (23, b"500101000000Z", "1950-01-01T00:00:00.000000Z"),
        (23, b"4912312359Z", "2049-12-31T23:59:00.000000Z"),
        (23, b"240101080000+0800", "2024-01-01T00:00:00.000000Z"),
        (24, b"99991231235959Z", "9999-12-31T23:59:59.000000Z"),
        (24, b"20240101000000.5Z", "2024-01-01T00:00:00.000000Z"),
        (24, b"00010101000000Z", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_times(tag: int, words: bytes, expected: str) -> None:
    assert instant(tag, words) == expected


@pytest.mark.parametrize("words", [b"", b"240230000000Z", b"24", b"99999999999999Z", b"\xff" * 13])
def test_what_is_no_time_is_an_error(words: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        instant(23, words)


def test_the_cache_returns_the_same_fragment_and_stays_bounded() -> None:
    cache = CertificateCache(most=2)
    messages = [message([certificate(key)]) for key in ("rsa", "ec", "ed")]
    first = cache.fragment(messages[0])
    assert json.loads(b"{" + first[1:] + b"}") == describe(chain_of(messages[0]))
    assert cache.fragment(messages[0]) is first
    for one in messages[1:]:
        cache.fragment(one)
    assert len(cache._kept) == 2
    assert cache.fragment(messages[0]) == first
    assert b"tls.client.subject" in cache.fragment(messages[0], "client")
    assert cache.fragment(b"\0\0\0") == b""
    assert cache.fragment(b"") == b""


@given(st.binary(max_size=300))
def test_any_bytes_give_registered_fields(data: bytes) -> None:
    fragment = CertificateCache().fragment(message([data]) if data else data)
    assert ecs.faults(json.loads(b"{" + fragment[1:] + b"}")) == []
    CertificateCache().fragment(data)


_WHOLE = (certificate(), sm2_certificate())


@given(st.sampled_from(_WHOLE), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255))))
def test_damaged_certificates_give_registered_fields(
    whole: bytes, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(whole)
    for at, value in changes:
        data[at % len(data)] = value
    fields = describe([bytes(data)])
    assert ecs.faults(fields) == []
    json.dumps(fields)
    for cut in range(0, len(whole), 97):
        read(bytes(data[:cut]))
