"""The schema moves forward by itself, back on demand, and never guesses about a newer one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine, inspect, text
from sqlalchemy.dialects import postgresql

from fengsui.errors import StoreError
from fengsui.store.sql.database import Database
from fengsui.store.sql.migrate import HEAD, config, migrate, migrate_forward
from fengsui.store.sql.state import SqlState, open_state
from fengsui.store.sql.tables import metadata

OPEN = """
import sys
from fengsui.store.sql.state import open_state
state = open_state(sys.argv[1])
for number in range(int(sys.argv[3])):
    state.audit(sys.argv[2], "came", str(number))
state.close()
"""


def test_head_is_the_newest_file() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


def test_migrations_make_exactly_the_tables(state: SqlState) -> None:
    with state.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_up_down_up(url: str) -> None:
    database = Database(url)
    for _ in range(2):
        migrate_forward(database)
        with database.reading() as connection:
            assert set(inspect(connection).get_table_names()) > set(metadata.tables)
        migrate(database, "base")
        with database.reading() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
    database.close()


def test_a_newer_schema_is_left_alone(url: str) -> None:
    state = open_state(url)
    with state.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))
    state.close()
    with pytest.raises(StoreError) as caught:
        open_state(url)
    assert caught.value.code == "newer_schema"
    assert "v9999" in str(caught.value)


def test_several_processes_start_together(url: str, tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", OPEN, url, f"p{n}", "20"])
        for n in range(3)
    ]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    state = open_state(url)
    assert len(state.audit_records()) == 60
    assert state.verify_audit() == []
    state.close()


def test_the_tables_are_good_postgresql() -> None:
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://",
        lambda ddl, *_, **__: statements.append(str(ddl.compile(dialect=postgresql.dialect()))),
    )
    metadata.create_all(engine, checkfirst=False)
    assert sum("CREATE TABLE" in each for each in statements) == len(metadata.tables)
