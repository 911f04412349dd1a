"""Filed systems in SQL. Implements `fengsui.store.system_states.SystemStates`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, delete, select

from fengsui.store.sql import codecs, system_codecs, system_tables
from fengsui.store.sql.database import chunks
from fengsui.store.sql.repository import Repository, conflict
from fengsui.system import (
    AssessmentRun,
    AssetVerdict,
    Attestation,
    EvidenceFile,
    FiledSystem,
    ItemVerdict,
    RepairTask,
)

TOPIC = "systems"


class Systems(Repository):
    """The register and the year of each system."""

    def put_system(self, system: FiledSystem, seen: int) -> FiledSystem:
        """Insert or replace the version that was looked at."""
        kept = replace(system, version=seen + 1)
        row = {
            "id": kept.id,
            "name": kept.name,
            "version": kept.version,
            "document": codecs.written(kept),
        }
        self._replace(system_tables.filed_system, row, seen, "system", kept.id)
        return kept

    def systems(self) -> list[FiledSystem]:
        """By name."""
        table = system_tables.filed_system
        statement = select(table.c.document).order_by(table.c.name, table.c.id)
        return [system_codecs.system_from(each) for each in self._system_documents(statement)]

    def system(self, id: str) -> FiledSystem | None:  # noqa: A002
        """One row."""
        table = system_tables.filed_system
        found = self._system_documents(select(table.c.document).where(table.c.id == id))
        return system_codecs.system_from(found[0]) if found else None

    def put_attestation(self, attestation: Attestation) -> None:
        """Append."""
        row = {
            "id": attestation.id,
            "system": attestation.system,
            "at": attestation.at,
            "document": codecs.written(attestation),
        }
        with self._database.writing() as connection:
            self._database.upsert(connection, system_tables.attestation, [row], replace=())
            self._changed(connection, TOPIC, [attestation.system])

    def attestations(self, system: str) -> list[Attestation]:
        """Newest first."""
        table = system_tables.attestation
        statement = select(table.c.document).where(table.c.system == system)
        ordered = statement.order_by(table.c.at.desc(), table.c.id)
        return [system_codecs.attestation_from(each) for each in self._system_documents(ordered)]

    def put_evidence(self, file: EvidenceFile) -> None:
        """Insert or replace by content."""
        row = {
            "system": file.system,
            "sha256": file.sha256,
            "brought": file.brought,
            "document": codecs.written(file),
        }
        with self._database.writing() as connection:
            self._database.upsert(connection, system_tables.evidence_file, [row])
            self._changed(connection, TOPIC, [file.system])

    def evidence(self, system: str) -> list[EvidenceFile]:
        """Newest first."""
        table = system_tables.evidence_file
        statement = select(table.c.document).where(table.c.system == system)
        ordered = statement.order_by(table.c.brought.desc(), table.c.sha256)
        return [system_codecs.evidence_from(each) for each in self._system_documents(ordered)]

    def put_assessment(
        self,
        run: AssessmentRun,
        verdicts: Sequence[ItemVerdict],
        findings: Sequence[AssetVerdict],
    ) -> None:
        """A run, its verdicts, and the findings in place of the system's older ones."""
        asset_verdict = system_tables.asset_verdict
        row = {
            "id": run.id,
            "system": run.system,
            "started": run.started,
            "document": codecs.written(run),
        }
        history = [
            {
                "run": each.run,
                "unit": each.unit,
                "system": each.system,
                "time": each.time,
                "document": codecs.written(each),
            }
            for each in verdicts
        ]
        proof = [
            {
                "system": each.system,
                "unit": each.unit,
                "asset": each.asset,
                "check": each.check,
                "document": codecs.written(each),
            }
            for each in findings
        ]
        with self._database.writing() as connection:
            self._database.upsert(connection, system_tables.assessment_run, [row])
            for part in chunks(history):
                self._database.upsert(connection, system_tables.item_verdict, part)
            connection.execute(delete(asset_verdict).where(asset_verdict.c.system == run.system))
            for some in chunks(proof):
                self._database.upsert(connection, asset_verdict, some)
            self._changed(connection, TOPIC, [run.system])

    def assessments(self, system: str, limit: int = 100) -> list[AssessmentRun]:
        """Newest first."""
        table = system_tables.assessment_run
        statement = select(table.c.document).where(table.c.system == system)
        ordered = statement.order_by(table.c.started.desc(), table.c.id.desc()).limit(limit)
        return [system_codecs.run_from(each) for each in self._system_documents(ordered)]

    def item_verdicts(self, system: str, *, run: str = "", unit: str = "") -> list[ItemVerdict]:
        """Of a run, of a unit through time, or of the newest run."""
        table = system_tables.item_verdict
        if not run and not unit:
            newest = self.assessments(system, 1)
            if not newest:
                return []
            run = newest[0].id
        statement = select(table.c.document).where(table.c.system == system)
        if run:
            statement = statement.where(table.c.run == run)
        if unit:
            statement = statement.where(table.c.unit == unit)
        ordered = statement.order_by(table.c.time.desc(), table.c.unit)
        return [system_codecs.verdict_from(each) for each in self._system_documents(ordered)]

    def asset_verdicts(self, system: str, unit: str = "") -> list[AssetVerdict]:
        """By unit, asset and check."""
        table = system_tables.asset_verdict
        statement = select(table.c.document).where(table.c.system == system)
        if unit:
            statement = statement.where(table.c.unit == unit)
        ordered = statement.order_by(table.c.unit, table.c.asset, table.c.check)
        return [system_codecs.finding_from(each) for each in self._system_documents(ordered)]

    def put_task(self, task: RepairTask, seen: int) -> RepairTask:
        """Insert or replace the version that was looked at."""
        kept = replace(task, version=seen + 1)
        row = {
            "id": kept.id,
            "system": kept.system,
            "due": kept.due,
            "version": kept.version,
            "document": codecs.written(kept),
        }
        self._replace(system_tables.repair_task, row, seen, "repair task", kept.system)
        return kept

    def tasks(self, system: str = "") -> list[RepairTask]:
        """By due day."""
        table = system_tables.repair_task
        statement = select(table.c.document).order_by(table.c.due, table.c.id)
        if system:
            statement = statement.where(table.c.system == system)
        return [system_codecs.task_from(each) for each in self._system_documents(statement)]

    def task(self, id: str) -> RepairTask | None:  # noqa: A002
        """One task."""
        table = system_tables.repair_task
        found = self._system_documents(select(table.c.document).where(table.c.id == id))
        return system_codecs.task_from(found[0]) if found else None

    def _replace(
        self, table: Table, row: Mapping[str, Any], seen: int, what: str, system: str
    ) -> None:
        """Keep a row, never over a version that nobody looked at."""
        newest = select(table.c.version).where(table.c.id == row["id"]).with_for_update()
        with self._database.writing() as connection:
            version = connection.execute(newest).scalar_one_or_none() or 0
            if version != seen:
                raise conflict(what, row["id"], seen, version)
            self._database.upsert(connection, table, [row])
            self._changed(connection, TOPIC, [system])

    def _system_documents(self, statement: Any) -> list[codecs.Document]:
        with self._database.reading() as connection:
            return [codecs.read(text) for text in connection.execute(statement).scalars()]
