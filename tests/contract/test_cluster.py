"""What can happen to a cluster that answers: credentials, a full disk, indices that were made otherwise."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fengsui.clock import HOUR
from fengsui.errors import StoreError
from fengsui.query.tree import Everything
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.connection import Address
from fengsui.store.elastic.doctor import examine
from fengsui.store.event_store import Cardinality, Histogram
from tests.contract.conftest import drop, elastic_address
from tests.contract.test_upkeep import events_of


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Address]:
    found = elastic_address(tmp_path)
    yield found
    drop(found)


@pytest.fixture
def store(address: Address) -> Iterator[ElasticEventStore]:
    opened = ElasticEventStore(address, writable=True, period="month")
    yield opened
    opened.close()


def of_doctor(address: Address, what: str) -> tuple[str, str, str] | None:
    found = [(one.status, one.found, one.next) for one in examine(address) if one.what == what]
    return found[0] if found else None


def test_a_fingerprint_stands_for_an_authority(address: Address) -> None:
    if not address.ca_file:
        pytest.skip("this cluster has no TLS: `make servers SERVERS=--tls`")
    pem = Path(address.ca_file).read_text()
    print_ = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    for shown in (print_, ":".join(print_[at : at + 2] for at in range(0, 64, 2)).upper()):
        by_print = replace(address, ca_file="", fingerprint=shown)
        ElasticEventStore(by_print, writable=False).close()
    with pytest.raises(StoreError) as caught:
        ElasticEventStore(replace(address, ca_file="", fingerprint="0" * 64), writable=False)
    assert caught.value.code == "elastic_certificate"


def test_a_wrong_password_is_named_and_not_shown(address: Address) -> None:
    if not address.password:
        pytest.skip("this cluster asks for no password: `make servers SERVERS=--tls`")
    with pytest.raises(StoreError) as caught:
        ElasticEventStore(replace(address, password="wrong-secret"), writable=True)
    assert caught.value.code == "elastic_credentials"
    assert "wrong-secret" not in str(caught.value)


def test_a_full_disk_refuses_the_append_and_later_takes_it_once(
    store: ElasticEventStore, address: Address
) -> None:
    store.append(events_of(0, "", 5))
    flood = {"index.blocks.read_only_allow_delete": True}
    indices = f"{address.prefix}-*-*-*"
    refused: StoreError | None = None
    told: tuple[str, str, str] | None = None
    for _ in range(5):  # the cluster lifts the block each half minute: its disk is not full
        store._client.indices.put_settings(index=indices, settings=flood)
        told = told or of_doctor(address, "read-only indices")
        before = store.count(Everything())
        try:
            store.append(events_of(0, "", 20))
        except StoreError as error:
            refused = error
            assert store.count(Everything()) == before
        if refused and told:
            break
    assert refused is not None
    assert refused.code == "elastic_full"
    assert told is not None
    assert (told[0], "flood stage" in told[1], bool(told[2])) == ("bad", True, True)
    store._client.indices.put_settings(index=indices, settings=dict.fromkeys(flood))
    store.append(events_of(0, "", 20))
    assert store.count(Everything()) == 20
    assert store.append(events_of(0, "", 20)).duplicates == 20


def test_an_index_that_is_read_only_takes_nothing_and_nothing_is_given_up(
    store: ElasticEventStore, address: Address
) -> None:
    store.append(events_of(0, "", 5))
    client, indices = store._client, f"{address.prefix}-*-*-*"
    client.indices.put_settings(index=indices, settings={"index.blocks.write": True})
    with pytest.raises(StoreError) as caught:
        store.append(events_of(0, "", 20))
    assert caught.value.code == "elastic_read_only"
    told = of_doctor(address, "closed indices")
    assert told is not None
    assert told[0] == "bad"
    client.indices.put_settings(index=indices, settings={"index.blocks.write": None})
    assert store.append(events_of(0, "", 20)).added == 15
    assert store.count(Everything()) == 20


def test_what_an_index_of_other_types_refuses_is_kept_and_counted(
    store: ElasticEventStore, address: Address
) -> None:
    store.append(events_of(0, "", 1))
    (name,) = store._upkeep.indices()
    client = store._client
    client.indices.delete(index=name)
    client.indices.create(
        index=name, mappings={"properties": {"source": {"properties": {"ip": {"type": "long"}}}}}
    )
    done = store.append(events_of(0, "", 7))
    assert done.added == 7, "kept, so that the spool may let go of them"
    assert sum(done.quarantined_fields.values()) >= 7
    assert any(field.startswith("(refused)") for field in done.quarantined_fields)
    assert client.count(index=f"{address.prefix}-dead").body["count"] == 7
    letters = of_doctor(address, "dead letters")
    assert letters is not None
    assert (letters[0], letters[1].split()[0]) == ("warning", "7")


def test_a_shard_that_cannot_answer_is_not_taken_for_an_empty_one(
    address: Address, store: ElasticEventStore
) -> None:
    store.append(events_of(0, "public"))
    store._client.indices.create(
        index=f"{address.prefix}-nowhere",
        aliases={f"{address.prefix}-events": {}},
        settings={"index.routing.allocation.require._name": "no such node"},
        wait_for_active_shards=0,
    )
    page = store.search(Everything())
    assert (page.partial, page.total) == (True, 3)
    whole: list[Callable[[], object]] = [
        lambda: store.count(Everything()),
        lambda: store.aggregate(Everything(), Histogram(HOUR)),
        lambda: store.aggregate(Everything(), Cardinality("event.id")),
        lambda: list(store.scroll(Everything())),
    ]
    for ask in whole:
        with pytest.raises(StoreError):
            ask()
    store._client.indices.delete(index=f"{address.prefix}-nowhere")
    assert store.count(Everything()) == 3
