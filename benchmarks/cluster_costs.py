"""What an event costs a cluster, for `fengsui sizing`: bytes on disk, CPU of the nodes and of the writer.

    make servers; PYTHONPATH=. python benchmarks/cluster_costs.py [--events 40000]

The office mix of `store_speed.py` into indices of its own, which are merged to one segment, measured, and
removed again. CPU of the nodes is their own count; what else they do meanwhile is in it, so the least of the
rounds counts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from store_speed import events

from fengsui.store.elastic import ElasticEventStore
from tests.contract.conftest import drop, elastic_address

ROUNDS = 3


def cpu_of_nodes(store: ElasticEventStore) -> float:
    """Seconds of CPU that all nodes have used since their start."""
    nodes = store._client.nodes.stats(metric="process").body["nodes"].values()  # noqa: SLF001
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes)) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=40_000)
    count = parser.parse_args().events
    address = elastic_address(Path("cluster_costs"))
    drop(address)
    store = ElasticEventStore(address, writable=True, period="month")
    written = writer = nodes = 0.0
    least: list[tuple[float, float]] = []
    try:
        for number in range(ROUNDS):
            batches = list(events(count, seed=number + 1))
            at = cpu_of_nodes(store), time.process_time()
            for batch in batches:
                written += store.append(batch).added
            writer = (time.process_time() - at[1]) / count
            nodes = (cpu_of_nodes(store) - at[0]) / count
            least.append((nodes, writer))
        pattern = f"{address.prefix}-*-*-*"
        store._client.options(request_timeout=300).indices.forcemerge(  # noqa: SLF001
            index=pattern, max_num_segments=1
        )
        store._client.indices.refresh(index=pattern)  # noqa: SLF001
        stats = store._client.indices.stats(index=pattern, metric="store").body  # noqa: SLF001
        size = stats["_all"]["primaries"]["store"]["size_in_bytes"]
    finally:
        store.close()
        drop(address)
    print(f"{written:,.0f} events")
    print(f"bytes an event, one copy, merged: {size / written:.0f}")
    print(f"CPU of the nodes an event: {1e6 * min(one for one, _ in least):.0f} µs")
    print(f"CPU of the writer an event: {1e6 * min(one for _, one in least):.0f} µs")


if __name__ == "__main__":
    main()
