"""A damaged store: the rest is read, what is damaged is named, and mending puts the rest in service."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from fengsui.clock import DAY, HOUR, SECOND
from fengsui.errors import BusyError, StoreError
from fengsui.event import Event
from fengsui.query.tree import Everything, Term
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.embedded.mending import mend
from fengsui.store.event_store import Hold, Terms, TimeRange
from tests.fengsui.store.embedded.test_store import START, HandClock, files, make

HOLD = Hold("case-17", TimeRange(START, START + DAY), "police, letter 4", START)


@pytest.fixture
def days() -> list[list[Event]]:
    return [[make(n, time=START + day * DAY + n * SECOND) for n in range(500)] for day in range(3)]


@pytest.fixture
def folder(tmp_path: Path, days: list[list[Event]]) -> Path:
    store = EmbeddedEventStore(tmp_path, writable=True)
    for events in days:
        store.append(events)
    store.hold(HOLD)
    store.close()
    return tmp_path


def reopened(folder: Path) -> EmbeddedEventStore:
    return EmbeddedEventStore(folder, writable=True)


def test_nothing_damaged_nothing_done(folder: Path) -> None:
    before = files(folder)
    assert mend(folder) == []
    assert files(folder) == before


@pytest.mark.parametrize("how", ["flipped", "cut", "gone", "empty"])
def test_a_damaged_segment_is_set_aside_and_what_is_sent_again_is_stored_again(
    folder: Path, days: list[list[Event]], how: str
) -> None:
    target = files(folder)[1]
    data = target.read_bytes()
    if how == "flipped":
        at = len(data) // 2
        target.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    elif how == "gone":
        target.unlink()
    else:
        target.write_bytes(data[:100] if how == "cut" else b"")
    (line,) = mend(folder)
    assert target.name in line
    assert "500" in line
    store = reopened(folder)
    assert store.count(Everything()) == 1000
    assert store.aggregate(Everything(), Terms("event.dataset"))[0].count == 1000
    assert not store.verify().faults
    assert (folder / "damaged" / target.name).exists() == (how != "gone")
    assert [store.append(events).added for events in days].count(500) == 1
    store.close()


@pytest.mark.parametrize("how", ["junk", "gone", "cut", "pages", "rewritten"])
def test_a_catalogue_is_made_anew_from_the_segments(
    folder: Path, days: list[list[Event]], how: str
) -> None:
    catalogue = folder / "catalogue.sqlite"
    data = catalogue.read_bytes()
    if how == "junk":
        catalogue.write_bytes(b"no database at all " * 400)
    elif how == "gone":
        catalogue.unlink()
    elif how == "cut":
        catalogue.write_bytes(data[: len(data) // 2])
    elif how == "pages":
        noise = random.Random(1).randbytes(len(data) - 4096)
        catalogue.write_bytes(data[:4096] + noise)
    else:
        with sqlite3.connect(catalogue) as database:
            database.execute("DELETE FROM segment WHERE rowid = 1")
        database.close()
    done = mend(folder)
    assert "1,500 events" in done[0]
    store = reopened(folder)
    assert store.count(Everything()) == 1500
    assert sum(store.append(events).added for events in days) == 0
    assert not store.verify().faults
    if how == "rewritten":
        assert store.holds() == [HOLD]
    store.close()
    assert mend(folder) == []


def test_events_of_a_compaction_and_of_its_sources_are_taken_up_once(tmp_path: Path) -> None:
    clock = HandClock()
    store = EmbeddedEventStore(tmp_path, writable=True, clock=clock)
    for part in range(10):
        store.append([make(n) for n in range(100 * part, 100 * part + 100)])
    clock.at += HOUR
    store.maintain(clock.at)
    assert len(files(tmp_path)) > 3, "the sources wait for their grace to end"
    store.close()
    (tmp_path / "catalogue.sqlite").unlink()
    assert "1,000 events" in mend(tmp_path, clock)[0]
    store = EmbeddedEventStore(tmp_path, writable=True, clock=clock)
    assert store.count(Everything()) == 1000
    assert store.count(Term("user.name", "User3")) == 143
    assert not store.verify().faults
    store.close()


def test_a_store_in_use_is_not_mended(folder: Path) -> None:
    store = reopened(folder)
    with pytest.raises(BusyError):
        mend(folder)
    store.close()


def test_a_reader_of_a_broken_catalogue_says_what_mends_it(folder: Path) -> None:
    (folder / "catalogue.sqlite").write_bytes(b"no database at all " * 400)
    store = EmbeddedEventStore(folder, writable=False)
    with pytest.raises(StoreError) as caught:
        store.count(Everything())
    assert "fengsui store mend" in caught.value.next
    store.close()
