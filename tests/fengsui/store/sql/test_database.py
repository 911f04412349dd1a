"""Several processes and threads at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from fengsui.errors import BusyError
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Act, Job
from tests.fengsui.store.sql.samples import T0, make_incident

ACT = """
import sys
from fengsui.errors import BusyError
from fengsui.store.sql.state import open_state
from fengsui.store.state import Act
state = open_state(sys.argv[1])
done = 0
while done < 25:
    case = state.case("i1")
    try:
        state.act("i1", Act("note", sys.argv[2], 1, {"text": str(done)}), case.version)
        done += 1
    except BusyError as error:
        assert error.code == "version_conflict"
state.close()
"""


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_pragmas(state: SqlState) -> None:
    def pragma(name: str) -> object:
        with state.database.reading() as connection:
            return connection.execute(text(f"PRAGMA {name}")).scalar()

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1
    with state.database.writing(durable=False) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 1  # NORMAL


def test_two_processes_act_at_once_and_nothing_is_lost(state: SqlState, url: str) -> None:
    state.put_incidents([make_incident("i1")], {})
    processes = [subprocess.Popen([sys.executable, "-c", ACT, url, by]) for by in ("ann", "bo")]
    for _ in range(20):
        state.put_incidents([make_incident("i1", score=60)], {})  # the worker goes on writing
    assert [process.wait(60) for process in processes] == [0, 0]
    case = state.case("i1")
    assert case is not None
    assert case.version == len(case.history) == 50
    for by in ("ann", "bo"):
        mine = [act.values["text"] for act in case.history if act.by == by]
        assert mine == [str(number) for number in range(25)]


def test_a_job_is_taken_once(state: SqlState) -> None:
    for number in range(20):
        state.put_job(Job(f"j{number}", "replay", {}, "queued", "ann", T0))
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: state.take_job(["replay"]), range(24)))
    ids = [job.id for job in taken if job is not None]
    assert len(ids) == len(set(ids)) == 20


def test_exactly_one_of_many_acts_wins(state: SqlState) -> None:
    state.put_incidents([make_incident("i1")], {})

    def take(name: str) -> bool:
        try:
            state.act("i1", Act("take", name, T0), 0)
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, "abcdefgh")) == 1


def test_a_failed_transaction_leaves_nothing(state: SqlState) -> None:
    with pytest.raises(ZeroDivisionError), state.database.writing() as connection:  # noqa: PT012
        connection.execute(text("INSERT INTO counter VALUES ('x', 1)"))
        raise ZeroDivisionError
    with state.database.reading() as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM counter WHERE name = 'x'")).scalar() == 0
        )
