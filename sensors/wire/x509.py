"""One X.509 certificate (RFC 5280; SM2 ones by GM/T 0015): what can be read of its DER bytes.

A walk of our own: it gives what can be read of a bad certificate too, and does not mind algorithms
that no library here knows (SM2 in TLCP, GB/T 38636). No signature is checked.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from fengsui.event import Fields
from sensors.protocol import WireError
from sensors.wire.certificate_names import CURVES, FIXED_SIZES, KEYS, SIGNATURES
from sensors.wire.der import (
    BIT_STRING,
    INTEGER,
    OBJECT,
    OCTET_STRING,
    SEQUENCE,
    Element,
    children,
    element,
    object_id,
    readable,
)
from sensors.wire.names import name
from sensors.wire.reader import text

MOST_NAMES: Final = 64
_ALTERNATIVE: Final = bytes.fromhex("551d11")
_CONSTRAINTS: Final = bytes.fromhex("551d13")
_BOOLEAN: Final = 0x01
_VERSION: Final = 0xA0  # context tags of the sequence
_EXTENSIONS: Final = 0xA3
_RSA: Final = frozenset({"rsaEncryption", "rsassaPss", "rsaesOaep"})


def read(data: bytes) -> Fields:
    """What one certificate says, under names without their prefix. Bad bytes raise nothing."""
    found: Fields = {}
    good = False
    try:
        whole = element(data, 0, len(data))
        signed = element(data, whole.start, whole.end)
        if whole.tag == SEQUENCE and signed.tag == SEQUENCE:
            good = _read_signed(data, signed, found) and whole.end == len(data)
    except WireError:
        good = False
        cut = _cut_open(data)
        if cut is not None:
            _read_signed(data, cut, found)
    if not good:
        found["certificate_malformed"] = True
    return {key: value for key, value in found.items() if value not in ("", [])}


def _cut_open(data: bytes) -> Element | None:
    """The signed part of a certificate whose outer lengths go past its end, as far as it is there."""
    at = 0
    for _ in range(2):
        if at + 2 > len(data) or data[at] != SEQUENCE:
            return None
        at += 2 + (data[at + 1] & 0x7F if data[at + 1] >= 0x80 else 0)
    return Element(SEQUENCE, 0, min(at, len(data)), len(data))


def _read_signed(data: bytes, signed: Element, found: Fields) -> bool:
    """Fields of a TBSCertificate; whether all of it was good."""
    parts, good = readable(data, signed.start, signed.end, 16)
    found["x509.version_number"] = "1"
    if parts and parts[0].tag == _VERSION:
        found["x509.version_number"] = str(_version(data, parts[0]))
        parts = parts[1:]
    readers: tuple[Callable[[bytes, Element, Fields], None], ...] = (
        _serial, _signature, _issuer, _validity, _subject, _key,
    )  # fmt: skip
    for reader, part in zip(readers, parts, strict=False):
        good = _guarded(reader, data, part, found) and good
    for part in parts[len(readers) :]:
        if part.tag == _EXTENSIONS:
            good = _guarded(_extensions, data, part, found) and good
    if len(parts) > 4:
        issuer, subject = parts[2], parts[4]
        found["self_signed"] = (
            data[issuer.start : issuer.end] == data[subject.start : subject.end]
            and subject.end > subject.start
        )
    return good and len(parts) >= len(readers)


def _guarded(
    reader: Callable[[bytes, Element, Fields], None], data: bytes, part: Element, found: Fields
) -> bool:
    try:
        reader(data, part, found)
    except (WireError, ValueError, IndexError, OverflowError):
        return False
    return True


def _version(data: bytes, part: Element) -> int:
    """1, 2 or 3; what else stands there plus one, as it is counted from 0."""
    content = data[part.start + 2 : part.end]
    return int.from_bytes(content[:4], "big") + 1


def _serial(data: bytes, part: Element, found: Fields) -> None:
    if part.tag != INTEGER or part.end == part.start:
        raise WireError("serial")
    content = data[part.start : min(part.end, part.start + 64)]
    number = int.from_bytes(content, "big", signed=True)
    digits = f"{abs(number):X}"
    found["x509.serial_number"] = "-" * (number < 0) + digits.zfill(len(digits) + len(digits) % 2)


def _algorithm(data: bytes, part: Element) -> tuple[str, Element]:
    """Object identifier of an AlgorithmIdentifier, and where it stands."""
    kind = element(data, part.start, part.end)
    if part.tag != SEQUENCE or kind.tag != OBJECT:
        raise WireError("algorithm")
    return object_id(data[kind.start : kind.end]), kind


def _signature(data: bytes, part: Element, found: Fields) -> None:
    oid, _ = _algorithm(data, part)
    found["x509.signature_algorithm"] = SIGNATURES.get(oid, oid)


def _issuer(data: bytes, part: Element, found: Fields) -> None:
    _put_name(data, part, found, "issuer")


def _subject(data: bytes, part: Element, found: Fields) -> None:
    _put_name(data, part, found, "subject")


def _put_name(data: bytes, part: Element, found: Fields, what: str) -> None:
    if part.tag != SEQUENCE:
        raise WireError("name")
    made = name(data, part.start, part.end)
    found[what] = made.text
    found[f"x509.{what}.common_name"] = made.common_name


def _validity(data: bytes, part: Element, found: Fields) -> None:
    times = children(data, part.start, part.end, 2)
    for key, time in zip(("not_before", "not_after"), times, strict=True):
        found[key] = instant(time.tag, data[time.start : time.end])


def instant(tag: int, content: bytes) -> str:
    """UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5) in the form of `@timestamp`.

    Raises:
        ValueError: it is no time.
    """
    words = content.decode("ascii")
    width = {23: 2, 24: 4}.get(tag, 0)
    digits = words[: width + 10]
    if width and words[width + 8 : width + 9] in {"Z", "+", "-"}:  # without seconds
        digits = words[: width + 8] + "00"
        rest = words[width + 8 :]
    else:
        rest = words[width + 10 :]
    if not width or not digits.isdigit() or len(digits) != width + 10:
        raise WireError("time")
    year = int(digits[:width])
    if width == 2:
        year += 1900 if year >= 50 else 2000
    month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(width, width + 10, 2))
    stamp = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    stamp -= _offset(rest)
    return f"{stamp:%Y-%m-%dT%H:%M:%S}.000000Z".zfill(27)


def _offset(rest: str) -> timedelta:
    """Distance to UTC behind a time: `Z`, `+0800`."""
    if len(rest) == 5 and rest[0] in "+-" and rest[1:].isdigit():
        distance = timedelta(hours=int(rest[1:3]), minutes=int(rest[3:5]))
        return distance if rest[0] == "+" else -distance
    return timedelta(0)


def _key(data: bytes, part: Element, found: Fields) -> None:
    parts = children(data, part.start, part.end, 2)
    oid, kind = _algorithm(data, parts[0])
    called = KEYS.get(oid, oid)
    found["x509.public_key_algorithm"] = called
    if oid in FIXED_SIZES:
        found["x509.public_key_size"] = FIXED_SIZES[oid]
    if called in _RSA:
        _rsa(data, parts[1], found)
    elif called == "dsaEncryption":
        prime = element(data, *_inside(data, kind.end, parts[0].end))
        found["x509.public_key_size"] = int.from_bytes(data[prime.start : prime.end]).bit_length()
    elif called == "id-ecPublicKey":
        curve = element(data, kind.end, parts[0].end)
        if curve.tag == OBJECT:
            dotted = object_id(data[curve.start : curve.end])
            named, size = CURVES.get(dotted, (dotted, 0))
            found["x509.public_key_curve"] = named
            if size:
                found["x509.public_key_size"] = size


def _inside(data: bytes, at: int, end: int) -> tuple[int, int]:
    outer = element(data, at, end)
    return outer.start, outer.end


def _rsa(data: bytes, bits: Element, found: Fields) -> None:
    """Size of the modulus and the exponent (RFC 8017 §A.1.1)."""
    if bits.tag != BIT_STRING:
        raise WireError("key")
    modulus, exponent = children(data, *_inside(data, bits.start + 1, bits.end), 2)
    size = int.from_bytes(data[modulus.start : modulus.end]).bit_length()
    found["x509.public_key_size"] = size
    if exponent.end - exponent.start <= 6:
        found["x509.public_key_exponent"] = int.from_bytes(data[exponent.start : exponent.end])


def _extensions(data: bytes, part: Element, found: Fields) -> None:
    for one in children(data, *_inside(data, part.start, part.end), 64):
        kind = element(data, one.start, one.end)
        which = data[kind.start : kind.end]
        if which not in (_ALTERNATIVE, _CONSTRAINTS):
            continue
        value = children(data, kind.end, one.end, 2)[-1]
        if value.tag != OCTET_STRING:
            raise WireError("extension")
        parts = children(data, *_inside(data, value.start, value.end), MOST_NAMES)
        if which == _CONSTRAINTS:
            _constraints(data, parts, found)
        else:
            found["x509.alternative_names"] = [
                words for each in parts if (words := _general(data, each))
            ]


def _constraints(data: bytes, parts: Sequence[Element], found: Fields) -> None:
    """Whether it may sign others, and how many levels below it (RFC 5280 §4.2.1.9)."""
    found["x509.basic_constraints_ca"] = False
    for part in parts[:2]:
        number = int.from_bytes(data[part.start : part.end])
        if part.tag == _BOOLEAN:
            found["x509.basic_constraints_ca"] = number != 0
        elif part.tag == INTEGER and part.end - part.start <= 4:
            found["x509.basic_constraints_path_length"] = number


def _general(data: bytes, one: Element) -> str:
    """A GeneralName (RFC 5280 §4.2.1.6): mail, host, URI, directory name or address."""
    content = data[one.start : one.end]
    form = one.tag & 0x1F
    if form in {1, 2, 6}:
        return text(content, 512)
    if form == 4:
        return name(data, *_inside(data, one.start, one.end)).text
    if form == 7 and len(content) in {4, 16}:
        return str(ipaddress.ip_address(content))
    return ""
