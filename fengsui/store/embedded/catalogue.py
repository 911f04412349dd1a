"""The catalogue: which segments are live, in SQLite; every change is a link of a hash chain.

A link covers the link before it and a digest over all live segments after the change (each with its
path, times, rows, SHA-256 and SM3), so a segment that is changed, removed or slipped in behind the
store's back shows, and so does a row of the catalogue itself. Old links are dropped; the oldest kept
one starts from the recorded hash of its predecessor.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from fengsui.errors import StoreError
from fengsui.hashes import sha256, sm3
from fengsui.store.event_store import Hold, TimeRange

FILE: Final = "catalogue.sqlite"
FORMAT: Final = 1
_LINKS_KEPT: Final = 10_000
_HOLD: Final = "hold:"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS segment (
    path TEXT PRIMARY KEY, dataset TEXT NOT NULL, level INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
    arrived INTEGER NOT NULL, columns TEXT NOT NULL, runs TEXT NOT NULL,
    sha256 TEXT NOT NULL, sm3 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS doomed (path TEXT PRIMARY KEY, since INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS link (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, live TEXT NOT NULL,
    sha256 TEXT NOT NULL, sm3 TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """One live file.

    Attributes:
        path: relative to the store's folder.
        level: 0 as appended, 1 after a compaction.
        first, last: event time in µs.
        arrived: when its newest event was appended, ns.
        columns: JSON object of column name to "all its text is lower case".
        runs: JSON list of the drills and replays in it.
    """

    path: str
    dataset: str
    level: int
    first: int
    last: int
    rows: int
    bytes: int
    arrived: int
    columns: str
    runs: str
    sha256: str
    sm3: str

    @property
    def lowered(self) -> Mapping[str, bool]:
        """Columns of the file."""
        return _lowered(self.columns)

    def digest(self) -> str:
        """SHA-256 over all of it."""
        return sha256(_canonical([getattr(self, name) for name in _COLUMNS]))


@lru_cache(maxsize=4096)
def _lowered(columns: str) -> Mapping[str, bool]:
    found: dict[str, bool] = json.loads(columns)
    return MappingProxyType(found)


_COLUMNS: Final = tuple(item.name for item in fields(Segment))
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM segment"  # noqa: S608
_INSERT: Final = (
    f"INSERT INTO segment ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
)


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


class Catalogue:
    """One process's connection; safe for its threads. Readers see each commit at their next call."""

    def __init__(self, folder: Path, *, writable: bool) -> None:
        self._path = folder / FILE
        self._writable = writable
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self._cached: tuple[int, tuple[Segment, ...]] | None = None
        self._digests: dict[str, str] = {}
        if writable:
            with self._open():
                pass  # made, or refused, now

    def segments(self) -> tuple[Segment, ...]:
        """The live segments, newest first; empty as long as no writer made the store."""
        with self._open() as database:
            if database is None:
                return ()
            head = database.execute("SELECT max(number) FROM link").fetchone()[0] or 0
            if self._cached is None or self._cached[0] != head:
                self._cached = (head, self._read(database))
            return self._cached[1]

    def change(
        self,
        what: str,
        at: int,
        *,
        add: Sequence[Segment] = (),
        remove: Sequence[Segment] = (),
    ) -> None:
        """Replace segments by others in one transaction; removed files are doomed, not yet gone.

        Args:
            what: `append`, `compact`, `retire` or `purge`.
            at: wall time, ns.
            add: segments whose files are durable already.
            remove: live segments.
        """
        with self._open() as database, _transaction(database):
            database.executemany(
                "DELETE FROM segment WHERE path = ?", [[one.path] for one in remove]
            )
            database.executemany(
                "INSERT OR REPLACE INTO doomed VALUES (?, ?)", [[one.path, at] for one in remove]
            )
            database.executemany(
                _INSERT, [[getattr(one, name) for name in _COLUMNS] for one in add]
            )
            live = self._live_digest(self._read(database))
            number, before = _last_link(database)
            body = _canonical([number + 1, at, what, live])
            row = (number + 1, at, what, live, *_link(before, body))
            database.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?)", row)

    def doomed(self, before: int) -> list[str]:
        """Paths removed from the catalogue before a time (ns)."""
        with self._open() as database:
            return [
                row[0]
                for row in database.execute("SELECT path FROM doomed WHERE since < ?", [before])
            ]

    def gone(self, paths: Iterable[str]) -> None:
        """These files are unlinked."""
        with self._open() as database, _transaction(database):
            database.executemany("DELETE FROM doomed WHERE path = ?", [[path] for path in paths])

    def shorten(self) -> None:
        """Drop the oldest links, keeping the hash that the next one starts from."""
        with self._open() as database, _transaction(database):
            head = database.execute("SELECT max(number) FROM link").fetchone()[0] or 0
            found = database.execute(
                "SELECT sha256, sm3 FROM link WHERE number = ?", [head - _LINKS_KEPT]
            ).fetchone()
            if found:
                database.execute(
                    "INSERT OR REPLACE INTO meta VALUES ('anchor', ?)", [json.dumps(found)]
                )
                database.execute("DELETE FROM link WHERE number <= ?", [head - _LINKS_KEPT])

    def put_hold(self, hold: Hold) -> None:
        """Place or replace a legal hold."""
        document = [hold.within.since, hold.within.until, hold.reason, hold.at, *hold.datasets]
        with self._open() as database, _transaction(database):
            database.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [_HOLD + hold.name, json.dumps(document)],
            )

    def drop_hold(self, name: str) -> bool:
        """End a hold; False where there is none."""
        with self._open() as database, _transaction(database):
            gone = database.execute("DELETE FROM meta WHERE key = ?", [_HOLD + name])
            return bool(gone.rowcount)

    def holds(self) -> list[Hold]:
        """By name."""
        with self._open() as database:
            if database is None:
                return []
            rows = database.execute(
                "SELECT key, value FROM meta WHERE key LIKE ? ORDER BY key", [f"{_HOLD}%"]
            ).fetchall()
        found: list[Hold] = []
        for key, value in rows:
            since, until, reason, at, *datasets = json.loads(value)
            name = key.removeprefix(_HOLD)
            found.append(Hold(name, TimeRange(since, until), reason, at, tuple(datasets)))
        return found

    def faults(self) -> list[str]:
        """What is wrong with the chain itself."""
        with self._open() as database:
            if database is None:
                return []
            with _transaction(database):
                links = database.execute("SELECT * FROM link ORDER BY number").fetchall()
                segments = self._read(database)
                before = _anchor(database)
        found: list[str] = []
        for number, at, what, live, first, second in links:
            before_this, before = before, (first, second)
            if _link(before_this, _canonical([number, at, what, live])) != (first, second):
                found.append(f"catalogue: link {number} does not fit the one before it")
        expected = links[-1][3] if links else _live([])
        if _live([one.digest() for one in segments]) != expected:
            found.append("catalogue: its segments are not those of the last link")
        return found

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._database:
                self._database.close()
                self._database = None

    def _read(self, database: sqlite3.Connection) -> tuple[Segment, ...]:
        rows = database.execute(f"{_SELECT} ORDER BY last DESC, path")
        return tuple(Segment(*row) for row in rows)

    def _live_digest(self, segments: Sequence[Segment]) -> str:
        known = self._digests
        self._digests = {one.path: known.get(one.path) or one.digest() for one in segments}
        return _live(self._digests.values())

    @contextmanager
    def _open(self) -> Generator[Any]:
        """The connection, for one thread at a time; None for a reader of a store not yet made."""
        with self._lock:
            try:
                if self._database is None and (self._writable or self._path.exists()):
                    self._database = self._connect()
                yield self._database
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
                    raise full_disk(self._path.parent) from error
                raise StoreError(
                    f"The catalogue cannot be used: {error}",
                    where=str(self._path),
                    next="Check that the disk has room; `fengsui store mend` makes it anew from the segments",
                    code="catalogue",
                ) from error

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False
        )
        try:
            if self._writable:
                database.execute("PRAGMA journal_mode=WAL")
                database.execute("PRAGMA synchronous=FULL")
                database.executescript(_SCHEMA)
                database.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", [str(FORMAT)])
            else:
                database.execute("PRAGMA query_only=ON")
            self._check_format(database)
        except BaseException:
            database.close()
            raise
        return database

    def _check_format(self, database: sqlite3.Connection) -> None:
        found = database.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        if found and found[0] != str(FORMAT):
            raise StoreError(
                f"The store has format {found[0]}, this program reads {FORMAT}",
                where=str(self._path),
                next="Use the version of Fengsui that wrote it, or a new folder",
                code="store_format",
            )


def full_disk(folder: Path) -> StoreError:
    """The error of a store whose disk is full."""
    return StoreError(
        "The disk of the event store is full",
        where=str(folder),
        next="Free it, or shorten store.retention_days; what was not acknowledged is sent again",
        code="disk_full",
    )


@contextmanager
def _transaction(database: sqlite3.Connection) -> Generator[None]:
    database.execute("BEGIN IMMEDIATE" if not _query_only(database) else "BEGIN")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # some errors have rolled it back already
            database.execute("ROLLBACK")
        raise


def _query_only(database: sqlite3.Connection) -> bool:
    return bool(database.execute("PRAGMA query_only").fetchone()[0])


def _live(digests: Iterable[str]) -> str:
    return sha256("".join(sorted(digests)).encode())


def _link(before: tuple[str, str], body: bytes) -> tuple[str, str]:
    return sha256(before[0].encode() + body), sm3(before[1].encode() + body)


def _anchor(database: sqlite3.Connection) -> tuple[str, str]:
    found = database.execute("SELECT value FROM meta WHERE key = 'anchor'").fetchone()
    first, second = json.loads(found[0]) if found else ("", "")
    return first, second


def _last_link(database: sqlite3.Connection) -> tuple[int, tuple[str, str]]:
    found = database.execute(
        "SELECT number, sha256, sm3 FROM link ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return (found[0], (found[1], found[2])) if found else (0, _anchor(database))
