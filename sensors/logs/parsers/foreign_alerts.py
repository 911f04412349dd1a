"""Alerts of other tools → dataset `ids`: Wazuh, AMiner and CEF lines, JSON lines and tables of alerts.

Suricata's EVE has a parser of its own (`eve`), whose alerts are the same kind of event. What an alert
says is told by `sensors.alerts.shapes`; here it becomes fields: `rule.name` and `rule.id` for the kind,
`host.ip` for the host of ours, `log.level` for the severity that the tool gave. An alert without a time
is kept at the time of the line before it, one from the future at its own; `fengsui.parse` says so.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Set
from typing import Any, Final, cast

import orjson

from fengsui.clock import DAY, WallClock
from fengsui.event import Value, make_event
from fengsui.ids import event_id
from sensors.alerts.foreign import ForeignAlert, NotAnAlert
from sensors.alerts.shapes import Columns, of_cef, of_object
from sensors.logs.parser import LineError, Parsed
from sensors.logs.values import LONGEST_TEXT

NO_TIME: Final = "no_time"
AHEAD: Final = "ahead_of_time"
DATASET: Final = "ids"
# What an alert names beside hosts → the field that bears it.
OTHERS: Final = {
    "user": "user.name",
    "domain": "destination.domain",
    "file": "file.name",
    "process": "process.name",
}
_DELIMITERS: Final = ",;\t"
_KNOWS_KIND: Final = frozenset({"name", "title", "signature", "rule", "alert", "short", "rule_id"})
_KNOWS_HOST: Final = frozenset({"ip", "host", "hostname", "src_ip", "agent", "address", "host_ip"})
# A JSON object is an alert by a word of alerts; by a name alone it may be any program's log line.
_OF_ALERTS: Final = frozenset({"signature", "alert", "short", "rule_id", "rule_name"})
_PIPES: Final = 7  # of a CEF header


class ForeignAlertFormat:
    """Recognises alerts by what only alerts have."""

    name = "alerts"

    def sniff(self, first_lines: list[bytes]) -> float:
        """0.9 for CEF and for JSON alerts of known shape, 0.6 for a table with the usual columns."""
        if not first_lines:
            return 0.0
        line = first_lines[0]
        if b"CEF:" in line and line.count(b"|") >= _PIPES:
            return 0.9
        if line[:1] == b"{":
            return 0.9 if _is_alert_object(line) else 0.0
        return 0.6 if _header_of(line) else 0.0

    def start(self, file_name: str, sensor: str) -> ForeignAlertParser:
        """A parser; the file's name tells nothing."""
        del file_name
        return ForeignAlertParser(sensor)


class ForeignAlertParser:
    """Parser of one file; knows the header of a table, and repeats within a second."""

    def __init__(self, sensor: str) -> None:
        self._sensor = sensor
        self._columns: Columns | None = None
        self._delimiter = ","
        self._clock = 0
        self._repeats: Counter[bytes] = Counter()
        self._latest = WallClock().now() + DAY

    def parse(self, line: bytes) -> Parsed:
        """Event of one line.

        Raises:
            LineError: it is no alert.
        """
        if self._columns is None and line[:1] != b"{" and b"CEF:" not in line:
            header = _header_of(line)
            if header is None:
                raise LineError("no alert, and no header of a table of alerts")
            self._columns, self._delimiter = header
            return Parsed("header")
        try:
            alert = self._alert(line)
        except (NotAnAlert, ValueError, StopIteration, csv.Error) as error:
            raise LineError(str(error) or "no alert") from error
        return self._parsed(alert, line)

    def _alert(self, line: bytes) -> ForeignAlert:
        if line[:1] == b"{":
            return of_object(cast("dict[str, Any]", orjson.loads(line)))
        text = line.decode("utf-8", "replace")
        if b"CEF:" in line:
            return of_cef(text)
        if self._columns is None:
            raise NotAnAlert
        return self._columns.alert(next(csv.reader([text], delimiter=self._delimiter)))

    def _parsed(self, alert: ForeignAlert, line: bytes) -> Parsed:
        said = alert.time
        time = self._clock or WallClock().now() if said is None else said
        ahead = time > self._latest
        if not ahead and time > self._clock:
            self._clock = time
            self._repeats.clear()
        self._repeats[line] += 1
        fields: dict[str, Value | None] = {
            "event.kind": "alert",
            "event.module": alert.tool or "alerts",
            "observer.name": self._sensor,
            "rule.id": alert.kind,
            "rule.name": alert.title,
            "host.name": alert.host,
            "host.ip": [alert.address] if alert.address else None,
            "source.ip": alert.far or alert.address,
            "destination.ip": alert.address if alert.far else None,
            "threat.tactic.name": list(alert.tactics),
            **_others(alert),
            "log.level": alert.severity.word if alert.severity is not None else None,
            "event.original": line.decode("utf-8", "replace")[:LONGEST_TEXT],
            "fengsui.parse": NO_TIME if said is None else AHEAD if ahead else None,
        }
        # The same line again within one moment is another alert, the same file read again is not.
        number = b"%d " % self._repeats[line] + line
        made = event_id(DATASET, time, "alerts", number)
        event = make_event(id=made, time=time, dataset=DATASET, fields=fields)
        return Parsed("alert", event, DATASET, time, self._clock)


def _others(alert: ForeignAlert) -> dict[str, Value | None]:
    """What else it names, the first of each kind."""
    named: dict[str, str] = {}
    for kind, value in alert.others:
        named.setdefault(kind, value)
    return {field: named.get(kind) for kind, field in OTHERS.items()}


def _is_alert_object(line: bytes) -> bool:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(record, dict) or "event_type" in record:
        return False
    known = cast("dict[str, Any]", record)
    rule = known.get("rule")
    return (
        (isinstance(rule, dict) and ("level" in rule or "description" in rule))
        or "AnalysisComponent" in known
        or any(name.startswith("kibana.alert") for name in known)
        or (_says_alert(known.keys()) and Columns(list(known)).says_when)
    )


def _says_alert(names: Set[str]) -> bool:
    if _OF_ALERTS & names:
        return True
    return bool(_KNOWS_KIND & names) and bool(_KNOWS_HOST & names) and "severity" in names


def _header_of(line: bytes) -> tuple[Columns, str] | None:
    text = line.decode("utf-8-sig", "replace")
    if len(text) > LONGEST_TEXT:
        return None
    delimiter = max(_DELIMITERS, key=text.count)
    names = [name.strip().lower() for name in text.split(delimiter)]
    columns = Columns(names)
    if not columns.says_when or not _KNOWS_KIND & set(names) or not _KNOWS_HOST & set(names):
        return None
    return columns, delimiter


PARSER = ForeignAlertFormat()
