"""Shapes: records of the tools that raise alerts, each to one form.

Suricata's EVE (docs.suricata.io, EVE JSON output), Wazuh's alerts.json, ArcSight's CEF (rev. 25),
ECS documents, our own published alerts, and tables with a header of usual names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert, NotAnAlert, address_of, ends, short, time_of

_EVE = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW}
_WAZUH = ((15, Severity.CRITICAL), (12, Severity.HIGH), (7, Severity.MEDIUM), (4, Severity.LOW))
_CEF_WORDS = {"low": 2, "medium": 5, "high": 8, "very-high": 10, "unknown": -1}
_CEF = ((9, Severity.CRITICAL), (7, Severity.HIGH), (4, Severity.MEDIUM), (0, Severity.LOW))
_ROWS_KNOWN = 20_000
_CEF_PAIR = re.compile(r"(?:^|\s)(\w+)=")

# Names of columns and keys, the first that is there.
_TIMES = ("time", "timestamp", "@timestamp", "date", "datetime", "start")
_TITLES = ("name", "title", "signature", "rule", "alert", "message", "description")
_KINDS = ("short", "signature_id", "sid", "rule_id", "type", "id_rule")
_HOSTS = ("host", "hostname", "agent", "device", "computer")
_ADDRESSES = ("ip", "address", "host_ip", "src_ip", "source_ip", "src", "source.ip")
_OTHERS = ("dest_ip", "dst_ip", "destination_ip", "dst", "destination.ip")
_SEVERITIES = ("severity", "level", "priority")


def of_object(record: Mapping[str, Any]) -> ForeignAlert:
    """The alert of a JSON object, its shape told by its keys.

    Raises:
        NotAnAlert: it is a record of another kind, or names none.
    """
    alert = _of_shape(record)
    if not alert.kind:
        raise NotAnAlert
    return alert


def _of_shape(record: Mapping[str, Any]) -> ForeignAlert:
    kind = record.get("event_type")
    if isinstance(kind, str):
        return _eve(record, kind)
    rule = record.get("rule")
    if isinstance(rule, dict) and ("level" in rule or "description" in rule):
        return _wazuh(record, cast("dict[str, Any]", rule))
    if isinstance(record.get("entities"), list) and isinstance(rule, str):
        return _own(record, rule)
    if "AnalysisComponent" in record:
        return _aminer(record)
    if any(name.startswith(("kibana.alert", "event.", "@")) for name in record):
        return _ecs(record)
    return of_table(record)


def of_table(row: Mapping[str, Any]) -> ForeignAlert:
    """The alert of a JSON object with usual names.

    Raises:
        NotAnAlert: it names neither what was seen nor its kind.
    """
    names = list(row)
    return Columns(names).alert([row[name] for name in names])


class Columns:
    """Which columns of a table say what; the first of the usual names that has a value."""

    def __init__(self, names: Sequence[str]) -> None:
        place = {name.strip().lower(): number for number, name in enumerate(names)}
        groups = (_TIMES, _KINDS, _TITLES, _HOSTS, _ADDRESSES, _OTHERS, _SEVERITIES)
        self._places = [[place[name] for name in group if name in place] for group in groups]
        self._known: dict[tuple[object, ...], ForeignAlert] = {}
        self.says_when = bool(self._places[0])

    def alert(self, row: Sequence[object]) -> ForeignAlert:
        """The alert of a row; what stands beside its time is told once for all rows that say the same.

        Raises:
            NotAnAlert: it names neither what was seen nor its kind.
        """
        when, *others = self._places
        said = tuple(_found(row, places) for places in others)
        try:
            alert = self._known.get(said)
        except TypeError:  # an object of JSON may hold lists
            alert = _said(said)
        if alert is None:
            alert = _said(said)
            if len(self._known) < _ROWS_KNOWN:
                self._known[said] = alert
        return ForeignAlert(time_of(_found(row, when)), *alert[1:])


def _found(row: Sequence[object], places: Sequence[int]) -> object:
    for place in places:
        if place < len(row) and row[place] not in ("", None):
            return row[place]
    return None


def _said(said: tuple[object, ...]) -> ForeignAlert:
    kind, title, host, address, other, severity = said
    words = short(title)
    sort = short(kind) or words
    if not sort:
        raise NotAnAlert
    tool, _, rest = words.partition(": ")
    ours, far = address_of(address), address_of(other)
    if far:
        ours, far = ends(ours, far)
    return ForeignAlert(
        None,
        tool.lower() if rest and " " not in tool else "",
        sort,
        words or sort,
        short(host),
        ours,
        far,
        _severity(severity),
    )


def of_cef(line: str) -> ForeignAlert:
    """The alert of a CEF line, with or without a syslog header.

    Raises:
        NotAnAlert: the line is not CEF.
    """
    begin = line.find("CEF:")
    parts = re.split(r"(?<!\\)\|", line[begin:], maxsplit=7) if begin >= 0 else []
    if len(parts) < 7:
        raise NotAnAlert
    _, vendor, product, _, signature, name, severity = (_unescaped(p) for p in parts[:7])
    fields = _cef_fields(parts[7] if len(parts) > 7 else "")
    ours, far = ends(address_of(fields.get("src")), address_of(fields.get("dst")))
    level = _CEF_WORDS.get(severity.lower(), -1)
    if severity.isdigit():
        level = int(severity)
    return ForeignAlert(
        time_of(fields.get("rt") or fields.get("start") or fields.get("end")),
        short(f"{vendor} {product}".strip()).lower(),
        short(signature) or short(name),
        short(name) or short(signature),
        short(fields.get("dvchost") or fields.get("dhost") or fields.get("shost")),
        ours or address_of(fields.get("dvc")),
        far,
        next((s for least, s in _CEF if level >= least), None),
    )


def _eve(record: Mapping[str, Any], kind: str) -> ForeignAlert:
    alert = record.get("alert")
    if kind != "alert" or not isinstance(alert, dict):
        raise NotAnAlert
    said = cast("dict[str, Any]", alert)
    ours, far = ends(address_of(record.get("src_ip")), address_of(record.get("dest_ip")))
    title = short(said.get("signature"))
    severity = said.get("severity")
    return ForeignAlert(
        time_of(record.get("timestamp")),
        "suricata",
        short(said.get("signature_id")) or title,
        title,
        "",
        ours,
        far,
        _EVE.get(severity, Severity.INFO) if isinstance(severity, int) else None,
    )


def _wazuh(record: Mapping[str, Any], rule: Mapping[str, Any]) -> ForeignAlert:
    agent = _map(record.get("agent"))
    data = _map(record.get("data"))
    level = rule.get("level")
    title = short(rule.get("description"))
    far = address_of(data.get("srcip") or data.get("src_ip"))
    address = address_of(agent.get("ip"))
    severity = None
    if isinstance(level, int):
        severity = next((s for least, s in _WAZUH if level >= least), Severity.INFO)
    return ForeignAlert(
        time_of(record.get("timestamp") or record.get("@timestamp")),
        "wazuh",
        short(rule.get("id")) or title,
        title,
        short(agent.get("name")),
        address,
        "" if far == address else ends(address, far)[1],
        severity,
    )


def _aminer(record: Mapping[str, Any]) -> ForeignAlert:
    component = _map(record.get("AnalysisComponent"))
    log = _map(record.get("LogData"))
    stamps = log.get("Timestamps") or log.get("DetectionTimestamp")
    first = stamps[0] if isinstance(stamps, list) and stamps else stamps
    aminer = _map(record.get("AMiner"))
    title = short(component.get("Message") or component.get("AnalysisComponentName"))
    return ForeignAlert(
        time_of(first),
        "aminer",
        short(component.get("AnalysisComponentName")) or title,
        title,
        short(aminer.get("ID") or log.get("Host")),
        address_of(aminer.get("ID")),
        "",
        None,
    )


def _ecs(record: Mapping[str, Any]) -> ForeignAlert:
    flat = dict(record)
    title = flat.get("kibana.alert.rule.name") or flat.get("rule.name") or flat.get("message")
    ours, far = ends(
        address_of(_one(flat.get("source.ip"))), address_of(_one(flat.get("destination.ip")))
    )
    if not title:
        raise NotAnAlert
    severity = flat.get("kibana.alert.severity") or flat.get("event.severity")
    return ForeignAlert(
        time_of(flat.get("@timestamp")),
        short(flat.get("event.module")),
        short(flat.get("rule.id") or title),
        short(title),
        short(_one(flat.get("host.name"))),
        ours or address_of(_one(flat.get("host.ip"))),
        far,
        _severity(severity),
    )


def _own(record: Mapping[str, Any], rule: str) -> ForeignAlert:
    title = record.get("title")
    words = _map(title).get("en") if isinstance(title, dict) else title
    entities = [_map(entity) for entity in cast("list[object]", record["entities"])]
    hosts = [e for e in entities if e.get("kind") == "host"]
    ours = [address_of(e.get("value")) for e in hosts if e.get("internal")]
    far = [address_of(e.get("value")) for e in hosts if not e.get("internal")]
    return ForeignAlert(
        time_of(record.get("first")),
        "fengsui",
        short(rule),
        short(words) or short(rule),
        "",
        next(filter(None, ours or far), ""),
        next(filter(None, far), "") if ours else "",
        _severity(record.get("severity")),
    )


def _severity(value: object) -> Severity | None:
    if isinstance(value, str):
        try:
            return Severity.parse(value.strip())
        except ValueError:
            return None
    return None


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _map(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _unescaped(text: str) -> str:
    return text.replace("\\|", "|").replace("\\\\", "\\")


def _cef_fields(text: str) -> dict[str, str]:
    """Extension of a CEF line: a value ends where the next `name=` begins."""
    found = list(_CEF_PAIR.finditer(text))
    fields: dict[str, str] = {}
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        fields[match[1]] = text[match.end() : end].strip()
    return fields
