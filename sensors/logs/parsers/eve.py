"""Suricata EVE JSON: one object a line, `event_type` tells which."""

from __future__ import annotations

from typing import Any, Final

import orjson

from fengsui.event import Value, make_event
from fengsui.ids import event_id
from sensors.logs.eve_records import TYPES, common, part
from sensors.logs.parser import LineError, Parsed
from sensors.logs.values import LONGEST_TEXT, instant

_OTHER_TYPES: Final = frozenset({"anomaly", "stats", "netflow", "drop", "engine"})


class EveFormat:
    """Recognises EVE by `event_type` beside `timestamp`."""

    name = "eve"

    def sniff(self, first_lines: list[bytes]) -> float:
        """1 where the first line has both, 0.5 where it has only the type."""
        try:
            row = orjson.loads(first_lines[0])
        except (orjson.JSONDecodeError, IndexError):
            return 0.0
        if not isinstance(row, dict) or not isinstance(row.get("event_type"), str):
            return 0.0
        return 1.0 if "timestamp" in row else 0.5

    def start(self, file_name: str, sensor: str) -> EveParser:
        """A parser; the file's name does not matter."""
        del file_name
        return EveParser(sensor)


class EveParser:
    """Parser of one file; keeps nothing from line to line."""

    def __init__(self, sensor: str) -> None:
        self._sensor = sensor

    def parse(self, line: bytes) -> Parsed:
        """Event of one line.

        Raises:
            LineError: no JSON object, no `event_type`, no time.
        """
        try:
            row: Any = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise LineError(str(error)) from error
        if not isinstance(row, dict) or not isinstance(row.get("event_type"), str):
            raise LineError("no EVE object")
        kind: str = row["event_type"]
        clock = instant(row.get("timestamp"))
        time = clock
        fields: dict[str, Value | None]
        if kind in TYPES:
            dataset, mapper = TYPES[kind]
            fields = mapper(row)
            if kind == "flow":  # EVE stamps a flow when it ends, our flows when they start
                flow = part(row, "flow")
                time, clock = instant(flow.get("start")), max(clock, instant(flow.get("end")))
        else:
            dataset, fields = "other", common(row)
            fields["event.action"] = kind[:64]
            fields["event.original"] = line.decode("utf-8", "replace")[:LONGEST_TEXT]
            fields["fengsui.parse"] = "unmatched"
        fields["event.module"] = "suricata"
        fields["observer.name"] = self._sensor
        number = event_id(dataset, time, "suricata", line)
        event = make_event(id=number, time=time, dataset=dataset, fields=fields)
        shown = kind if kind in TYPES or kind in _OTHER_TYPES else "other"
        return Parsed(shown, event, dataset, time, clock)


PARSER = EveFormat()
