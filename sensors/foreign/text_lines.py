"""Text lines that are no JSON: audit records, syslog, devices; what each is, and its fields.

The whole line is the field `message`, as rules that look for keywords expect.
"""

from __future__ import annotations

import re
from typing import Any, Final

from sensors.foreign.device_lines import document_of
from sensors.foreign.record import Origin
from sensors.foreign.shapes import AUDITD

_AUDIT: Final = re.compile(
    r"(?:^|.*? )type=([A-Z_0-9]+) (?:msg=)?(audit\([0-9.:/ ]+\)) ?:? ?(.*)", re.DOTALL
)
_KINDS: Final = {  # what the kernel calls by number when no audit daemon is there
    "1300": "SYSCALL", "1302": "PATH", "1305": "CONFIG_CHANGE", "1306": "SOCKADDR", "1307": "CWD",
    "1309": "EXECVE", "1320": "EOE", "1326": "SECCOMP", "1327": "PROCTITLE", "1400": "AVC",
}  # fmt: skip
_PAIR: Final = re.compile(r"""(?<![\w-])([\w-]+)=("[^"]*"|'[^']*'|\S*)""")
_CISCO: Final = re.compile(r"%([A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)?)-[0-7]-[A-Z0-9_]+:")
_SYSLOG: Final = re.compile(
    r"(?:<\d{1,3}>\d? ?)?"
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)"
    r" \S+ ([A-Za-z0-9_./-]{1,64})(?:\(\w+\))?(?:\[\d+\]| \d+ \S+| - \S+)?:? "
)
_HEX: Final = re.compile(r"(?:[0-9A-F]{2})+")
_ENCODED: Final = frozenset({"proctitle", "cwd", "name", "exe", "comm", "cmd", "data"})
_SUDO: Final = re.compile(r"(TTY|PWD|USER|GROUP|COMMAND)=(.*?)(?= ; [A-Z]+=|$)")
_APACHE: Final = re.compile(r"\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:.]+ \d{4}\] \[[\w:]+\] ")
_NGINX: Final = re.compile(r"\d{4}/\d\d/\d\d [\d:]{8} \[\w+\] \d+#\d+: ")
_NO_EVENT: Final = re.compile(r"#(?:Version|Software|Time Format|Date|Fields): ?|-{4}$|time->")
_CISCO_SERVICES: Final = {"BGP": "bgp", "LDP": "ldp"}  # others: what the console and AAA say
# Program → service of Sigma's taxonomy; the log of all of them is `syslog`.
_SERVICES: Final = {
    "sshd": "sshd", "sudo": "sudo", "su": "auth", "login": "auth", "systemd-logind": "auth",
    "cron": "cron", "crond": "cron", "anacron": "cron", "clamd": "clamav", "freshclam": "clamav",
    "clamscan": "clamav", "vsftpd": "vsftpd", "guacd": "guacamole", "audispd": "auditd",
    "passwd": "auth", "useradd": "auth", "usermod": "auth", "polkitd": "auth",
    "sshd-session": "sshd", "sshd-auth": "sshd", "crontab": "cron", "groupadd": "auth",
    "apache": "apache", "apache2": "apache", "httpd": "apache", "nginx": "nginx",
}  # fmt: skip


def told_line(text: str) -> tuple[Origin, dict[str, Any]]:
    """Origin and fields of a line; no origin where its form is not known."""
    audit = _AUDIT.match(text) if "audit(" in text else None
    if audit:
        return AUDITD, _audit(audit, text)
    known = document_of(text)
    if known is not None:
        return known
    fields: dict[str, Any] = {"message": text}
    cisco = _CISCO.search(text) if "%" in text else None
    if cisco:
        facility = cisco[1].split("-")[0].split("_")[0]
        return ("cisco", "", _CISCO_SERVICES.get(facility, "aaa")), fields
    syslog = _SYSLOG.match(text)
    if syslog:
        return service_of(syslog[1], text)
    for product, form in (("apache", _APACHE), ("nginx", _NGINX)):
        if form.match(text):
            return (product, "", product), fields
    return "", fields


def is_heading(text: str) -> bool:
    """Whether a line stands between events: W3C's directives, and what `ausearch` writes."""
    return _NO_EVENT.match(text) is not None


def service_of(program: str, text: str) -> tuple[Origin, dict[str, Any]]:
    """Origin and fields of what a program of Linux wrote to syslog."""
    program = program.rsplit("/", 1)[-1]
    fields: dict[str, Any] = {"message": text, "program": program}
    service = _SERVICES.get(program.lower(), "syslog")
    if service == "sudo":
        fields.update(_SUDO.findall(text))
    if service in ("apache", "nginx"):
        return (service, "", service), fields
    return ("linux", "", service), fields


def _audit(found: re.Match[str], text: str) -> dict[str, Any]:
    """Fields of an audit record; encoded values decoded, the words of a command joined."""
    kind, stamp, rest = _KINDS.get(found[1], found[1]), found[2], found[3]
    fields: dict[str, Any] = {"type": kind, "msg": stamp, "message": text}
    for name, value in _PAIR.findall(rest.replace("\x1d", " ")):
        known = value.strip("\"'")
        if known == value and (name in _ENCODED or (kind == "EXECVE" and name[0] == "a")):
            known = _decoded(value)
        if name == "msg":
            fields.update(_inner(known))
        else:
            fields.setdefault(name, known)
    if kind == "EXECVE":
        words = [fields[f"a{n}"] for n in range(_MOST_WORDS) if f"a{n}" in fields]
        fields["cmdline"] = " ".join(words)
    return fields


_MOST_WORDS: Final = 256


def _inner(text: str) -> dict[str, str]:
    """Fields of a message inside a record (user space events)."""
    return {name: value.strip("\"'") for name, value in _PAIR.findall(text)}


def _decoded(value: str) -> str:
    """Text of a value in hexadecimal; NULs, which part a command's words, become blanks."""
    if not _HEX.fullmatch(value) or len(value) < 4:
        return value
    return bytes.fromhex(value).replace(b"\0", b" ").decode("utf-8", "replace").strip()
