"""Certificate chains as the sides of a TLS handshake show them: the fields of an event."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import orjson

from fengsui.event import Value
from sensors.wire.x509 import read

MOST_CERTIFICATES: Final = 32

_FIELDS: Final = (
    "subject", "issuer", "not_before", "not_after", "hash.sha256", "hash.sha1", "hash.md5",
    "x509.serial_number", "x509.version_number", "x509.subject.common_name",
    "x509.issuer.common_name", "x509.alternative_names", "x509.public_key_algorithm",
    "x509.public_key_size", "x509.public_key_curve", "x509.public_key_exponent",
    "x509.signature_algorithm", "x509.basic_constraints_ca", "x509.basic_constraints_path_length",
    "self_signed", "certificate_chain_sha256", "chain_length", "certificate_malformed",
)  # fmt: skip
SERVER_FIELDS: Final = tuple(f"tls.server.{part}" for part in _FIELDS)
CLIENT_FIELDS: Final = tuple(f"tls.client.{part}" for part in _FIELDS)


def describe(chain: Sequence[bytes], side: str = "server") -> dict[str, Value]:
    """Fields of the first certificate and of the chain that it leads; none for an empty chain.

    Args:
        chain: DER certificates in the order of the handshake.
        side: `server` or `client`: whose they are.
    """
    if not chain:
        return {}
    leaf = chain[0]
    found = read(leaf)
    found["hash.sha256"] = hashlib.sha256(leaf).hexdigest()
    found["hash.sha1"] = hashlib.sha1(leaf, usedforsecurity=False).hexdigest()
    found["hash.md5"] = hashlib.md5(leaf, usedforsecurity=False).hexdigest()
    found["certificate_chain_sha256"] = [
        hashlib.sha256(one).hexdigest() for one in chain[:MOST_CERTIFICATES]
    ]
    found["chain_length"] = len(chain)
    prefix = f"tls.{side}."
    return {prefix + key: value for key, value in found.items()}


def chain_of(message: bytes) -> list[bytes]:
    """Certificates of the body of a Certificate message of TLS up to 1.2 (RFC 5246 §7.4.2).

    Of a cut message what is whole.
    """
    found: list[bytes] = []
    end = min(len(message), 3 + int.from_bytes(message[:3], "big"))
    at = 3
    while at + 3 <= end and len(found) < MOST_CERTIFICATES:
        size = int.from_bytes(message[at : at + 3], "big")
        at += 3
        if size == 0 or at + size > end:
            break
        found.append(message[at : at + size])
        at += size
    return found


class CertificateCache:
    """JSON fragments of chains that were seen before: the same ones return thousands of times.

    Args:
        most: chains that are kept; the one used longest ago goes first.
    """

    def __init__(self, most: int = 4096) -> None:
        self.most = most
        self._kept: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def fragment(self, chain_message: bytes, side: str = "server") -> bytes:
        """Members of a JSON object, each with a comma before it, for the body of a Certificate message."""
        key = (side, hashlib.sha256(chain_message).digest())
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        fields = describe(chain_of(chain_message), side)
        made = b"," + orjson.dumps(fields)[1:-1] if fields else b""
        self._kept[key] = made
        if len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return made
