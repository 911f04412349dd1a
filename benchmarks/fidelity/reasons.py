"""Why a value of a peer is not among ours: decided by looking at each, kept as data.

A reason is either a rule that the peer's own record proves (a test on that record), or a list of
single values of the bench's office capture that were looked at, packet by packet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """A class of differences.

    Attributes:
        holds: whether the peer's record is of this class.
        ours: whether the miss is a fault of ours, still to be mended.
    """

    kinds: frozenset[str]
    reason: str
    holds: Callable[[Record], bool]
    ours: bool = False


def _hello(record: Record) -> list[list[str]]:
    """Parts of the JA3 string of a record."""
    part = record.get("tls") or record.get("quic") or {}
    return [one.split("-") for one in part.get("ja3", {}).get("string", "").split(",")]


def _grease(record: Record) -> bool:
    numbers = [one for part in _hello(record)[1:4] for one in part if one.isdigit()]
    return any(int(one) & 0x0F0F == 0x0A0A and int(one) >> 8 == int(one) & 255 for one in numbers)


def _unsigned(record: Record) -> bool:
    parts = _hello(record)
    return len(parts) > 2 and "13" not in parts[2]


def _command(record: Record) -> str:
    return str(record.get("smb", {}).get("command", ""))


def _url(record: Record) -> str:
    return str(record.get("http", {}).get("url", ""))


# Commands that Zeek's ftp.log (and so our `ftp`) leaves out: no file, no data channel.
_SILENT = {"USER", "PWD", "QUIT", "STAT", "SYST", "TYPE", "CWD", "FEAT", "OPTS", "CDUP", "NOOP",
           "MODE", "STRU", "ALLO", "HELP", "AUTH", "PBSZ", "PROT", "SIZE", "MDTM", "LIST", "NLST",
           "XPWD", "REST", "SITE", "ABOR", "LANG", "CLNT"}  # fmt: skip

RULES = (
    Rule(frozenset({"JA4"}), "no signature algorithms: JA4's definition hashes the extensions alone, "
         "Suricata 7 puts an underscore behind them", _unsigned),
    Rule(frozenset({"JA3"}), "Suricata 7 keeps GREASE in JA3 of QUIC", _grease),
    Rule(frozenset({"SMB commands"}), "a write or read that carries DCE/RPC: our `dce_rpc`, as Zeek's",
         lambda record: _command(record) in {"SMB2_COMMAND_WRITE", "SMB2_COMMAND_READ",
         "SMB2_COMMAND_IOCTL"}),
    Rule(frozenset({"FTP commands"}), "not logged: neither file nor data channel, as in Zeek's ftp.log",
         lambda record: record.get("ftp", {}).get("command") in _SILENT),
    Rule(frozenset({"HTTP hosts", "URLs"}), "white space inside a host or URL: Suricata cuts it there",
         lambda record: "[[" in _url(record) or "[[" in str(record["http"].get("hostname"))),
    Rule(frozenset({"files by size"}), "a multipart body: one file a part, as Zeek; Suricata has the body",
         lambda record: "multipart" in str(record.get("http", {}).get("http_content_type"))),
    Rule(frozenset({"files by size"}), "HTTP/2 behind `Upgrade: h2c` is not followed",
         lambda record: record.get("http", {}).get("version") == "2", ours=True),
    Rule(frozenset({"files by size"}), "no head in the answer (HTTP/0.9 style, or another protocol): no file",
         lambda record: "http" in record and "status" not in record["http"]),
)  # fmt: skip

_EVADER = "an answer that breaks HTTP on purpose: Suricata forgives it, we (and Zeek) do not"
# (kind, end of the value): reason
LOOKED_AT: dict[tuple[str, str], str] = {
    (
        "files by size",
        "8.8.157.227:80 68",
    ): "`Transfer-Encoding: x chunked` is no known coding: the body as sent, "
    "as tshark has it (143 bytes)",
    (
        "JA4",
        "t13d582400_6d6243a3a798_468664775a54",
    ): "two ClientHellos one behind the other: Suricata adds "
    "the second's suites and extensions to the first's",
    (
        "QUIC CYU",
        "7b3ceb1adc974ad360cfa634e8d0a730",
    ): "second hello of one connection: one event a connection",
    ("HTTP status", "space-cr-header;chunked 200"): _EVADER,
    ("files by size", "8.8.59.210:80 68"): _EVADER,
    ("files by size", "8.8.76.152:80 68"): _EVADER,
    ("files by size", "8.8.232.25:80 68"): _EVADER,
    (
        "files by size",
        "8.8.45.183:80 88",
    ): "two gzip layers, one of them mislabelled: kept as sent (111 bytes)",
    (
        "files by size",
        "8.8.161.151:80 136",
    ): "folded Content-Length: Suricata joins to 68136 and takes all; "
    "ours has the 68 bytes of the test file",
    (
        "files by size",
        "188.40.134.206:80 72",
    ): "four bytes behind the body: ours has the test file's 68 and its MD5",
    (
        "files by size",
        "209.123.150.14:80 39482",
    ): "two bytes behind the body: tshark has 39,480 as we do",
    (
        "files by size",
        "208.48.15.13:80 2668",
    ): "the capture ends within the body: ours has all 7,048 bytes that are there",
    (
        "files by size",
        "10.11.12.13:54162 120",
    ): "to mend: the body's delimiters are not the boundary that the head names: no part, and so no file",
}


_AFTER_HOLES = frozenset({"files by size", "HTTP status"})


def reason(kind: str, value: str, record: Record, *, holes: bool) -> tuple[str, bool]:
    """Why a value is not ours, and whether that is our fault; "" where nobody has looked.

    `holes` says whether bytes of the record's flow are missing in the capture.
    """
    for (of, end), text in LOOKED_AT.items():
        if of == kind and value.endswith(end):
            return text, False
    if holes and kind in _AFTER_HOLES:
        return (
            "behind missing or cut bytes: Suricata stops, or pairs answers one off; ours says `cut`",
            False,
        )
    for rule in RULES:
        if kind in rule.kinds and rule.holds(record):
            return rule.reason, rule.ours
    return "", True


# What differs from tshark: (what, reason, test on the ends and on the difference).
TSHARK: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("HTTP request", "SSDP is our `ssdp`, not `http`", lambda key, text: "1900" in key),
    ("HTTP request", "a URL with white space: tshark cuts it there", lambda key, text: ";cat'" in text),
    ("HTTP status", "to mend: met in the middle of an answer: later answers behind gaps are not found",
     lambda key, text: "192.168.0.91" in key or "8.252.2.139" in key),
    ("HTTP status", "behind missing or cut bytes: tshark takes the next segment for an answer's begin",
     lambda key, text: "[bytes missing]" in text),
    ("DNS id and name", "bytes above 127 in a name: tshark prints them as U+FFFD",
     lambda key, text: "\ufffd" in text),
    ("HTTP request", "bytes above 127 or white space in a URL: tshark replaces them, or cuts there",
     lambda key, text: "\ufffd" in text or "[[[" in text),
    ("DNS id and name", "to mend: several questions in one mDNS query: the first is told",
     lambda key, text: "5353" in key),
    ("DNS id and name", "not DNS, or zeroes in the place of its records: counted as malformed",
     lambda key, text: "name too long" in text or "txtpadding" in text),
)  # fmt: skip


def tshark_reason(what: str, key: str, text: str) -> str:
    """Why a flow differs from tshark's; "" where nobody has looked."""
    for of, why, holds in TSHARK:
        if of == what and holds(key, text):
            return why
    return ""
