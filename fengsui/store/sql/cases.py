"""Cases: what correlation knows of an incident beside what people made of it.

The two never overwrite each other. A closed case whose incident grows stays closed, with the new
score; the act that closed it keeps the score of then, so that the growth can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Connection, Row, insert, select, update

from fengsui.errors import BusyError, NotFoundError
from fengsui.incident import Incident
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.case_links import absorb, drop_loose, put_links, resolve, withdraw
from fengsui.store.sql.case_query import beyond, conditions, counted, facet_counts, order
from fengsui.store.sql.database import chunks
from fengsui.store.sql.history import Standing, check, standing
from fengsui.store.sql.repository import Repository
from fengsui.store.state import Act, ActKind, Case, CaseFilter

SELF = "fengsui"  # the name under which we ourselves act
_KNOWN_BY_CORRELATION = (
    "run",
    "origin",
    "score",
    "severity",
    "first",
    "last",
    "search",
    "document",
)


class Cases(Repository):
    """Incidents with their history."""

    def put_incidents(self, incidents: Sequence[Incident], absorbed: Mapping[str, str]) -> None:
        """Insert or replace what correlation knows, leaving what people did.

        A case that was absorbed hands its owner, waiting and escalation on to a case that nobody
        touched yet, as acts of `fengsui`; its own acts are shown in the new case's history.
        """
        with self._database.writing() as connection:
            for some in chunks(incidents):
                self._database.upsert(
                    connection,
                    tables.incident,
                    [_row(incident) for incident in some],
                    replace=_KNOWN_BY_CORRELATION,
                )
            put_links(self._database, connection, incidents)
            for old, into in absorbed.items():
                if absorb(self._database, connection, old, into):
                    self._hand_on(connection, old, resolve(connection, into))
            ids = [incident.id for incident in incidents]
            self._changed(connection, "incidents", [*ids, *absorbed, *absorbed.values()])

    def withdraw(self, incidents: Sequence[str], alerts: Sequence[str] = ()) -> list[str]:
        """As `State.withdraw`."""
        with self._database.writing() as connection:
            gone = [each for some in chunks(incidents) for each in withdraw(connection, some)]
            for each in chunks(alerts):
                drop_loose(connection, each)
            self._changed(connection, "incidents", gone)
        return gone

    def correlated_anew(self, run: str) -> None:
        """Tell whoever holds a picture of a run that it was made anew (topic `correlated`)."""
        with self._database.writing() as connection:
            self._changed(connection, "correlated", [run])

    def case(self, incident: str) -> Case | None:
        """One case; an absorbed id leads to the case that it went into."""
        with self._database.reading() as connection:
            return self._case(connection, resolve(connection, incident))

    def cases(
        self, which: CaseFilter, *, sort: str = "-score", limit: int = 50, offset: int = 0
    ) -> tuple[list[Case], int]:
        """Cases in order of `score`, `last`, `first` or `severity` (`-` is falling), and how many.

        Raises:
            InputError: `sort` is another word (code `bad_sort`).
        """
        where = conditions(which)
        statement = select(tables.incident).where(*where).order_by(*order(sort))
        with self._database.reading() as connection:
            rows = connection.execute(statement.limit(limit).offset(offset)).all()
            found = self._cases(connection, rows)
            if which.budget is not None and found:
                below = set(connection.execute(beyond(which.budget)).scalars())
                found = [replace(c, below_line=c.incident.id in below) for c in found]
            return found, counted(connection, where)

    def case_hosts(self, which: CaseFilter, limit: int = 50_000) -> list[tuple[str, str]]:
        """(host, case) of all hosts that the cases name, at most so many."""
        link = tables.incident_entity
        statement = (
            select(link.c.value, link.c.incident)
            .where(link.c.kind == "host")
            .where(link.c.incident.in_(select(tables.incident.c.id).where(*conditions(which))))
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [(host, case) for host, case in connection.execute(statement)]

    def facets(self, which: CaseFilter) -> dict[str, list[tuple[str, int]]]:
        """Counts by `status`, `severity`, `owner` and `run`, each without its own choice."""
        with self._database.reading() as connection:
            return facet_counts(connection, which)

    def cases_about(self, kind: str, value: str, limit: int = 50) -> list[Case]:
        """Cases that name an entity, the newest first."""
        link = tables.incident_entity
        return self._linked(
            select(link.c.incident).where(link.c.kind == kind, link.c.value == value), limit
        )

    def cases_with(self, alerts: Sequence[str]) -> list[Case]:
        """Cases that hold one of these alerts, the newest first."""
        link = tables.incident_alert
        found: dict[str, Case] = {}
        for some in chunks(list(dict.fromkeys(alerts))):
            cases = self._linked(select(link.c.incident).where(link.c.alert.in_(some)), 1000)
            found |= {case.incident.id: case for case in cases}
        return sorted(found.values(), key=lambda case: -case.incident.last)

    def act(self, incident: str, act: Act, version: int) -> Case:
        """Record an act and its effect.

        Raises:
            NotFoundError: no such incident.
            InputError: the act does not fit.
            BusyError: somebody else acted since `version` (code `version_conflict`).
        """
        with self._database.writing() as connection:
            case = resolve(connection, incident)
            row = connection.execute(
                select(tables.incident).where(tables.incident.c.id == case)
            ).one_or_none()
            if row is None:
                raise NotFoundError(
                    "There is no such incident", where=incident, next="Go back to the queue"
                )
            if row.version != version:
                raise _conflict(incident)
            history = _acts(connection, [case]).get(case, [])
            check(history, act)
            if act.kind == "close":
                act = replace(act, values={**act.values, "score": row.score})
            self._record(connection, case, history, act, version)
            self._changed(connection, "incidents", [case])
            if act.kind in {"close", "reopen", "undo"}:
                self._changed(connection, "verdicts", [case])
            found = self._case(connection, case)
        assert found is not None
        return found

    def _record(
        self, connection: Connection, case: str, history: list[Act], act: Act, version: int
    ) -> None:
        now = standing([*history, act])
        table = tables.incident
        done = connection.execute(
            update(table)
            .where(table.c.id == case, table.c.version == version)
            .values(version=version + 1, **_columns(now))
        )
        if done.rowcount != 1:
            raise _conflict(case)
        connection.execute(
            insert(tables.act).values(
                incident=case,
                number=len(history) + 1,
                kind=act.kind,
                by=act.by,
                at=act.at,
                details=codecs.written(act.values),
            )
        )

    def _hand_on(self, connection: Connection, old: str, into: str) -> None:
        acts = _acts(connection, [old, into])
        before = standing(acts.get(old, []))
        exists = connection.execute(
            select(tables.incident.c.version).where(tables.incident.c.id == into)
        ).one_or_none()
        if exists is None or acts.get(into) or before.status == "closed":
            return
        given: tuple[tuple[ActKind, bool, dict[str, str]], ...] = (
            ("assign", bool(before.owner), {"owner": before.owner}),
            ("wait", before.status == "waiting", {}),
            ("escalate", before.escalated, {}),
        )
        history: list[Act] = []
        for kind, needed, values in given:
            if needed:
                act = Act(kind, SELF, self._clock.now(), {"absorbed": old, **values})
                self._record(connection, into, history, act, exists.version + len(history))
                history.append(act)

    def _linked(self, ids: Any, limit: int) -> list[Case]:
        table = tables.incident
        statement = (
            select(table)
            .where(table.c.id.in_(ids), *conditions(CaseFilter()))
            .order_by(table.c.last.desc(), table.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return self._cases(connection, connection.execute(statement).all())

    def _case(self, connection: Connection, id: str) -> Case | None:  # noqa: A002
        statement = select(tables.incident).where(tables.incident.c.id == id)
        cases = self._cases(connection, connection.execute(statement).all())
        return cases[0] if cases else None

    def _cases(self, connection: Connection, rows: Sequence[Row[Any]]) -> list[Case]:
        ids = [row.id for row in rows]
        went: dict[str, str] = {}
        for some in chunks(ids):
            statement = select(tables.absorbed).where(tables.absorbed.c.into.in_(some))
            went |= {row.id: row.into for row in connection.execute(statement)}
        histories: dict[str, list[Act]] = {}
        for case, acts in _acts(connection, [*ids, *went]).items():
            told = {"incident": case} if case in went else {}
            shown = [replace(act, values={**act.values, **told}) for act in acts]
            histories.setdefault(went.get(case, case), []).extend(shown)
        return [_case_of(row, histories.get(row.id, [])) for row in rows]


def _case_of(row: Row[Any], history: list[Act]) -> Case:
    return Case(
        incident=codecs.incident_from(codecs.read(row.document)),
        status=row.status,
        owner=row.owner,
        verdict=row.verdict,
        verdict_reason=row.verdict_reason,
        escalated=row.escalated,
        version=row.version,
        history=tuple(sorted(history, key=lambda act: act.at)),
    )


def _acts(connection: Connection, cases: Sequence[str]) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = {}
    for some in chunks(cases):
        rows = connection.execute(
            select(tables.act)
            .where(tables.act.c.incident.in_(some))
            .order_by(tables.act.c.incident, tables.act.c.number)
        )
        for row in rows:
            act = Act(cast("ActKind", row.kind), row.by, row.at, codecs.read(row.details))
            found.setdefault(row.incident, []).append(act)
    return found


def _row(incident: Incident) -> dict[str, Any]:
    words = [incident.id, incident.title.render("zh"), incident.title.render("en")]
    words += [entity.value for entity in incident.entities]
    words += [technique for stage in incident.stages for technique in stage.techniques]
    return {
        "id": incident.id,
        "run": incident.run,
        "origin": incident.origin,
        "score": incident.score,
        "severity": int(incident.severity),
        "first": incident.first,
        "last": incident.last,
        "search": "\n".join(words).lower(),
        "document": codecs.written(incident.kept()),
        "version": 0,
        **_columns(Standing()),
    }


def _columns(now: Standing) -> dict[str, Any]:
    return {
        "status": now.status,
        "owner": now.owner,
        "verdict": now.verdict,
        "verdict_reason": now.verdict_reason,
        "escalated": now.escalated,
    }


def _conflict(incident: str) -> BusyError:
    return BusyError(
        "Somebody else acted on this incident meanwhile",
        where=incident,
        next="Look at what they did, then decide again",
        code="version_conflict",
    )
