"""How gauges stand and stood, traffic by hour, and what of alerts the situation counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func as sql
from sqlalchemy import select

from fengsui.alert import Alert
from fengsui.clock import DAY, HOUR
from fengsui.severity import Severity
from fengsui.store.event_store import TimeRange
from fengsui.store.situation_states import GaugeDay, GaugeStand, HostAlerts, TrafficHour
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.database import chunks
from fengsui.store.sql.repository import Repository

_DAYS_KEPT: Final = 800  # two years of days, so that a year can be compared with the last


class Situation(Repository):
    """What is counted over time. Warnings are in `fengsui.store.sql.warnings`."""

    def put_gauges(self, stands: Sequence[GaugeStand]) -> None:
        """Keep how gauges stand, and fold it into their day."""
        before = {(each.kind, each.scope, each.gauge): each for each in self.gauges()}
        rows = [_stand(each) for each in stands]
        with self._database.writing() as connection:
            for some in chunks(rows):
                self._database.upsert(connection, tables.gauge, some)
            for each in stands:
                old = before.get((each.kind, each.scope, each.gauge))
                changed = old is not None and None not in (old.level, each.level)
                self._fold_gauge(connection, each, int(changed and old.level != each.level))  # type: ignore[union-attr]
            newest = max((each.at for each in stands), default=0) // DAY
            table = tables.gauge_day
            connection.execute(table.delete().where(table.c.day < newest - _DAYS_KEPT))
            self._changed(connection, "situation", ["gauges"] if rows else [])

    def _fold_gauge(self, connection: Any, each: GaugeStand, changes: int) -> None:
        table = tables.gauge_day
        day = each.at // DAY
        where = (
            (table.c.kind == each.kind)
            & (table.c.scope == each.scope)
            & (table.c.gauge == each.gauge)
            & (table.c.day == day)
        )
        known = connection.execute(select(table).where(where)).one_or_none()
        lows = [v for v in (known.low if known else None, each.value) if v is not None]
        highs = [v for v in (known.high if known else None, each.value) if v is not None]
        row = {
            "kind": each.kind,
            "scope": each.scope,
            "gauge": each.gauge,
            "day": day,
            "value": each.value,
            "low": min(lows, default=None),
            "high": max(highs, default=None),
            "level": each.level,
            "changes": (known.changes if known else 0) + changes,
        }
        self._database.upsert(connection, table, [row])

    def gauges(self) -> list[GaugeStand]:
        """How all gauges stood when they were last read."""
        table = tables.gauge
        statement = select(table).order_by(table.c.kind, table.c.scope, table.c.gauge)
        with self._database.reading() as connection:
            return [GaugeStand(*row) for row in connection.execute(statement)]

    def gauge_days(self, kind: str, scope: str, since: int, until: int) -> list[GaugeDay]:
        """Days of a scope, oldest first."""
        table = tables.gauge_day
        statement = (
            select(table)
            .where(table.c.kind == kind, table.c.scope == scope)
            .where(table.c.day >= since, table.c.day <= until)
            .order_by(table.c.day, table.c.gauge)
        )
        with self._database.reading() as connection:
            return [GaugeDay(*row) for row in connection.execute(statement)]

    def saw_traffic(self, run: str, rows: Sequence[TrafficHour]) -> None:
        """Add bytes and flows."""
        if not rows:
            return
        insert = self._database.insert(tables.traffic_hour)
        old = tables.traffic_hour.c
        added = {
            "bytes": old.bytes + insert.excluded.bytes,
            "flows": old.flows + insert.excluded.flows,
        }
        keys = [column.name for column in tables.traffic_hour.primary_key]
        statement = insert.on_conflict_do_update(index_elements=keys, set_=added)
        with self._database.writing(durable=False) as connection:
            for some in chunks(rows):
                values = [
                    {
                        "run": run,
                        "kind": each.kind,
                        "name": each.name,
                        "hour": each.hour,
                        "bytes": each.bytes,
                        "flows": each.flows,
                    }
                    for each in some
                ]
                connection.execute(statement, values)

    def traffic(self, run: str, kind: str, since: int, until: int) -> list[TrafficHour]:
        """Hours that begin within a time, by name and time."""
        table = tables.traffic_hour
        statement = (
            select(table.c.kind, table.c.name, table.c.hour, table.c.bytes, table.c.flows)
            .where(table.c.run == run, table.c.kind == kind)
            .where(table.c.hour >= since, table.c.hour < until)
            .order_by(table.c.name, table.c.hour)
        )
        with self._database.reading() as connection:
            return [TrafficHour(*row) for row in connection.execute(statement)]

    def alert_hours(self, run: str, since: int, until: int) -> dict[int, int]:
        """Alerts by the hour of their first event, ns."""
        table = tables.alert
        hour = (table.c.first - table.c.first % HOUR).label("hour")
        statement = (
            select(hour, sql.count())
            .where(table.c.run == run, table.c.first >= since, table.c.first < until)
            .group_by(hour)
            .order_by(hour)
        )
        with self._database.reading() as connection:
            return {int(at): count for at, count in connection.execute(statement)}

    def alert_hosts(self, run: str, since: int, until: int) -> list[HostAlerts]:
        """Alerts whose first event lies within a time, by the hosts that they name."""
        table, link = tables.alert, tables.alert_entity
        statement = (
            select(link.c.value, table.c.severity, sql.count())
            .join(table, table.c.id == link.c.alert)
            .where(link.c.kind.in_(("host", "address")), table.c.run == run)
            .where(table.c.first >= since, table.c.first < until)
            .group_by(link.c.value, table.c.severity)
            .order_by(link.c.value, table.c.severity)
        )
        with self._database.reading() as connection:
            return [
                HostAlerts(host, Severity(s), n) for host, s, n in connection.execute(statement)
            ]

    def lone_alerts(self, run: str, within: TimeRange, limit: int) -> list[Alert]:
        """Alerts that stand in no incident, the worst and newest first."""
        table = tables.alert
        statement = (
            select(table.c.document)
            .where(table.c.run == run)
            .where(table.c.last >= within.since, table.c.last < within.until)
            .where(table.c.id.not_in(select(tables.incident_alert.c.alert)))
            .order_by(table.c.severity.desc(), table.c.last.desc(), table.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            found = connection.execute(statement).scalars()
            return [codecs.alert_from(codecs.read(text)) for text in found]


def _stand(each: GaugeStand) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "scope": each.scope,
        "gauge": each.gauge,
        "value": each.value,
        "level": each.level,
        "since": each.since,
        "at": each.at,
    }
