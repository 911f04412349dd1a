"""Installed rule packs in SQL: the row says which folder of files is the pack's, so that one commit
swaps a pack for another.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from fengsui.store.rule_states import NewVersion, Pack
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.repository import conflict
from fengsui.store.sql.rules import TEXTS, RuleRepository


class RulePacks(RuleRepository):
    """Packs."""

    def packs(self) -> list[Pack]:
        """Installed packs by name."""
        statement = select(tables.rule_pack).order_by(tables.rule_pack.c.name)
        with self._database.reading() as connection:
            return [Pack(**codecs.read(row.document)) for row in connection.execute(statement)]

    def put_pack(self, pack: Pack, seen: str, versions: Sequence[NewVersion] = ()) -> None:
        """Install or update in one transaction; raises BusyError when another digest is installed."""
        table = tables.rule_pack
        row = {"name": pack.name, "digest": pack.digest, "document": codecs.written(pack)}
        with self._database.writing() as connection:
            self._alone(connection)
            now = connection.execute(
                select(table.c.digest).where(table.c.name == pack.name).with_for_update()
            ).scalar_one_or_none()
            if (now or "") != seen:
                raise conflict("pack", pack.name, seen[:12] or "none", (now or "")[:12] or "none")
            self._database.upsert(connection, table, [row])
            for version in versions:
                self._add_version(connection, version)
            self._rules_changed(
                connection, [f"pack:{pack.name}", *(each.rule for each in versions)], TEXTS
            )

    def drop_pack(self, name: str) -> bool:
        """Forget a pack; local changes of its rules stay, without effect. False: there is none."""
        table = tables.rule_pack
        with self._database.writing() as connection:
            gone = connection.execute(delete(table).where(table.c.name == name)).rowcount
            if gone:
                self._rules_changed(connection, [f"pack:{name}"], TEXTS)
            return bool(gone)
