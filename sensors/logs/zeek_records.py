"""Zeek's logs as our datasets: one function a log, from named columns to ECS fields.

A row holds JSON-like values (text, number, bool, list); columns that Zeek left unset are absent.
Field names: docs.zeek.org/en/master/script-reference/log-files.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fengsui.clock import to_iso
from fengsui.event import Value
from sensors.logs.urls import host_name, request_url
from sensors.logs.values import address, endpoints, first, flag, instant, span, text, texts, whole

Row = Mapping[str, Any]
Fields = dict[str, Value | None]

# Service words of Zeek's analyzers and ours; a flow with several is named after the most telling.
_SERVICES: Final = {
    "ssl": "tls",
    "krb": "kerberos",
    "krb_tcp": "kerberos",
    "krb_udp": "kerberos",
    "dce_rpc": "dce_rpc",
    "ldap_tcp": "ldap",
    "ldap_udp": "ldap",
    "rdpeudp": "rdp",
}
_CARRIERS: Final = frozenset({"gssapi", "ntlm", "spicy_ldap", "kerberos"})

_ANSWER_FLAGS: Final = ("AA", "TC", "RD", "RA")
_RESERVED: Final = ((4, "Z"), (2, "AD"), (1, "CD"))  # the three bits of Zeek's Z


def common(row: Row, transport: str | None = None) -> Fields:
    """Uid and addresses: what nearly every log has; `transport` for logs that do not name it."""
    fields = endpoints(
        row.get("id.orig_h", row.get("src")),
        row.get("id.orig_p"),
        row.get("id.resp_h", row.get("dst")),
        row.get("id.resp_p"),
        row.get("proto", transport),
        row.get("community_id"),
    )
    fields["zeek.session_id"] = text(row.get("uid"))
    return fields


def service(value: object) -> str | None:
    """Our word for Zeek's list of services; withdrawn ones (`-ssl`) do not count."""
    words = str(value or "").lower().split(",")
    names = [_SERVICES.get(word, word) for word in words if word and not word.startswith("-")]
    telling = [name for name in names if name not in _CARRIERS]
    return next(iter(telling or names), None)


def conn(row: Row) -> Fields:
    """A flow, stamped with its first packet."""
    start, duration = instant(row.get("ts")), span(row.get("duration"))
    ip_bytes = whole(row.get("orig_ip_bytes")), whole(row.get("resp_ip_bytes"))
    packets = whole(row.get("orig_pkts")), whole(row.get("resp_pkts"))
    return {
        **common(row),
        "event.start": to_iso(start),
        "event.end": to_iso(start + (duration or 0)),
        "event.duration": duration,
        "network.protocol": service(row.get("service")),
        "network.bytes": _sum(*ip_bytes),
        "network.packets": _sum(*packets),
        "network.vlan.id": text(row.get("vlan")),
        "network.inner.vlan.id": text(row.get("inner_vlan")),
        "source.mac": text(row.get("orig_l2_addr")),
        "source.bytes": ip_bytes[0],
        "source.packets": packets[0],
        "destination.mac": text(row.get("resp_l2_addr")),
        "destination.bytes": ip_bytes[1],
        "destination.packets": packets[1],
        "client.bytes": whole(row.get("orig_bytes")),
        "server.bytes": whole(row.get("resp_bytes")),
        "zeek.connection.state": text(row.get("conn_state")),
        "zeek.connection.history": text(row.get("history")),
        "zeek.connection.missed_bytes": whole(row.get("missed_bytes")),
        "zeek.connection.local_orig": flag(row.get("local_orig")),
        "zeek.connection.local_resp": flag(row.get("local_resp")),
    }


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def dns(row: Row) -> Fields:
    """A question with its answers."""
    answers = texts(row.get("answers")) or []
    code = text(row.get("rcode_name"))
    ttls = row.get("TTLs")
    seconds = [span(ttl) for ttl in ttls] if isinstance(ttls, list) else []
    kind = text(row.get("qtype_name"))
    if kind is None and whole(row.get("qtype")) is not None:
        kind = f"TYPE{whole(row.get('qtype'))}"
    return {
        **common(row),
        "network.protocol": "dns",
        "event.duration": span(row.get("rtt")),
        "dns.id": whole(row.get("trans_id")),
        "dns.type": "answer" if code or answers else "query",
        "dns.question.name": host_name(text(row.get("query"))),
        "dns.question.type": kind,
        "dns.question.class": _class(text(row.get("qclass_name"))),
        "dns.response_code": code,
        "dns.header_flags": [
            *(name for name in _ANSWER_FLAGS if flag(row.get(name))),
            *(name for bit, name in _RESERVED if (whole(row.get("Z")) or 0) & bit),
        ],
        "dns.answers.data": answers,
        "dns.answers.ttl": [ns // 1_000_000_000 for ns in seconds if ns is not None],
        "dns.resolved_ip": [found for answer in answers if (found := address(answer))],
        "dns.answers_count": len(answers) if code or answers else None,
    }


def _class(name: str | None) -> str | None:
    return {"C_INTERNET": "IN", "C_CHAOS": "CH", "C_HESIOD": "HS", "C_ANY": "ANY"}.get(
        name or "", name
    )


def http(row: Row) -> Fields:
    """A request with its response."""
    host = text(row.get("host"))
    return {
        **common(row, "tcp"),
        "network.protocol": "http",
        "http.version": text(row.get("version")),
        "http.request.method": text(row.get("method")),
        "http.request.referrer": text(row.get("referrer")),
        "http.request.mime_type": first(row.get("orig_mime_types")),
        "http.request.body.bytes": whole(row.get("request_body_len")),
        "http.request.headers.names": texts(row.get("client_header_names")),
        "http.response.status_code": whole(row.get("status_code")),
        "http.response.status_phrase": text(row.get("status_msg")),
        "http.response.mime_type": first(row.get("resp_mime_types")),
        "http.response.body.bytes": whole(row.get("response_body_len")),
        **request_url(host, text(row.get("uri")), whole(row.get("id.resp_p"))),
        "destination.domain": host_name(host),
        "url.username": text(row.get("username")),
        "user.name": text(row.get("username")),
        "user_agent.original": text(row.get("user_agent")),
        "file.name": first(row.get("resp_filenames")) or first(row.get("orig_filenames")),
    }


def ssl(row: Row) -> Fields:
    """A TLS handshake."""
    protocol, version = tls_version(text(row.get("version")))
    prints = texts(row.get("cert_chain_fps")) or []
    name = text(row.get("server_name"))
    return {
        **common(row, "udp" if "DTLS" in str(row.get("version")) else "tcp"),
        "network.protocol": "tls",
        "tls.version": version,
        "tls.version_protocol": protocol,
        "tls.cipher": text(row.get("cipher")),
        "tls.curve": text(row.get("curve")),
        "tls.established": flag(row.get("established")),
        "tls.resumed": flag(row.get("resumed")),
        "tls.next_protocol": text(row.get("next_protocol")),
        "tls.client.server_name": name,
        "destination.domain": host_name(name),
        "tls.client.ja3": text(row.get("ja3")),
        "tls.client.ja4": text(row.get("ja4")),
        "tls.server.ja3s": text(row.get("ja3s")),
        "tls.server.subject": text(row.get("subject")),
        "tls.server.issuer": text(row.get("issuer")),
        "tls.server.hash.sha256": prints[0] if prints and len(prints[0]) == 64 else None,
    }


def tls_version(words: str | None) -> tuple[str | None, str | None]:
    """Protocol and version of `TLSv12`, `TLS 1.2`, `SSLv3`, `DTLSv10`; unknown words stay."""
    if words is None or words.upper() in {"UNDETERMINED", "UNKNOWN"}:
        return None, None
    digits = "".join(letter for letter in words if letter.isdigit())
    if not digits or len(digits) > 2:
        return None, words
    version = f"{digits[0]}.{digits[1] if len(digits) == 2 else 0}"
    return ("ssl" if words.upper().startswith("SSL") else "tls"), version


def ssh(row: Row) -> Fields:
    """An SSH session; `auth_success` is Zeek's guess from sizes."""
    return {
        **common(row, "tcp"),
        "network.protocol": "ssh",
        "event.outcome": outcome(row.get("auth_success")),
        "ssh.client.banner": text(row.get("client")),
        "ssh.server.banner": text(row.get("server")),
    }


def smb_files(row: Row) -> Fields:
    """A deed on a file of a share."""
    path, name = text(row.get("path")), text(row.get("name"))
    return {
        **common(row, "tcp"),
        "network.protocol": "smb",
        "event.action": text(row.get("action")),
        "smb.path": path,
        "smb.file.name": name,
        "file.name": name,
        "file.path": f"{path}\\{name}" if path and name else None,
        "file.size": whole(row.get("size")),
    }


def smb_mapping(row: Row) -> Fields:
    """A share that was connected to."""
    return {
        **common(row, "tcp"),
        "network.protocol": "smb",
        "smb.path": text(row.get("path")),
        "smb.share.type": text(row.get("share_type")),
    }


def dce_rpc(row: Row) -> Fields:
    """A remote procedure call."""
    return {
        **common(row),
        "network.protocol": "dce_rpc",
        "event.duration": span(row.get("rtt")),
        "dce_rpc.endpoint": text(row.get("endpoint")),
        "dce_rpc.operation": text(row.get("operation")),
        "dce_rpc.named_pipe": text(row.get("named_pipe")),
    }


def kerberos(row: Row) -> Fields:
    """A ticket request."""
    client = text(row.get("client"))
    return {
        **common(row),
        "network.protocol": "kerberos",
        "event.outcome": outcome(row.get("success")),
        "kerberos.client": client,
        "kerberos.service": text(row.get("service")),
        "kerberos.cipher": text(row.get("cipher")),
        "kerberos.request_type": text(row.get("request_type")),
        "kerberos.error": text(row.get("error_msg")),
        "kerberos.success": flag(row.get("success")),
        "user.name": client.partition("/")[0] if client else None,
    }


def ntlm(row: Row) -> Fields:
    """An NTLM log-on."""
    return {
        **common(row, "tcp"),
        "network.protocol": "ntlm",
        "event.outcome": outcome(row.get("success")),
        "ntlm.host": text(row.get("hostname")),
        "ntlm.success": flag(row.get("success")),
        "user.name": text(row.get("username")),
        "user.domain": text(row.get("domainname")),
    }


def outcome(success: object) -> str | None:
    """ECS outcome of a boolean."""
    known = flag(success)
    return None if known is None else ("success" if known else "failure")


def files(row: Row) -> Fields:
    """A file seen in a flow."""
    fields = common(row)
    if "id.orig_h" not in row:  # before Zeek 5.1 a file names who sent and who got it
        fields["source.ip"] = address(first(row.get("tx_hosts")))
        fields["destination.ip"] = address(first(row.get("rx_hosts")))
        fields["zeek.session_id"] = first(row.get("conn_uids"))
    name = text(row.get("filename"))
    seen = whole(row.get("seen_bytes"))
    total = whole(row.get("total_bytes"))
    return {
        **fields,
        "network.protocol": service(row.get("source")),
        "event.duration": span(row.get("duration")),
        "file.name": name,
        "file.extension": extension(name),
        "file.mime_type": text(row.get("mime_type")),
        "file.size": seen if total is None else total,
        "file.hash.md5": text(row.get("md5")),
        "file.hash.sha1": text(row.get("sha1")),
        "file.hash.sha256": text(row.get("sha256")),
    }


def extension(name: str | None) -> str | None:
    """Lower-case letters after the last dot of a file name, at most 16."""
    stem, dot, last = (name or "").replace("\\", "/").rpartition("/")[2].rpartition(".")
    return last.lower() if stem and dot and 0 < len(last) <= 16 else None


def notice(row: Row) -> Fields:
    """A notice that a Zeek script raised."""
    message = text(row.get("msg"))
    return {
        **common(row),
        "event.kind": "alert",
        "event.reason": message,
        "zeek.notice.note": text(row.get("note")),
        "zeek.notice.msg": message,
        "rule.name": text(row.get("note")),
    }
