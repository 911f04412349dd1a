"""Event: one thing that was seen, as flat ECS fields, serialised once.

The JSON bytes are what the Sigma prefilter scans, the store appends and Elasticsearch takes. They
start with the id and the time at fixed places:

    {"event.id":"<32 hex>","@timestamp":"2026-11-21T07:49:45.123456Z","event.dataset":"dns",…}

so that a sensor can write them in compiled code and a drill can re-label them without parsing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from fengsui.clock import from_iso, to_iso
from fengsui.ids import ID_LENGTH, salted_id

Scalar = str | int | float | bool
Value = Scalar | list[str] | list[int] | list[float] | list[bool]
Fields = dict[str, Value]

_HEAD: Final = b'{"event.id":"'
_ID_END: Final = len(_HEAD) + ID_LENGTH


class Event:
    """One JSON object and, once somebody asks, its fields.

    Attributes:
        raw: UTF-8 JSON of one flat object; keys as in `fengsui.ecs`, without nulls.
    """

    __slots__ = ("_fields", "raw")

    def __init__(self, raw: bytes, fields: Fields | None = None) -> None:
        self.raw = raw
        self._fields = fields

    @property
    def fields(self) -> Fields:
        """The parsed object; shared, so treat it as read-only."""
        if self._fields is None:
            self._fields = orjson.loads(self.raw)
        return self._fields

    @property
    def id(self) -> str:
        """32 hexadecimal digits."""
        return self.raw[len(_HEAD) : _ID_END].decode("ascii")

    @property
    def dataset(self) -> str:
        """`flow`, `dns`, `http`, `tls`, … (see `fengsui.ecs.DATASETS`)."""
        return str(self.fields["event.dataset"])

    @property
    def time(self) -> int:
        """When it happened, ns since the epoch."""
        return from_iso(str(self.fields["@timestamp"]))

    def get(self, name: str, default: Any = None) -> Any:
        """Value of a field, or `default` where the event does not have it."""
        return self.fields.get(name, default)

    def text(self, name: str) -> str:
        """Value of a field as text, the first one of a list, or `""`."""
        value = self.fields.get(name, "")
        if isinstance(value, list):
            return str(value[0]) if value else ""
        return str(value)

    def number(self, name: str) -> float:
        """Value of a numeric field, or 0."""
        value = self.fields.get(name, 0)
        return float(value) if isinstance(value, int | float) else 0.0

    def adding(self, extra: Mapping[str, Value]) -> Event:
        """The same event with more fields; fields that it already has are not touched."""
        fresh = {name: value for name, value in extra.items() if name not in self.fields}
        if not fresh:
            return self
        raw = self.raw[:-1] + b"," + orjson.dumps(fresh)[1:]
        return Event(raw, {**self.fields, **fresh})

    def in_run(self, run: str) -> Event:
        """The same event as part of a drill: an id of its own and `fengsui.run`."""
        fresh = salted_id(self.id, run)
        raw = _HEAD + fresh.encode() + self.raw[_ID_END:-1]
        raw += b',"fengsui.run":' + orjson.dumps(run) + b"}"
        return Event(raw)

    def __repr__(self) -> str:
        return f"Event({self.raw[:200]!r})"


def make_event(*, id: str, time: int, dataset: str, fields: Mapping[str, Value | None]) -> Event:  # noqa: A002
    """Serialise an event. `time` in ns; fields that are None, empty lists or empty text are left out."""
    document: Fields = {"event.id": id, "@timestamp": to_iso(time), "event.dataset": dataset}
    for name, value in fields.items():
        if value is None or value == "" or value == []:
            continue
        document[name] = value
    return Event(orjson.dumps(document), document)


def split_lines(block: bytes) -> list[Event]:
    """Events of a block of JSON lines, unparsed."""
    return [Event(line) for line in block.split(b"\n") if line]


def join_lines(events: Iterable[Event] | Sequence[Event]) -> bytes:
    """JSON lines of events, each ended by a newline."""
    return b"".join(event.raw + b"\n" for event in events)
