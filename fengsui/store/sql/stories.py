"""Stories, and the alerts of an incident by page: no call reads more rows than it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Connection, and_, delete, exists, or_, select, tuple_

from fengsui.alert import Alert
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.database import chunks
from fengsui.store.sql.repository import Repository
from fengsui.store.story_states import Cursor, KeptStory, Mark

MARKS_TRIED: Final = 40  # marks by which other incidents are looked for
EACH: Final = 100  # newest incidents read for one mark
MARKS_READ: Final = 5_000  # rows of the others' marks


class Stories(Repository):
    """What the incident page reads."""

    def put_story(self, story: KeptStory, marks: Collection[Mark], last: int) -> None:
        """Keep a story and its marks; one of an incident that is no more is left."""
        row = {
            "incident": story.incident,
            "stale": story.stale,
            "at": story.at,
            "size": story.size,
            "document": codecs.written(story.document),
            "web": codecs.written(story.web),
            "graph": codecs.written(story.graph),
        }
        found = [
            {"kind": kind, "value": value, "incident": story.incident, "last": last}
            for kind, value in sorted(set(marks))
        ]
        table = tables.incident_mark
        with self._database.writing(durable=False) as connection:
            here = select(tables.incident.c.id).where(tables.incident.c.id == story.incident)
            if connection.execute(here).first() is None:
                return
            self._database.upsert(connection, tables.incident_story, [row])
            connection.execute(delete(table).where(table.c.incident == story.incident))
            for some in chunks(found):
                self._database.upsert(connection, table, some)

    def story(self, incident: str) -> KeptStory | None:
        """The story of an incident; None where none was asked for yet."""
        table = tables.incident_story
        statement = select(
            table.c.incident, table.c.at, table.c.size, table.c.stale, table.c.document
        ).where(table.c.incident == incident)
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        if row is None:
            return None
        document = codecs.read(row.document) if row.document else {}
        return KeptStory(row.incident, row.at, row.size, row.stale, document)

    def story_web(self, incident: str) -> Mapping[str, Any]:
        """What leads from a story back to its alerts; {} where none was made yet."""
        web = self._kept(tables.incident_story.c.web, incident)
        return codecs.read(web) if web else {}

    def story_graph(self, incident: str) -> str:
        """The graph of a story, as the text of a JSON object; "" where none was made yet."""
        return self._kept(tables.incident_story.c.graph, incident)

    def _kept(self, column: Column[Any], incident: str) -> str:
        statement = select(column).where(tables.incident_story.c.incident == incident)
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one_or_none() or ""

    def alerts_in(
        self,
        incident: str,
        *,
        rules: Sequence[str] = (),
        naming: Sequence[tuple[str, str]] = (),
        since: int = 0,
        until: int = 2**63 - 1,
        after: Cursor | None = None,
        limit: int = 500,
    ) -> list[Alert]:
        """Alerts of an incident, oldest first; reads `limit` of them at most."""
        link, named = tables.incident_alert, tables.alert_entity
        page = (
            select(link.c.first, link.c.alert)
            .where(link.c.incident == incident)
            .order_by(link.c.first, link.c.alert)
            .limit(limit)
        )
        if since > 0 or until < 2**63 - 1:
            page = page.where(link.c.first >= since, link.c.first < until)
        if after is not None:
            page = page.where(tuple_(link.c.first, link.c.alert) > tuple_(*after))
        if naming:
            either = or_(*(and_(named.c.kind == kind, named.c.value == v) for kind, v in naming))
            page = page.where(exists().where(named.c.alert == link.c.alert, either))
        # Each rule is walked along its own index, so that a rare one does not make others be read.
        walks = [page.where(link.c.rule == rule) for rule in dict.fromkeys(rules)] or [page]
        with self._database.reading() as connection:
            pages = [[tuple(row) for row in connection.execute(walk)] for walk in walks]
            ids = [alert for _, alert in islice(merge(*pages), limit)]
            table = tables.alert
            documents: dict[str, str] = {}
            for some in chunks(ids):
                statement = select(table.c.id, table.c.document).where(table.c.id.in_(some))
                documents |= {row.id: row.document for row in connection.execute(statement)}
        return [codecs.alert_from(codecs.read(documents[one])) for one in ids if one in documents]

    def alert_ids(self, incident: str) -> list[str]:
        """Ids of all alerts of an incident, oldest first."""
        link = tables.incident_alert
        statement = (
            select(link.c.alert)
            .where(link.c.incident == incident)
            .order_by(link.c.first, link.c.alert)
        )
        with self._database.reading() as connection:
            return list(connection.execute(statement).scalars())

    def alike(self, incident: str, limit: int = 50) -> tuple[set[Mark], dict[str, set[Mark]]]:
        """The marks of an incident, and those of the others that share most of them."""
        table = tables.incident_mark
        shared: Counter[str] = Counter()
        with self._database.reading() as connection:
            own = _marks(connection, [incident]).get(incident, set())
            for kind, value in sorted(own)[:MARKS_TRIED]:
                statement = (
                    select(table.c.incident)
                    .where(table.c.kind == kind, table.c.value == value)
                    .order_by(table.c.last.desc(), table.c.incident)
                    .limit(EACH)
                )
                shared.update(connection.execute(statement).scalars())
            del shared[incident]
            best = sorted(shared, key=lambda other: (-shared[other], other))[:limit]
            found = _marks(connection, best)
        return own, found


def _marks(connection: Connection, incidents: Sequence[str]) -> dict[str, set[Mark]]:
    table = tables.incident_mark
    rows = connection.execute(
        select(table)
        .where(
            table.c.incident.in_(incidents),
            table.c.incident.not_in(select(tables.absorbed.c.id)),
        )
        .limit(MARKS_READ)
    )
    found: dict[str, set[Mark]] = {}
    for row in rows:
        found.setdefault(row.incident, set()).add((row.kind, row.value))
    return found
