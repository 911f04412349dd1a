r"""Distinguished names (RFC 5280 §4.1.2.4) as text in the form of RFC 2253: most specific part first.

Short names of attributes as OpenSSL has them, so that the text equals what Zeek writes; letters
outside ASCII stay readable (Zeek writes them as `\E4\B8\AD`).
"""

from __future__ import annotations

from typing import Final

from sensors.wire.der import OBJECT, children, element, object_id
from sensors.wire.reader import text

MOST_PARTS: Final = 64
_MOST_TEXT: Final = 2048

ATTRIBUTES: Final = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L",
    "2.5.4.8": "ST", "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title",
    "2.5.4.13": "description", "2.5.4.14": "searchGuide", "2.5.4.15": "businessCategory",
    "2.5.4.16": "postalAddress", "2.5.4.17": "postalCode", "2.5.4.18": "postOfficeBox",
    "2.5.4.19": "physicalDeliveryOfficeName", "2.5.4.20": "telephoneNumber", "2.5.4.41": "name",
    "2.5.4.42": "GN", "2.5.4.43": "initials", "2.5.4.44": "generationQualifier",
    "2.5.4.45": "x500UniqueIdentifier", "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym",
    "2.5.4.72": "role", "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.3": "mail",
    "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName", "1.2.840.113549.1.9.7": "challengePassword",
    "1.2.840.113549.1.9.8": "unstructuredAddress",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}  # fmt: skip
# String types: whatever else stands there is printed as `#` and its DER bytes.
_ONE_BYTE: Final = frozenset({12, 18, 19, 20, 22, 23, 24, 26})
_BMP: Final = 30
_UNIVERSAL: Final = 28
_SPECIAL: Final = frozenset(',+"\\<>;')


class Name:
    """A name: its text and its most specific common name."""

    __slots__ = ("common_name", "text")

    def __init__(self, text: str, common_name: str) -> None:
        self.text = text
        self.common_name = common_name


def name(data: bytes, start: int, end: int) -> Name:
    """The name whose RDNSequence has its content at `start`.

    Raises:
        WireError: it is not well formed.
    """
    parts: list[str] = []
    common = ""
    for group in children(data, start, end, MOST_PARTS):
        joined: list[str] = []
        for pair in children(data, group.start, group.end, 8):
            kind = element(data, pair.start, pair.end)
            value = element(data, kind.end, pair.end)
            oid = object_id(data[kind.start : kind.end]) if kind.tag == OBJECT else ""
            short = ATTRIBUTES.get(oid)
            words = string(value.tag, data[value.start : value.end])
            if short is None or words is None:
                dump = data[value.at : min(value.end, value.at + 512)].hex().upper()
                joined.append(f"{short or oid or '?'}=#{dump}")
                continue
            if short == "CN":
                common = words
            joined.append(f"{short}={escaped(words)}")
        parts.append("+".join(reversed(joined)))
    return Name(",".join(reversed(parts))[:_MOST_TEXT], common)


def string(tag: int, content: bytes, most: int = 1024) -> str | None:
    """A value of one of ASN.1's string types as text; None where it is of none."""
    content = content[:most]
    if tag in _ONE_BYTE:
        return text(content, most)
    if tag == _BMP:
        return content.decode("utf-16-be", "replace")
    return content.decode("utf-32-be", "replace") if tag == _UNIVERSAL else None


def escaped(words: str) -> str:
    """A value with the marks of RFC 2253 §2.4."""
    plain = words.isprintable() and not _SPECIAL.intersection(words)
    made = words if plain else "".join(map(_letter, words))
    if made[:1] in {" ", "#"}:
        made = "\\" + made
    if len(words) > 1 and words.endswith(" "):
        made = made[:-1] + "\\ "
    return made


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return "\\" + letter
    return f"\\{ord(letter):02X}" if letter < " " or letter == "\x7f" else letter
