"""Device lines: what firewalls, proxies and name servers write as text, as documents in ECS.

CEF and LEEF, FortiGate's and other `key=value` lines, netfilter, PAN-OS traffic, Squid, the query logs of
BIND and dnsmasq, the log of Windows' firewall. The whole line stays as `message`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sensors.foreign.record import Origin

ECS: Final = "ecs_documents"
Found = tuple[Origin, dict[str, Any]]

_CEF: Final = re.compile(r"CEF:\d+\|((?:[^|\\]|\\.)*\|){6}")
_CEF_KEY: Final = re.compile(r"(?:^| )([\w.\[\]]+)=")
_LEEF: Final = re.compile(r"LEEF:(\d)(?:\.\d)?\|((?:[^|]*\|){4})")
_PAIR: Final = re.compile(r'\b(\w+)=("[^"]*"|[^\s"]*)')
_SQUID: Final = re.compile(
    r"(\d{9,10}\.\d{3}) +\d+ (\S+) ([A-Z_]+)/(\d{3}) (\d+) ([A-Z]+) (\S+) (\S+) \S+?(?:/(\S+))? (\S+)"
)
_BIND: Final = re.compile(
    r"client (?:@0x[0-9a-f]+ )?([0-9a-fA-F.:]+)#(\d+) \(\S+\): (?:view \S+: )?query: (\S+) IN (\S+)"
)
_DNSMASQ: Final = re.compile(
    r"dnsmasq(?:\[\d+\])?: (?:\d+ \S+ )?query\[([A-Z0-9=]+)\] (\S+) from (\S+)"
)
_WINDOWS: Final = re.compile(
    r"(\d{4}-\d\d-\d\d) ([\d:]{8}) (ALLOW|DROP) (TCP|UDP|ICMP|\d+) (\S+) (\S+) (\d+|-) (\d+|-) "
)
_NUMBERS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp"}
_PORTS: Final = frozenset({"source.port", "destination.port"})
# Names that devices give → ours; lower case. CEF and LEEF have most of them.
_NAMES: Final = {
    **dict.fromkeys(("src", "srcip", "src_ip", "sourceaddress", "source_ip", "sip"), "source.ip"),
    **dict.fromkeys(("spt", "srcport", "src_port", "sourceport", "sport"), "source.port"),
    **dict.fromkeys(("dst", "dstip", "dst_ip", "destinationaddress", "dip"), "destination.ip"),
    **dict.fromkeys(("dpt", "dstport", "dst_port", "destinationport", "dport"), "destination.port"),
    **dict.fromkeys(("proto", "protocol", "transport"), "network.transport"),
    **dict.fromkeys(("act", "action", "deviceaction"), "event.action"),
    **dict.fromkeys(("dhost", "hostname", "dsthost"), "destination.domain"),
    **dict.fromkeys(("request", "url"), "url.original"),
    **dict.fromkeys(("requestmethod", "method"), "http.request.method"),
    **dict.fromkeys(
        ("requestclientapplication", "useragent", "user_agent", "agent"), "user_agent.original"
    ),
    **dict.fromkeys(("requestcontext", "referer"), "http.request.referrer"),
    **dict.fromkeys(("suser", "user", "usrname"), "user.name"),
    "app": "network.application",
    "qname": "dns.question.name",
}
_WEB: Final = {
    "remote_addr": "source.ip",
    "request_method": "http.request.method",
    "status": "http.response.status_code",
    "http_user_agent": "user_agent.original",
    "http_referer": "http.request.referrer",
    "http_host": "url.domain",
    "host": "url.domain",
}
_DENIED: Final = frozenset(
    {"deny", "denied", "drop", "dropped", "block", "blocked", "reject", "rejected", "reset"}
)


def document_of(text: str) -> Found | None:
    """Origin and fields of a line; None where its form is none of these."""
    for word, read in _READERS:
        if word in text and (found := read(text)) is not None:
            return found
    return None


def _document(text: str, named: Mapping[str, str]) -> Found:
    """The line's own names, and ours for those that are known."""
    fields: dict[str, Any] = {**named, "message": text}
    for name, value in named.items():
        known = _NAMES.get(name.lower())
        if known is not None and value not in ("", "-"):
            fields.setdefault(known, int(value) if known in _PORTS and value.isdecimal() else value)
    return ECS, _completed(fields)


def _completed(fields: dict[str, Any]) -> dict[str, Any]:
    """What log sources tell a connection, and a request, by."""
    fields["event.category"] = ["network"]
    if (transport := fields.get("network.transport")) is not None:
        fields["network.transport"] = _NUMBERS.get(str(transport), str(transport).lower())
    action = str(fields.get("event.action", "")).lower()
    if action:
        fields["event.type"] = ["connection", "denied" if action in _DENIED else "allowed"]
    url = fields.get("url.original")
    if isinstance(url, str):
        fields.update(_parts(url))
    if "destination.domain" not in fields and "url.domain" in fields:
        fields["destination.domain"] = fields["url.domain"]
    elif "url.original" in fields:
        fields.setdefault("url.domain", fields.get("destination.domain", ""))
    return fields


def _parts(url: str) -> dict[str, str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return {}
    found = {"url.path": parts.path}
    if host:
        found |= {"url.domain": host, "url.full": url, "url.scheme": parts.scheme}
    if parts.query:
        found["url.query"] = parts.query
    if "." in (last := parts.path.rpartition("/")[2]):
        found["url.extension"] = last.rpartition(".")[2]
    return found


def _cef(text: str) -> Found | None:
    """ArcSight's Common Event Format, revision 25: seven headers, then `key=value` with escapes."""
    head = _CEF.search(text)
    if head is None:
        return None
    cells = re.split(r"(?<!\\)\|", head[0])
    names = ("DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Name")
    named: dict[str, str] = dict(zip(names, cells[1:6], strict=False))
    rest = text[head.end() :]
    keys = list(_CEF_KEY.finditer(rest))
    for one, following in zip(keys, [*keys[1:], None], strict=True):
        value = rest[one.end() : following.start() if following else len(rest)]
        named[one[1]] = re.sub(r"\\([\\=|])", r"\1", value.strip())
    return _document(text, named)


def _leef(text: str) -> Found | None:
    """IBM's Log Event Extended Format 1.0 and 2.0: tabs, or the character that the header names."""
    head = _LEEF.search(text)
    if head is None:
        return None
    rest, by = text[head.end() :], "\t"
    if head[1] == "2" and (
        stated := re.match(r"(x[0-9A-Fa-f]{2,4}|0x[0-9A-Fa-f]{2,4}|[^|]?)\|", rest)
    ):
        rest = rest[stated.end() :]
        word = stated[1]
        by = chr(int(word.lstrip("0x"), 16)) if len(word) > 1 else word or "\t"
    names = ("DeviceVendor", "DeviceProduct", "DeviceVersion", "EventID")
    named: dict[str, str] = dict(zip(names, head[2].split("|"), strict=False))
    named |= dict(pair.split("=", 1) for pair in rest.split(by) if "=" in pair)
    return _document(text, named)


def _pairs(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _PAIR.findall(text)}


def _fortigate(text: str) -> Found | None:
    """FortiOS: what is an event of the system keeps the names that rules for it use."""
    named = _pairs(text)
    if "logid" not in named and "type" not in named:
        return None
    if named.get("type") != "traffic" and "dstip" not in named:
        return ("fortigate", "", named.get("type", "event")), {**named, "message": text}
    return _document(text, named)


def _netfilter(text: str) -> Found | None:
    named = _pairs(text)
    if not {"SRC", "DST", "PROTO"} <= named.keys():
        return None
    found = _document(text, named)
    denied = any(word in text.upper() for word in ("DROP", "DENY", "REJECT", "BLOCK"))
    found[1]["event.action"] = "deny" if denied else "allow"
    return ECS, _completed(found[1])


def _pan(text: str) -> Found | None:
    """PAN-OS traffic by position (docs.paloaltonetworks.com, Traffic Log Fields)."""
    cells = text[text.find(",TRAFFIC,") :].split(",")
    if len(cells) < 29:
        return None
    names = {5: "src", 6: "dst", 12: "app", 22: "spt", 23: "dpt", 27: "proto", 28: "act"}
    return _document(text, {name: cells[place] for place, name in names.items()})


def _squid(text: str) -> Found | None:
    found = _SQUID.search(text)
    if found is None:
        return None
    time, client, result, status, size, method, url, user, peer, kind = found.groups()
    named = {
        "src": client,
        "dst": peer or "-",
        "requestMethod": method,
        "request": url,
        "suser": user,
    }
    origin, fields = _document(text, named)
    if method == "CONNECT":  # host:port
        fields["url.domain"] = fields["destination.domain"] = url.rpartition(":")[0]
    fields |= {"timestamp": time, "event.action": "deny" if "DENIED" in result else "allow"}
    fields |= {"http.response.status_code": int(status), "http.response.body.bytes": int(size)}
    if kind != "-":
        fields["http.response.mime_type"] = kind
    return origin, fields


def web_document(fields: Mapping[str, Any]) -> Found | None:
    """A request that a web server logs as JSON under the names of nginx's variables; else None."""
    words = str(fields.get("request", "")).split(" ")
    target = fields.get("request_uri") or (words[1] if len(words) == 3 else None)
    if not isinstance(target, str) or fields.keys().isdisjoint(_WEB):
        return None
    found: dict[str, Any] = {**fields, "url.original": target, "event.category": ["web"]}
    for name, known in _WEB.items():
        if fields.get(name) not in (None, "", "-"):
            found[known] = fields[name]
    if len(words) == 3:
        found.setdefault("http.request.method", words[0])
    return ECS, {**found, **_parts(target)}


def _dns(text: str, client: str, name: str, kind: str) -> Found:
    fields = {"source.ip": client, "dns.question.name": name, "dns.question.type": kind}
    return ECS, {
        **fields,
        "message": text,
        "event.category": ["network"],
        "network.protocol": "dns",
    }


def _bind(text: str) -> Found | None:
    found = _BIND.search(text)
    return None if found is None else _dns(text, found[1], found[3], found[4])


def _dnsmasq(text: str) -> Found | None:
    found = _DNSMASQ.search(text)
    return None if found is None else _dns(text, found[3], found[2], found[1])


def _windows(text: str) -> Found | None:
    """The log of Windows' firewall, `pfirewall.log`."""
    found = _WINDOWS.match(text)
    if found is None:
        return None
    names = ("proto", "src", "dst", "spt", "dpt")
    named = dict(zip(names, found.groups()[3:], strict=True)) | {"action": found[3].lower()}
    named["timestamp"] = f"{found[1]}T{found[2]}"
    return _document(text, named)


_READERS: Final[tuple[tuple[str, Callable[[str], Found | None]], ...]] = (
    ("CEF:", _cef),
    ("LEEF:", _leef),
    ("devid=", _fortigate),
    ("devname=", _fortigate),
    ("PROTO=", _netfilter),
    (",TRAFFIC,", _pan),
    ("query: ", _bind),
    ("query[", _dnsmasq),
    (" ALLOW ", _windows),
    (" DROP ", _windows),
    (" TCP_", _squid),
    (" NONE", _squid),
)
