"""Warnings: proposed once, decided by people, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import case, select

from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import Repository
from fengsui.warning import COLOURS, Colour, Warned, WarningAct, WarningDeed, WarningStatus

_SHOWN: Final = 500
_AFTER: Final[dict[WarningDeed, tuple[WarningStatus, WarningStatus]]] = {
    "confirm": ("proposed", "confirmed"),
    "dismiss": ("proposed", "dismissed"),
    "lift": ("confirmed", "lifted"),
}


class Warnings(Repository):
    """Four-colour warnings. Each change is one transaction, and counted for live views."""

    def put_warnings(self, proposed: Sequence[Warned]) -> list[Warned]:
        """Keep proposals that are new; what people decided stays. Returns the new ones."""
        new: list[Warned] = []
        with self._database.writing() as connection:
            for each in proposed:
                if self._warning(connection, each.id) is None and self._outranks(connection, each):
                    self._put_warning(connection, each)
                    new.append(each)
        return new

    def _outranks(self, connection: Any, new: Warned) -> bool:
        """Whether it is worse than all that was proposed of its incident; lighter ones are overtaken."""
        table = tables.warning
        statement = select(table.c.document).where(table.c.incident == new.incident)
        same = [warned_from(codecs.read(text)) for text in connection.execute(statement).scalars()]
        rank = COLOURS.index(new.proposed_colour)
        if any(COLOURS.index(known.proposed_colour) <= rank for known in same):
            return False
        for known in same:
            if known.status == "proposed":
                act = WarningAct("overtake", "", new.proposed, "", known.colour)
                self._put_warning(connection, _changed(known, "overtaken", act))
        return True

    def warnings(self, run: str | None = None) -> list[Warned]:
        """The newest 500, the unanswered first."""
        table = tables.warning
        statement = select(table.c.document).order_by(
            case((table.c.status == "proposed", 0), (table.c.status == "confirmed", 1), else_=2),
            table.c.proposed.desc(),
            table.c.id,
        )
        if run is not None:
            statement = statement.where(table.c.run == run)
        with self._database.reading() as connection:
            found = connection.execute(statement.limit(_SHOWN)).scalars()
            return [warned_from(codecs.read(text)) for text in found]

    def decide_warning(
        self,
        id: str,  # noqa: A002
        deed: WarningDeed,
        *,
        by: str,
        reason: str,
        version: int,
        colour: Colour | None = None,
    ) -> Warned:
        """Confirm, dismiss or lift."""
        if not reason.strip():
            raise InputError(
                "A decision on a warning needs a reason",
                where="reason",
                next="Say why in a sentence",
                code="reason_needed",
            )
        with self._database.writing() as connection:
            known = self._warning(connection, id)
            if known is None:
                raise NotFoundError("There is no such warning", where=id, next="See the situation")
            if known.version != version:
                raise BusyError(
                    "Somebody decided on this warning meanwhile",
                    where=f"version {known.version}, yours {version}",
                    next="Look at it again",
                    code="version_conflict",
                )
            before, after = _AFTER[deed]
            if known.status != before:
                raise InputError(
                    f"A warning that is {known.status} cannot be changed so",
                    where=deed,
                    next=f"Only one that is {before} can",
                    code="bad_deed",
                )
            decided = colour if colour and deed == "confirm" else known.colour
            act = WarningAct(deed, by, self._clock.now(), reason.strip(), decided)
            changed = _changed(replace(known, colour=decided), after, act)
            self._put_warning(connection, changed)
        return changed

    def escalate_warnings(self, now: int) -> list[Warned]:
        """Mark proposals whose time is over; returns those that were marked now."""
        marked: list[Warned] = []
        table = tables.warning
        with self._database.writing() as connection:
            waiting = connection.execute(
                select(table.c.document).where(table.c.status == "proposed")
            ).scalars()
            for known in [warned_from(codecs.read(text)) for text in waiting]:
                if known.due <= now and not known.escalated:
                    marked.append(replace(known, escalated=now))
                    self._put_warning(connection, marked[-1])
        return marked

    def _warning(self, connection: Any, id_: str) -> Warned | None:
        table = tables.warning
        text = connection.execute(
            select(table.c.document).where(table.c.id == id_)
        ).scalar_one_or_none()
        return warned_from(codecs.read(text)) if text else None

    def _put_warning(self, connection: Any, each: Warned) -> None:
        row = {
            "id": each.id,
            "run": each.run,
            "incident": each.incident,
            "status": each.status,
            "proposed": each.proposed,
            "version": each.version,
            "document": codecs.written(each),
        }
        self._database.upsert(connection, tables.warning, [row])
        self._changed(connection, "situation", [each.id])


def _changed(known: Warned, status: WarningStatus, act: WarningAct) -> Warned:
    history = (*known.history, act)
    return replace(known, status=status, version=known.version + 1, history=history)


def warned_from(document: codecs.Document) -> Warned:
    """A warning, as it was written."""
    values: dict[str, Any] = {
        **document,
        "title": codecs.text_from(document["title"]),
        "reasons": tuple(map(codecs.text_from, document["reasons"])),
        "units": tuple(document["units"]),
        "history": tuple(WarningAct(**act) for act in document["history"]),
    }
    return Warned(**values)
