"""A fresh state for each test: on SQLite, and on PostgreSQL where `make servers` started one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from fengsui.clock import EventClock
from fengsui.store.sql.state import SqlState, open_state
from tests import servers
from tests.fengsui.store.sql.samples import T0

_NUMBERS = count()
_TEMPLATE = "fengsui_template"


@pytest.fixture
def clock() -> EventClock:
    return EventClock(T0)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty state, to be copied: migrating takes a tenth of a second."""
    path = tmp_path_factory.mktemp("template") / "state.sqlite"
    open_state(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def server() -> str:
    """URL of a database of a PostgreSQL server; the tests on it are skipped where there is none."""
    found = servers.running().get("postgres")
    if not found:
        pytest.skip("no PostgreSQL: `make servers` starts one")
    return str(found["urls"][0])


@pytest.fixture(scope="session")
def server_template(server: str) -> Iterator[str]:
    """A migrated, empty database on it, to be copied."""
    name = f"{_TEMPLATE}_{id(server)}"
    administer(server, f'CREATE DATABASE "{name}"')
    open_state(beside(server, name)).close()
    yield name
    administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database that is migrated and empty."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "state.sqlite")
        yield f"sqlite:///{tmp_path / 'state.sqlite'}"
        return
    server = request.getfixturevalue("server")
    name = f"fengsui_test_{id(request)}_{next(_NUMBERS)}"
    template = request.getfixturevalue("server_template")
    administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield beside(server, name)
    administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def state(url: str, clock: EventClock) -> Iterator[SqlState]:
    opened = open_state(url, clock)
    yield opened
    opened.close()


def beside(server: str, name: str) -> str:
    """The URL of another database of the same server."""
    return f"{server.rpartition('/')[0]}/{name}"


def administer(server: str, statement: str) -> None:
    """One statement outside of a transaction."""
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)
