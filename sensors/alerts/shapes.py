"""Shapes: which form a record of another tool has, told by its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson

from sensors.alerts.columns import Columns, of_named
from sensors.alerts.foreign import ForeignAlert, NotAnAlert, short, time_of
from sensors.alerts.lines import is_line, of_cef, of_line
from sensors.alerts.records import of_aminer, of_ecs, of_eve, of_own, of_wazuh

__all__ = ["Columns", "is_line", "object_within", "of_cef", "of_line", "of_object", "of_text"]

_WRAPPERS = ("_source", "result", "json", "eve")  # of Elasticsearch's, Splunk's and Beats' exports
_SAID_WITHIN = ("message", "_raw", "log")  # where a forwarder puts the record that it was given
_ECS = ("kibana.alert", "event.", "signal.")
_DEPTH = 3


def of_object(record: Mapping[str, Any]) -> ForeignAlert:
    """The alert of a JSON object, its shape told by its keys.

    Raises:
        NotAnAlert: it is a record of another kind, or names none.
    """
    for wrapper in _WRAPPERS:
        inner = record.get(wrapper)
        if isinstance(inner, dict):
            record = cast("dict[str, Any]", inner)
    alert = _within(record) or _of_shape(record)
    if not alert.kind:
        raise NotAnAlert
    return alert


def _within(record: Mapping[str, Any]) -> ForeignAlert | None:
    """The alert that a forwarder handed on as text or under the tool's name, with its own time."""
    suricata = record.get("suricata")
    if isinstance(suricata, dict) and isinstance(suricata.get("eve"), dict):
        inner = cast("dict[str, Any]", suricata["eve"])
        ends = {
            name: cast("dict[str, Any]", record[end]).get("ip")
            for name, end in (("src_ip", "source"), ("dest_ip", "destination"))
            if isinstance(record.get(end), dict)
        }
        return of_eve({"timestamp": record.get("@timestamp"), **ends, **inner})
    for name in _SAID_WITHIN:
        text = record.get(name)
        if isinstance(text, str) and (text[:1] == "{" or "CEF:" in text or "LEEF:" in text):
            return _of_text(text, record)
    return None


def _of_text(text: str, record: Mapping[str, Any]) -> ForeignAlert | None:
    try:
        inner = orjson.loads(text) if text[:1] == "{" else None
    except orjson.JSONDecodeError:
        return None
    alert = of_object(cast("dict[str, Any]", inner)) if isinstance(inner, dict) else of_line(text)
    if alert.time is None:
        return alert._replace(time=time_of(record.get("@timestamp") or record.get("_time")))
    return alert


def of_text(line: str) -> ForeignAlert:
    """The alert of a line: JSON behind a header of syslog's, else as `of_line`.

    Raises:
        NotAnAlert: it is of no form that is known, or names nothing.
    """
    record = object_within(line)
    return of_line(line) if record is None else of_object(record)


def object_within(line: str) -> dict[str, Any] | None:
    """The JSON object that a line ends with, where that nests as the records of tools do."""
    brace = line.find("{")
    if brace < 0 or not line.rstrip().endswith("}"):
        return None
    try:
        record = orjson.loads(line[brace:])
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or not any(isinstance(v, dict) for v in record.values()):
        return None
    return cast("dict[str, Any]", record)


def _of_shape(record: Mapping[str, Any]) -> ForeignAlert:
    if isinstance(record.get("event_type"), str) and (
        record["event_type"] != "alert" or isinstance(record.get("alert"), dict)
    ):
        return of_eve(record)
    rule = record.get("rule")
    if isinstance(rule, dict) and "level" in rule:
        return of_wazuh(record, cast("dict[str, Any]", rule))
    if isinstance(record.get("entities"), list) and isinstance(rule, str):
        return of_own(record, rule)
    if "AnalysisComponent" in record:
        return of_aminer(record)
    if isinstance(record.get("event"), dict) or any(name.startswith(_ECS) for name in record):
        return of_ecs(record)
    flat = _flat(record)
    alert = of_named(list(flat), list(flat.values()))
    notice = record.get("note")  # of Zeek's notice.log, whose message names addresses
    if isinstance(notice, str) and "::" in notice:
        return alert._replace(tool="zeek", kind=short(notice))
    return alert


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    """Nested objects as dotted names."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEPTH:
            found |= _flat(cast("dict[str, Any]", value), f"{before}{name}.", depth + 1)
        else:
            found[f"{before}{name}"] = value
    return found
