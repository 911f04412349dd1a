"""What the embedded store adds to the contract: survival, damage, housekeeping, several processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.clock import DAY, HOUR, SECOND
from fengsui.errors import InputError, StoreError
from fengsui.event import Event, make_event
from fengsui.ids import digest_id
from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches
from fengsui.query.tree import Everything, Term
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.event_store import Histogram, Sort, Terms, TimeRange

START = 1_770_000_000 * SECOND


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        return self.at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[EmbeddedEventStore]:
    opened = EmbeddedEventStore(tmp_path, writable=True, clock=clock)
    yield opened
    opened.close()


def make(number: int, *, time: int | None = None, dataset: str = "dns", **fields: object) -> Event:
    values = {"user.name": f"User{number % 7}", "source.ip": f"10.0.{number % 3}.1"} | fields
    at = START + number * SECOND if time is None else time
    return make_event(id=digest_id(dataset, number, at), time=at, dataset=dataset, fields=values)  # type: ignore[arg-type]


def files(folder: Path) -> list[Path]:
    return sorted((folder / "segments").iterdir())


# Survival

WRITER = """
import sys
from pathlib import Path
from fengsui.clock import SECOND
from fengsui.event import make_event
from fengsui.ids import digest_id
from fengsui.store.embedded import EmbeddedEventStore

store = EmbeddedEventStore(Path(sys.argv[1]), writable=True)
for number in range(10_000):
    events = [
        make_event(
            id=digest_id(number, part), time=(1_770_000_000 + number) * SECOND, dataset="dns", fields={}
        )
        for part in range(20)
    ]
    store.append(events)
    print(number, flush=True)
    if number % 20 == 19:
        store.maintain((1_770_000_000 + number) * SECOND)
"""


@pytest.mark.parametrize("after", [3, 45])
def test_kill_9_loses_nothing_acknowledged(tmp_path: Path, after: int) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    acknowledged = -1
    reader = EmbeddedEventStore(tmp_path, writable=False)
    for line in writer.stdout:
        acknowledged = int(line)
        if acknowledged == after // 2:  # a reader of another process sees what is acknowledged
            assert reader.count(Everything()) >= (acknowledged + 1) * 20
        if acknowledged >= after:
            os.kill(writer.pid, signal.SIGKILL)
            break
    writer.wait()
    writer.stdout.close()
    store = EmbeddedEventStore(tmp_path, writable=True)
    held = store.count(Everything())
    assert held >= (acknowledged + 1) * 20
    assert held % 20 == 0
    assert not store.verify().faults
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as database:
        known = {
            row[0]
            for row in database.execute("SELECT path FROM segment UNION SELECT path FROM doomed")
        }
    database.close()
    assert {f"segments/{path.name}" for path in files(tmp_path)} == known
    reader.close()
    store.close()


def test_an_orphan_is_removed_when_the_writer_opens(tmp_path: Path) -> None:
    store = EmbeddedEventStore(tmp_path, writable=True)
    store.append([make(1)])
    store.close()
    (tmp_path / "segments" / "dns-torn.parquet").write_bytes(b"PAR1 half a file")
    reader = EmbeddedEventStore(tmp_path, writable=False)
    assert reader.count(Everything()) == 1
    assert len(files(tmp_path)) == 2
    reader.close()
    EmbeddedEventStore(tmp_path, writable=True).close()
    assert len(files(tmp_path)) == 1


# Damage


def test_a_flipped_byte_and_a_missing_file_are_named(
    store: EmbeddedEventStore, tmp_path: Path
) -> None:
    for day in range(3):
        store.append([make(n, time=START + day * DAY + n) for n in range(1000)])
    flipped, removed = files(tmp_path)[:2]
    data = bytearray(flipped.read_bytes())
    data[len(data) // 2] ^= 1
    flipped.write_bytes(data)
    removed.unlink()
    faults = store.verify().faults
    assert len(faults) == 2
    assert any(flipped.name in fault for fault in faults)
    assert any(removed.name in fault for fault in faults)


@pytest.mark.parametrize("damage", ["removed", "emptied", "noise", "cut"])
def test_a_damaged_segment_leaves_the_others_searchable(
    store: EmbeddedEventStore, tmp_path: Path, damage: str
) -> None:
    for day in range(3):
        store.append([make(n, time=START + day * DAY + n) for n in range(100)])
    victim = files(tmp_path)[0]
    data = victim.read_bytes()
    if damage == "removed":
        victim.unlink()
    else:
        victim.write_bytes({"emptied": b"", "noise": os.urandom(500), "cut": data[:-20]}[damage])
    page = store.search(parse_lucene("user.name:user*"), limit=1000)
    assert page.partial
    assert page.total == len(page.events) == 200
    with pytest.raises(StoreError) as caught:
        store.count(Term("user.name", "user1"))
    assert caught.value.code == "damaged_segment"
    assert victim.name in caught.value.where
    store.append([make(5000)])
    store.maintain(START)
    assert store.search(Everything()).total >= 201


def test_rewriting_the_catalogue_shows(store: EmbeddedEventStore, tmp_path: Path) -> None:
    for number in range(3):
        store.append([make(number)])
    assert not store.verify().faults
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as database:
        database.execute("DELETE FROM segment WHERE rowid = 1")
    database.close()
    assert any("not those of the last link" in fault for fault in store.verify().faults)
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as database:
        database.execute("UPDATE link SET at = at + 1 WHERE number = 2")
    database.close()
    assert any("link 2" in fault for fault in store.verify().faults)


# Housekeeping


def test_compaction_changes_no_answer(
    store: EmbeddedEventStore, tmp_path: Path, clock: HandClock
) -> None:
    made = [
        make(
            n,
            time=START + n * 20 * 60 * SECOND,
            dataset=["dns", "flow"][n % 2],
            **{"odd.field": n} if n % 5 == 0 else {},
        )
        for n in range(400)
    ]
    for first in range(0, 400, 10):
        store.append(made[first : first + 10])
    before = len(store._catalogue.segments())
    texts = ["user.name:user3", "source.ip:10.0.1.0/24", "odd.field:1*", "NOT user.name:user1", "*"]
    expected = [{e.id for e in made if matches(parse_lucene(t), e.fields)} for t in texts]

    def answers() -> list[set[str]]:
        pages = [store.search(parse_lucene(text), limit=1000) for text in texts]
        return [{str(one["event.id"]) for one in page.events} for page in pages]

    assert answers() == expected
    store.maintain(START + 6 * DAY)
    after = len(store._catalogue.segments())
    assert after < before
    assert len(files(tmp_path)) > after  # the old ones, for a while
    assert answers() == expected
    clock.at += 2 * HOUR
    store.maintain(START + 20 * DAY)
    assert len(store._catalogue.segments()) <= 4
    assert answers() == expected
    assert store.append(made).added == 0
    assert not store.verify().faults
    clock.at += HOUR
    store.maintain(START + 20 * DAY)
    assert len(files(tmp_path)) == len(store._catalogue.segments())
    assert answers() == expected
    event = store.get(made[5].id)
    assert event is not None
    assert event.fields == made[5].fields


def test_retention_counts_from_the_event_and_from_its_arrival(
    tmp_path: Path, clock: HandClock
) -> None:
    store = EmbeddedEventStore(tmp_path, writable=True, classes={"ordinary": 30}, clock=clock)
    clock.at = START + 5 * DAY
    store.append([make(1, time=START - 400 * DAY), make(2, time=START + 5 * DAY)])
    store.maintain(START + 20 * DAY)
    assert store.count(Everything()) == 2
    store.maintain(START + 36 * DAY)
    assert store.count(Everything()) == 0
    assert store.append([make(2, time=START + 5 * DAY)]).added == 1
    assert not store.verify().faults
    store.close()


def test_the_chain_outlives_its_oldest_links(
    store: EmbeddedEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fengsui.store.embedded.catalogue._LINKS_KEPT", 3)
    for number in range(10):
        store.append([make(number)])
        store.maintain(START)
    assert not store.verify().faults
    assert store.count(Everything()) == 10


# Several threads and processes


def test_readers_are_undisturbed_by_appends_and_compaction(
    store: EmbeddedEventStore, tmp_path: Path, clock: HandClock
) -> None:
    reader = EmbeddedEventStore(tmp_path, writable=False)
    stop = threading.Event()
    faults: list[object] = []
    counts: list[int] = []

    def read() -> None:
        while not stop.is_set():
            try:
                page = reader.search(Term("user.name", "user1"), limit=5)
                counts.append(page.total)
                if page.partial:
                    faults.append(page)
            except Exception as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    for number in range(30):
        store.append([make(number * 7 + n) for n in range(7)])
        if number % 5 == 4:
            clock.at += HOUR  # past the grace period: files vanish under the readers
            store.maintain(START)
    stop.set()
    for thread in readers:
        thread.join()
    assert not faults
    assert reader.count(Term("user.name", "user1")) == 30
    assert counts
    reader.close()


def test_appends_of_two_threads_do_not_lose_or_double(store: EmbeddedEventStore) -> None:
    made = [[make(n) for n in range(part * 50, part * 50 + 80)] for part in range(4)]
    added: list[int] = []

    def append(batch: list[Event]) -> None:
        added.append(store.append(batch).added)

    threads = [threading.Thread(target=append, args=[batch]) for batch in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(added) == store.count(Everything()) == 230


def test_a_reader_may_not_write(tmp_path: Path) -> None:
    reader = EmbeddedEventStore(tmp_path, writable=False)
    for call in (
        lambda: reader.append([]),
        lambda: reader.maintain(0),
        lambda: reader.purge_run(""),
    ):
        with pytest.raises(StoreError):
            call()
    reader.close()


# Time and size


def test_a_search_stops_when_its_time_is_up(store: EmbeddedEventStore) -> None:
    store.append([make(n, message=f"{n} " + "ab" * 4000) for n in range(2_000)])
    begun = time.perf_counter()
    page = store.search(parse_lucene("message:/(.*a.*b){30}x/"), timeout=0.02)
    assert page.partial
    assert page.total == 0
    assert time.perf_counter() - begun < 5
    assert store.search(Term("user.name", "user1"), limit=1).total > 0


def test_columns_of_the_list_view_and_sort_without_the_column(store: EmbeddedEventStore) -> None:
    store.append([make(n) for n in range(10)] + [make(n, dataset="flow") for n in range(10)])
    page = store.search(Everything(), sort=Sort("url.path"), limit=15, columns=["user.name"])
    rest = store.search(Everything(), sort=Sort("url.path"), limit=15, cursor=page.cursor)
    assert len({str(one["event.id"]) for one in page.events + rest.events}) == 20
    assert set(page.events[0]) == {"event.id", "user.name"}


def test_bounds_of_aggregates(store: EmbeddedEventStore) -> None:
    store.append([make(1, time=0), make(2, time=START)])
    with pytest.raises(InputError) as caught:
        store.aggregate(Everything(), Histogram(SECOND))
    assert caught.value.code == "bad_interval"
    with pytest.raises(InputError):
        store.aggregate(Everything(), Histogram(0))
    with pytest.raises(InputError):
        store.aggregate(Everything(), Terms("user.name", 0))
    buckets = store.aggregate(Term("user.name", "user1"), Histogram(1_500_000_001))
    assert [one.count for one in buckets] == [1]
    with pytest.raises(InputError):
        store.search(Everything(), limit=100_000)


def test_a_histogram_asked_for_again_knows_what_changed(
    store: EmbeddedEventStore, clock: HandClock
) -> None:
    def counted() -> int:
        buckets = store.aggregate(Everything(), Histogram(HOUR))
        assert sum(one.count for one in buckets) == store.count(Everything())
        return len(buckets)

    for part in range(10):
        store.append([make(n * 40) for n in range(50 * part, 50 * part + 50)])
        assert counted() == counted()
    store.append([make(n, dataset="tls").in_run("drill-1") for n in range(30)])
    hours = counted()
    clock.at += HOUR
    store.maintain(clock.at)
    assert counted() == hours
    assert store.purge_run("drill-1") == 30
    assert counted() == hours
    early = [make(n, time=-n * HOUR) for n in range(3)]  # before 1970: floors, not towards zero
    store.append(early)
    buckets = store.aggregate(Everything(), Histogram(HOUR), TimeRange(-10 * HOUR, 1))
    assert [(one.key // HOUR, one.count) for one in buckets] == [(-2, 1), (-1, 1), (0, 1)]


def test_a_flood_of_unknown_names_is_counted_in_bounds(store: EmbeddedEventStore) -> None:
    appended = store.append([make(n, **{f"made.up.{n}": n}) for n in range(500)])
    assert appended.added == 500
    assert len(appended.quarantined_fields) <= 101
    assert sum(appended.quarantined_fields.values()) == 500
    assert store.count(parse_lucene("made.up.77:77")) == 1


def test_names_and_values_are_never_sql(store: EmbeddedEventStore) -> None:
    store.append([make(1, **{'it\'s "x"; --': "'; DROP TABLE x; --"})])
    assert store.count(Term('it\'s "x"; --', "'; DROP TABLE x; --")) == 1
    assert store.aggregate(Everything(), Terms('a"b', 5)) == []
    assert store.search(Everything(), columns=['x" FROM y; --']).events == [
        {"event.id": make(1).id}
    ]


def test_a_store_of_another_format_is_refused(tmp_path: Path) -> None:
    EmbeddedEventStore(tmp_path, writable=True).close()
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as database:
        database.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    database.close()
    with pytest.raises(StoreError) as caught:
        EmbeddedEventStore(tmp_path, writable=True)
    assert caught.value.code == "store_format"


def test_a_catalogue_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError):
        EmbeddedEventStore(tmp_path, writable=True)
    reader = EmbeddedEventStore(tmp_path, writable=False)
    with pytest.raises(StoreError):
        reader.count(Everything())
    reader.close()
