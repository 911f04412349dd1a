"""The chain shows what was changed, removed or put in another order."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from fengsui.errors import StoreError
from fengsui.hashes import sha256, sm3
from fengsui.store.sql.state import SqlState
from tests.fengsui.store.sql.samples import T0

SPOIL = {
    "changed": ["UPDATE audit SET by = 'eve' WHERE number = 3"],
    "removed": ["DELETE FROM audit WHERE number = 3"],
    "several removed": ["DELETE FROM audit WHERE number IN (2, 3)"],
    "end removed": ["DELETE FROM audit WHERE number = 5"],
    "emptied": ["DELETE FROM audit"],
    "reordered": [
        "UPDATE audit SET number = 99 WHERE number = 2",
        "UPDATE audit SET number = 2 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 99",
    ],
    "head removed": ["DELETE FROM audit_head"],
}


@pytest.fixture
def filled(state: SqlState) -> SqlState:
    for number in range(5):
        state.audit("ann", "incident.close", f"i{number}", {"verdict": "true", "n": number})
    return state


def test_records_and_chain(filled: SqlState) -> None:
    assert filled.verify_audit() == []
    newest = filled.audit_records(limit=2)
    assert [record.number for record in newest] == [5, 4]
    assert (newest[0].at, newest[0].by, newest[0].what) == (T0, "ann", "incident.close")
    assert newest[0].detail == {"n": 4, "verdict": "true"}
    assert [record.number for record in filled.audit_records(before=3)] == [2, 1]


def test_digests_are_over_the_canonical_record(state: SqlState) -> None:
    state.audit("ann", "login")
    record = state.audit_records()[0]
    content = (
        f'{{"at":{T0},"by":"ann","detail":"{{}}","number":1,"target":"","what":"login"}}'.encode()
    )
    assert (record.sm3, record.sha256) == (sm3(content), sha256(content))


@pytest.mark.parametrize("deed", ["UPDATE audit SET by = 'eve'", "DELETE FROM audit"])
def test_the_database_refuses_changes(filled: SqlState, deed: str) -> None:
    with pytest.raises(StoreError, match="append-only"), filled.database.writing() as connection:
        connection.execute(text(deed))
    assert filled.verify_audit() == []


@pytest.mark.parametrize("how", SPOIL)
def test_tampering_is_found(filled: SqlState, how: str) -> None:
    with filled.database.writing() as connection:
        triggers = ["audit_no_UPDATE", "audit_no_DELETE"]
        if not filled.database.is_sqlite:
            triggers = ["audit_append_only ON audit"]
        for trigger in triggers:
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in SPOIL[how]:
            connection.execute(text(statement))
    assert filled.verify_audit() != []
