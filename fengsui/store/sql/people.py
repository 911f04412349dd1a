"""People and their logins. Of a session only the hash of its token is kept."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Row, delete, select

from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import Repository, conflict
from fengsui.store.state import User


class People(Repository):
    """Who may come in."""

    def put_user(self, user: User, seen: User | None = None) -> None:
        """Insert or replace by name; given `seen`, only while the person is still kept like that.

        Raises:
            BusyError: somebody else changed the person since `seen` (code `version_conflict`).
        """
        row = {
            "name": user.name,
            "roles": codecs.written(list(user.roles)),
            "password_hash": user.password_hash,
            "must_change": user.must_change,
            "language": user.language,
            "disabled": user.disabled,
        }
        by_name = select(tables.person).where(tables.person.c.name == user.name)
        with self._database.writing() as connection:
            if seen is not None:
                kept = connection.execute(by_name.with_for_update()).one_or_none()
                now = None if kept is None else _user(kept)
                if now != seen:
                    raise conflict("user", user.name, _standing(seen), _standing(now))
            self._database.upsert(connection, tables.person, [row])

    def user(self, name: str) -> User | None:
        """One person."""
        statement = select(tables.person).where(tables.person.c.name == name)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _user(row)

    def users(self) -> list[User]:
        """All, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.person).order_by(tables.person.c.name)).all()
        return [_user(row) for row in rows]

    def put_session(self, token_hash: str, user: str, expires: int) -> None:
        """Remember a login; those that expired are forgotten."""
        row = {"token_hash": token_hash, "person": user, "expires": expires}
        with self._database.writing() as connection:
            connection.execute(
                delete(tables.login).where(tables.login.c.expires <= self._clock.now())
            )
            self._database.upsert(connection, tables.login, [row])

    def session(self, token_hash: str, now: int) -> str | None:
        """Name of the user of a session that has not expired."""
        table = tables.login
        statement = select(table.c.person).where(
            table.c.token_hash == token_hash, table.c.expires > now
        )
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def drop_session(self, token_hash: str) -> None:
        """Forget a login."""
        with self._database.writing() as connection:
            connection.execute(delete(tables.login).where(tables.login.c.token_hash == token_hash))

    def drop_sessions(self, user: str, keep: str = "") -> None:
        """Forget all logins of a person but the one with the token hash `keep`."""
        table = tables.login
        with self._database.writing() as connection:
            connection.execute(
                delete(table).where(table.c.person == user, table.c.token_hash != keep)
            )


def _standing(user: User | None) -> str:
    """What of a person may be read in a message: never the hash of the password."""
    if user is None:
        return "none"
    return f"{'disabled' if user.disabled else 'enabled'}, {' '.join(user.roles)}"


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        roles=tuple(orjson.loads(row.roles)),
        password_hash=row.password_hash,
        must_change=row.must_change,
        language=row.language,
        disabled=row.disabled,
    )
