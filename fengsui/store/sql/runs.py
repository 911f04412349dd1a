"""Runs of the pipeline, playbook runs, findings and scorecards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select

from fengsui.control import Finding
from fengsui.playbook import Run
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import Repository
from fengsui.store.state import Replay, ReplayKind


class Runs(Repository):
    """What was done and what came of it."""

    def put_replay(self, replay: Replay) -> None:
        """Insert or replace."""
        row = {
            "id": replay.id,
            "kind": replay.kind,
            "started": replay.started,
            "document": codecs.written(replay),
        }
        with self._database.writing() as connection:
            self._database.upsert(connection, tables.replay, [row])

    def replays(self, kind: ReplayKind | None = None) -> list[Replay]:
        """Newest first."""
        table = tables.replay
        statement = select(table.c.document).order_by(table.c.started.desc(), table.c.id)
        if kind is not None:
            statement = statement.where(table.c.kind == kind)
        return [codecs.replay_from(document) for document in self._documents(statement)]

    def replay(self, id: str) -> Replay | None:  # noqa: A002
        """One run."""
        statement = select(tables.replay.c.document).where(tables.replay.c.id == id)
        return next((codecs.replay_from(each) for each in self._documents(statement)), None)

    def purge_run(self, run: str) -> None:
        """Remove alerts, incidents with their acts and playbook runs, the scorecard, the run."""
        incident, absorbed = tables.incident, tables.absorbed
        with self._database.writing() as connection:
            gone = list(
                connection.execute(select(incident.c.id).where(incident.c.run == run)).scalars()
            )
            mine = select(incident.c.id).where(incident.c.run == run)
            for table, column in (
                (tables.act, tables.act.c.incident),
                (tables.playbook_run, tables.playbook_run.c.incident),
            ):
                connection.execute(delete(table).where(column.in_(mine)))
            connection.execute(
                delete(absorbed).where(or_(absorbed.c.into.in_(mine), absorbed.c.run == run))
            )
            connection.execute(delete(incident).where(incident.c.run == run))
            connection.execute(delete(tables.alert).where(tables.alert.c.run == run))
            connection.execute(delete(tables.scorecard).where(tables.scorecard.c.drill == run))
            connection.execute(delete(tables.replay).where(tables.replay.c.id == run))
            for table in (tables.decision, tables.warning, tables.traffic_hour):
                connection.execute(delete(table).where(table.c.run == run))
            self._changed(connection, "incidents", gone)

    def put_run(self, run: Run) -> None:
        """Insert or replace a playbook run."""
        row = {
            "id": run.id,
            "incident": run.incident,
            "started": run.started,
            "document": codecs.written(run),
        }
        with self._database.writing() as connection:
            self._database.upsert(connection, tables.playbook_run, [row])
            self._changed(connection, "incidents", [run.incident])

    def runs(self, incident: str | None = None) -> list[Run]:
        """Playbook runs, newest first."""
        table = tables.playbook_run
        statement = select(table.c.document).order_by(table.c.started.desc(), table.c.id)
        if incident is not None:
            statement = statement.where(table.c.incident == incident)
        return [codecs.run_from(document) for document in self._documents(statement)]

    def run(self, id: str) -> Run | None:  # noqa: A002
        """One playbook run."""
        statement = select(tables.playbook_run.c.document).where(tables.playbook_run.c.id == id)
        return next((codecs.run_from(each) for each in self._documents(statement)), None)

    def put_findings(self, findings: Sequence[Finding]) -> None:
        """Append; older findings stay as history."""
        rows = [
            {
                "id": finding.id,
                "check": finding.check,
                "unit": finding.unit,
                "time": finding.time,
                "document": codecs.written(finding),
            }
            for finding in findings
        ]
        with self._database.writing() as connection:
            self._database.upsert(connection, tables.finding, rows, replace=())

    def findings(self, *, unit: str | None = None, latest: bool = True) -> list[Finding]:
        """Newest finding of each check, or all of them newest first."""
        table = tables.finding
        age = func.row_number().over(
            partition_by=table.c.check, order_by=(table.c.time.desc(), table.c.id.desc())
        )
        aged = select(table, age.label("age"))
        if unit is not None:
            aged = aged.where(table.c.unit == unit)
        inner = aged.subquery()
        statement = select(inner.c.document).order_by(inner.c.time.desc(), inner.c.id)
        if latest:
            statement = statement.where(inner.c.age == 1)
        return [codecs.finding_from(document) for document in self._documents(statement)]

    def put_scorecard(self, drill: str, document: Mapping[str, Any]) -> None:
        """Keep a scorecard (JSON form)."""
        table = tables.scorecard
        with self._database.writing() as connection:
            number = connection.execute(select(func.max(table.c.number))).scalar_one() or 0
            row = {"drill": drill, "number": number + 1, "document": codecs.written(document)}
            self._database.upsert(connection, table, [row])

    def scorecards(self) -> list[Mapping[str, Any]]:
        """Newest first."""
        table = tables.scorecard
        return [*self._documents(select(table.c.document).order_by(table.c.number.desc()))]

    def _documents(self, statement: Any) -> list[codecs.Document]:
        with self._database.reading() as connection:
            return [codecs.read(text) for text in connection.execute(statement).scalars()]
