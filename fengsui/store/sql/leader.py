"""One leader among the workers of one state.

PostgreSQL: an advisory lock of a connection of its own. The server gives it up with the connection: at
once when the process dies, after 15 s when its machine does (keep-alive, set per session). SQLite: all
workers are on one machine, so a lock on a file beside the database says the same.
"""

from __future__ import annotations

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO, Final
from zlib import crc32

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from fengsui.store.sql.database import Database

_KEEPALIVE: Final = (
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 3",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 14000",
)


class Leader:
    """One candidate for a role.

    Args:
        database: of the state.
        role: a name; each role has one leader.
    """

    def __init__(self, database: Database, role: str) -> None:
        self._database = database
        self._role = role
        self._key = crc32(role.encode())
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None

    def leads(self) -> bool:
        """Take the lead if nobody has it; whether it is ours now. Never waits."""
        if self._database.is_sqlite:
            return self._by_file()
        return self._by_server()

    def resign(self) -> None:
        """Give it up."""
        if self._file:
            self._file.close()
            self._file = None
        if self._connection:
            with suppress(DBAPIError):  # said, not only hung up: the server hears of that later
                self._connection.execute(
                    text("SELECT pg_advisory_unlock(:key)"), {"key": self._key}
                )
            with suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None

    def _by_file(self) -> bool:
        if self._file:
            return True
        path = Path(f"{self._database.url.database}.{self._role}.lock")
        file = path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _by_server(self) -> bool:
        try:
            if self._connection:
                self._connection.execute(text("SELECT 1"))  # still connected, so still the leader
                return True
            connection = self._database.connect_alone()
            for statement in _KEEPALIVE:
                connection.execute(text(statement))
            taken = connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}
            ).scalar_one()
        except DBAPIError:
            self.resign()
            return False
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True
