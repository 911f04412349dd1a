"""Events taken one by one, whatever they hold: what conforms to the registry, and the rest.

Nothing arriving can fail. An event whose head (id, time, dataset) cannot be used gets a usable one, with
the original value kept under `quarantine.<field>`; bytes that are no JSON object at all become
`event.original`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, cast

import orjson

from fengsui.ecs import DATASETS, Field, registry
from fengsui.ids import digest_id
from fengsui.query.values import conforms, date_text, instant, values_of

ID: Final = "event.id"
TIME: Final = "@timestamp"
DATASET: Final = "event.dataset"
RUN: Final = "fengsui.run"
HEAD: Final = (ID, TIME, DATASET)
OTHER: Final = "other"
RETENTION: Final = "cn.retention"
ORDINARY: Final = "ordinary"
"""Retention class of events that name none of the settings'."""
LONGEST: Final = 32_766  # bytes of text in a column: Lucene's own limit of a term
_SHORT: Final = 200
_MOST_NAMES: Final = 100
_MANY: Final = "(other)"

PLAIN_DATASET: Final = re.compile(r"[\w.:-]{1,64}")
_PLAIN_ID: Final = re.compile(r"[0-9a-f]{32}")
_DEEPEST: Final = 50
_UNKNOWN_TIME: Final = "1970-01-01T00:00:00.000000Z"


@cache
def registered() -> dict[str, Field]:
    """Fields with a type of their own, in the order in which events give them back."""
    known = registry()
    return {name: known[name] for name in HEAD} | known


def partition(dataset: str) -> str:
    """The datasets that are kept apart; all others share one place."""
    return dataset if dataset in DATASETS else OTHER


def place_of(dataset: str, retention: str) -> str:
    """Where events of a dataset and retention class are kept: apart, so that each class goes alone."""
    return partition(dataset) + (f"@{retention}" if retention != ORDINARY else "")


def dataset_of(place: str) -> str:
    """The dataset of a place."""
    return place.partition("@")[0]


def class_of(place: str) -> str:
    """The retention class of a place."""
    return place.partition("@")[2] or ORDINARY


class Quarantine:
    """Counts of values that did not fit, by field; a flood of names is counted under one."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, names: Iterable[str]) -> None:
        """Count one value for each name."""
        for name in names:
            short = name[:100]
            known = short in self.counts or len(self.counts) < _MOST_NAMES
            self.counts[short if known else _MANY] += 1


@dataclass(slots=True)
class Row:
    """An event taken by hand."""

    id: str
    time: int
    fields: dict[str, Any]
    rest: dict[str, Any]
    bad: list[str]


def row_of(raw: bytes) -> Row:
    """One event, whatever it holds."""
    document = _document(raw)
    fields: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    bad: list[str] = []
    if document is None:
        document = {"event.original": raw.decode("utf-8", "replace"), "fengsui.parse": "unmatched"}
        document |= {ID: digest_id(raw), TIME: _UNKNOWN_TIME, DATASET: OTHER}
        bad.append("(not JSON)")
    _take_head(document, raw, fields, rest, bad)
    for name, value in document.items():
        if name in HEAD or value is None:
            continue
        if not (_fits_again if comes_again(value) else _fits)(name, value):
            rest[name] = value
            bad.append(name)
        elif registered()[name].type == "date":
            moments = [date_text(instant(str(one)) or 0) for one in values_of(value)]
            fields[name] = moments if isinstance(value, list) else moments[0]
        else:
            fields[name] = value
    time = instant(fields[TIME]) or 0
    return Row(fields[ID].hex(), time, fields, rest, bad)


def _take_head(
    document: dict[str, Any],
    raw: bytes,
    fields: dict[str, Any],
    rest: dict[str, Any],
    bad: list[str],
) -> None:
    """Id, time and dataset: where one cannot be used, a stand-in; the original goes to quarantine."""
    given = {name: document.get(name) for name in HEAD}
    text = {name: value if isinstance(value, str) else "" for name, value in given.items()}
    moment = instant(text[TIME])
    id_fits = _PLAIN_ID.fullmatch(text[ID])
    dataset_fits = PLAIN_DATASET.fullmatch(text[DATASET])
    fields[ID] = bytes.fromhex(text[ID] if id_fits else digest_id(raw))
    fields[TIME] = _UNKNOWN_TIME if moment is None else date_text(moment)
    fields[DATASET] = text[DATASET] if dataset_fits else OTHER
    fits = {ID: id_fits, TIME: moment is not None, DATASET: dataset_fits}
    for name, value in given.items():
        if not fits[name]:
            bad.append(name)
            if value is not None:
                rest[f"quarantine.{name}"] = value


def comes_again(value: object) -> bool:
    """Whether what is known of a value is worth its memory: most short ones come again and again."""
    kind = type(value)
    return len(cast("str", value)) < _SHORT if kind is str else kind in {int, float, bool}


def _fits(name: str, value: object) -> bool:
    """Whether a value can stand in the column of its field."""
    long = any(isinstance(one, str) and len(one.encode()) > LONGEST for one in values_of(value))
    return not long and conforms(name, value)


@lru_cache(1 << 15, typed=True)
def _fits_again(name: str, value: str | int | float) -> bool:
    """`_fits`, remembered; 1 is not 1.0 there."""
    return _fits(name, value)


def _document(raw: bytes) -> dict[str, Any] | None:
    """The JSON object, leniently (NaN, endless integers, halves of surrogates become text)."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            document = _clean(json.loads(raw.decode("utf-8", "replace")), 0)
        except (ValueError, RecursionError):
            return None
    return cast("dict[str, Any]", document) if isinstance(document, dict) else None


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if depth >= _DEEPEST and isinstance(value, list | dict):
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_clean(one, depth + 1) for one in value]
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {_clean(name, depth + 1): _clean(one, depth + 1) for name, one in pairs}
    return value
