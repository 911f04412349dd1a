"""What is compared with Suricata: each kind as the values that our events and its EVE records have."""

from __future__ import annotations

import codecs
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
Values = Callable[[Event], Iterable[str]]
Form = Callable[[str], str]


@dataclass(frozen=True)
class Kind:
    """One kind of finding.

    Attributes:
        bar: share of Suricata's distinct values that must be ours; 0 where none is set.
    """

    name: str
    ours: Values
    theirs: Values
    bar: float = 0.0


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return chr(error.object[error.start]), error.start + 1


codecs.register_error("latin", _as_latin)
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def plain(text: str) -> str:
    r"""Suricata's `\xNN` as we write it: valid UTF-8 kept, other bytes as Latin-1."""
    raw = _ESCAPED.sub(lambda one: bytes.fromhex(one[1].decode()), text.encode("utf-8", "replace"))
    return raw.decode("utf-8", "latin")


def name(text: str) -> str:
    return plain(text).lower().rstrip(".") or "."


def path(text: str) -> str:
    return plain(text).strip("\\").lower()


def digits(text: str) -> str:
    return text.replace(":", "").lower().lstrip("0") or "0"


def media(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def mail(text: str) -> str:
    return text.strip("<>").lower()


def word(text: str) -> str:
    return text.partition(" ")[0]


def known(text: str) -> str:
    return "" if text in {"<empty>", "<unknown>", "0.0.0.0"} else text.lower()


def distinguished(text: str) -> str:
    """The values of a distinguished name, whatever its order and separators."""
    parts = re.split(r"(?<!\\),\s*(?=[A-Za-z0-9.]+=)|/(?=[A-Za-z0-9.]+=)", text)
    return "|".join(
        sorted(one.strip().replace("\\", "").lower().split("=", 1)[-1] for one in parts)
    )


def _in(record: Event, where: str) -> Iterator[str]:
    found: list[Any] = [record]
    for part in where.split("."):
        inner = [one[part] for one in found if isinstance(one, dict) and part in one]
        found = [item for one in inner for item in (one if isinstance(one, list) else [one])]
    return (str(one) for one in found if one not in (None, ""))


def ours(datasets: str, *fields: str, form: Form = str) -> Values:
    wanted = set(datasets.split("|"))

    def values(event: Event) -> Iterator[str]:
        if event["event.dataset"] in wanted:
            for field in fields:
                value = event.get(field, ())
                for one in value if isinstance(value, list | tuple) else (value,):
                    yield form(str(one))

    return values


def theirs(types: str, *fields: str, form: Form = str) -> Values:
    wanted = set(types.split("|"))

    def values(record: Event) -> Iterator[str]:
        if record["event_type"] in wanted:
            for field in fields:
                yield from map(form, _in(record, field))

    return values


_ANSWERS = {"A", "AAAA", "CNAME", "PTR", "NS", "MX"}


def _answer(owner: str, kind: str, data: str) -> str:
    if kind == "AAAA":
        return f"{name(owner)} AAAA {ipaddress.ip_address(data)}"
    return f"{name(owner)} {kind} {name(data.rpartition(' ')[2] if kind == 'MX' else data)}"


def our_answers(event: Event) -> Iterator[str]:
    lists = [event.get(f"dns.answers.{what}", ()) for what in ("name", "type", "data")]
    for owner, kind, data in zip(*lists, strict=False):
        if kind in _ANSWERS and data:
            yield _answer(owner, kind, data)


def their_answers(record: Event) -> Iterator[str]:
    if record["event_type"] == "dns":
        for one in record["dns"].get("answers", ()):
            if one["rrtype"] in _ANSWERS and "rdata" in one:
                yield _answer(one["rrname"], one["rrtype"], one["rdata"])


def their_url(record: Event) -> str:
    """The URL as the client sent it; "" where Suricata saw none."""
    url = str(record["http"].get("url", "")) if record["event_type"] == "http" else ""
    return "" if url.startswith("/libhtp::") else plain(url)


def our_status(event: Event) -> Iterator[str]:
    if event["event.dataset"] == "http" and "http.response.status_code" in event:
        method, url = event.get("http.request.method"), event.get("url.original")
        yield f"{method} {url} {event['http.response.status_code']}"


def their_status(record: Event) -> Iterator[str]:
    url = their_url(record)
    if url and "status" in record["http"]:
        yield f"{record['http'].get('http_method')} {url} {record['http']['status']}"


def _ends(transport: str, one: str, other: str) -> str:
    return f"{transport} {' '.join(sorted((one, other)))}"


def our_ends(event: Event) -> Iterator[str]:
    """Both ends of a flow; without ports where they are ICMP's types."""
    if event["event.dataset"] == "flow":
        kind = event["network.transport"]
        ends = [event["source.ip"], event["destination.ip"]]
        if kind in {"tcp", "udp", "sctp"}:
            ends = [f"{event['source.ip']}:{event['source.port']}",
                    f"{event['destination.ip']}:{event['destination.port']}"]  # fmt: skip
        yield _ends(kind, *ends)


def ends_of(record: Event) -> str:
    """Both ends of the flow that a record of Suricata's belongs to."""
    kind = record["proto"].lower()
    one = str(ipaddress.ip_address(record["src_ip"]))
    other = str(ipaddress.ip_address(record["dest_ip"]))
    if kind in {"tcp", "udp", "sctp"}:
        one, other = f"{one}:{record['src_port']}", f"{other}:{record['dest_port']}"
    return _ends(kind, one, other)


def their_ends(record: Event) -> Iterator[str]:
    if record["event_type"] == "flow":
        yield ends_of(record)


def our_file(event: Event) -> Iterator[str]:
    if event["event.dataset"] == "files" and event["network.protocol"] != "tls":
        yield f"{event['source.ip']}:{event.get('source.port')} {event.get('file.size')}"


def their_file(record: Event) -> Iterator[str]:
    if record["event_type"] == "fileinfo" and record["fileinfo"]["state"] == "CLOSED":
        sender = ipaddress.ip_address(record["src_ip"])
        yield f"{sender}:{record['src_port']} {record['fileinfo']['size']}"


def our_command(event: Event) -> Iterator[str]:
    if event["event.dataset"] == "smb":
        yield f"{event['source.ip']}:{event['source.port']} {event.get('smb.command')}"


def their_command(record: Event) -> Iterator[str]:
    if record["event_type"] == "smb" and "dcerpc" not in record["smb"]:
        source = ipaddress.ip_address(record["src_ip"])
        yield f"{source}:{record['src_port']} {record['smb'].get('command')}"


def _client(text: str) -> str:
    return text.rsplit("/", 1)[0].lower()


def _last(text: str) -> str:
    return text.rpartition("/")[2]


_SSH = ("ssh.client.software_version", "ssh.server.software_version")
_RPC = ("smb.dcerpc.interfaces.uuid", "dcerpc.interfaces.uuid")

KINDS = (
    Kind("flows", our_ends, their_ends),
    Kind("DNS names", ours("dns", "dns.question.name", form=name),
         theirs("dns", "dns.rrname", form=name), 0.99),
    Kind("DNS answers", our_answers, their_answers),
    Kind("SNI", ours("tls|quic", "tls.client.server_name", "quic.server_name", form=name),
         theirs("tls|quic", "tls.sni", "quic.sni", form=name), 0.99),
    Kind("URLs", ours("http", "url.original"), lambda record: [their_url(record)], 0.99),
    Kind("HTTP status", our_status, their_status),
    Kind("HTTP hosts", ours("http", "url.domain", form=str.lower),
         theirs("http", "http.hostname", form=name)),
    Kind("user agents", ours("http", "user_agent.original"),
         theirs("http", "http.http_user_agent", form=plain)),
    Kind("content types", ours("http", "http.response.headers.content_type", form=media),
         theirs("http", "http.http_content_type", form=media)),
    Kind("SMB files", ours("smb|smb_files", "smb.file.name", "file.path", form=path),
         theirs("smb", "smb.filename", "smb.directory", form=lambda text: known(path(text))), 0.99),
    Kind("SMB shares", ours("smb|smb_mapping", "smb.path", form=path), theirs("smb", "smb.share", form=path)),
    Kind("SMB commands", our_command, their_command),
    Kind("SSH banners", ours("ssh", *_SSH, form=word), theirs("ssh", *_SSH, form=word), 0.99),
    Kind("HASSH", ours("ssh", "ssh.client.hassh.hash", "ssh.server.hassh.hash"),
         theirs("ssh", "ssh.client.hassh.hash", "ssh.server.hassh.hash")),
    Kind("JA3", ours("tls|quic", "tls.client.ja3"), theirs("tls|quic", "tls.ja3.hash", "quic.ja3.hash")),
    Kind("JA3S", ours("tls|quic", "tls.server.ja3s"), theirs("tls|quic", "tls.ja3s.hash", "quic.ja3s.hash")),
    Kind("JA4", ours("tls|quic", "tls.client.ja4"), theirs("tls|quic", "tls.ja4", "quic.ja4")),
    Kind("TLS subjects", ours("tls", "tls.server.subject", form=distinguished),
         theirs("tls", "tls.subject", form=distinguished)),
    Kind("TLS issuers", ours("tls", "tls.server.issuer", form=distinguished),
         theirs("tls", "tls.issuerdn", form=distinguished)),
    Kind("TLS certificates", ours("tls", "tls.server.hash.sha1", form=digits),
         theirs("tls", "tls.fingerprint", form=digits)),
    Kind("TLS serials", ours("tls", "tls.server.x509.serial_number", form=digits),
         theirs("tls", "tls.serial", form=digits)),
    Kind("client certificates", ours("tls", "tls.client.hash.sha1", form=digits),
         theirs("tls", "tls.client.fingerprint", form=digits)),
    Kind("QUIC user agents", ours("quic", "user_agent.original"), theirs("quic", "quic.ua")),
    Kind("QUIC CYU", ours("quic", "quic.cyu_hash"), theirs("quic", "quic.cyu.hash")),
    Kind("Kerberos clients", ours("kerberos", "kerberos.client", form=_client),
         theirs("krb5", "krb5.cname", form=known)),
    Kind("Kerberos services", ours("kerberos", "kerberos.service", form=str.lower),
         theirs("krb5", "krb5.sname", form=known)),
    Kind("Kerberos errors", ours("kerberos", "kerberos.error_code"), theirs("krb5", "krb5.error_code")),
    Kind("NTLM hosts", ours("ntlm|smb", "ntlm.host", form=str.lower),
         theirs("smb", "smb.ntlmssp.host", form=str.lower)),
    Kind("RPC interfaces", ours("dce_rpc|smb", "dce_rpc.interface"), theirs("smb|dcerpc", *_RPC)),
    Kind("DHCP addresses", ours("dhcp", "dhcp.assigned_addr"),
         theirs("dhcp", "dhcp.assigned_ip", form=known)),
    Kind("DHCP hardware", ours("dhcp", "dhcp.mac"), theirs("dhcp", "dhcp.client_mac")),
    Kind("DHCP host names", ours("dhcp", "dhcp.host_name"), theirs("dhcp", "dhcp.hostname")),
    Kind("FTP commands", ours("ftp", "ftp.command"), theirs("ftp", "ftp.command")),
    Kind("FTP files", ours("ftp|files", "file.path", "file.name", "ftp.arg", form=_last),
         theirs("ftp_data", "ftp_data.filename")),
    Kind("SMTP HELO", ours("smtp", "smtp.helo"), theirs("smtp", "smtp.helo")),
    Kind("SMTP senders", ours("smtp", "smtp.mailfrom", form=mail),
         theirs("smtp", "smtp.mail_from", form=mail)),
    Kind("SMTP recipients", ours("smtp", "smtp.rcptto", form=mail),
         theirs("smtp", "smtp.rcpt_to", form=mail)),
    Kind("SNMP communities", ours("snmp", "snmp.community"), theirs("snmp", "snmp.community")),
    Kind("SNMP variables", ours("snmp", "snmp.oids"), theirs("snmp", "snmp.vars")),
    Kind("SIP URIs", ours("sip", "sip.uri"), theirs("sip", "sip.uri")),
    Kind("MQTT topics", ours("mqtt", "mqtt.topic", "mqtt.topics"),
         theirs("mqtt", "mqtt.publish.topic", "mqtt.subscribe.topics.topic")),
    Kind("RDP cookies", ours("rdp", "rdp.cookie"), theirs("rdp", "rdp.cookie")),
    Kind("TFTP files", ours("tftp", "file.name", "tftp.fname"), theirs("tftp", "tftp.file")),
    Kind("files by size", our_file, their_file),
)  # fmt: skip
