"""Header lists of HTTP/2 (RFC 9113 §8.3) as fields, named as the compiled HTTP/1 decoder names them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from fengsui.event import Value
from sensors.files.kind import kind_of
from sensors.files.names import disposition_name, url_name
from sensors.logs.urls import request_url
from sensors.wire.reader import text

Headers = Sequence[tuple[bytes, bytes]]
Fields = dict[str, Value | None]

_MOST_NAMES: Final = 64
_MOST_HEADERS: Final = 256
_MOST_VALUE: Final = 1024
_MOST_TARGET: Final = 3000

FIELDS: Final = (
    "http.version", "http.stream_id", "http.transaction", "http.request.method",
    "http.request.referrer", "http.request.mime_type", "http.request.body.bytes",
    "http.request.headers.names", "http.request.headers.origin",
    "http.request.headers.x_forwarded_for", "http.response.status_code",
    "http.response.mime_type", "http.response.body.bytes", "http.response.headers.content_type",
    "http.response.headers.server", "http.response.headers.location", "url.original", "url.full",
    "url.scheme", "url.domain", "url.path", "url.query", "url.extension", "destination.domain",
    "user_agent.original", "user.name", "file.name", "fengsui.parse",
)  # fmt: skip


def first_values(headers: Headers) -> dict[bytes, str]:
    """Values by lower-case name; of a name that is there twice the first."""
    found: dict[bytes, str] = {}
    for name, value in headers[:_MOST_HEADERS]:
        if name not in found:
            most = _MOST_TARGET if name == b":path" else _MOST_VALUE
            found[name.lower()] = text(value, most)
    return found


def request_fields(headers: Headers) -> Fields:
    """What a request's headers say."""
    known = first_values(headers)
    host = known.get(b":authority") or known.get(b"host")
    method = known.get(b":method")
    target = known.get(b":path") or (host if method == "CONNECT" else None)
    made: Fields = {
        "http.request.method": method,
        "http.request.referrer": known.get(b"referer"),
        "http.request.headers.origin": known.get(b"origin"),
        "http.request.headers.x_forwarded_for": known.get(b"x-forwarded-for"),
        "http.request.mime_type": media_type(known.get(b"content-type", "")),
        "http.request.headers.names": [
            text(name, 64) for name, _ in headers[: _MOST_NAMES + 8] if not name.startswith(b":")
        ][:_MOST_NAMES],
        "user_agent.original": known.get(b"user-agent"),
        "user.name": _user(known.get(b"authorization", "")),
    }
    scheme = known.get(b":scheme", "http")
    if b":path" in known:
        made.update(request_url(host, target, None, scheme[:32]))
    elif method == "CONNECT":
        made["url.original"] = target
        made["url.domain"] = host.rpartition(":")[0] if host else None
    made["destination.domain"] = made.get("url.domain")
    return made


def response_fields(headers: Headers) -> Fields:
    """What a response's headers say."""
    known = first_values(headers)
    status = known.get(b":status", "")
    return {
        "http.response.status_code": int(status) if is_status(status) else None,
        "http.response.mime_type": media_type(known.get(b"content-type", "")),
        "http.response.headers.content_type": known.get(b"content-type"),
        "http.response.headers.server": known.get(b"server"),
        "http.response.headers.location": known.get(b"location"),
        "file.name": disposition_name(known.get(b"content-disposition", "")),
    }


def is_status(words: str) -> bool:
    """Whether `words` is a status code."""
    return len(words) == 3 and words.isascii() and words.isdigit()


def media_type(header: str) -> str:
    """Content type without parameters, in lower case."""
    return header.partition(";")[0].partition(",")[0].strip().lower()[:128]


def told_type(head: bytes, header: str) -> str:
    """Media type by the body's first bytes, else as the header has it."""
    return (kind_of(head) if head else "") or header


def body_name(path: str, disposition: str) -> str:
    """Name of a body as a file."""
    return disposition_name(disposition) or url_name(path)


def _user(header: str) -> str:
    """User of Basic authentication (RFC 7617); the password is left where it is."""
    kind, _, words = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        plain = base64.b64decode(words + "=" * (-len(words) % 4))
    except (binascii.Error, ValueError):
        return ""
    user, colon, _ = plain.partition(b":")
    return text(user, 255) if colon else ""
