"""The stores that the contract suite runs on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.clock import Clock
from fengsui.ids import digest_id
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.connection import Address, connect
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from tests import servers
from tests.contract.events import corpus

Make = Callable[..., EventStore]
"""(folder, writable, …): a store of that place; the folder is only a name where it is on a cluster."""


def elastic_address(place: Path) -> Address:
    """The cluster for tests; the test is skipped where there is none."""
    found = servers.running().get("elastic")
    if not found:
        pytest.skip("no Elasticsearch: `make servers` starts one (it needs Java)")
    return Address(
        urls=tuple(found["urls"]),
        user="elastic" if found.get("password") else "",
        password=found.get("password", ""),
        ca_file=found.get("certificate", ""),
        prefix=f"t{digest_id(str(place))[:10]}",
    )


def drop(address: Address) -> None:
    """Remove everything of a prefix."""
    client = connect(address)
    prefix = address.prefix
    indices = list(client.indices.get_alias(index=f"{prefix}-*", expand_wildcards="all").body)
    if indices:
        client.indices.delete(index=indices)
    quiet = client.options(ignore_status=404)
    quiet.indices.delete_index_template(name=prefix)
    quiet.cluster.delete_component_template(name=[f"{prefix}-ecs", f"{prefix}-store"])
    client.close()


def make_embedded(place: Path, *, writable: bool, clock: Clock | None = None) -> EventStore:
    """The store of one machine."""
    return EmbeddedEventStore(place, writable=writable, clock=clock)


def make_elastic(place: Path, *, writable: bool, clock: Clock | None = None) -> EventStore:
    """A prefix of its own on the cluster."""
    return ElasticEventStore(elastic_address(place), writable=writable, clock=clock)


@pytest.fixture
def make() -> Make:
    """Opens stores that are quickly made: for laws over many of them."""
    return make_embedded


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticEventStore]:
    """One store on the cluster for all tests: an index takes it a second to make."""
    address = elastic_address(tmp_path_factory.mktemp("cluster"))
    opened = ElasticEventStore(address, writable=True, period="month")
    yield opened
    opened.close()
    drop(address)


@pytest.fixture(params=["embedded", "elastic"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    """An empty one of each kind."""
    if request.param == "elastic":
        opened = request.getfixturevalue("cluster")
        empty(opened)
        yield opened
        return
    made = make_embedded(tmp_path / "store", writable=True)
    yield made
    made.close()


def empty(store: ElasticEventStore) -> None:
    """Remove its events, keep its indices."""
    client, address = store._client, store._address
    found = client.search(index=f"{address.prefix}-*", size=10_000, source=False).body
    lines = [
        {"delete": {"_index": hit["_index"], "_id": hit["_id"]}} for hit in found["hits"]["hits"]
    ]
    if lines:
        client.bulk(operations=lines, refresh=True)
    store._look()


@pytest.fixture(scope="session", params=["embedded", "elastic"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EventStore]:
    """The corpus, in each kind of store."""
    place = tmp_path_factory.mktemp("filled")
    made = (make_elastic if request.param == "elastic" else make_embedded)(place, writable=True)
    events = corpus(400)
    made.append(events[:150])
    made.append(events[100:])
    yield made
    made.close()
    if request.param == "elastic":
        drop(elastic_address(place))


class FreshStore:
    """A store of its own for each hypothesis example."""

    def __init__(self, make: Make) -> None:
        self._make = make

    def __enter__(self) -> EventStore:
        self._folder = Path(tempfile.mkdtemp())
        self._store = self._make(self._folder / "store", writable=True)
        return self._store

    def __exit__(self, *_: Any) -> None:
        self._store.close()
        shutil.rmtree(self._folder)
