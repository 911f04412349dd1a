"""Bring a database's schema to the one that this program knows.

The usual case, nothing to do, costs one small query; Alembic is loaded only for real work.
"""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from fengsui.errors import StoreError
from fengsui.store.sql.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "v0007"  # newest revision; a test compares it with the folder
FOLDER: Final = Path(__file__).parent.parent / "migrations"
_ADVISORY_LOCK: Final = 0x46454E47  # "FENG"


def migrate_forward(database: Database) -> None:
    """Migrate to `HEAD` if needed.

    Raises:
        StoreError: the schema is newer than this program, or a migration fails.
    """
    _make_folder(database)
    if _revision(database) == HEAD:
        return
    with _alone(database):
        migrate(database, HEAD)


def migrate(database: Database, revision: str) -> None:
    """Migrate forward or back to `revision` (`base` empties the database). No lock is taken."""
    from alembic import command  # noqa: PLC0415 - slow to import, rarely needed

    found = _revision(database)
    if found == revision:
        return
    known = _known(config())
    if found is not None and found not in known:
        raise StoreError(
            f"The state was written by a newer Fengsui (schema {found}, known up to {HEAD})",
            where=database.shown,
            next="Start the newer version, or restore a backup made with this one",
            code="newer_schema",
        )
    down = revision == "base" or (
        found is not None and found in known and known.index(revision) < known.index(found)
    )
    with database.writing() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(settings, revision)


def config() -> Config:
    """Alembic's configuration: the folder of migrations, no ini file."""
    from alembic.config import Config  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def _known(settings: Config) -> list[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(settings).walk_revisions()
    return [script.revision for script in scripts][::-1]


def _revision(database: Database) -> str | None:
    with database.reading() as connection:
        return _revision_seen(connection)


def _revision_seen(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _make_folder(database: Database) -> None:
    if not database.is_sqlite or not database.url.database:
        return
    folder = Path(database.url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder of the state cannot be made: {error.strerror}",
            where=str(folder),
            next="Choose another FENGSUI_HOME or mend its permissions",
            code="state_unusable",
        ) from error


@contextmanager
def _alone(database: Database) -> Generator[None]:
    """One process at a time; the others wait and then find nothing left to do."""
    if database.is_sqlite:
        path = Path(f"{database.url.database}.lock")
        with path.open("w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with database.writing() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        yield
