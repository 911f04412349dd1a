"""DER of values whose encodings are known."""

from __future__ import annotations

from playbooks.drills.traffic.protocols.der import bits, der, integer, oid, sequence


def test_known_encodings() -> None:
    assert integer(0) == bytes.fromhex("020100")
    assert integer(127) == bytes.fromhex("02017f")
    assert integer(128) == bytes.fromhex("02020080")
    assert integer(65_537) == bytes.fromhex("0203010001")
    assert oid("1.2.840.113549.1.1.11") == bytes.fromhex("06092a864886f70d01010b")
    assert oid("1.3.6.1.4.1.311.2.2.10") == bytes.fromhex("060a2b06010401823702020a")
    assert bits(b"\xa0") == bytes.fromhex("030200a0")
    assert sequence() == bytes.fromhex("3000")


def test_long_lengths() -> None:
    assert der(4, bytes(127))[:2] == b"\x04\x7f"
    assert der(4, bytes(128))[:3] == b"\x04\x81\x80"
    assert der(4, bytes(65_536))[:5] == b"\x04\x83\x01\x00\x00"
