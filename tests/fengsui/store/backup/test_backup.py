"""Backups: everything comes back, and nothing that was changed is taken for whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.clock import DAY, EventClock
from fengsui.errors import BusyError, InputError, SettingsError, StoreError
from fengsui.key_file import read_key
from fengsui.query.tree import Everything
from fengsui.store.backup.backup import Backup
from fengsui.store.backup.manifest import FILE
from fengsui.store.backup.sealed_file import content_of, read_sealed, write_sealed
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.sql.dump import rows_held
from fengsui.store.sql.state import SqlState, open_state
from tests.contract.events import START, corpus

KEY = bytes(range(32))
CLOCK = EventClock(START + 10 * DAY)


def fill(home: Path) -> tuple[EmbeddedEventStore, SqlState]:
    home.mkdir()
    events = EmbeddedEventStore(home / "events", writable=True)
    events.append(corpus(100))
    state = open_state(f"sqlite:///{home / 'state.sqlite'}", CLOCK)
    for number in range(3):
        state.audit("ann", "did", str(number), {"烽": number})
    (home / "fengsui.toml").write_text('[sensor]\nname = "烽"\n')
    return events, state


@pytest.fixture
def filled(tmp_path: Path):
    events, state = fill(tmp_path / "home")
    yield events, state
    events.close()
    state.close()


def fresh(place: Path, url: str = "") -> tuple[EmbeddedEventStore, SqlState]:
    place.mkdir()
    return (
        EmbeddedEventStore(place / "events", writable=True),
        open_state(url or f"sqlite:///{place / 'state.sqlite'}", CLOCK),
    )


def test_everything_comes_back(filled, tmp_path: Path) -> None:
    events, state = filled
    backup = Backup(tmp_path / "backup", KEY)
    done = backup.write(events, state, tmp_path / "home", CLOCK)
    assert done.events == 100
    assert backup.verify() == done.manifest

    place = tmp_path / "drill"
    other, second = fresh(place)
    restored = Backup(tmp_path / "backup", KEY).restore(other, second, place)
    assert restored.events == 100
    assert {e.id: e.fields for e in other.scroll(Everything())} == {
        e.id: e.fields for e in corpus(100)
    }
    assert second.audit_records() == state.audit_records()
    assert second.verify_audit() == []
    second.audit("bo", "went on")
    assert second.verify_audit() == []
    assert (place / "fengsui.toml").read_text() == (tmp_path / "home/fengsui.toml").read_text()
    with pytest.raises(BusyError):
        Backup(tmp_path / "backup", KEY).restore(other, second, place)
    other.close()
    second.close()


def test_a_second_run_writes_what_is_new(filled, tmp_path: Path) -> None:
    events, state = filled
    backup = Backup(tmp_path / "backup", KEY)
    first = backup.write(events, state, tmp_path / "home", CLOCK)
    again = backup.write(events, state, tmp_path / "home", CLOCK)
    assert (again.written, again.unchanged) == (0, len(first.manifest.items))
    assert again.manifest.items == first.manifest.items
    events.append(corpus(101)[100:])
    state.audit("ann", "did", "more")
    third = backup.write(events, state, tmp_path / "home", CLOCK)
    changed = 1 + len({"audit", "changes"})  # a day, and what an audit record writes to
    assert (third.written, third.unchanged) == (changed, len(first.manifest.items) - changed)
    assert third.events == 101
    assert len(list((tmp_path / "backup").glob("*.sealed"))) == len(third.manifest.items)
    assert backup.write(events, state, tmp_path / "home", CLOCK, full=True).unchanged == 0


@pytest.mark.parametrize("how", ["flipped", "cut", "swapped", "gone", "manifest", "key"])
def test_what_was_changed_is_not_restored(filled, tmp_path: Path, how: str) -> None:
    events, state = filled
    folder = tmp_path / "backup"
    Backup(folder, KEY).write(events, state, tmp_path / "home", CLOCK)
    days = sorted(folder.glob("events-*.sealed"))
    whole = days[0].read_bytes()
    key = KEY
    if how == "flipped":
        days[0].write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    elif how == "cut":
        days[0].write_bytes(whole[:-5])
    elif how == "swapped":
        days[0].write_bytes(days[1].read_bytes())
    elif how == "gone":
        days[0].unlink()
    elif how == "manifest":
        path = folder / FILE
        path.write_text(path.read_text().replace('"rows": 3', '"rows": 2'))
    else:
        key = bytes(32)
    place = tmp_path / "drill"
    other, second = fresh(place)
    with pytest.raises(InputError) as caught:
        Backup(folder, key).restore(other, second, place)
    assert caught.value.code == "bad_backup"
    assert rows_held(second.database) == 0
    assert other.count(Everything()) == 0
    other.close()
    second.close()


def test_a_backup_that_breaks_off_leaves_the_old_one_whole(filled, tmp_path: Path) -> None:
    events, state = filled
    folder = tmp_path / "backup"
    old = Backup(folder, KEY).write(events, state, tmp_path / "home", CLOCK)
    events.append(corpus(105)[100:])

    def break_off(done: int, total: int, name: str) -> None:
        if name.startswith("2026"):
            raise OSError(28, "No space left on device")

    with pytest.raises(StoreError) as caught:
        Backup(folder, KEY, break_off).write(events, state, tmp_path / "home", CLOCK)
    assert caught.value.code == "backup_failed"
    assert Backup(folder, KEY).verify() == old.manifest


def test_from_one_database_to_another(url: str, filled, tmp_path: Path) -> None:
    """SQLite's state restored on each kind of database."""
    events, state = filled
    Backup(tmp_path / "backup", KEY).write(events, state, tmp_path / "home", CLOCK)
    place = tmp_path / "drill"
    other, second = fresh(place, url)
    Backup(tmp_path / "backup", KEY).restore(other, second, place)
    assert second.audit_records() == state.audit_records()
    other.close()
    second.close()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.binary(max_size=200).map(lambda b: b.replace(b"\n", b"") + b"\n")))
def test_a_sealed_file_gives_its_lines_back(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "one.sealed"
    content = write_sealed(path, "one", lines, KEY)
    assert list(read_sealed(path, "one", KEY)) == lines
    assert content_of(path, "one", KEY) == content
    with pytest.raises(InputError):
        list(read_sealed(path, "another", KEY))


def test_a_large_file_has_many_chunks(tmp_path: Path) -> None:
    import os

    lines = [os.urandom(100_000).hex().encode() + b"\n" for _ in range(40)]
    path = tmp_path / "large.sealed"
    write_sealed(path, "large", lines, KEY)
    assert path.stat().st_size > 3 << 20
    assert list(read_sealed(path, "large", KEY)) == lines


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY.hex())
    path.chmod(0o644)
    with pytest.raises(SettingsError):
        read_key(path, "the backup", "--key-file")
    path.chmod(0o600)
    assert read_key(path, "the backup", "--key-file") == KEY
