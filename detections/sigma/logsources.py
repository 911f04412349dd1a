"""Log sources: which datasets feed what a rule says it looks at. The table is `logsources.toml`.

A rule runs on the rows that are exactly its log source, and on every dataset of the rows that its
log source includes: a product alone means all its logs, a category alone those of every product
(Sigma 2.1, Rules, "Log source"). One that no row meets is fed by nothing: never by everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import product as combinations
from pathlib import Path
from typing import Any, cast

from detections.sigma.conditions import (
    ALWAYS,
    NEVER,
    All,
    Condition,
    Leaf,
    Missing,
    Number,
    Some,
    Text,
    Wild,
    replaced,
    simplified,
)
from detections.sigma.mapping import Feed, Logsource, translated
from detections.sigma.oracle import holds
from detections.sigma.tables import table
from detections.sigma.targets import Names, Target, merged
from fengsui import ecs

TABLE = Path(__file__).with_name("logsources.toml")
WINDOWS = "windows"  # exported Windows events with Sigma's own names
DOCUMENTS = "ecs_documents"  # exported documents with ECS names (winlogbeat, auditbeat, …)
SYSMON_LINUX = "sysmon_linux"
AUDITD = "auditd"
FOREIGN = (WINDOWS, DOCUMENTS, SYSMON_LINUX, AUDITD)
_RAW = "raw:"
_REMEMBERED = 1024  # log sources: public rules have 138
_ATTRIBUTES = ("product", "category", "service")


@dataclass(frozen=True, slots=True)
class Row:
    """One feed of one log source.

    Attributes:
        tables: tables of fields.toml that its names come from.
        when: values that its events have, as the table states them.
        prefix: fields of the registry that it finds without their first words.
        exact: only for rules that state this very log source, not for broader ones.
    """

    logsource: Logsource
    feed: Feed
    exact: bool = False
    tables: tuple[str, ...] = ()
    when: Mapping[str, Any] = field(default_factory=dict[str, Any])
    prefix: str = ""


def feeds(logsource: Logsource, fed: Iterable[str] = ecs.DATASETS) -> list[Feed]:
    """Feeds of a log source from those of `fed`; empty when none feeds it.

    Args:
        logsource: the rule's.
        fed: datasets of ours, of `FOREIGN`, or names that `raw_dataset` gave.
    """
    wanted = frozenset(fed)
    if not any((logsource.product, logsource.category, logsource.service)):
        return []
    found = [one for one in _native(_lowered(logsource)) if one.dataset in wanted]
    for dataset in sorted(one for one in wanted if one.startswith(_RAW)):
        found += _raw(logsource, dataset)
    return found


def known_datasets(logsource: Logsource) -> tuple[str, ...]:
    """All datasets that could feed a log source, those of exported logs too."""
    return tuple(dict.fromkeys(one.dataset for one in _native(_lowered(logsource))))


def target_of(logsource: Logsource, dataset: str, name: str) -> Target | None:
    """Where rules of a log source find a field in the events of a dataset; None: nowhere."""
    found = (one.names.find(name) for one in feeds(logsource, [dataset]))
    return next((target for target in found if target is not None), None)


def raw_dataset(logsource: Logsource) -> str:
    """The dataset of events that keep their own field names and are known to be of a log source."""
    words = (logsource.product, logsource.category, logsource.service)
    return _RAW + "/".join(word.lower() for word in words)


@cache
def routing() -> dict[str, tuple[str, ...]]:
    """Routing fields of each dataset, for the matcher."""
    table = _document()["routing"]
    return {dataset: tuple(names) for dataset, names in table.items()}


@cache
def rows() -> tuple[Row, ...]:
    """The whole table."""
    document = _document()
    found = [row for entry in document["logsource"] for row in _rows(entry)]
    found += [row for entry in _windows_entries(document[WINDOWS]) for row in _rows(entry)]
    found += [
        Row(Logsource("fengsui", service=name), Feed(name, Names({}))) for name in ecs.DATASETS
    ]
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED)
def _native(logsource: Logsource) -> tuple[Feed, ...]:
    product, category, service = logsource.product, logsource.category, logsource.service
    exactly: list[Feed] = []
    broader: list[Feed] = []
    for own_product, own_category, own_service, row in _by_words():
        if (
            (not product or product == own_product)
            and (not category or category == own_category)
            and (not service or service == own_service)
        ):
            if row.logsource == logsource:
                exactly.append(row.feed)
            elif not row.exact:
                broader.append(row.feed)
    taken = {one.dataset for one in exactly}
    found = exactly + [feed for feed in broader if feed.dataset not in taken]
    if not found and all((logsource.product, logsource.category, logsource.service)):
        found = _both(logsource)
    return tuple(found)


@cache
def _by_words() -> tuple[tuple[str, str, str, Row], ...]:
    """Rows with the words of their log source in lower case: they are compared a thousand times."""
    return tuple(
        (found.product, found.category, found.service, row)
        for row in rows()
        for found in (_lowered(row.logsource),)
    )


def _both(logsource: Logsource) -> list[Feed]:
    """Feeds of a category narrowed by those of a service, where a rule states both."""
    categories = _native(Logsource(logsource.product, logsource.category))
    services = _native(Logsource(logsource.product, service=logsource.service))
    return [
        Feed(one.dataset, one.names, when)
        for one in categories
        for other in services
        if one.dataset == other.dataset
        and (when := simplified(All((one.when, other.when)))) != NEVER
    ]


def _raw(logsource: Logsource, dataset: str) -> list[Feed]:
    stated = Logsource(*dataset.removeprefix(_RAW).split("/", 2))
    names = Names({}, others="")
    if logsource.includes(stated):
        return [Feed(dataset, names)]
    if stated.product != WINDOWS or not stated.service or stated.category:
        return []
    # A service's events without their channel: categories are told apart by the event's number.
    channel = _document()[WINDOWS]["channels"].get(stated.service)
    known = {"Channel": _many(channel)}
    found: list[Feed] = []
    for one in _native(_lowered(logsource)):
        if one.dataset == WINDOWS and one.when != ALWAYS and channel is not None:
            when = _decided(one.when, known)
            if when not in (NEVER, ALWAYS):
                found.append(Feed(dataset, one.names, when))
    return found


def _decided(when: Condition, known: Mapping[str, object]) -> Condition:
    def change(leaf: Leaf, positive: bool) -> Condition:
        if leaf.field not in known:
            return leaf
        return ALWAYS if holds(leaf, known) else NEVER

    return simplified(replaced(when, change))


def _rows(entry: Mapping[str, Any]) -> Iterator[Row]:
    names = _names(tuple(entry.get("fields", ())), entry.get("prefix", ""), entry.get("others"))
    when = _equal(entry.get("when", {}))
    if names.table and not entry.get("when_as_is"):
        when = simplified(translated(when, names, set()))
    for attributes in combinations(*(_many(entry.get(name, "")) for name in _ATTRIBUTES)):
        logsource = Logsource(*map(str, attributes))
        for dataset in entry["datasets"]:
            feed = Feed(dataset, names, when)
            yield Row(
                logsource,
                feed,
                bool(entry.get("exact")),
                tuple(entry.get("fields", ())),
                entry.get("when", {}),
                entry.get("prefix", ""),
            )


@cache
def _names(tables: tuple[str, ...], prefix: str, others: str | None) -> Names:
    """One object for many rows: what it has looked up serves all."""
    return Names(merged(tables, prefix), others)


def _windows_entries(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of Windows: each on exported events as they are, and on ECS documents."""
    sysmon = table["channels"]["sysmon"]
    stated: list[tuple[dict[str, str], dict[str, Any]]] = [({}, {})]
    stated += [({"service": name}, {"Channel": one}) for name, one in table["channels"].items()]
    stated += [
        ({"category": name}, {"Channel": sysmon, "EventID": number})
        for name, number in table["sysmon"].items()
    ]
    stated += [({"category": name}, dict(when)) for name, when in table["categories"].items()]
    for which, when in stated:
        entry = {"product": WINDOWS, "when": when, **which}
        spelled = ["windows", *table["fields"].get(which.get("service", ""), ())]
        yield {**entry, "datasets": [WINDOWS], "fields": spelled, "others": ""}
        yield {
            **entry,
            "datasets": [DOCUMENTS],
            "fields": ["documents_windows", "documents"],
            "others": "winlog.event_data.",
        }


def _equal(values: Mapping[str, Any]) -> Condition:
    """Condition of a row's `when`: every field has the value, or one of the values."""
    each = (Some(tuple(_is(name, one) for one in _many(value))) for name, value in values.items())
    return simplified(All(tuple(each)))


def _is(name: str, value: object) -> Leaf:
    if isinstance(value, int):
        return Number(name, value)
    if value == "":
        return Missing(name)
    texts = str(value).split("*")
    parts: list[str | Wild] = [texts[0]]
    for text in texts[1:]:
        parts += [Wild.MANY, text]
    return Text(name, tuple(part for part in parts if part != ""))


def _many(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _lowered(logsource: Logsource) -> Logsource:
    return Logsource(
        logsource.product.lower(), logsource.category.lower(), logsource.service.lower()
    )


@cache
def _document() -> dict[str, Any]:
    return table(TABLE)
