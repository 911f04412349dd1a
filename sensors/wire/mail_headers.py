"""Header fields of mail: unfolding, encoded words, addresses, parameters (RFC 5322, 2047, 2231)."""

from __future__ import annotations

import binascii
import ipaddress
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from sensors.wire.reader import text

MAX_FIELDS: Final = 256
_LONGEST: Final = 4096
_WORD: Final = re.compile(r"=\?([\w.:\-]{1,40})(?:\*[\w\-]{0,16})?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_BETWEEN: Final = re.compile(r"(\?=)\s+(?==\?)")
_PARAMETER: Final = re.compile(
    r';\s*([\w\-]{1,40})(\*\d{0,2}\*?)?\s*=\s*("[^"]{0,1000}"|[^;\s]{0,1000})'
)
_MAILBOX: Final = re.compile(r"[^\s<>,;:\"()\[\]]{1,128}@[^\s<>,;:\"()]{1,255}")
# An IPv4 address anywhere; of IPv6 what stands in brackets, as mail servers write it.
_ADDRESS: Final = re.compile(
    r"(?<![\d.])((?:\d{1,3}\.){3}\d{1,3})(?![\d.])|[\[(](?:IPv6:)?([0-9A-Fa-f:]{3,39})[\])]"
)
_CHARSETS: Final = (
    "utf-8", "utf8", "gb", "x-gbk", "big5", "hz", "us-ascii", "ascii", "iso-", "iso8859", "windows-", "cp",
    "koi8", "euc", "shift", "ks_c", "latin", "utf-16", "tis-620",
)  # fmt: skip
# Charsets that senders name too narrowly.
_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
                 "ks_c_5601-1987": "cp949", "us-ascii": "latin-1"}  # fmt: skip


def fields_of(block: bytes) -> list[tuple[str, str]]:
    """Names in upper case and unfolded values of a block of header lines, in order."""
    found: list[list[bytes]] = []
    for raw in block.split(b"\n"):
        line = raw.rstrip(b"\r")
        if line[:1] in {b" ", b"\t"}:
            if found and sum(len(one) for one in found[-1]) < _LONGEST:
                found[-1].append(line)
            continue
        if b":" in line and len(found) < MAX_FIELDS:
            found.append([line])
    fields: list[tuple[str, str]] = []
    for lines in found:
        name, _, value = b"".join(lines).partition(b":")
        fields.append((text(name.strip(), 128).upper(), text(value.strip(), _LONGEST)))
    return fields


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _BETWEEN.sub(r"\1", value))


def _word(match: re.Match[str]) -> str:
    charset, kind, words = match.groups()
    try:
        if kind in "bB":
            data = binascii.a2b_base64(words + "=" * (-len(words) % 4))
        else:
            data = binascii.a2b_qp(words, header=True)
    except ValueError:
        return match.group()
    return _in_charset(data, charset) or match.group()


def _in_charset(data: bytes, charset: str) -> str:
    """Text in a charset that mail uses; "" for others: Python knows codecs that are no charsets."""
    name = charset.lower()
    if not name.startswith(_CHARSETS):
        return ""
    try:
        words = data.decode(_WIDER.get(name, name), "replace")
    except (ValueError, LookupError):
        return ""
    return words.encode("utf-8", "replace").decode()


def mailboxes(value: str, most: int = 64) -> list[str]:
    """Addresses in a field such as To, each once."""
    return list(dict.fromkeys(match.group() for match in _MAILBOX.finditer(value)))[:most]


def path_address(data: bytes) -> str:
    """Address of a path `<user@domain> SIZE=…`."""
    word = text(data.strip(), 1024)
    if word.startswith("<"):
        inner = word[1:].partition(">")[0]
        return inner.rpartition(":")[2] if inner.startswith("@") else inner
    return next(iter(mailboxes(word)), word.partition(" ")[0])


def listed(value: str, most: int = 64) -> list[str]:
    """Members of a list of mailboxes as they stand, display names included."""
    found: list[str] = []
    at = 0
    quoted = False
    for place, letter in enumerate(value):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            found.append(value[at:place].strip())
            at = place + 1
    found.append(value[at:].strip())
    return list(dict.fromkeys(one for one in found if one))[:most]


def addresses_in(value: str) -> list[str]:
    """IP addresses that stand in a Received or X-Originating-IP field, in order."""
    found: list[str] = []
    for match in _ADDRESS.finditer(value):
        word = match.group(1) or match.group(2)
        try:
            found.append(str(ipaddress.ip_address(word)))
        except ValueError:
            continue
        if len(found) >= 16:
            break
    return found


def parameter(value: str, name: str) -> str:
    """A parameter of Content-Type or Content-Disposition, continued and encoded ones put together."""
    parts: list[tuple[str, str]] = []
    for match in _PARAMETER.finditer(value):
        key, mark, word = match.groups()
        if key.lower() == name:
            parts.append((mark or "", word.strip('"')))
        if len(parts) >= 16:
            break
    if not parts:
        return ""
    if any(mark for mark, _ in parts):
        return _continued(parts)
    return decoded(parts[0][1])


def _continued(parts: list[tuple[str, str]]) -> str:
    charset = "utf-8"
    data = b""
    first = True
    for mark, word in parts:
        if not mark:
            continue
        if mark.endswith("*"):
            said = word
            if first and word.count("'") >= 2:
                charset, _, said = word.split("'", 2)
            data += unquote_to_bytes(said)
        else:
            data += word.encode()
        first = False
    return _in_charset(data, charset or "utf-8") or text(data)
