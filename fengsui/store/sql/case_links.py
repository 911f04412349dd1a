"""What leads to a case: its alerts, its entities, and the ids of cases that it absorbed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from fengsui.incident import Incident
from fengsui.store.sql import tables
from fengsui.store.sql.database import Database, chunks


def put_links(database: Database, connection: Connection, incidents: Sequence[Incident]) -> None:
    """Make the links of these incidents what they say; they stand for themselves again."""
    for some in chunks([incident.id for incident in incidents]):
        connection.execute(delete(tables.absorbed).where(tables.absorbed.c.id.in_(some)))
    stale = [
        {"incident": incident.id, "stale": True, "at": 0, "size": 0, "document": "", "web": ""}
        for incident in incidents
    ]
    for rows in chunks(stale):
        database.upsert(connection, tables.incident_story, rows, replace=("stale",))
    for incident in incidents:
        _put_alerts(database, connection, incident)
        entities = [
            {"kind": entity.kind, "value": entity.value, "incident": incident.id}
            for entity in incident.entities
        ]
        link = tables.incident_entity
        connection.execute(delete(link).where(link.c.incident == incident.id))
        database.upsert(connection, link, entities)


def _put_alerts(database: Database, connection: Connection, incident: Incident) -> None:
    # Only the difference: an incident of thousands of alerts grows one by one.
    link = tables.incident_alert
    statement = select(link.c.alert).where(link.c.incident == incident.id)
    known = set(connection.execute(statement).scalars())
    wanted = set(incident.alerts)
    for some in chunks(sorted(known - wanted)):
        connection.execute(
            delete(link).where(link.c.incident == incident.id, link.c.alert.in_(some))
        )
    for some in chunks(sorted(wanted - known)):
        statement = select(tables.alert.c.id, tables.alert.c.first, tables.alert.c.rule)
        rows = connection.execute(statement.where(tables.alert.c.id.in_(some)))
        told = {row.id: {"first": row.first, "rule": row.rule} for row in rows}
        fresh = [
            {"alert": alert, "incident": incident.id, "first": 0, "rule": ""} | told.get(alert, {})
            for alert in some
        ]
        database.upsert(connection, link, fresh)


def absorb(database: Database, connection: Connection, old: str, into: str) -> bool:
    """Let `old` lead to `into`, and all that led to `old` too; False when it was so already."""
    table = tables.absorbed
    into = resolve(connection, into)
    if old == into or resolve(connection, old) == into:
        return False
    run = connection.execute(
        select(tables.incident.c.run).where(tables.incident.c.id == into)
    ).scalar_one_or_none()
    row = {"id": old, "into": into, "run": run or ""}
    database.upsert(connection, table, [row])
    connection.execute(update(table).where(table.c.into == old).values(into=into))
    return True


def resolve(connection: Connection, incident: str) -> str:
    """The case that an id leads to; paths are one step long (see `absorb`)."""
    statement = select(tables.absorbed.c.into).where(tables.absorbed.c.id == incident)
    return connection.execute(statement).scalar_one_or_none() or incident


def withdraw(connection: Connection, incidents: Sequence[str]) -> list[str]:
    """Remove those of these incidents that nobody acted on; links and stories go with them."""
    table, absorbed = tables.incident, tables.absorbed
    acted = select(tables.act.c.incident)
    heirs = select(absorbed.c.into).where(absorbed.c.id.in_(acted))
    ran = select(tables.playbook_run.c.incident)
    statement = select(table.c.id).where(table.c.id.in_(incidents))
    for kept in (acted, heirs, ran):
        statement = statement.where(table.c.id.not_in(kept))
    gone = list(connection.execute(statement).scalars())
    connection.execute(delete(absorbed).where(absorbed.c.into.in_(gone)))
    connection.execute(delete(table).where(table.c.id.in_(gone)))
    return gone


def drop_loose(connection: Connection, alerts: Sequence[str]) -> None:
    """Remove those of these alerts that stand in no incident."""
    held = select(tables.incident_alert.c.alert)
    table = tables.alert
    connection.execute(delete(table).where(table.c.id.in_(alerts), table.c.id.not_in(held)))
