"""Carried: an event inside a text that something else carries: JSON, XML or a line of a log.

Docker's and Kubernetes' logs, Filebeat without a module, journald, Wazuh's archives, `event.original`,
syslog with JSON behind its header. Only objects that are of no known shape themselves are looked into.
"""

from __future__ import annotations

from typing import Any, Final, cast

import orjson

from sensors.foreign.defender import of_defender
from sensors.foreign.device_lines import web_document
from sensors.foreign.record import Origin
from sensors.foreign.shapes import AUDITD, flat, told
from sensors.foreign.text_lines import service_of, told_line
from sensors.foreign.wrapped import event_of_xml

_TEXTS: Final = (
    "event.original", "message", "log", "full_log", "_raw", "RawXml", "properties.RawXml",
    "full_message", "short_message", "line", "rawLog", "Body", "body",
)  # fmt: skip
_TIMES: Final = ("@timestamp", "timestamp", "time", "_time", "Timestamp")
_JOURNAL: Final = frozenset({"SYSLOG_IDENTIFIER", "_COMM", "__REALTIME_TIMESTAMP"})
_SHORTEST: Final = 8

Found = tuple[Origin, dict[str, Any]]


def carried(value: dict[str, Any], fields: dict[str, Any]) -> Found | None:
    """Origin and fields of the event that is carried; None where none is found.

    Args:
        value: an object whose shape is not known.
        fields: the same, flat.
    """
    if (records := record_sets(value)) is not None:
        return AUDITD, records
    if "MESSAGE" in fields and not fields.keys().isdisjoint(_JOURNAL):
        return _journal(fields)
    if (request := web_document(fields)) is not None:
        return request
    if (told_by_type := of_defender(fields)) is not None:
        return told_by_type
    plain: Found | None = None
    for name in _TEXTS:
        text = fields.get(name)
        if not isinstance(text, str) or len(text) < _SHORTEST:
            continue
        found = event_in(text)
        if found is not None:
            for time in _TIMES:
                if time in fields:
                    found[1].setdefault(time, fields[time])
            if found[0]:
                return found
            plain = plain or found
    return plain


def event_in(text: str) -> Found | None:
    """The event that a text is, or ends with; one of JSON has no origin where its shape is not known."""
    start, end = text.find("<Event"), text.rfind("</Event>")
    if 0 <= start < end and (event := event_of_xml(text[start:end] + "</Event>")) is not None:
        return told(event, b"")[:2]
    start = text.find("{")
    if start >= 0 and text.rstrip().endswith("}"):
        try:
            value: object = orjson.loads(text[start:])
        except orjson.JSONDecodeError:
            value = None
        if isinstance(value, dict):
            inner = cast("dict[str, Any]", value)
            if "win" in inner:  # Wazuh keeps what it had been sent
                inner = {"data": inner}
            origin, fields, _ = told(inner, b"")
            if origin or not start:
                return origin, fields
    origin, fields = told_line(text.rstrip("\r\n"))
    return (origin, fields) if origin else None


def _journal(fields: dict[str, Any]) -> Found:
    """An entry of journald's JSON: texts that are none are lists of bytes."""
    text = fields["MESSAGE"]
    if isinstance(text, list):
        numbers = [one & 0xFF for one in _listed(text) if isinstance(one, int)]
        text = bytes(numbers).decode("utf-8", "replace")
    text = str(text)
    kind = fields.get("_AUDIT_TYPE_NAME")
    if isinstance(kind, str):
        digits = str(fields.get("__REALTIME_TIMESTAMP", ""))[:16].zfill(7)
        stamp = f"{digits[:-6]}.{digits[-6:-3]}" if digits.isdecimal() else "0.000"
        return told_line(f"type={kind} msg=audit({stamp}:0): {text.removeprefix(kind)}")
    program = str(fields.get("SYSLOG_IDENTIFIER") or fields.get("_COMM") or "")
    found = service_of(program, text)
    found[1].update({**fields, **found[1], "message": text})
    if (time := fields.get("__REALTIME_TIMESTAMP")) is not None:
        found[1]["timestamp"] = time
    return found


def _listed(value: Any) -> list[Any]:
    return [*value] if isinstance(value, list) else [value]


def record_sets(value: dict[str, Any]) -> dict[str, Any] | None:
    """An event of audit whose records are one object (Laurel); None where it is none.

    The arguments are under `a0`, `a1` …, and `type` holds the kinds of all records.
    """
    kinds = [name for name, one in value.items() if name.isupper() and isinstance(one, dict | list)]
    if "ID" not in value or not {"SYSCALL", "EXECVE", "PATH", "PROCTITLE"} & {*kinds}:
        return None
    found: dict[str, Any] = {"type": kinds, "msg": f"audit({value['ID']})"}
    for kind in kinds:
        one = value[kind]
        for record in _listed(one):
            if isinstance(record, dict):
                _merge(found, kind, cast("dict[str, Any]", record))
    return flat(found)


def _merge(found: dict[str, Any], kind: str, record: dict[str, Any]) -> None:
    for name, one in record.items():
        if name == "ARGV" and isinstance(one, list):
            words = [str(word) for word in _listed(one)]
            joined = " ".join(words)
            if kind == "EXECVE":
                found.update({f"a{n}": word for n, word in enumerate(words)})
                found["cmdline"] = joined
            else:
                found[kind.lower()] = joined
        elif name not in found:
            found[name] = one
        elif kind == "PATH" and found[name] != one:
            known = found[name]
            found[name] = [*_listed(known), one]
