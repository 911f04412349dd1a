"""What a TLS server takes: versions, weak suites, its certificate; TLCP recognised. A dozen connections."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from detections.compliance.assets.probe import hello
from detections.compliance.assets.probe.authority import (
    BETWEEN_SECONDS,
    CONNECT_SECONDS,
    unreachable,
)
from fengsui.errors import InputError

_MOST_RECORD: Final = 18_432
_MOST_HEAD: Final = 32_768
_OLD_FIRST: Final = (hello.SSL3, hello.TLS10, hello.TLS11, hello.TLS12)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The leaf. Times in s since 1970; `own`: signed by itself; `bits` of its key."""

    subject: str
    names: tuple[str, ...]
    begins: int
    ends: int
    own: bool
    key: str
    bits: int
    hash: str


@dataclass(frozen=True, slots=True)
class TlsService:
    """`versions`: taken ones by name; `weak`: kinds of weak suites taken, each with its version."""

    versions: tuple[str, ...]
    weak: tuple[str, ...]
    suites: tuple[str, ...]
    certificate: Certificate | None
    asked_name: str
    headers: dict[str, str]


def probe_tls(address: str, port: int, name: str, where: str, *, http: bool) -> TlsService:
    """Everything of one service.

    Raises:
        InputError: no answer, or no TLS.
    """
    probing = _Probing(address, port, name, where)
    versions: list[str] = []
    suites: list[str] = []
    taken: list[int] = []
    everything = (*hello.SOUND, *(s for group in hello.WEAK.values() for s in group))
    for version in _OLD_FIRST:
        found = probing.ask(version, everything)
        if found is not None and found.version == version:
            taken.append(version)
            versions.append(hello.NAMES[version])
            suites.append(f"{hello.NAMES[version]}: 0x{found.suite:04X}")
    found = probing.ask(hello.TLS13, hello.MODERN)
    if found is not None and found.version == hello.TLS13:
        versions.append(hello.NAMES[hello.TLS13])
        suites.append(f"TLSv1.3: 0x{found.suite:04X}")
    found = probing.ask(hello.TLCP, hello.SM_SUITES)
    if found is not None and found.version == hello.TLCP:
        versions.append(hello.NAMES[hello.TLCP])
        suites.append(f"TLCP: 0x{found.suite:04X}")
    if not versions:
        raise InputError("The service does not speak TLS", where=where, code="no_tls")
    weak = [
        kind
        for kind, group in hello.WEAK.items()
        if taken and (found := probing.ask(max(taken), group)) is not None and found.suite in group
    ]
    certificate, headers = probing.whole(http=http)
    return TlsService(
        tuple(versions), tuple(weak), tuple(suites), certificate, probing.name, headers
    )


class _Probing:
    def __init__(self, address: str, port: int, name: str, where: str) -> None:
        self._end = (address, port)
        self._where = where
        self.name = "" if _is_address(name) else name

    def ask(self, version: int, suites: tuple[int, ...]) -> hello.Hello | None:
        """The server's choice; None where it refuses or answers otherwise."""
        time.sleep(BETWEEN_SECONDS)
        try:
            with socket.create_connection(self._end, CONNECT_SECONDS) as link:
                link.settimeout(CONNECT_SECONDS)
                link.sendall(hello.client_hello(version, suites, self.name))
                head = _exactly(link, 5)
                size = hello.record_size(head)
                return hello.server_hello(head[0], _exactly(link, min(size, _MOST_RECORD)))
        except ConnectionRefusedError as error:
            raise unreachable(self._where, error) from error
        except TimeoutError as error:
            if version == _OLD_FIRST[-1]:
                raise unreachable(self._where, error) from error
            return None
        except (OSError, ValueError):
            return None  # refused by closing, or no such version

    def whole(self, *, http: bool) -> tuple[Certificate | None, dict[str, str]]:
        """The certificate by a whole handshake, and the head of an HTTP answer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        time.sleep(BETWEEN_SECONDS)
        try:
            with (
                socket.create_connection(self._end, CONNECT_SECONDS) as plain,
                context.wrap_socket(plain, server_hostname=self.name or None) as link,
            ):
                der = link.getpeercert(binary_form=True)
                headers = _headers(link, self.name or self._end[0]) if http else {}
        except (OSError, ValueError):
            return None, {}
        return (certificate_of(der) if der else None), headers


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _exactly(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = link.recv(size - len(data))
        if not more:
            raise ValueError("closed")
        data += more
    return data


def _headers(link: ssl.SSLSocket, name: str) -> dict[str, str]:
    """The head of the answer to GET /."""
    link.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _MOST_HEAD:
        more = link.recv(4096)
        if not more:
            break
        data += more
    return headers_of(data)


def headers_of(data: bytes) -> dict[str, str]:
    """Names in lower case; `:status` the first line. Cookies keep their name and flags only."""
    lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    found = {":status": lines[0][:80]}
    for line in lines[1:100]:
        name, _, value = line.partition(":")
        key, text = name.strip().lower(), value.strip()
        if key == "set-cookie":
            first, _, flags = text.partition(";")
            text = f"{first.partition('=')[0]}=…;{flags}"
        found[key] = text[:200]
    return found


def certificate_of(der: bytes) -> Certificate | None:
    """The certificate; None where it is not understood (SM2 keys among them are named SM2)."""
    try:
        made = x509.load_der_x509_certificate(der)
        names = _names(made)
        subject, own = made.subject.rfc4514_string()[:200], made.subject == made.issuer
        begins = int(made.not_valid_before_utc.timestamp())
        ends = int(made.not_valid_after_utc.timestamp())
        digest = made.signature_hash_algorithm.name if made.signature_hash_algorithm else ""
    except (ValueError, UnsupportedAlgorithm):
        return None
    try:
        key = made.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return Certificate(subject, names, begins, ends, own, "SM2 or unknown", 0, digest)
    kind, bits = type(key).__name__.strip("_").removesuffix("PublicKey"), 0
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey | ec.EllipticCurvePublicKey):
        bits = key.key_size
    return Certificate(subject, names, begins, ends, own, kind, bits, digest)


def _names(made: x509.Certificate) -> tuple[str, ...]:
    try:
        held = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(held.get_values_for_type(x509.DNSName))
