"""Writing a backup, and restoring it into an empty place.

A folder or bucket holds one sealed file for each day of events, each table of the state and each settings
file. Names carry the hash of what is inside, so that a new run writes only what changed, and the old backup
stays whole until the new manifest replaces the old one. Every file is read back before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fengsui.clock import Clock, from_iso, to_iso
from fengsui.errors import BusyError, InputError, StoreError
from fengsui.event import Event
from fengsui.store.backup.ciphers import CipherName
from fengsui.store.backup.manifest import FILE, Item, Manifest, read_manifest, write_manifest
from fengsui.store.backup.place import Folder, Place
from fengsui.store.backup.sealed_file import content_of, read_sealed, write_sealed
from fengsui.store.event_store import EventStore
from fengsui.store.moving import EVERY, batched, canonical, day_range, days_of, digest_of
from fengsui.store.sql.dump import dump_table, load_table, rows_held, table_names
from fengsui.store.sql.migrate import HEAD
from fengsui.store.sql.state import SqlState

_BATCH = 5_000
OnFile = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What a backup or a restore did; `unchanged` files were there from the run before."""

    manifest: Manifest
    written: int
    unchanged: int

    @property
    def events(self) -> int:
        """Events in it."""
        return sum(one.rows for one in self.manifest.items if one.kind == "events")

    @property
    def state_rows(self) -> int:
        """Rows of the state in it."""
        return sum(one.rows for one in self.manifest.items if one.kind == "state")


class Backup:
    """A backup.

    Args:
        place: of its files; a folder is made when it is written to.
        key: 32 bytes.
        on_file: told number done, number in all, and the file.
        cipher: of what is written; what is there already is read by its own.
    """

    def __init__(
        self,
        place: Place | Path,
        key: bytes,
        on_file: OnFile = lambda done, total, name: None,
        cipher: CipherName = "aes-256-gcm",
    ) -> None:
        self._cipher: CipherName = cipher
        self._place = Folder(place) if isinstance(place, Path) else place
        self._key = key
        self._on_file = on_file
        self._staging = Path()
        self._kept: dict[tuple[str, str], Item] = {}
        self._written = 0
        self._unchanged = 0

    def write(
        self, events: EventStore, state: SqlState, home: Path, clock: Clock, *, full: bool = False
    ) -> Done:
        """Bring the place up to date with both stores and the settings files of `home`.

        What the last backup has is left as it is, unless `full`: tables and settings with the same
        content, and days with the same number of events, which never change, they only come or go.

        Raises:
            StoreError: it cannot be written (code `backup_failed`); the backup before is whole.
            InputError: a manifest is there that this key did not make.
        """
        self._written = self._unchanged = 0
        try:
            with self._place.staging() as self._staging:
                before = self._before()  # refuses what another key made
                self._kept = {} if full else before
                items = [*self._state(state), *self._settings(home), *self._events(events)]
                manifest = Manifest(to_iso(clock.now()), HEAD, tuple(items))
                write_manifest(self._staging, manifest, self._key)
                self._place.put(FILE)
                self._tidy(manifest)
        except OSError as error:
            raise StoreError(
                f"The backup cannot be written: {error.strerror}",
                where=str(self._place),
                next="Free the disk or choose another place; the last finished backup is still whole",
                code="backup_failed",
            ) from error
        return Done(manifest, self._written, self._unchanged)

    def verify(self) -> Manifest:
        """Read everything; InputError names the file that is not as it was written."""
        manifest = read_manifest(self._place.file(FILE), self._key)
        for number, item in enumerate(manifest.items):
            self._on_file(number, len(manifest.items), item.name)
            self._check(item)
        return manifest

    def restore(self, events: EventStore, state: SqlState, home: Path) -> Done:
        """Bring everything into empty stores, and compare counts and hashes.

        Raises:
            BusyError: the stores are not empty (code `not_empty`).
            InputError: a file is damaged; nothing was restored then.
            StoreError: what was restored differs from the backup (code `restore_differs`).
        """
        if rows_held(state.database) or any(one.events for one in events.statistics()):
            raise BusyError(
                "A backup is restored into an empty place only",
                where=str(home),
                next="Name a new folder with --home, or another prefix or database on the servers",
                code="not_empty",
            )
        manifest = self.verify()
        if manifest.schema != HEAD:
            raise StoreError(
                f"The backup's state has schema {manifest.schema}, this program's is {HEAD}",
                where=str(self._place),
                next="Restore it with the version of Fengsui that made it, then upgrade",
                code="another_schema",
            )
        self._restore_state(manifest, state)
        for item in manifest.items:
            if item.kind == "settings":
                (home / Path(item.of).name).write_bytes(b"".join(self._lines(item)))
        days = [item for item in manifest.items if item.kind == "events"]
        for number, item in enumerate(days):
            self._on_file(number, len(days), item.of)
            self._restore_day(item, events)
        return Done(manifest, len(manifest.items), 0)

    def _restore_state(self, manifest: Manifest, state: SqlState) -> None:
        with state.database.writing() as connection:
            for name in table_names():
                item = manifest.item("state", name)
                if item is not None:
                    load_table(state.database, connection, name, self._lines(item))
        with state.database.snapshot() as connection:
            for name in table_names():
                item = manifest.item("state", name)
                if item and b"".join(dump_table(connection, name)) != b"".join(self._lines(item)):
                    raise _differs(f"table {name}")

    def _restore_day(self, item: Item, events: EventStore) -> None:
        for batch in batched((Event(line[:-1]) for line in self._lines(item)), _BATCH):
            events.append(batch)
        found = digest_of(events, from_iso(item.of))
        if (found.events, found.sha256, found.sm3) != (item.rows, item.sha256, item.sm3):
            raise _differs(f"{item.of[:10]}: {found.events} events, the backup has {item.rows}")

    def _before(self) -> dict[tuple[str, str], Item]:
        """What the last backup has, and is there still, by kind and what it is of."""
        there = self._place.names()
        if FILE not in there:
            return {}
        manifest = read_manifest(self._place.file(FILE), self._key)
        return {(one.kind, one.of): one for one in manifest.items if one.name in there}

    def _state(self, state: SqlState) -> Iterator[Item]:
        with state.database.snapshot() as connection:
            for number, name in enumerate(names := table_names()):
                self._on_file(number, len(names), name)
                yield self._item("state", name, dump_table(connection, name))

    def _settings(self, home: Path) -> Iterator[Item]:
        for path in sorted(home.glob("*.toml")):
            yield self._item("settings", path.name, path.read_bytes().splitlines(keepends=True))

    def _events(self, events: EventStore) -> Iterator[Item]:
        days = days_of(events)
        for number, start in enumerate(days):
            of = to_iso(start)
            self._on_file(number, len(days), of[:10])
            old = self._kept.get(("events", of))
            if old and events.count(EVERY, day_range(start)) == old.rows:
                self._unchanged += 1
                yield old
                continue
            yield self._item(
                "events", of, (canonical(one) for one in events.scroll(EVERY, day_range(start)))
            )

    def _item(self, kind: str, of: str, lines: Iterable[bytes]) -> Item:
        """Write, read back, and name after the content."""
        label = of[:10] if kind == "events" else of
        fresh = f"{kind}-{label}.new"
        path = self._staging / fresh
        content = write_sealed(path, f"{kind} {of}", lines, self._key, self._cipher)
        name = f"{kind}-{label}-{content.sha256[:12]}.sealed"
        old = self._kept.get((kind, of))
        if old and (old.name, old.sha256) == (name, content.sha256):
            path.unlink()
            self._unchanged += 1
            return old
        self._place.put(fresh)
        written = self._place.file(fresh)
        if content_of(written, f"{kind} {of}", self._key) != content:
            raise StoreError(
                "A file of the backup is not what was written",
                where=str(written),
                next="Check the disk, then make the backup again",
                code="backup_failed",
            )
        self._place.rename(fresh, name)
        self._written += 1
        return Item(name, kind, of, content.rows, content.bytes, content.sha256, content.sm3)

    def _check(self, item: Item) -> None:
        found = content_of(self._place.file(item.name), f"{item.kind} {item.of}", self._key)
        if (found.rows, found.sha256, found.sm3) != (item.rows, item.sha256, item.sm3):
            raise InputError(
                "A file of the backup is not the one that its manifest names",
                where=str(self._place.file(item.name)),
                next="Use an older backup",
                code="bad_backup",
            )

    def _lines(self, item: Item) -> Iterator[bytes]:
        return read_sealed(self._place.file(item.name), f"{item.kind} {item.of}", self._key)

    def _tidy(self, manifest: Manifest) -> None:
        known = {item.name for item in manifest.items}
        for name in self._place.names() - known:
            if name.endswith((".sealed", ".part", ".new")):
                self._place.remove(name)


def _differs(where: str) -> StoreError:
    return StoreError(
        "What was restored differs from the backup",
        where=where,
        next="Restore into a new, empty place; if it happens again, verify the backup",
        code="restore_differs",
    )
