"""Housekeeping on a cluster: set-up, retention by index, seals, verification, purges of runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from elasticsearch import Elasticsearch

from fengsui.clock import DAY, Clock, from_iso
from fengsui.hashes import new_sm3
from fengsui.query.tree import Term
from fengsui.store.elastic import template
from fengsui.store.elastic.condition import Dsl, translated
from fengsui.store.elastic.connection import Address, explained
from fengsui.store.elastic.document import fields_of
from fengsui.store.elastic.ledger import Digest, Ledger
from fengsui.store.elastic.names import AT, TIMES, IndexName, read_name
from fengsui.store.elastic.search import Search
from fengsui.store.event_store import (
    ALWAYS,
    DatasetStatistics,
    Hold,
    Stop,
    Verified,
)
from fengsui.store.salvage import ID, ORDINARY, RUN, TIME

_MS: Final = 1_000_000
_US: Final = 1_000
_HOUR_SECONDS: Final = 3_600.0
_EVENTS_A_CALL: Final = 2_000_000
_DELETES: Final = 1_000


class Upkeep:
    """What is done beside appending and searching."""

    def __init__(
        self,
        client: Elasticsearch,
        address: Address,
        search: Search,
        classes: Mapping[str, int],
        clock: Clock,
    ) -> None:
        self._client = client
        self._address = address
        self._search = search
        self._classes = classes
        self._clock = clock
        self.ledger = Ledger(client, address)

    def init(self) -> list[str]:
        """Set up (again) what the store needs; returns what was made or brought up to date."""
        prefix = self._address.prefix
        with explained(self._address):
            cluster, indices = self._client.cluster, self._client.indices
            cluster.put_component_template(name=f"{prefix}-ecs", template=template.ecs_component())
            cluster.put_component_template(
                name=f"{prefix}-store", template=template.store_component()
            )
            indices.put_index_template(name=prefix, body=template.index_template(prefix))
            made = [f"templates {prefix}-ecs, {prefix}-store, {prefix}"]
            for name in (f"{prefix}-ledger", f"{prefix}-dead"):
                if not indices.exists(index=name):
                    self._client.options(ignore_status=400).indices.create(
                        index=name,
                        mappings=template.ledger_mappings(),
                        settings={"number_of_shards": 1, "auto_expand_replicas": "0-1"},
                    )
                    made.append(f"index {name}")
            for name in self.indices():
                indices.put_mapping(
                    index=name, properties=template.ecs_component()["mappings"]["properties"]
                )
        return made

    def indices(self) -> dict[str, IndexName]:
        """Our event indices by name, taken apart."""
        prefix = self._address.prefix
        with explained(self._address):
            found = self._client.indices.get_alias(index=f"{prefix}-*-*-*").body
        named = {name: read_name(prefix, name) for name in found}
        return {name: parts for name, parts in sorted(named.items()) if parts}

    def bytes_a_day(self, dataset: str, retention: str, indices: Mapping[str, IndexName]) -> float:
        """Of the newest index of a dataset and class; 0 where there is none."""
        own = [
            one for one in indices.values() if (one.dataset, one.retention) == (dataset, retention)
        ]
        if not own:
            return 0.0
        newest = max(own, key=lambda one: one.last)
        return self._sizes([newest.name]).get(newest.name, 0) / newest.days

    def statistics(self) -> list[DatasetStatistics]:
        """See `EventStore.statistics`."""
        indices = self.indices()
        facts = self._facts(list(indices))
        sizes = self._sizes(list(indices))
        found: dict[str, DatasetStatistics] = {}
        for name, (events, first, last, _) in facts.items():
            dataset = indices[name].dataset
            old = found.get(dataset, DatasetStatistics(dataset, 0, 0, first, last))
            found[dataset] = DatasetStatistics(
                dataset,
                old.events + events,
                old.bytes + sizes.get(name, 0),
                min(old.first, first),
                max(old.last, last),
            )
        return [found[name] for name in sorted(found)]

    def retire(self, now: int) -> list[str]:
        """Delete indices whose newest event, and whose newest arrival, are past their class's days."""
        holds = self.ledger.holds()
        gone: list[str] = []
        for name, parts in self.indices().items():
            days = self._classes.get(parts.retention, self._classes[ORDINARY])
            edge = now - days * DAY
            if parts.last * _US >= edge or any(is_held(parts, hold) for hold in holds):
                continue
            arrived = self._facts([name]).get(name, (0, 0, 0, 0))[3]
            if arrived >= edge:
                continue
            self.ledger.add("retire", name, self._clock.now() // _MS)
            with explained(self._address):
                self._client.indices.delete(index=name)
            gone.append(name)
        return gone

    def seal(self, now: int) -> list[str]:
        """Seal indices whose period ended a day ago; a bounded number of events a call."""
        sealed = self.ledger.sealed()
        done: list[str] = []
        events = 0
        for name, parts in self.indices().items():
            if name in sealed or parts.last * _US >= now - DAY or events >= _EVENTS_A_CALL:
                continue
            digest = self.digest(name)
            events += digest.events
            self.ledger.add("seal", name, self._clock.now() // _MS, digest)
            done.append(name)
        return done

    def digest(self, index: str) -> Digest:
        """Hashes over the events of an index in order of id, each as canonical JSON on a line."""
        first, second, events = hashlib.sha256(), new_sm3(), 0
        body: Dsl = {"query": {"match_all": {}}, "sort": [{ID: "asc"}]}
        for hit in self._search.hits(body, Stop(_HOUR_SECONDS), index):
            line = orjson.dumps(fields_of(hit["_source"]), option=orjson.OPT_SORT_KEYS) + b"\n"
            first.update(line)
            second.update(line)
            events += 1
        return Digest(events, first.hexdigest(), second.hexdigest())

    def verify(self) -> Verified:
        """See `EventStore.verify`: sealed indices are hashed anew; open ones cannot be yet."""
        faults = self.ledger.faults()
        indices = self.indices()
        for name, digest in self.ledger.sealed().items():
            if name not in indices:
                faults.append(f"{name}: sealed, and gone")
            elif self.digest(name) != digest:
                faults.append(f"{name}: changed since it was sealed")
        return Verified(len(indices), tuple(faults))

    def purge_run(self, run: str) -> int:
        """See `EventStore.purge_run`."""
        wide, _ = translated(Term(RUN, run), ALWAYS)
        holds = self.ledger.holds()
        sealed = self.ledger.sealed()
        body: Dsl = {"query": wide, "sort": [{ID: "asc"}], "_source": [RUN, TIME]}
        lines: list[dict[str, Any]] = []
        removed = 0
        for hit in self._search.hits(body, Stop(_HOUR_SECONDS)):
            parts = read_name(self._address.prefix, hit["_index"])
            if hit["_source"].get(RUN) != run or parts is None:
                continue
            moment = from_iso(str(hit["_source"][TIME]))
            if any(is_held(parts, hold) and hold.covers(moment) for hold in holds):
                continue
            if parts.name in sealed:
                self.ledger.add("purge", parts.name, self._clock.now() // _MS)
                del sealed[parts.name]
            lines.append({"delete": {"_index": hit["_index"], "_id": hit["_id"]}})
            if len(lines) >= _DELETES:
                removed += self._delete(lines)
                lines = []
        return removed + self._delete(lines)

    def _delete(self, lines: Sequence[dict[str, Any]]) -> int:
        if not lines:
            return 0
        with explained(self._address):
            answer = self._client.bulk(operations=lines, refresh=True)
        return sum(item["delete"]["status"] == 200 for item in answer.body["items"])

    def _facts(self, names: Sequence[str]) -> dict[str, tuple[int, int, int, int]]:
        """Events, first, last (ns) and newest arrival (ns) of indices."""
        if not names:
            return {}
        time = f"{TIMES}.{TIME}"
        inner = {
            "first": {"min": {"field": time}},
            "last": {"max": {"field": time}},
            "at": {"max": {"field": AT}},
        }
        by_index = {"terms": {"field": "_index", "size": 10_000}, "aggs": inner}
        body: Dsl = {
            "query": {"terms": {"_index": list(names)}},
            "size": 0,
            "aggs": {"i": by_index},
        }
        rows = self._search.ask(body, Stop(60)).get("aggregations", {}).get("i", {"buckets": []})
        return {
            row["key"]: (
                row["doc_count"],
                int(row["first"]["value"]) * _US,
                int(row["last"]["value"]) * _US,
                int(row["at"]["value"]) * _MS,
            )
            for row in rows["buckets"]
        }

    def _sizes(self, names: Sequence[str]) -> dict[str, int]:
        """Bytes of the primaries."""
        if not names:
            return {}
        with explained(self._address):
            answer = self._client.indices.stats(
                index=f"{self._address.prefix}-*-*-*",
                metric="store",
                filter_path="indices.*.primaries.store.size_in_bytes",
            ).body
        chosen = set(names)
        return {
            name: int(about["primaries"]["store"]["size_in_bytes"])
            for name, about in answer.get("indices", {}).items()
            if name in chosen
        }


def is_held(parts: IndexName, hold: Hold) -> bool:
    """Whether a hold keeps an index: it touches its time and its dataset."""
    touches = hold.within.since <= parts.last * _US and hold.within.until > parts.first * _US
    return touches and (not hold.datasets or parts.dataset in hold.datasets)
