"""Indices of other products on the cluster, searched where they are: Filebeat, Zeek, Wazuh, Suricata.

Read only: nothing is written, and no mapping is changed. A query in our field names is asked of the names
that `foreign.toml` gives, by the types that the indices have; each document found is then read in our names
and shape, and the query itself has the last word. What their own mapping does not index (`index: false`,
longer than `ignore_above`) is not found; case is ignored for ASCII only.
"""

from __future__ import annotations

import ipaddress
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any as Anything
from typing import Final, cast

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from fengsui.clock import from_iso
from fengsui.errors import SettingsError
from fengsui.event import Fields
from fengsui.ids import digest_id
from fengsui.query.match import matches
from fengsui.query.pattern import tokens
from fengsui.query.tree import All, Any, Exists, Query, Range, Regex, Term
from fengsui.query.values import conforms, date_text, field_type, instant, values_of
from fengsui.store.elastic.connection import Address, connect, explained
from fengsui.store.event_store import ALWAYS, Page, TimeRange
from fengsui.store.paging import check_size

TABLE: Final = Path(__file__).with_name("foreign.toml")
MOST: Final = 10_000  # documents that one search reads
_PAGE: Final = 500
_LEAVES: Final = 200
_LATEST: Final = 10**20  # ns; beyond, no server keeps a time
_EXACT: Final = frozenset({"keyword", "constant_keyword", "wildcard"})
Dsl = dict[str, Anything]
EVERY: Final[Dsl] = {"match_all": {}}


@cache
def names() -> dict[str, list[str]]:
    """Our fields, and the names that documents have for them."""
    found: dict[str, list[str]] = tomllib.loads(TABLE.read_text("utf-8"))["fields"]
    return found


class ForeignIndices:
    """A search over indices that are not ours.

    Args:
        address: of the cluster.
        patterns: names of indices, with wildcards.

    Raises:
        SettingsError: no pattern is named, or one is of our own indices.
    """

    def __init__(self, address: Address, patterns: Sequence[str]) -> None:
        ours = f"{address.prefix}-"
        wrong = next((one for one in patterns if one.startswith((ours, "-", "_"))), None)
        if not patterns or wrong is not None:
            raise SettingsError(
                "No foreign index is named" if wrong is None else f"{wrong!r} is no foreign index",
                where="store.elastic_foreign",
                next="Name patterns such as filebeat-*, wazuh-alerts-*, zeek-*",
            )
        self._address = address
        self._where = ",".join(patterns)
        self._client: Elasticsearch = connect(address)

    def search(
        self, query: Query, within: TimeRange = ALWAYS, *, limit: int = 50, timeout: float = 10.0
    ) -> Page:
        """The newest matching events in our names; `total` is exact unless `partial`."""
        check_size(limit)
        began = time.perf_counter()
        found: list[Fields] = []
        total = read = 0
        partial = False
        with explained(self._address):
            for hit in self._hits(query, within, began + timeout):
                if hit is None or read >= MOST:
                    partial = True
                    break
                read += 1
                fields = fields_of(hit["_source"], hit["_index"], hit["_id"])
                if matches(query, fields) and _inside(fields, within):
                    total += 1
                    if len(found) < limit:
                        found.append(fields)
        return Page(found, total, partial, None, time.perf_counter() - began)

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    def _hits(
        self, query: Query, within: TimeRange, end: float
    ) -> Iterator[Mapping[str, Anything] | None]:
        """Documents, newest first; None when the time is up."""
        client = self._client
        caps = client.field_caps(
            index=self._where, fields="*", ignore_unavailable=True, allow_no_indices=True
        ).body["fields"]
        types = {name: set(about) - {"unmapped"} for name, about in caps.items()}
        times = [name for name in names()["@timestamp"] if "date" in types.get(name, ())]
        order: list[Dsl] = [
            {name: {"order": "desc", "unmapped_type": "date", "missing": "_last"}} for name in times
        ]
        body: Dsl = {
            "query": {"bool": {"filter": [_Asking(types).of(query), _about(within, times)]}},
            "size": _PAGE,
            "sort": [*order, {"_doc": "asc"}],
            "track_total_hits": False,
        }
        opened = client.open_point_in_time(
            index=self._where, keep_alive="1m", ignore_unavailable=True
        )
        pit = str(opened.body["id"])
        try:
            while True:
                left = end - time.perf_counter()
                if left <= 0:
                    yield None
                    return
                body["pit"] = {"id": pit, "keep_alive": "1m"}
                timed = client.options(request_timeout=left + 1)
                answer: Dsl = dict(timed.search(body=body).body)
                hits = answer["hits"]["hits"]
                yield from hits
                if answer["timed_out"] or answer["_shards"]["failed"]:
                    yield None
                    return
                if len(hits) < _PAGE:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            with suppress(ApiError, TransportError):  # it ends by itself
                client.close_point_in_time(id=pit)


def _about(within: TimeRange, times: Sequence[str]) -> Dsl:
    """Documents of a time range, to the millisecond; and those without a time that the server knows."""
    if within == ALWAYS or not times:
        return EVERY
    ends = {
        "gte": max(within.since, 0) // 10**6,
        "lte": min(within.until, _LATEST) // 10**6,
        "format": "epoch_millis",
    }
    asked: list[Dsl] = [{"range": {name: ends}} for name in times]
    without = {"bool": {"must_not": [{"exists": {"field": name}} for name in times]}}
    return {"bool": {"should": [*asked, without], "minimum_should_match": 1}}


class _Asking:
    """A query as DSL that finds at least what matches, by the types of the indices."""

    def __init__(self, types: Mapping[str, set[str]]) -> None:
        self._types = types
        self._leaves = 0

    def of(self, query: Query) -> Dsl:
        match query:
            case All(parts):
                return {"bool": {"filter": [self.of(one) for one in parts]}}
            case Any(parts):
                asked = [self.of(one) for one in parts]
                return {"bool": {"should": asked, "minimum_should_match": 1}}
            case Term() | Range() | Exists() | Regex():
                self._leaves += 1
                return self._leaf(query) if self._leaves <= _LEAVES else EVERY
            case _:
                return EVERY

    def _leaf(self, leaf: Term | Range | Exists | Regex) -> Dsl:
        if leaf.field in ("event.id", "event.dataset"):  # made up where a document has none
            return EVERY
        known = [one for one in names().get(leaf.field, [leaf.field]) if self._types.get(one)]
        inside = [one for one in self._types if one.startswith(f"{leaf.field}.")]
        asked = [_tested(leaf, one, self._types[one]) for one in known]
        asked += [{"exists": {"field": one}} for one in inside]  # an object where we have a value
        return (
            {"bool": {"should": asked, "minimum_should_match": 1}} if asked else {"match_none": {}}
        )


def _tested(leaf: Term | Range | Exists | Regex, name: str, types: set[str]) -> Dsl:
    """The test of one field; that it is there where nothing better is sure."""
    there: Dsl = {"exists": {"field": name}}
    if not isinstance(leaf, Term) or not leaf.value.isascii():
        return there
    if types <= _EXACT and field_type(leaf.field) in ("keyword", "text"):
        if not leaf.wildcards:
            return {"term": {name: {"value": leaf.value, "case_insensitive": True}}}
        text = "".join(
            "".join("\\" + char if char in "*?\\" else char for char in part)
            if isinstance(part, str)
            else "*"
            for part in tokens(leaf.value)
        )
        return {"wildcard": {name: {"value": text, "case_insensitive": True}}}
    if types == {"ip"} and not leaf.wildcards and _is_network(leaf.value):
        return {"term": {name: leaf.value}}
    if types == {"long"} and not leaf.wildcards and leaf.value.isdecimal() and len(leaf.value) < 19:
        return {"term": {name: int(leaf.value)}}
    return there


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def fields_of(source: Mapping[str, Anything], index: str, id_: str) -> Fields:
    """A document in our names, flat, with values of our types; id and dataset where it has none of ours."""
    flat = dict(_flat(source, ""))
    fields: dict[str, Anything] = dict(flat)
    for ours, theirs in names().items():
        name = next((one for one in theirs if flat.get(one) not in (None, "")), None)
        if name is not None:
            fields[ours] = flat[name]
    for name, value in fields.items():
        fields[name] = _shaped(name, value)
    fields["event.id"] = digest_id(index, id_)
    fields.setdefault("event.dataset", "foreign")
    fields["foreign.index"] = index
    return cast("Fields", {name: value for name, value in fields.items() if value is not None})


def _flat(value: Mapping[str, Anything], before: str) -> Iterator[tuple[str, Anything]]:
    for name, one in value.items():
        if isinstance(one, dict) and one:
            yield from _flat(cast("dict[str, Anything]", one), f"{before}{name}.")
        else:
            yield f"{before}{name}", one


def _shaped(name: str, value: Anything) -> Anything:
    """The value in the shape of our field, where it can be had; else as it is."""
    if value is None or conforms(name, value):
        return value
    kind = field_type(name)
    made = [_typed(one, kind) for one in values_of(value)]
    for shape in (made[0] if len(made) == 1 else made, made):
        if conforms(name, shape):
            return shape
    return value


def _typed(value: Anything, kind: str) -> Anything:
    if kind == "long" and isinstance(value, str) and value.isdecimal() and len(value) < 19:
        return int(value)
    if kind == "keyword" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind == "date":
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > 1e11 else value
            return date_text(round(seconds * 1e6)) if 0 <= seconds < 1e11 else value
        found = instant(str(value))
        return date_text(found) if found is not None else value
    return value


def _inside(fields: Mapping[str, Anything], within: TimeRange) -> bool:
    if within == ALWAYS:
        return True
    try:
        return within.since <= from_iso(str(fields.get("@timestamp"))) < within.until
    except (ValueError, OverflowError):
        return False
