"""Connections and transactions, the same for SQLite and PostgreSQL.

SQLite: write-ahead log, so that readers never wait for a writer; a writing transaction takes the
write lock when it begins, so that it waits its turn (up to `BUSY_SECONDS`) and never fails halfway.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from fengsui.errors import BusyError, StoreError

BUSY_SECONDS: Final = 20
_WRITING: Final = "fengsui_writing"
Value = TypeVar("Value")
CHUNK: Final = 500  # values in one IN list, rows in one insert: below every database's bound


class Database:
    """Engines of one state.

    Args:
        url: `sqlite:////path/state.sqlite` or `postgresql+psycopg://…`.

    Raises:
        StoreError: the URL names no database that can be used.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
            self.is_sqlite = self.url.get_backend_name() == "sqlite"
            self._durable = self._engine("FULL")
            # Reports that the next second replaces need not wait for the disk.
            self._hasty = self._engine("NORMAL") if self.is_sqlite else self._durable
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise StoreError(
                f"The state's address cannot be used: {error}",
                next="Give sqlite:////path/to/state.sqlite or postgresql+psycopg://user@host/name",
                code="bad_state_url",
            ) from error

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self.url.render_as_string(hide_password=True)

    def _engine(self, synchronous: str) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_pre_ping=True)
        engine = create_engine(self.url, connect_args={"timeout": BUSY_SECONDS})

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.isolation_level = None  # we say BEGIN ourselves
            cursor = connection.cursor()
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={synchronous}",
                "foreign_keys=ON",
                "cache_size=-4096",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            writing = connection.get_execution_options().get(_WRITING, False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        return engine

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A transaction that sees one moment and changes nothing."""
        with self._explained(), self._durable.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Generator[Connection]:
        """A transaction that changes something; on disk when it ends, unless `durable` is false."""
        engine = self._durable if durable else self._hasty
        with self._explained(), engine.connect() as plain:
            connection = plain.execution_options(**{_WRITING: True})
            with connection.begin():
                if not durable and not self.is_sqlite:
                    connection.execute(text("SET LOCAL synchronous_commit = off"))
                yield connection

    @contextmanager
    def snapshot(self) -> Generator[Connection]:
        """A transaction that sees one moment in all its statements."""
        with self._explained(), self._durable.connect() as plain:
            level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            connection = plain.execution_options(**level)
            with connection.begin():
                yield connection

    def connect_alone(self) -> Connection:
        """A connection for locks that last as long as it does; each statement commits."""
        return self._durable.connect().execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            cause = str(error.orig)
            if "locked" in cause or "busy" in cause:
                raise BusyError(
                    "The state is held by another process",
                    where=self.shown,
                    next="Try again; if it lasts, see which process writes to it",
                    code="state_locked",
                ) from error
            raise StoreError(
                f"The state cannot be used: {cause}",
                where=self.shown,
                next="Check the file, its folder's permissions and the free space of its disk",
                code="state_unusable",
            ) from error

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that knows ON CONFLICT, which both databases spell alike."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def upsert(
        self,
        connection: Connection,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        *,
        replace: Iterable[str] | None = None,
    ) -> None:
        """Insert rows; where the key exists, replace the columns `replace` (default: all others).

        With an empty `replace` an existing row stays as it is.
        """
        if not rows:
            return
        insert = self.insert(table)
        keys = [column.name for column in table.primary_key]
        names = [c.name for c in table.columns if c.name not in keys and c.name in rows[0]]
        changed = names if replace is None else list(replace)
        if changed:
            fresh = {name: insert.excluded[name] for name in changed}
            statement = insert.on_conflict_do_update(index_elements=keys, set_=fresh)
        else:
            statement = insert.on_conflict_do_nothing(index_elements=keys)
        connection.execute(statement, [dict(row) for row in rows])

    def close(self) -> None:
        """Close all connections."""
        self._durable.dispose()
        self._hasty.dispose()


def chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """`values` in pieces that a database takes at once."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
