"""What is ours (assets and their like), what sends, and how the roles are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import case, delete, select

from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import Repository
from fengsui.store.state import Plan, SourceSeen


class Surroundings(Repository):
    """Assets, sources and health."""

    def put_plan(self, plan: Plan) -> None:
        """Replace units, systems, networks and assets; first and last seen are kept."""
        shelves = {
            "unit": plan.units,
            "system": plan.systems,
            "network": plan.networks,
            "asset": plan.assets,
        }
        rows = [
            {"kind": kind, "number": number, "document": codecs.written(item)}
            for kind, items in shelves.items()
            for number, item in enumerate(items)
        ]
        with self._database.writing() as connection:
            connection.execute(delete(tables.plan_item))
            self._database.upsert(connection, tables.plan_item, rows)

    def plan(self) -> Plan:
        """Everything registered, assets with when they were seen."""
        table = tables.plan_item
        items: dict[str, list[codecs.Document]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(select(table).order_by(table.c.kind, table.c.number)):
                items.setdefault(row.kind, []).append(codecs.read(row.document))
            seen = {row.asset: row for row in connection.execute(select(tables.asset_seen))}
        assets = [codecs.asset_from(document) for document in items.get("asset", [])]
        return Plan(
            units=tuple(map(codecs.unit_from, items.get("unit", []))),
            systems=tuple(map(codecs.system_from, items.get("system", []))),
            networks=tuple(map(codecs.network_from, items.get("network", []))),
            assets=tuple(
                replace(asset, first=seen[asset.id].first, last=seen[asset.id].last)
                if asset.id in seen
                else asset
                for asset in assets
            ),
        )

    def saw_assets(self, seen: Mapping[str, tuple[int, int]]) -> None:
        """Widen first and last seen (ns) of assets by id."""
        rows = [
            {"asset": asset, "first": first, "last": last} for asset, (first, last) in seen.items()
        ]
        self._widen(tables.asset_seen, rows)

    def saw_sources(self, seen: Sequence[SourceSeen]) -> None:
        """Add counts, widen first and last."""
        rows = [
            {
                "sensor": each.sensor,
                "dataset": each.dataset,
                "events": each.events,
                "first": each.first,
                "last": each.last,
            }
            for each in seen
        ]
        self._widen(tables.source, rows)

    def sources(self) -> list[SourceSeen]:
        """All sources ever seen, by sensor and dataset."""
        table = tables.source
        statement = select(table).order_by(table.c.sensor, table.c.dataset)
        with self._database.reading() as connection:
            return [SourceSeen(*row) for row in connection.execute(statement)]

    def put_health(self, role: str, at: int, document: Mapping[str, Any]) -> None:
        """Latest self-report of a role (`sense`, `work`, `serve`)."""
        row = {"role": role, "at": at, "document": codecs.written(document)}
        with self._database.writing(durable=False) as connection:
            self._database.upsert(connection, tables.health, [row])
            self._changed(connection, "health", [role])

    def health(self) -> dict[str, tuple[int, Mapping[str, Any]]]:
        """Latest report of each role with its time (ns)."""
        statement = select(tables.health).order_by(tables.health.c.role)
        with self._database.reading() as connection:
            return {
                row.role: (row.at, codecs.read(row.document))
                for row in connection.execute(statement)
            }

    def _widen(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        insert = self._database.insert(table)
        new, old = insert.excluded, table.c
        changes: dict[str, Any] = {
            "first": case((new.first < old.first, new.first), else_=old.first),
            "last": case((new.last > old.last, new.last), else_=old.last),
        }
        if "events" in table.c:
            changes["events"] = old.events + new.events
        keys = [column.name for column in table.primary_key]
        with self._database.writing() as connection:
            connection.execute(
                insert.on_conflict_do_update(index_elements=keys, set_=changes), rows
            )
