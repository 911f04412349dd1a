"""The desk: what people do with filed systems, each act with its audit record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from console.compliance.assessing import found_system, profile_of
from console.compliance.folders import attachment_folder, evidence_folder, keep
from console.compliance.targets import check_collection
from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.reading import read_evidence
from detections.compliance.profile.clocks import day_of
from detections.compliance.profile.editions import edition
from detections.compliance.profile.items import item_of
from detections.compliance.profile.repairs import acted
from fengsui.clock import DAY, SECOND, Clock
from fengsui.errors import InputError, NotFoundError
from fengsui.hashes import file_digests
from fengsui.ids import digest_id, random_id
from fengsui.settings import Settings
from fengsui.store.state import Job, State
from fengsui.system import (
    Attachment,
    Attestation,
    AttestationKind,
    EvidenceFile,
    FiledSystem,
    RepairTask,
    RunKind,
    TaskAct,
    TaskActKind,
)

KIND: Final = "assess"  # of jobs
RECORD_DAYS: Final = 365
REPAIR_DAYS: Final = 30
MOST_WORDS: Final = 4000
_TWO_PEOPLE: Final[frozenset[AttestationKind]] = frozenset(
    {"not_applicable", "adjustment", "high_risk", "major_risk"}
)
_DAYS: Final = ("graded", "filed", "certified", "assessed", "renewed")


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody attests; `days` until it expires. See `fengsui.system.Attestation`."""

    unit: str
    kind: AttestationKind
    step: str
    holds: bool
    statement: str
    asset: str = ""
    level: str = "E6"
    sample: str = ""
    approver: str = ""
    days: int = RECORD_DAYS


class Desk:
    """Acts on filed systems.

    Args:
        settings: of the installation.
        state: where all is kept.
        clock: of acts.
    """

    def __init__(self, settings: Settings, state: State, clock: Clock) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock

    def today(self) -> date:
        """The day of the clock, UTC+8: the register's days are China's."""
        seconds = self._clock.now() // SECOND
        return (datetime.fromtimestamp(seconds, UTC) + timedelta(hours=8)).date()

    def file_system(self, system: FiledSystem, by: str) -> FiledSystem:
        """Add a system, or change the version that `system.version` names.

        Raises:
            InputError: a grade, an extension, a day, an edition, a unit or a giver is not known.
            BusyError: somebody else changed it meanwhile.
        """
        self._check(system)
        kept = self._state.put_system(system, system.version)
        what = "system.change" if system.version else "system.add"
        self._state.audit(by, what, kept.id, {"name": kept.name, "version": kept.version})
        return kept

    def bring(
        self, path: Path, name: str, system: str, by: str, asset: str = "", run: bool = True
    ) -> EvidenceFile:
        """Keep a file of evidence for a system, and have it judged (`run`).

        Args:
            path: of the file; `name`: as it was given.
            name: shown, and the kept file's name.
            system: id.
            by: who brings it.
            run: whether a run is asked for.
            asset: of the register that it speaks for; by default the one named as the evidence says.

        Raises:
            InputError: no evidence that is known, or hostile.
            NotFoundError: no such system, or asset of it.
        """
        filed = found_system(self._state, system)
        read = read_evidence(path)
        keep(path, evidence_folder(self._settings), read.digest, name)
        file = EvidenceFile(
            sha256=read.digest,
            system=filed.id,
            name=name,
            asset=self._asset_name(filed, read, asset),
            kind=read.kind,
            level=read.level,
            collected=read.collected,
            brought=self._clock.now(),
            by=by,
            size=path.stat().st_size,
            problems=read.problems,
        )
        self._state.put_evidence(file)
        self._state.audit(
            by, "evidence.bring", filed.id, {"sha256": file.sha256, "asset": file.asset}
        )
        if run:
            self.ask_run(filed.id, "change", by)
        return file

    def attest(
        self, system: str, word: Word, by: str, document: tuple[Path, str] | None = None
    ) -> Attestation:
        """Keep what a person attests, with its document (path and name) if there is one.

        Raises:
            InputError: not a unit of the system, nothing said, or one person where two are needed.
        """
        filed = found_system(self._state, system)
        self._check_word(filed, word, by)
        now = self._clock.now()
        attachment = self._attachment(*document) if document else None
        made = Attestation(
            id=digest_id("attestation", filed.id, word.unit, word.kind, word.step, word.asset, now),
            system=filed.id,
            unit=word.unit,
            kind=word.kind,
            step=word.step,
            asset=word.asset,
            holds=word.holds,
            level="E5" if word.level == "E5" else "E6",
            statement=word.statement,
            sample=word.sample,
            by=by,
            approver=word.approver,
            at=now,
            expires=now + word.days * DAY,
            attachment=attachment,
        )
        self._state.put_attestation(made)
        detail = {"unit": made.unit, "kind": made.kind, "step": made.step, "holds": made.holds}
        self._state.audit(by, "attestation.add", made.id, detail)
        self.ask_run(filed.id, "change", by)
        return made

    def withdraw(self, system: str, attestation: str, reason: str, by: str) -> Attestation:
        """Take a word back: a newer one in its place that is in force no moment.

        Raises:
            NotFoundError: no such word of this system, or another one took its place.
            InputError: no reason.
        """
        filed = found_system(self._state, system)
        given = self._state.attestations(filed.id)
        known = next((each for each in given if each.id == attestation), None)
        now = self._clock.now()
        newer = known is not None and any(
            (e.unit, e.kind, e.step, e.asset) == (known.unit, known.kind, known.step, known.asset)
            and e.at > known.at
            for e in given
        )
        if known is None or known.expires <= now or newer:
            raise NotFoundError(
                "There is no such record in force", where=attestation[:12], code="no_such_record"
            )
        if not reason.strip() or len(reason) > MOST_WORDS:
            raise InputError("Say why it is taken back", where="reason", code="nothing_said")
        place = (known.unit, known.kind, known.step, known.asset)
        made = replace(
            known,
            id=digest_id("attestation", filed.id, *place, now),
            statement=reason,
            by=by,
            at=now,
            expires=now,
        )
        self._state.put_attestation(made)
        self._state.audit(by, "attestation.withdraw", known.id, {"unit": known.unit})
        self.ask_run(filed.id, "change", by)
        return made

    def ask_run(self, system: str, kind: RunKind, by: str) -> Job:
        """Have the worker run all checks of a system; one that waits already is given instead."""
        found_system(self._state, system)
        for job in self._state.jobs(200):
            if (job.kind, job.status) == (KIND, "queued") and job.arguments["system"] == system:
                return job
        arguments = {"system": system, "kind": kind}
        shown = {"system": system}
        job = Job(random_id(), KIND, arguments, "queued", by, self._clock.now(), result=shown)
        self._state.put_job(job)
        if kind == "full":  # the others follow from what is on record, or from the clock
            self._state.audit(by, f"job.{KIND}", job.id, arguments)
        return job

    def assign(
        self, system: str, place: tuple[str, str, str], assignee: str, due: str, by: str
    ) -> RepairTask:
        """Make a failing finding (unit, asset, check) the task of a unit until a day.

        Raises:
            InputError: no day, a day that passed, nobody, or a task of it is open already.
            NotFoundError: the newest run has no such failing finding.
        """
        unit, asset, check = place
        day = day_of(due, "due")
        if day is None or day < self.today() or not assignee.strip():
            raise InputError(
                "A task needs a unit and a day to come",
                where="due",
                next=f"Such as {self.today() + timedelta(days=REPAIR_DAYS)}",
                code="bad_task",
            )
        known = [t for t in self._state.tasks(system) if (t.unit, t.asset, t.check) == place]
        if any(task.status != "closed" for task in known):
            raise InputError("A task for it is open already", where=unit, code="task_exists")
        steps = self._failing(system, place)
        now = self._clock.now()
        task = RepairTask(
            id=digest_id("repair", system, unit, asset, check, now),
            system=system,
            unit=unit,
            check=check,
            asset=asset,
            steps=steps,
            assignee=assignee.strip(),
            due=due,
            status="open",
            made=now,
            history=(TaskAct("made", by, now, {"assignee": assignee.strip(), "due": due}),),
        )
        kept = self._state.put_task(task, 0)
        self._state.audit(by, "repair.made", kept.id, {"unit": unit, "assignee": kept.assignee})
        return kept

    def act(
        self,
        task: str,
        kind: TaskActKind,
        values: Mapping[str, Any],
        by: str,
        seen: int,
    ) -> RepairTask:
        """What a person does with a task; a proof has it checked again at once.

        Raises:
            NotFoundError: no such task.
            InputError: the act does not fit.
            BusyError: somebody else acted since version `seen`.
        """
        known = self._state.task(task)
        if known is None:
            raise NotFoundError(f"There is no task {task[:40]}", next="See the list of tasks")
        after = acted(known, TaskAct(kind, by, self._clock.now(), values))
        day_of(after.wish, "due")
        kept = self._state.put_task(after, seen)
        self._state.audit(by, f"repair.{kind}", task, dict(values))
        if kind == "prove":
            self.ask_run(kept.system, "change", by)
        return kept

    def keep_document(self, path: Path, name: str, by: str) -> Attachment:
        """Keep a document that an attestation will name."""
        kept = self._attachment(path, name)
        self._state.audit(by, "attachment.bring", kept.sha256, {"name": name, "size": kept.size})
        return kept

    def _failing(self, system: str, place: tuple[str, str, str]) -> tuple[str, ...]:
        unit, asset, check = place
        if not check:
            verdicts = {each.unit: each for each in self._state.item_verdicts(system)}
            if unit in verdicts:
                return ()
        for each in self._state.asset_verdicts(system, unit):
            if (each.asset, each.check) == (asset, check):
                steps: Sequence[Mapping[str, Any]] = each.document.get("steps", [])
                failed = (str(step["name"]) for step in steps if step["state"] == "false")
                return tuple(dict.fromkeys(failed))
        raise NotFoundError(
            "The newest run has no such finding", where=unit, next="Run the checks first"
        )

    def _attachment(self, path: Path, name: str) -> Attachment:
        first, second = file_digests(path)
        keep(path, attachment_folder(self._settings), first, name)
        return Attachment(name, path.stat().st_size, first, second)

    def _asset_name(self, system: FiledSystem, read: AssetEvidence, wanted: str) -> str:
        known = {a.id: a.name or a.id for a in self._state.plan().assets if a.id in system.assets}
        if wanted and wanted not in known:
            raise NotFoundError(
                f"{wanted[:40]} is no asset of this system",
                where=system.id,
                next=f"Known: {', '.join(list(known)[:10]) or '-'}",
            )
        if wanted:
            return known[wanted]
        return known.get(read.name, read.name)

    def _check(self, system: FiledSystem) -> None:
        if not system.name.strip() or not system.unit.strip():
            raise InputError("A system has a name and an owner unit", where="name", code="no_name")
        units = profile_of(system).units()
        for name in _DAYS:
            day_of(getattr(system, name), name)
        for each in system.inherited:
            if each.unit not in units or each.system == system.id:
                raise InputError(
                    f"{each.unit} cannot be inherited from {each.system}", where="inherited"
                )
        if system.high_risk_edition and not edition("high_risk", system.high_risk_edition).carried:
            raise InputError(
                f"The cases of {system.high_risk_edition} are not shipped",
                where="high_risk_edition",
            )
        if system.score_edition:
            edition("score", system.score_edition)
        if system.collections:
            known = {one.id: one for one in self._state.plan().assets if one.id in system.assets}
            for collection in system.collections:
                check_collection(collection, known)

    def _check_word(self, system: FiledSystem, word: Word, by: str) -> None:
        if word.kind in {"record", "not_applicable", "adjustment"}:
            item_of(word.unit)
            if word.unit not in profile_of(system).units():
                raise InputError(f"{word.unit} is no item of this system", where="unit")
        if not word.statement.strip() or len(word.statement) > MOST_WORDS:
            raise InputError(
                "A record says what was seen or why", where="statement", code="nothing_said"
            )
        if word.kind in _TWO_PEOPLE and (not word.approver.strip() or word.approver == by):
            raise InputError(
                "It needs another person's approval", where="approver", code="second_person"
            )
        if not 1 <= word.days <= RECORD_DAYS:
            raise InputError(f"It is in force for 1 to {RECORD_DAYS} days", where="days")
