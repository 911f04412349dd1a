"""What is read in bulk is what is read by hand, and what bulk cannot read it leaves to the hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.event import Event
from fengsui.store.embedded.intake import Batch, Intake
from fengsui.store.salvage import Quarantine, row_of
from tests.contract.events import DATES, NUMBERS, ODD, POOLS

ID = "00112233445566778899aabbccddeeff"
TIME = "2026-11-21T07:49:45.123456Z"
HEAD: dict[str, Any] = {"event.id": ID, "@timestamp": TIME, "event.dataset": "dns"}

texts = st.text(max_size=12)
values = st.one_of(
    texts,
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
    st.lists(texts, max_size=3),
    st.sampled_from(ODD),
    st.sampled_from([one for pool in POOLS.values() for one in pool]),
)
names = st.sampled_from(
    [*POOLS, "threat.indicator.confidence", "unknown.field", "event.risk_score", "host.ip"]
)
documents = st.dictionaries(names, values, max_size=8)


def batch_of(raws: list[bytes]) -> Batch:
    return Intake({"public"}).take([Event(raw) for raw in raws])


def by_hand(batch: Batch) -> list[int]:
    return sorted(batch._odd)


def rows(table: pa.Table) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]


def read(raws: list[bytes], *, hand: bool = False) -> tuple[dict[str, list[dict[str, Any]]], Any]:
    batch = batch_of(raws)
    if hand:
        batch._scanned._rows[:] = -1
        batch = Batch(batch._scanned, dict(enumerate(map(row_of, raws))), {"public"})
    quarantine = Quarantine()
    tables = batch.tables(np.ones(len(raws), bool), quarantine)
    return {place: rows(table) for place, table in tables}, quarantine.counts


def in_any_order(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    return {place: sorted(map(repr, events)) for place, events in found.items()}


@given(
    st.lists(
        st.tuples(documents, st.booleans(), st.sampled_from(["dns", "tls", "of our own"])),
        min_size=1,
        max_size=6,
    )
)
def test_bulk_is_the_hand(made: list[tuple[dict[str, Any], bool, str]]) -> None:
    raws = []
    for number, (fields, ascii_, dataset) in enumerate(made):
        head = HEAD | {"event.id": f"{number:032x}", "event.dataset": dataset}
        text = json.dumps(head | fields, ensure_ascii=ascii_, separators=(",", ":"))
        raws.append(text.encode("utf-8", "surrogatepass"))
    bulk, counted = read(raws)
    hand, counted_by_hand = read(raws, hand=True)
    assert in_any_order(bulk) == in_any_order(hand)
    assert counted == counted_by_hand


@given(st.binary(max_size=80), st.integers(0, 400), st.integers(0, 30))
def test_broken_bytes_are_read_alike(junk: bytes, at: int, cut: int) -> None:
    whole = orjson.dumps(HEAD | {name: pool[0] for name, pool in POOLS.items()})
    raw = whole[:at] + junk + whole[at + cut :]
    assert in_any_order(read([raw, whole])[0]) == in_any_order(read([raw, whole], hand=True)[0])


@pytest.mark.parametrize(
    "fields",
    [
        {"user.name": 'a "quoted" \\ name\n\t/\u0000'},
        {"user.name": "烽燧 ÄB 🚨"},
        {"source.ip": "2001:db8::1", "destination.ip": "::ffff:10.0.0.1"},
        {"related.ip": ["10.0.0.1", "::1"], "dns.answers.ttl": [1, 5], "dns.answers.data": []},
        {"event.start": DATES[2], "network.bytes": NUMBERS[5], "zeek.connection.local_orig": True},
    ],
)
def test_what_is_well_formed_needs_no_hand(fields: dict[str, Any]) -> None:
    for ascii_ in (True, False):
        raw = json.dumps(HEAD | fields, ensure_ascii=ascii_, separators=(",", ":")).encode()
        assert not by_hand(batch_of([raw]))


@pytest.mark.parametrize(
    "text",
    [
        '"user.name":"a","user.name":"b"',
        '"user.name":"\\ud800"',
        '"user.name":"a\nb"',
        '"source.port":01',
        '"source.port":-0',
        '"source.port":1.0',
        '"source.port":12345678901234567890',
        '"source.ip":"010.0.0.1"',
        '"source.ip":"10.0.0.256"',
        '"event.start":"2026-02-30T00:00:00.000000Z"',
        '"event.start":"2026-02-20"',
        '"nobody.knows":"x"',
        '"user.name": "a"',
        '"user.name":null',
        '"related.ip":["10.0.0.1",null]',
        '"related.ip":"10.0.0.1"',
        '"user.name":["a"]',
        '"user.name":"a"}}',
        f'"user.name":"{"x" * 40_000}"',
    ],
)
def test_what_needs_care_is_left_to_the_hand_and_alone(text: str) -> None:
    raw = orjson.dumps(HEAD)
    odd = raw[:-1] + b"," + text.encode() + b"}"
    assert by_hand(batch_of([raw, odd, raw])) == [1]


def test_an_event_larger_than_the_room_for_cells_is_read() -> None:
    many = [f"10.{n >> 8 & 255}.{n & 255}.1" for n in range(20_000)]
    raw = orjson.dumps(HEAD | {"related.ip": many})
    batch = batch_of([raw, orjson.dumps(HEAD)])
    assert not by_hand(batch)
    ((_, table),) = batch.tables(np.ones(2, bool), Quarantine())
    assert table.column("related.ip").to_pylist() == [many, None]


def test_more_places_than_there_is_room_for_are_still_told_apart() -> None:
    raws = [
        orjson.dumps(HEAD | {"event.dataset": f"own{n}", "cn.retention": "public"})
        for n in range(200)
    ]
    found, _ = read(raws)
    assert {place: len(events) for place, events in found.items()} == {"other@public": 200}
