"""All rows of the state as JSON lines, the same from SQLite and PostgreSQL, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, delete, func, select

from fengsui.errors import StoreError
from fengsui.store.sql.database import CHUNK, Database
from fengsui.store.sql.tables import metadata

SEEDED: Final = frozenset({"counter", "audit_head"})
"""Tables that have rows from the first migration on."""


def table_names() -> list[str]:
    """Tables in an order in which their rows can be inserted."""
    return [f"{table.name}" for table in metadata.sorted_tables]


def dump_table(connection: Connection, name: str) -> Iterator[bytes]:
    """Rows of a table in order of its key, a line each."""
    table = metadata.tables[name]
    rows = connection.execution_options(stream_results=True, yield_per=CHUNK).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    names = [f"{column.name}" for column in table.columns]  # plain text, not SQLAlchemy's own kind
    for row in rows:
        document = dict(zip(names, row, strict=True))
        yield orjson.dumps(document, option=orjson.OPT_SORT_KEYS) + b"\n"


def rows_held(database: Database) -> int:
    """Rows in all tables but the seeded ones: none in a fresh state."""
    with database.reading() as connection:
        return sum(
            int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in metadata.sorted_tables
            if table.name not in SEEDED
        )


def load_table(
    database: Database, connection: Connection, name: str, lines: Iterable[bytes]
) -> int:
    """Insert the rows of a table of a fresh state.

    Raises:
        StoreError: the rows are of another schema.
    """
    table = metadata.tables.get(name)
    if table is None:
        raise _another_schema(name)
    if name in SEEDED:
        connection.execute(delete(table))
    rows = (orjson.loads(line) for line in lines)
    total = 0
    while batch := list(islice(rows, CHUNK)):
        _insert(database, connection, table, batch)
        total += len(batch)
    return total


def _insert(
    database: Database, connection: Connection, table: Table, batch: list[dict[str, Any]]
) -> None:
    known = {column.name for column in table.columns}
    if any(set(row) != known for row in batch):
        raise _another_schema(table.name)
    connection.execute(database.insert(table), batch)


def _another_schema(table: str) -> StoreError:
    return StoreError(
        "The backup's state has another schema than this program",
        where=f"table {table}",
        next="Restore it with the version of Fengsui that made it, then upgrade",
        code="another_schema",
    )
