"""Ingest of the store on Elasticsearch beside what `helpers.parallel_bulk` alone reaches, in one run.

    make servers; PYTHONPATH=. python benchmarks/store_cluster.py [--events 20000]

The same documents, the same mapping, turn by turn; each into indices of its own, which are removed again.
The bar is a ratio of 0.8 in wall time. Also the bytes an event takes there.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import helpers
from store_speed import events

from fengsui.event import Event
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.document import document_of
from tests.contract.conftest import drop, elastic_address

ROUNDS = 3
WARM = 100  # documents that make the indices


def alone(store: ElasticEventStore, batch: list[Event], index: str) -> float:
    """Seconds of `parallel_bulk` for documents that are made already."""
    documents = [orjson.loads(document_of(one, {"ordinary": 184}, 0).body) for one in batch]

    def actions() -> Iterator[dict[str, Any]]:
        for one in documents:
            yield {"_op_type": "create", "_index": index, "_id": one["event.id"], "_source": one}

    begun = time.perf_counter()
    for _ in helpers.parallel_bulk(store._client, actions(), thread_count=4, chunk_size=1000):  # noqa: SLF001
        pass
    store._client.indices.refresh(index=index)  # noqa: SLF001
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    chosen = parser.parse_args()
    address = elastic_address(Path(f"bench-{time.time_ns()}"))
    store = ElasticEventStore(address, writable=True, period="month")
    try:
        flat = [event for part in events(chosen.events * ROUNDS + WARM) for event in part]
        store.append(flat[:WARM])
        alone(store, flat[:WARM], f"{address.prefix}-alone-x-2026.02")
        ours = theirs = 0.0
        for number in range(ROUNDS):
            first = WARM + number * chosen.events
            batch = flat[first : first + chosen.events]
            theirs += alone(store, batch, f"{address.prefix}-alone-x-2026.02")
            begun = time.perf_counter()
            store.append(batch)
            ours += time.perf_counter() - begun
        total = chosen.events * ROUNDS
        print(f"parallel_bulk alone     {total / theirs:,.0f} events/s")
        print(f"the store               {total / ours:,.0f} events/s, ratio {theirs / ours:.2f}")
        statistics = store.statistics()
        size = sum(one.bytes for one in statistics) / sum(one.events for one in statistics)
        print(f"size                    {size:,.0f} bytes an event, primaries, before merges")
    finally:
        store.close()
        drop(address)


if __name__ == "__main__":
    main()
