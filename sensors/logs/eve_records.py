"""Suricata's EVE records as our datasets: one function an event type.

Fields: docs.suricata.io/en/latest/output/eve/eve-json-format.html. A flow's byte counts are those
of Suricata (with the link header); payload counts it does not tell, so `client.bytes` is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from fengsui.clock import to_iso
from fengsui.event import Value
from sensors.logs.eve_state import flow_state
from sensors.logs.parser import LineError
from sensors.logs.urls import host_name, request_url
from sensors.logs.values import address, endpoints, flag, instant, text, whole
from sensors.logs.zeek_records import extension, outcome, tls_version

Row = Mapping[str, Any]
Fields = dict[str, Value | None]

_FLAG_NAMES: Final = ("aa", "tc", "rd", "ra")
_RESERVED: Final = ((0x40, "Z"), (0x20, "AD"), (0x10, "CD"))  # of the header's second word


def part(row: Row, name: str) -> Row:
    """The object of a record under `name`, or an empty one."""
    value = row.get(name)
    return cast("Row", value) if isinstance(value, dict) else {}


def common(row: Row) -> Fields:
    """Addresses, flow id and application protocol."""
    icmp = "icmp_type" in row
    fields = endpoints(
        row.get("src_ip"),
        row.get("icmp_type") if icmp else row.get("src_port"),
        row.get("dest_ip"),
        row.get("icmp_code") if icmp else row.get("dest_port"),
        row.get("proto"),
        row.get("community_id"),
    )
    number = whole(row.get("flow_id"))
    fields["zeek.session_id"] = f"S{number:017d}"[:18] if number is not None else None
    fields["network.protocol"] = application(row.get("app_proto"))
    tags = row.get("vlan")
    if isinstance(tags, list) and tags:
        fields["network.vlan.id"] = text(tags[0])
        fields["network.inner.vlan.id"] = text(tags[1]) if len(tags) > 1 else None
    return fields


def application(value: object) -> str | None:
    """Our word for Suricata's `app_proto`."""
    word = text(value)
    if word in {None, "failed", "unknown"}:
        return None
    return {"krb5": "kerberos", "dcerpc": "dce_rpc", "http1": "http"}.get(word or "", word)


def _flow(row: Row) -> Fields:
    flow = part(row, "flow")
    start, end = instant(flow.get("start")), instant(flow.get("end"))
    packets = whole(flow.get("pkts_toserver")) or 0, whole(flow.get("pkts_toclient")) or 0
    octets = whole(flow.get("bytes_toserver")) or 0, whole(flow.get("bytes_toclient")) or 0
    return {
        **common(row),
        "event.start": to_iso(start),
        "event.end": to_iso(end),
        "event.duration": max(end - start, 0),
        "event.reason": text(flow.get("reason")),
        "network.bytes": sum(octets),
        "network.packets": sum(packets),
        "source.bytes": octets[0],
        "source.packets": packets[0],
        "destination.bytes": octets[1],
        "destination.packets": packets[1],
        "zeek.connection.state": flow_state(row, packets),
    }


def _dns(row: Row) -> Fields:
    """Version 1 (a line an answer), 2 (query, answer) and 3 (request, response with `queries`)."""
    dns = part(row, "dns")
    asked = _rows(dns.get("queries")) or _rows(dns.get("query"))
    question = asked[0] if asked else dns
    answered = str(dns.get("type")) in {"answer", "response"}
    answers = _rows(dns.get("answers"))
    if answered and not answers and "rdata" in dns:
        answers = [dns]
    if answered and not answers:
        answers = _grouped(part(dns, "grouped"))
    data = [(one, text(one.get("rdata"))) for one in answers[:256]]
    return {
        **common(row),
        "network.protocol": "dns",
        "dns.type": "answer" if answered else "query",
        "dns.id": whole(dns.get("id")),
        "dns.question.name": host_name(text(question.get("rrname"))),
        "dns.question.type": text(question.get("rrtype")),
        "dns.question.class": "IN",
        "dns.response_code": text(dns.get("rcode")),
        "dns.header_flags": [
            *(name.upper() for name in _FLAG_NAMES if flag(dns.get(name))),
            *(name for bit, name in _RESERVED if _bits(dns.get("flags")) & bit),
        ],
        "dns.answers.name": [n for one, _ in data if (n := text(one.get("rrname")))],
        "dns.answers.type": [k for one, _ in data if (k := text(one.get("rrtype")))],
        "dns.answers.data": [value for _, value in data if value],
        "dns.answers.ttl": [ttl for one, _ in data if (ttl := whole(one.get("ttl"))) is not None],
        "dns.resolved_ip": [found for _, value in data if (found := address(value))],
        "dns.answers_count": len(answers) if answered else None,
    }


def _bits(word: object) -> int:
    """The header's flags, which EVE writes in hexadecimal."""
    try:
        return int(str(word or "0"), 16)
    except ValueError:
        return 0


def _rows(value: object) -> list[Row]:
    return (
        [cast("Row", one) for one in value if isinstance(one, dict)]
        if isinstance(value, list)
        else []
    )


def _grouped(groups: Row) -> list[Row]:
    return [
        {"rrtype": kind, "rdata": value}
        for kind, values in groups.items()
        if isinstance(values, list)
        for value in values
    ]


def _http_fields(row: Row) -> Fields:
    http = part(row, "http")
    host = text(http.get("hostname"))
    protocol = text(http.get("protocol")) or ""
    return {
        "http.version": protocol.partition("/")[2],
        "http.request.method": text(http.get("http_method")),
        "http.request.referrer": text(http.get("http_refer")),
        "http.response.status_code": whole(http.get("status")),
        "http.response.headers.content_type": text(http.get("http_content_type")),
        "http.response.headers.location": text(http.get("redirect")),
        "http.response.body.bytes": whole(http.get("length")),
        **request_url(host, text(http.get("url")), whole(row.get("dest_port"))),
        "destination.domain": host_name(host),
        "user_agent.original": text(http.get("http_user_agent")),
    }


def _http(row: Row) -> Fields:
    return {**common(row), **_http_fields(row), "network.protocol": "http"}


def _tls_fields(row: Row) -> Fields:
    tls = part(row, "tls")
    protocol, version = tls_version(text(tls.get("version")))
    ja4 = tls.get("ja4")
    return {
        "tls.version": version,
        "tls.version_protocol": protocol,
        "tls.resumed": flag(tls.get("session_resumed")),
        "tls.client.server_name": text(tls.get("sni")),
        "destination.domain": host_name(text(tls.get("sni"))),
        "tls.client.ja3": text(part(tls, "ja3").get("hash")),
        "tls.client.ja4": text(ja4),
        "tls.server.ja3s": text(part(tls, "ja3s").get("hash")),
        "tls.server.subject": text(tls.get("subject")),
        "tls.server.issuer": text(tls.get("issuerdn")),
        "tls.server.not_before": _date(tls.get("notbefore")),
        "tls.server.not_after": _date(tls.get("notafter")),
    }


def _tls(row: Row) -> Fields:
    return {**common(row), **_tls_fields(row), "network.protocol": "tls"}


def _date(value: object) -> str | None:
    try:
        return to_iso(instant(value)) if value else None
    except LineError:
        return None


def _fileinfo(row: Row) -> Fields:
    found = part(row, "fileinfo")
    name = text(found.get("filename"))
    return {
        **common(row),
        "url.domain": host_name(text(part(row, "http").get("hostname"))),
        "file.name": name,
        "file.extension": extension(name),
        "file.mime_type": text(found.get("mimetype")),
        "file.size": whole(found.get("size")),
        "file.hash.md5": text(found.get("md5")),
        "file.hash.sha1": text(found.get("sha1")),
        "file.hash.sha256": text(found.get("sha256")),
    }


def _alert(row: Row) -> Fields:
    alert = part(row, "alert")
    return {
        **common(row),
        **(_http_fields(row) if "http" in row else {}),
        **(_tls_fields(row) if "tls" in row else {}),
        "event.kind": "alert",
        "event.action": text(alert.get("action")),
        "event.severity": whole(alert.get("severity")),
        "rule.id": text(alert.get("signature_id")),
        "rule.name": text(alert.get("signature")),
        "rule.category": text(alert.get("category")),
    }


def _ssh(row: Row) -> Fields:
    ssh = part(row, "ssh")
    return {
        **common(row),
        "network.protocol": "ssh",
        "ssh.client.banner": _banner(part(ssh, "client")),
        "ssh.server.banner": _banner(part(ssh, "server")),
    }


def _banner(side: Row) -> str | None:
    software = text(side.get("software_version"))
    return f"SSH-{side.get('proto_version', '2.0')}-{software}" if software else None


def _smb(row: Row) -> Fields:
    smb = part(row, "smb")
    name = text(smb.get("filename"))
    return {
        **common(row),
        "network.protocol": "smb",
        "smb.command": text(smb.get("command")),
        "smb.version": text(smb.get("dialect")),
        "smb.path": text(smb.get("share")),
        "smb.share.type": text(smb.get("share_type")),
        "smb.file.name": name,
        "file.name": name,
        "file.size": whole(smb.get("size")),
        "dce_rpc.named_pipe": text(smb.get("named_pipe")),
    }


def _krb5(row: Row) -> Fields:
    krb = part(row, "krb5")
    error = text(krb.get("error_code"))
    return {
        **common(row),
        "network.protocol": "kerberos",
        "event.outcome": outcome(error is None),
        "kerberos.client": text(krb.get("cname")),
        "kerberos.service": text(krb.get("sname")),
        "kerberos.cipher": text(krb.get("encryption")),
        "kerberos.request_type": (text(krb.get("msg_type")) or "").removeprefix("KRB_"),
        "kerberos.error": error,
        "kerberos.success": error is None,
        "user.name": text(krb.get("cname")),
    }


Mapper = Callable[[Row], Fields]

# EVE event type: our dataset, and how its record becomes fields.
TYPES: Final[dict[str, tuple[str, Mapper]]] = {
    "flow": ("flow", _flow),
    "dns": ("dns", _dns),
    "http": ("http", _http),
    "tls": ("tls", _tls),
    "fileinfo": ("files", _fileinfo),
    "alert": ("ids", _alert),
    "ssh": ("ssh", _ssh),
    "smb": ("smb_files", _smb),
    "krb5": ("kerberos", _krb5),
}
