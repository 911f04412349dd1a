"""Fingerprints of hellos: JA3 and JA3S (salesforce/ja3), JA4 and JA4S (FoxIO's specification).

Where a client sends no signature algorithms, JA4's last part is the digest of the extensions alone,
without an underscore behind them, as the specification says; some programs differ there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from sensors.wire.hello import ALPN as ALPN_EXTENSION
from sensors.wire.hello import FORMATS, GROUPS, SIGNATURES, SNI, Hello, numbers
from sensors.wire.tls_names import is_grease

_VERSIONS: Final = {
    0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2",
    0xFEFF: "d1", 0xFEFD: "d2", 0xFEFC: "d3",
}  # fmt: skip


def ja3(hello: Hello) -> str:
    """JA3 of a ClientHello: MD5 over version, ciphers, extensions, groups and point formats."""
    parts = (
        str(hello.version),
        _joined(hello.ciphers),
        _joined(hello.extensions),
        _joined(numbers(hello.parts.get(GROUPS, b""), 2)),
        "-".join(map(str, hello.parts.get(FORMATS, b"")[1:])),
    )
    return _md5(",".join(parts))


def ja3s(hello: Hello) -> str:
    """JA3S of a ServerHello: MD5 over version, cipher and extensions."""
    return _md5(f"{hello.version},{hello.ciphers[0]},{_joined(hello.extensions)}")


def ja4(hello: Hello, transport: str = "t") -> str:
    """JA4 of a ClientHello; `transport` is t (TCP), q (QUIC) or d (DTLS)."""
    ciphers = _clean(hello.ciphers)
    extensions = _clean(hello.extensions)
    kept = sorted(one for one in extensions if one not in {SNI, ALPN_EXTENSION})
    signatures = _clean(numbers(hello.parts.get(SIGNATURES, b""), 2))
    words = _codes(kept) + ("_" + _codes(signatures) if signatures else "")
    offered = _clean(hello.offered_versions)
    version = _highest(offered) if offered else hello.version
    protocols = hello.protocols
    return (
        f"{transport}{_VERSIONS.get(version, '00')}{'d' if SNI in hello.parts else 'i'}"
        f"{min(len(ciphers), 99):02}{min(len(extensions), 99):02}"
        f"{_ends(protocols[0] if protocols else b'')}"
        f"_{_digest(_codes(sorted(ciphers)))}_{_digest(words if kept else '')}"
    )


def ja4s(hello: Hello, transport: str = "t") -> str:
    """JA4S of a ServerHello."""
    extensions = _clean(hello.extensions)
    protocols = hello.protocols
    return (
        f"{transport}{_VERSIONS.get(hello.chosen_version, '00')}{min(len(extensions), 99):02}"
        f"{_ends(protocols[0] if protocols else b'')}"
        f"_{hello.ciphers[0]:04x}_{_digest(_codes(extensions))}"
    )


def _clean(values: Iterable[int]) -> list[int]:
    return [one for one in values if not is_grease(one)]


def _joined(values: Iterable[int]) -> str:
    return "-".join(str(one) for one in values if not is_grease(one))


def _codes(values: Iterable[int]) -> str:
    return ",".join(f"{one:04x}" for one in values)


def _highest(offered: list[int]) -> int:
    """The newest version; those of DTLS count down."""
    datagram = [one for one in offered if one >> 8 == 0xFE]
    return min(datagram) if datagram else max(offered)


def _ends(name: bytes) -> str:
    """First and last character of an ALPN value; of its hexadecimal form where one is odd."""
    if not name:
        return "00"
    ends = bytes((name[0], name[-1]))
    return ends.decode() if ends.isalnum() else f"{name[0]:02x}"[0] + f"{name[-1]:02x}"[1]


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12] if words else "0" * 12


def _md5(words: str) -> str:
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()
