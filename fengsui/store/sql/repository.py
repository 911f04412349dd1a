"""What the repositories of the state share: the database, the clock, and the counter of changes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from fengsui.clock import Clock
from fengsui.errors import BusyError
from fengsui.store.sql import tables
from fengsui.store.sql.database import Database

CHANGES_GIVEN = 500


def conflict(what: str, where: str, seen: object, newest: object) -> BusyError:
    """Somebody else was faster."""
    return BusyError(
        f"Somebody else changed the {what} meanwhile (seen {seen}, now {newest})",
        where=where,
        next="Look at what changed, then decide again",
        code="version_conflict",
    )


class Repository:
    """One noun of the state. The nouns are put together in `fengsui.store.sql.state`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def _changed(self, connection: Connection, topic: str, ids: Iterable[str]) -> None:
        """Count a change within the transaction that makes it.

        The counter's row stays locked until the transaction ends, so numbers rise in the order in
        which changes become visible.
        """
        rows = [{"topic": topic, "id": each} for each in dict.fromkeys(ids)]
        if not rows:
            return
        number = connection.execute(
            update(tables.counter)
            .where(tables.counter.c.name == "changes")
            .values(value=tables.counter.c.value + 1)
            .returning(tables.counter.c.value)
        ).scalar_one()
        self._database.upsert(
            connection, tables.change, [{**row, "number": number} for row in rows]
        )

    def changes(self, after: int = -1) -> tuple[int, dict[str, list[str]]]:
        """The newest change number, and ids by topic that changed after `after`."""
        with self._database.reading() as connection:
            newest = connection.execute(
                select(tables.counter.c.value).where(tables.counter.c.name == "changes")
            ).scalar_one()
            if after < 0 or newest == after:
                return newest, {}
            rows = connection.execute(
                select(tables.change.c.topic, tables.change.c.id)
                .where(tables.change.c.number > after)
                .order_by(tables.change.c.number.desc())
                .limit(CHANGES_GIVEN)
            ).all()
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row.topic, []).append(row.id)
        return newest, found
