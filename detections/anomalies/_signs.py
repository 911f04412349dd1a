"""Weak signs of an infection in single events: nothing alone, telling together.

Pure functions from an event to what it says for itself. Each sign has a kind, the place that it
points to and a weight; `infection` sums them per host. General behaviour of droppers, loaders and
bots, no names of any family.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from detections.anomalies._glance import glance
from detections.anomalies._known_services import ADDRESS_LOOKUPS, HOME_PORTS
from detections.anomalies._names import registered_domain, unlikeness
from detections.anomalies._outcome import failed
from detections.anomalies._sides import WEB, is_address
from fengsui.event import Event

KILOBYTE: Final = 1 << 10
# Kind of sign: what one of it weighs. Further places of one kind weigh half, up to three places.
WEIGHTS: Final[dict[str, float]] = {
    "executable": 2.0,  # a program came by clear HTTP
    "disguise": 1.5,  # … under the name or type of something else
    "document": 1.0,  # an office document, script or archive that no page linked to
    "opaque": 1.5,  # unreadable content without a type, that no page linked to
    "plugin": 1.0,  # Flash, Java or Silverlight from a server without a name
    "nameless": 1.0,  # HTTP to an address, or without a Host
    "agentless": 1.0,  # HTTP without a user agent, or with a script's
    "post": 1.0,  # a form sent that no page led to
    "repeated_post": 1.5,  # … to the same path again and again
    "same_path": 2.0,  # one path on several unrelated servers
    "address_lookup": 1.0,  # asks a service for its own outside address
    "tls_nameless": 0.5,  # TLS to an outside address without a server name
    "random_name": 1.0,  # server name of random letters
    "unanswered_places": 0.5,  # a connection to the outside that came to nothing
    "odd_port": 1.5,  # HTTP or TLS on a port that is neither's
    "hidden_name": 2.0,  # .onion, .bit and other names outside the public root
    "missing_domain": 0.5,  # random-looking domain that does not exist
}
_EXECUTABLE: Final = frozenset(
    {
        "application/x-dosexec",
        "application/x-msdownload",
        "application/x-msdos-program",
        "application/x-executable",
        "application/x-ms-installer",
        "application/vnd.microsoft.portable-executable",
    }
)
_EXECUTABLE_NAMES: Final = frozenset(
    {"exe", "dll", "msi", "scr", "cab", "sys", "elf", "bin", "run"}
)
_DOCUMENT: Final = frozenset(
    {
        "application/msword",
        "application/vnd.ms-excel",
        "application/rtf",
        "text/rtf",
        "application/zip",
        "application/x-rar-compressed",
        "application/x-rar",
        "application/x-ms-shortcut",
        "application/vnd.ms-cab-compressed",
        "application/x-7z-compressed",
        "application/hta",
        "application/js",
        "application/x-vbs",
        "application/java-archive",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-word.document.macroenabled.12",
    }
)
_DOCUMENT_NAMES: Final = frozenset(
    {"doc", "docm", "xls", "xlsm", "rtf", "hta", "js", "vbs", "jar", "ps1", "zip", "rar", "7z"}
)
_PLUGIN: Final = frozenset(
    {"application/x-shockwave-flash", "application/java-archive", "application/x-silverlight-app"}
)
_UNTYPED: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain"})
_SCRIPT: Final = frozenset(
    {"text/javascript", "application/javascript", "application/x-javascript"}
)
_SCRIPT_NAMES: Final = frozenset({"js", "mjs", "json"})
_IMAGE_NAMES: Final = frozenset({"png", "gif", "jpg", "jpeg", "webp", "ico", "svg", "bmp"})
_OPAQUE_LEAST: Final = 40 * KILOBYTE
# Parts of user agents that programs send when their author set none (script hosts, WinHTTP, tools).
_SCRIPTS: Final = ("winhttp", "powershell", "wininet", "python", "curl/", "wget/", "microsoft bits")
_HIDDEN: Final = (".onion", ".bit", ".i2p", ".bazar", ".coin", ".emc", ".lib")


@dataclass(frozen=True, slots=True)
class Sign:
    """One weak sign. `place`: the server it points to (name or address)."""

    kind: str
    place: str


def signs(event: Event) -> Iterator[Sign]:
    """Signs of one event: an outbound HTTP request, TLS handshake or flow, or a DNS question."""
    dataset = glance(event).dataset
    if dataset == "http":
        yield from _http(event)
    elif dataset == "tls":
        yield from _tls(event)
    elif dataset == "dns":
        yield from _dns(event)
    elif glance(event).transport == "tcp" and failed(event):
        yield Sign("unanswered_places", glance(event).target)


def _http(event: Event) -> Iterator[Sign]:
    named = event.text("url.domain").lower()
    name = named.partition(":")[0]
    address = glance(event).target
    place = name or address
    nameless = not name or is_address(named)
    linked = bool(event.text("http.request.referrer"))
    whole = not event.text("fengsui.parse")  # of a cut head, nothing missing is a sign
    ocsp = "ocsp" in event.text("http.request.mime_type") + event.text("http.response.mime_type")
    if nameless and (whole or name) and not ocsp:
        yield Sign("nameless", address)
    if name and not nameless and _random(name):
        yield Sign("random_name", name)
    if whole and not ocsp and _unattended(event.text("user_agent.original")):
        yield Sign("agentless", place)
    if registered_domain(name) in ADDRESS_LOOKUPS or name in ADDRESS_LOOKUPS:
        yield Sign("address_lookup", place)
    if name.endswith(_HIDDEN):
        yield Sign("hidden_name", place)
    if glance(event).port not in WEB or glance(event).port == 443:
        yield Sign("odd_port", place)
    if event.text("http.request.method") == "POST" and not linked and not ocsp:
        yield Sign("post", place)
    yield from _content(event, place, nameless=nameless, linked=linked)


def _content(event: Event, place: str, *, nameless: bool, linked: bool) -> Iterator[Sign]:
    """What was fetched."""
    if event.number("http.response.status_code") >= 300:
        return
    mime = event.text("http.response.mime_type").lower()
    claimed = event.text("http.response.headers.content_type").lower().partition(";")[0].strip()
    extension = event.text("url.path").rpartition("/")[2].rpartition(".")[2].lower()
    if mime in _EXECUTABLE:
        yield Sign("executable", place)
        if extension not in _EXECUTABLE_NAMES or claimed.startswith(("text/", "image/")):
            yield Sign("disguise", place)
    elif mime in _PLUGIN and nameless:
        yield Sign("plugin", place)
    elif linked or event.text("http.request.method") != "GET":
        return
    elif (
        mime in _DOCUMENT
        or (mime in _SCRIPT and extension not in _SCRIPT_NAMES)
        or extension in _DOCUMENT_NAMES
    ):
        yield Sign("document", place)
    elif event.number("http.response.body.bytes") >= _OPAQUE_LEAST and (
        mime in _UNTYPED or (mime.startswith("image/") and extension not in _IMAGE_NAMES)
    ):
        yield Sign("opaque", place)


def _unattended(agent: str) -> bool:
    """No user agent, or one that no person's browser sends."""
    lower = agent.lower()
    return not lower or any(part in lower for part in _SCRIPTS) or not lower[0].isalnum()


def _tls(event: Event) -> Iterator[Sign]:
    name = event.text("tls.client.server_name").lower()
    address = glance(event).target
    if not name:
        yield Sign("tls_nameless", address)
    elif _random(name):
        yield Sign("random_name", name)
    if glance(event).port not in HOME_PORTS["tls"]:
        yield Sign("odd_port", name or address)


def _dns(event: Event) -> Iterator[Sign]:
    name = event.text("dns.question.name")
    if name.endswith(_HIDDEN):
        yield Sign("hidden_name", name)
    elif event.text("dns.response_code") == "NXDOMAIN" and _random(name):
        yield Sign("missing_domain", registered_domain(name))


def _random(name: str) -> bool:
    label = registered_domain(name).partition(".")[0]
    return len(label) >= 10 and unlikeness(label) >= 0.45 and not label.startswith("xn--")
