"""The audit trail: append-only, each record chained to the one before by SM3 and by SHA-256.

A record's digest covers the digest before it and the record's canonical JSON. `audit_head` holds
the last number and digests, so that cutting off the end is found too. On SQLite and PostgreSQL
triggers refuse to change or remove a record (migration v0001).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from fengsui.hashes import sha256, sm3
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import Repository
from fengsui.store.state import AuditRecord

FAULTS_GIVEN = 100
_BATCH = 1000


class Audit(Repository):
    """Who did what, provably."""

    def audit(
        self, by: str, what: str, target: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        """Append to the chain."""
        head = tables.audit_head
        with self._database.writing() as connection:
            before = connection.execute(select(head).with_for_update()).one()
            record = {
                "number": before.number + 1,
                "at": self._clock.now(),
                "by": by,
                "what": what,
                "target": target,
                "detail": codecs.canonical(detail or {}).decode(),
            }
            first, second = _digests(before.sm3, before.sha256, record)
            link = {"number": record["number"], "sm3": first, "sha256": second}
            connection.execute(insert(tables.audit).values(**{**record, **link}))
            connection.execute(update(head).values(**link))

    def audit_records(self, limit: int = 200, before: int | None = None) -> list[AuditRecord]:
        """Newest first; only those with a number below `before`, where given."""
        table = tables.audit
        statement = select(table).order_by(table.c.number.desc()).limit(limit)
        if before is not None:
            statement = statement.where(table.c.number < before)
        with self._database.reading() as connection:
            return [
                AuditRecord(
                    number=row.number,
                    at=row.at,
                    by=row.by,
                    what=row.what,
                    target=row.target,
                    detail=codecs.read(row.detail),
                    sm3=row.sm3,
                    sha256=row.sha256,
                )
                for row in connection.execute(statement)
            ]

    def verify_audit(self) -> list[str]:
        """Faults in the chain (at most 100); empty when it is whole."""
        faults: list[str] = []
        with self._database.reading() as connection:
            number, first, second = 0, "", ""
            while len(faults) < FAULTS_GIVEN:
                rows = _after(connection, number)
                if not rows:
                    break
                for row in rows:
                    faults += _faults(row, number, first, second)
                    number, first, second = row.number, row.sm3, row.sha256
            head = connection.execute(select(tables.audit_head)).one_or_none()
        if head is None:
            faults.append("The head of the chain is missing")
        elif not faults and (head.number, head.sm3, head.sha256) != (number, first, second):
            faults.append(f"The chain ends at record {number}, its head says {head.number}")
        return faults[:FAULTS_GIVEN]


def _after(connection: Connection, number: int) -> list[Row[Any]]:
    table = tables.audit
    statement = select(table).where(table.c.number > number).order_by(table.c.number)
    return list(connection.execute(statement.limit(_BATCH)).all())


def _faults(row: Row[Any], number: int, first: str, second: str) -> list[str]:
    if row.number != number + 1:
        gap = f"record {number + 1}"
        if row.number != number + 2:
            gap = f"records {number + 1} to {row.number - 1}"
        return [f"Missing before record {row.number}: {gap}"]
    record = {
        name: getattr(row, name) for name in ("number", "at", "by", "what", "target", "detail")
    }
    if (row.sm3, row.sha256) != _digests(first, second, record):
        return [f"Record {row.number} does not fit its digests: it or the one before was changed"]
    return []


def _digests(first: str, second: str, record: Mapping[str, Any]) -> tuple[str, str]:
    content = codecs.canonical(record)
    return sm3(first.encode() + content), sha256(second.encode() + content)
