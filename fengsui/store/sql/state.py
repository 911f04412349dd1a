"""The state in SQL: SQLite by default, PostgreSQL for many. Implements `fengsui.store.state.State`."""

from __future__ import annotations

from fengsui.clock import Clock, WallClock
from fengsui.store.sql.alerts import Alerts
from fengsui.store.sql.audit import Audit
from fengsui.store.sql.cases import Cases
from fengsui.store.sql.database import Database
from fengsui.store.sql.decisions import Decisions
from fengsui.store.sql.leader import Leader
from fengsui.store.sql.migrate import migrate_forward
from fengsui.store.sql.people import People
from fengsui.store.sql.rule_packs import RulePacks
from fengsui.store.sql.rules import Rules
from fengsui.store.sql.runs import Runs
from fengsui.store.sql.situation import Situation
from fengsui.store.sql.stories import Stories
from fengsui.store.sql.surroundings import Surroundings
from fengsui.store.sql.systems import Systems
from fengsui.store.sql.warnings import Warnings
from fengsui.store.sql.work import Work


class SqlState(
    Alerts,
    Cases,
    Decisions,
    Stories,
    Runs,
    Surroundings,
    Situation,
    Warnings,
    Systems,
    Work,
    Rules,
    RulePacks,
    People,
    Audit,
):
    """All nouns over one database; safe for several threads and processes at once.

    Args:
        url: SQLAlchemy URL of a database whose schema is up to date (see `open_state`).
        clock: stamps audit records.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        super().__init__(Database(url), clock or WallClock())

    @property
    def database(self) -> Database:
        """Connections, for migrations and backups."""
        return self._database

    def leader(self, role: str) -> Leader:
        """A candidate for a role that one process at a time has."""
        return Leader(self._database, role)

    def close(self) -> None:
        """Release the database."""
        self._database.close()


def open_state(url: str, clock: Clock | None = None) -> SqlState:
    """Open the state, migrating its schema forward first; several processes may do so at once.

    Raises:
        StoreError: the database cannot be used, or its schema is newer than this program
            (code `newer_schema`).
    """
    state = SqlState(url, clock)
    try:
        migrate_forward(state.database)
    except BaseException:
        state.close()
        raise
    return state
