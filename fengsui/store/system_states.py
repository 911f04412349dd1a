"""Filed systems in the state: the register, attestations, evidence, runs, verdicts, repairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fengsui.system import (
    AssessmentRun,
    AssetVerdict,
    Attestation,
    EvidenceFile,
    FiledSystem,
    ItemVerdict,
    RepairTask,
)


class SystemStates(Protocol):
    """What a compliance officer's year leaves behind."""

    def put_system(self, system: FiledSystem, seen: int) -> FiledSystem:
        """Insert (`seen` 0) or replace the version that was looked at; gives it with its new version.

        Raises:
            BusyError: somebody changed it since (code `version_conflict`).
        """
        ...

    def systems(self) -> list[FiledSystem]:
        """The filing register, by name."""
        ...

    def system(self, id: str) -> FiledSystem | None:  # noqa: A002
        """One filed system."""
        ...

    def put_attestation(self, attestation: Attestation) -> None:
        """Append; nothing of it is ever changed."""
        ...

    def attestations(self, system: str) -> list[Attestation]:
        """Newest first."""
        ...

    def put_evidence(self, file: EvidenceFile) -> None:
        """Insert; the same file brought twice is one row."""
        ...

    def evidence(self, system: str) -> list[EvidenceFile]:
        """Newest first."""
        ...

    def put_assessment(
        self,
        run: AssessmentRun,
        verdicts: Sequence[ItemVerdict],
        findings: Sequence[AssetVerdict],
    ) -> None:
        """Keep a run with its verdicts (history) and replace the findings of its system, at once."""
        ...

    def assessments(self, system: str, limit: int = 100) -> list[AssessmentRun]:
        """Newest first."""
        ...

    def item_verdicts(self, system: str, *, run: str = "", unit: str = "") -> list[ItemVerdict]:
        """Verdicts of a run (newest first for a unit's history); without both, of the newest run."""
        ...

    def asset_verdicts(self, system: str, unit: str = "") -> list[AssetVerdict]:
        """Findings of the newest run, by unit, asset and check."""
        ...

    def put_task(self, task: RepairTask, seen: int) -> RepairTask:
        """Insert (`seen` 0) or replace the version that was looked at; gives it with its new version.

        Raises:
            BusyError: somebody changed it since (code `version_conflict`).
        """
        ...

    def tasks(self, system: str = "") -> list[RepairTask]:
        """Tasks by due day."""
        ...

    def task(self, id: str) -> RepairTask | None:  # noqa: A002
        """One task."""
        ...
