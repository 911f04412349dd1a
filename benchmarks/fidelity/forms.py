"""Forms in which values of tshark and ours can be compared."""

from __future__ import annotations

import hashlib
import ipaddress
import re

from sensors.wire.kerberos_names import ERRORS
from sensors.wire.tls_suites import SUITES

_STRANGE = re.compile(r"[^\x20-\x7e]+")
_SUITES = {name: number for number, name in SUITES.items()}
_KRB_ERRORS = {name: number for number, name in ERRORS.items()}


def lower(text: str) -> str:
    return text.strip().lower()


def name(text: str) -> str:
    """A name of DNS; tshark replaces bytes above 127, so runs of them are one mark in both."""
    plain = _STRANGE.sub("?", text).strip().lower().rstrip(".")
    return "" if text == "<Root>" else plain


def number(text: str) -> str:
    """`0x00c8`, `200` and `True` as one decimal."""
    text = {"True": "1", "true": "1"}.get(text, text)
    try:
        return str(int(text, 16 if text.startswith("0x") else 10))
    except ValueError:
        return text


def path(text: str) -> str:
    return text.replace("/", "\\").strip("\\").lower()


def media(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def spaced(text: str) -> str:
    """White space as one blank: tshark folds or escapes it."""
    for escaped in ("\\t", "\\r", "\\n"):
        text = text.replace(escaped, " ")
    return " ".join(text.split())


def mail(text: str) -> str:
    return text.strip().strip("<>").lower()


def sni(text: str) -> str:
    return text.lower().rstrip(".")


def suite(text: str) -> str:
    """The number of a cipher suite's name."""
    return str(_SUITES.get(text, text))


def parts(text: str) -> tuple[str, ...]:
    """Components of a Kerberos principal, without its realm."""
    return tuple(re.split(r"[/@]", text.lower()))


def present(text: str) -> str:
    """Text; nothing where tshark writes NULL."""
    return "" if text == "NULL" else text.lower()


def digest(text: str) -> str:
    """SHA-256 of a certificate."""
    return hashlib.sha256(bytes.fromhex(text.replace(":", ""))).hexdigest()


def host(text: str) -> str:
    return lower(text).rsplit(":", 1)[0]


def mailbox(text: str) -> str:
    """The address of a MAIL or RCPT command, or its word."""
    return mail((text.partition(":")[2] or text).split(" ")[0])


def error(text: str) -> str:
    return str(_KRB_ERRORS.get(text, text))


def assigned(text: str) -> str:
    return "" if text == "0.0.0.0" else text


def cookie(text: str) -> str:
    return text.partition("mstshash=")[2] or text


def netbios(text: str) -> str:
    """A name without its suffix and its other unprintable bytes, which tshark has in brackets."""
    return name(re.sub(r"<\w\w>", "", _STRANGE.sub("", text)).strip())


def address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
