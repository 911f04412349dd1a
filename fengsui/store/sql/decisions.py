"""Decisions of analysts and what their verdicts teach, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, exists, func, select

from fengsui.alert import Alert
from fengsui.incident import Decision
from fengsui.store.decision_states import Judged, WeakFilter
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.database import Database, chunks
from fengsui.store.sql.repository import Repository

_NEVER = 2**63 - 1


class Decisions(Repository):
    """What people decided, and which alerts nobody has to look at."""

    def put_decision(self, decision: Decision) -> None:
        """Insert or replace by id."""
        row = {
            "id": decision.id,
            "run": decision.run,
            "at": decision.at,
            "document": codecs.written(decision),
        }
        with self._database.writing() as connection:
            self._database.upsert(connection, tables.decision, [row])
            self._changed(connection, "decisions", [decision.id])

    def decision(self, id: str) -> Decision | None:  # noqa: A002
        """One decision."""
        table = tables.decision
        with self._database.reading() as connection:
            return next(iter(_decisions(connection, [table.c.id == id])), None)

    def decisions(self, run: str) -> list[Decision]:
        """All about a run, oldest first; alerts that were folded are named by what they went into."""
        with self._database.reading() as connection:
            return _decisions(connection, [tables.decision.c.run == run])

    def judged(self) -> dict[str, Judged]:
        """Verdicts by rule, from closed incidents outside of drills; an incident counts once a rule."""
        incident, link = tables.incident, tables.incident_alert
        drills = select(tables.replay.c.id).where(tables.replay.c.kind == "drill")
        statement = (
            select(link.c.rule, incident.c.verdict, func.count(incident.c.id.distinct()))
            .join(incident, incident.c.id == link.c.incident)
            .where(
                incident.c.status == "closed",
                incident.c.verdict.is_not(None),
                incident.c.run.not_in(drills),
                incident.c.id.not_in(select(tables.absorbed.c.id)),
            )
            .group_by(link.c.rule, incident.c.verdict)
        )
        found: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for rule, verdict, count in connection.execute(statement):
                found.setdefault(rule, {})[verdict] = int(count)
        return {rule: Judged(**counts) for rule, counts in found.items() if rule}

    def weak_alerts(
        self, which: WeakFilter, *, limit: int = 100, offset: int = 0
    ) -> tuple[list[Alert], int]:
        """Alerts that stand in no incident, the gravest and newest first, and how many there are."""
        table, link = tables.alert, tables.incident_alert
        where: list[ColumnElement[bool]] = [~exists().where(link.c.alert == table.c.id)]
        if which.run is not None:
            where.append(table.c.run == which.run)
        if which.rule is not None:
            where.append(table.c.rule == which.rule)
        if which.since > 0 or which.until < _NEVER:
            where += [table.c.last >= which.since, table.c.first < which.until]
        where += [
            table.c.document.contains(word, autoescape=True) for word in which.text.lower().split()
        ]
        rows = (
            select(table.c.document)
            .where(*where)
            .order_by(table.c.severity.desc(), table.c.last.desc(), table.c.id)
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(table).where(*where))
            found = connection.execute(rows).scalars()
            return [codecs.alert_from(codecs.read(one)) for one in found], total.scalar_one()


def put_folded(database: Database, connection: Connection, folded: Mapping[str, str]) -> None:
    """Remember what folded alerts went into, so that decisions about them go on to hold."""
    rows = [{"id": old, "into": new} for old, new in folded.items() if old != new]
    for some in chunks(rows):
        database.upsert(connection, tables.folded_alert, some)


def _decisions(connection: Connection, where: Sequence[ColumnElement[bool]]) -> list[Decision]:
    table = tables.decision
    statement = select(table.c.document).where(*where).order_by(table.c.at, table.c.id)
    found = [
        codecs.decision_from(codecs.read(text))
        for text in connection.execute(statement).scalars().all()
    ]
    named = {alert for one in found for alert in (*one.together, *one.apart)}
    into = _into(connection, named)
    return [_renamed(one, into) for one in found]


def _into(connection: Connection, alerts: set[str]) -> dict[str, str]:
    """What folded alerts have become, over as many steps as it took."""
    table = tables.folded_alert
    found: dict[str, str] = {}
    asked = alerts
    while asked:
        step: dict[str, str] = {}
        for some in chunks(sorted(asked)):
            rows = connection.execute(select(table).where(table.c.id.in_(some)))
            step |= {row.id: row.into for row in rows if row.id not in found}
        found |= step
        asked = set(step.values()) - found.keys()
    return found


def _renamed(decision: Decision, into: dict[str, str]) -> Decision:
    if not into:
        return decision

    def last(alert: str) -> str:
        seen = {alert}
        while alert in into and into[alert] not in seen:
            alert = into[alert]
            seen.add(alert)
        return alert

    return replace(
        decision,
        together=tuple(dict.fromkeys(map(last, decision.together))),
        apart=tuple(dict.fromkeys(map(last, decision.apart))),
    )
