"""An event as a document of Elasticsearch, and back.

What conforms to the registry stands under its own ECS name, with its type; all else is kept beside it,
so that no value can make a document fail. `_source` gives back the event as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

import orjson

from fengsui.event import Event, Fields
from fengsui.query.match import texts_of
from fengsui.query.values import field_type, fold, instant, values_of
from fengsui.store.elastic.names import AT, KEPT, LOOSE, NAMES, ODD, REST, TEXT, TIMES, US
from fengsui.store.salvage import (
    DATASET,
    HEAD,
    ID,
    LONGEST,
    ORDINARY,
    RETENTION,
    Row,
    comes_again,
    partition,
    registered,
    row_of,
)

LONGEST_NAME: Final = 8_000  # bytes
_LONGEST_FLAT: Final = 8_000  # bytes of a value in the flattened field


@dataclass(frozen=True, slots=True)
class Document:
    """What is sent.

    Attributes:
        time: of the event, µs.
        bad: fields whose value does not conform.
    """

    id: str
    dataset: str
    retention: str
    time: int
    body: bytes
    bad: list[str]


def document_of(event: Event, classes: Mapping[str, int], now: int) -> Document:
    """The document of an event; `now` in ms is when it is stored."""
    row = row_of(event.raw)
    fields: dict[str, Any] = {**row.fields, ID: row.id}
    body: dict[str, Any] = {name: fields[name] for name in HEAD} | fields
    kept_class = fields.get(RETENTION)
    retention = kept_class if kept_class in classes else ORDINARY
    body |= _searched({**fields, **row.rest})
    body |= _kept(row)
    body[AT] = now
    times = {name: _times(fields[name]) for name in fields if field_type(name) == "date"}
    body |= {f"{TIMES}.{name}": value for name, value in times.items()}
    return Document(
        row.id, partition(fields[DATASET]), str(retention), row.time, orjson.dumps(body), row.bad
    )


def fields_of(source: Mapping[str, Any], wanted: frozenset[str] = frozenset()) -> Fields:
    """The fields of a `_source`, head first, then in the registry's order; `wanted` ones with the id."""
    rest = {**source.get(REST, {})}
    if kept := source.get(KEPT):
        rest |= orjson.loads(kept)
    found: dict[str, Any] = {name: source[name] for name in registered() if name in source}
    found |= rest
    if wanted:
        found = {name: value for name, value in found.items() if name in wanted or name == ID}
    return cast("Fields", found)


def event_of(source: Mapping[str, Any]) -> Event:
    """The event of a `_source`."""
    fields = fields_of(source)
    return Event(orjson.dumps(fields), fields)


def term(name: str, folded: str) -> str:
    """The term of a value."""
    return f"{name}{US}{folded}"


def _searched(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of all values."""
    texts: set[str | None] = set()
    names: list[str] = []
    odd = False
    for name, value in fields.items():
        if value is None:
            continue
        if not _can_be_term(name):
            odd = True
            continue
        names.append(name)
        found = (_terms_again if comes_again(value) else _terms)(name, value)
        texts.update(found)
        odd |= None in found
    texts.discard(None)
    return {TEXT: list(texts), NAMES: names} | ({ODD: True} if odd else {})


@lru_cache(1 << 12)
def _can_be_term(name: str) -> bool:
    return US not in name and len(name.encode()) <= LONGEST_NAME


def _terms(name: str, value: object) -> list[str | None]:
    """The terms of the values of a field; None for what is too long to be one."""
    entries = [term(name, fold(text)) for text in texts_of(name, {name: value})]
    return [None if len(entry.encode()) > LONGEST else entry for entry in entries]


@lru_cache(1 << 15, typed=True)
def _terms_again(name: str, value: str | int | float) -> list[str | None]:
    """`_terms`, remembered; 1 is not 1.0 there."""
    return _terms(name, value)


def _kept(row: Row) -> dict[str, Any]:
    """The rest, in the field that can take it."""
    if not row.rest:
        return {}
    flat = {name: value for name, value in row.rest.items() if _is_flat(name, value)}
    kept = {name: value for name, value in row.rest.items() if name not in flat}
    found: dict[str, Any] = {LOOSE: [n for n in row.rest if len(n.encode()) <= LONGEST_NAME]}
    if flat:
        found[REST] = flat
    if kept:
        found[KEPT] = orjson.dumps(kept).decode()
    return found


def _is_flat(name: str, value: Any) -> bool:
    if not name or "\0" in name or len(name.encode()) > _LONGEST_FLAT // 4:
        return False
    for one in values_of(value):
        if isinstance(one, dict | list) or one is None:
            return False
        if isinstance(one, str) and ("\0" in one or len(one.encode()) > _LONGEST_FLAT):
            return False
    return bool(values_of(value))


def _times(value: Any) -> Any:
    found = [instant(str(one)) for one in values_of(value)]
    return found if isinstance(value, list) else found[0]
