"""Alerts, found by id, run, event or entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, Select, func, select

from fengsui.alert import Alert
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.database import chunks
from fengsui.store.sql.decisions import put_folded
from fengsui.store.sql.repository import Repository

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_OLDEST_FIRST = (tables.alert.c.first, tables.alert.c.id)
_NEWEST_FIRST = (tables.alert.c.last.desc(), tables.alert.c.id)


class Alerts(Repository):
    """What detections said."""

    def put_alerts(self, alerts: Sequence[Alert], folded: Mapping[str, str] = NOTHING) -> None:
        """Insert or replace by id (the newer fold of the same alert).

        Keys of `folded` are removed: they were counted into the alerts that they lead to.
        """
        with self._database.writing() as connection:
            put_folded(self._database, connection, folded)
            for gone in chunks(sorted(folded)):
                for table in (tables.alert_event, tables.alert_entity):
                    connection.execute(table.delete().where(table.c.alert.in_(gone)))
                connection.execute(tables.alert.delete().where(tables.alert.c.id.in_(gone)))
            for some in chunks(alerts):
                self._database.upsert(connection, tables.alert, [_row(alert) for alert in some])
                # A fold only adds events and entities, so links are never taken away.
                events = [{"event": e, "alert": a.id} for a in some for e in a.events]
                entities = [
                    {"kind": e.kind, "value": e.value, "alert": a.id}
                    for a in some
                    for e in a.entities
                ]
                self._database.upsert(connection, tables.alert_event, events)
                self._database.upsert(connection, tables.alert_entity, entities)

    def alerts(
        self,
        ids: Sequence[str] | None = None,
        *,
        run: str | None = None,
        rule: str | None = None,
        since: int = 0,
        until: int = 2**63 - 1,
        limit: int = 1000,
    ) -> list[Alert]:
        """Alerts by id (oldest first), or the newest `limit` ones; `run` "" is live, None any."""
        table = tables.alert
        statement = select(table.c.document)
        if run is not None:
            statement = statement.where(table.c.run == run)
        if rule is not None:
            statement = statement.where(table.c.rule == rule)
        if since > 0 or until < 2**63 - 1:
            statement = statement.where(table.c.first >= since, table.c.first < until)
        if ids is None:
            return self._read(statement.order_by(*_NEWEST_FIRST).limit(limit))
        found: list[Alert] = []
        for some in chunks(list(dict.fromkeys(ids))):
            found += self._read(statement.where(tables.alert.c.id.in_(some)))
        return sorted(found, key=lambda alert: (alert.first, alert.id))

    def alerts_about(self, kind: str, value: str, limit: int = 200) -> list[Alert]:
        """Alerts that name an entity, the newest first."""
        link = tables.alert_entity
        return self._read(
            select(tables.alert.c.document)
            .join(link, link.c.alert == tables.alert.c.id)
            .where(link.c.kind == kind, link.c.value == value)
            .order_by(*_NEWEST_FIRST)
            .limit(limit)
        )

    def alerts_of(self, events: Sequence[str]) -> list[Alert]:
        """Alerts that keep one of these events as evidence, oldest first."""
        link = tables.alert_event
        found: dict[str, Alert] = {}
        for some in chunks(list(dict.fromkeys(events))):
            statement = (
                select(tables.alert.c.document)
                .distinct()
                .join(link, link.c.alert == tables.alert.c.id)
                .where(link.c.event.in_(some))
            )
            found |= {alert.id: alert for alert in self._read(statement)}
        return sorted(found.values(), key=lambda alert: (alert.first, alert.id))

    def hits(self) -> dict[str, int]:
        """Counts of the alerts of each rule, by rule id."""
        table = tables.alert
        statement = select(table.c.rule, func.sum(table.c.count)).group_by(table.c.rule)
        with self._database.reading() as connection:
            return {rule: int(count) for rule, count in connection.execute(statement)}

    def _read(self, statement: Select[Any]) -> list[Alert]:
        with self._database.reading() as connection:
            rows: Sequence[Row[Any]] = connection.execute(statement).all()
        return [codecs.alert_from(codecs.read(row.document)) for row in rows]


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "run": alert.run,
        "rule": alert.rule,
        "severity": int(alert.severity),
        "count": alert.count,
        "first": alert.first,
        "last": alert.last,
        "document": codecs.written(alert),
    }
