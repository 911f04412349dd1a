"""`fengsui up`: what is seen is soon searchable, what dies comes back, and commands work meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.clock import WallClock
from fengsui.event import join_lines, make_event
from fengsui.ids import digest_id
from fengsui.query.lucene import parse_lucene
from fengsui.settings import load_settings
from fengsui.store.embedded.store import EmbeddedEventStore
from fengsui.store.sql.state import open_state
from sensors.intake.spool import Spool, Spooled
from tests.journeys.conftest import Run, Up, running, wait_for
from tests.journeys.test_bad_input import GOOD

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with running(tmp_path_factory.mktemp("up") / "home") as started:
        wait_for(lambda: "work" in health(started.home), 60)
        yield started


def health(home: Path) -> dict[str, tuple[int, dict[str, object]]]:
    state = open_state(f"sqlite:///{home / 'state.sqlite'}")
    try:
        return {role: (at, dict(document)) for role, (at, document) in state.health().items()}
    finally:
        state.close()


def found(home: Path, query: str) -> int:
    store = EmbeddedEventStore(load_settings({}, home=home).settings.events_folder, writable=False)
    try:
        return store.count(parse_lucene(query))
    finally:
        store.close()


def sensed(home: Path, mark: str) -> None:
    """One event into the spool, as a sensor does."""
    spool = Spool(home / "spool", 10**9)
    now = WallClock().now()
    event = make_event(
        id=digest_id(mark),
        time=now,
        dataset="dns",
        fields={"dns.question.name": mark, "source.ip": "10.0.0.9", "observer.name": "t"},
    )
    spool.put(Spooled("live", spool.next_number("live", now), "events", now, join_lines([event])))


def test_an_event_is_searchable_two_seconds_after_it_was_seen(up: Up) -> None:
    sensed(up.home, "warm.example.com")
    wait_for(lambda: found(up.home, 'dns.question.name:"warm.example.com"'), 20)
    sensed(up.home, "fresh.example.com")
    assert wait_for(lambda: found(up.home, 'dns.question.name:"fresh.example.com"'), 10) <= 2.0


def test_a_capture_in_the_inbox_is_read(up: Up) -> None:
    (up.home / "inbox" / "some.pcap").write_bytes(GOOD)
    wait_for(lambda: found(up.home, "source.ip:10.0.0.1 AND event.dataset:dns"), 30)


def test_commands_work_while_it_runs_and_a_second_import_adds_nothing(
    up: Up, fengsui: Run, tmp_path: Path
) -> None:
    path = tmp_path / "again.pcap"
    path.write_bytes(GOOD)
    wait_for(lambda: found(up.home, "source.ip:10.0.0.1 AND event.dataset:dns"), 30)
    before = found(up.home, "source.ip:10.0.0.1")
    done = fengsui("replay", str(path), "--store", str(up.home), "--json", timeout=90)
    assert done.status == 0, done.err
    assert done.json["added"] == 0
    assert done.json["duplicates"] > 0
    assert found(up.home, "source.ip:10.0.0.1") == before
    assert fengsui("health", "--json", home=up.home).status == 0


def test_what_dies_comes_back_and_loses_nothing(up: Up) -> None:
    pid = health(up.home)["up"][1]["work"]["pid"]  # type: ignore[index]
    os.kill(int(pid), signal.SIGKILL)
    sensed(up.home, "after.example.com")
    wait_for(lambda: found(up.home, 'dns.question.name:"after.example.com"'), 40)

    def restarted() -> bool:
        work = health(up.home)["up"][1]["work"]
        return bool(work["restarts"] == 1 and work["pid"] not in (0, pid))  # type: ignore[index]

    wait_for(restarted, 20)
