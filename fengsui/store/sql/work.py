"""Jobs asked of the worker, and hunts that people keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import Repository
from fengsui.store.state import Job, SavedHunt


class Work(Repository):
    """Long work and saved questions."""

    def put_job(self, job: Job) -> None:
        """Insert or replace; a job that was cancelled does not become running again.

        So a worker that reports progress cannot undo a cancel; it reads the job to learn of it.
        """
        table = tables.job
        with self._database.writing() as connection:
            stored = connection.execute(
                select(table.c.status).where(table.c.id == job.id).with_for_update()
            ).scalar_one_or_none()
            if stored == "cancelled" and job.status in {"queued", "running"}:
                job = replace(job, status="cancelled")
            self._database.upsert(connection, table, [_row(job)])
            self._changed(connection, "jobs", [job.id])

    def take_job(self, kinds: Sequence[str]) -> Job | None:
        """Mark the oldest queued job of these kinds as running and return it."""
        table = tables.job
        oldest = (
            select(table.c.document)
            .where(table.c.status == "queued", table.c.kind.in_(kinds))
            .order_by(table.c.created, table.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._database.reading() as connection:  # mostly there is none: do not lock for it
            if connection.execute(oldest).one_or_none() is None:
                return None
        with self._database.writing() as connection:
            row = connection.execute(oldest).one_or_none()
            if row is None:
                return None
            job = replace(codecs.job_from(codecs.read(row.document)), status="running")
            self._database.upsert(connection, table, [_row(job)])
            self._changed(connection, "jobs", [job.id])
            return job

    def job(self, id: str) -> Job | None:  # noqa: A002
        """One job."""
        return next(iter(self._jobs(select(tables.job).where(tables.job.c.id == id))), None)

    def jobs(self, limit: int = 50) -> list[Job]:
        """Newest first."""
        table = tables.job
        return self._jobs(select(table).order_by(table.c.created.desc(), table.c.id).limit(limit))

    def _jobs(self, statement: Any) -> list[Job]:
        with self._database.reading() as connection:
            return [
                codecs.job_from(codecs.read(row.document)) for row in connection.execute(statement)
            ]

    def put_hunt(self, hunt: SavedHunt) -> None:
        """Insert or replace."""
        row = {"id": hunt.id, "name": hunt.name, "document": codecs.written(hunt)}
        with self._database.writing() as connection:
            self._database.upsert(connection, tables.hunt, [row])

    def hunts(self) -> list[SavedHunt]:
        """By name."""
        statement = select(tables.hunt).order_by(tables.hunt.c.name, tables.hunt.c.id)
        with self._database.reading() as connection:
            return [
                codecs.hunt_from(codecs.read(row.document)) for row in connection.execute(statement)
            ]

    def drop_hunt(self, id: str) -> None:  # noqa: A002
        """Remove."""
        with self._database.writing() as connection:
            connection.execute(delete(tables.hunt).where(tables.hunt.c.id == id))


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "created": job.created,
        "document": codecs.written(job),
    }
