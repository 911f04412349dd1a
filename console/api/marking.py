"""What of an event met the query, in the words of the API."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from console.api.schemas.events import EventMark
from fengsui.query.highlight import Mark, marks
from fengsui.query.tree import Query
from fengsui.query.values import text_of, values_of

SECONDS: Final = 0.5  # for a page; events beyond get no marks


def marked(query: Query, events: Sequence[Mapping[str, object]]) -> list[list[EventMark]]:
    """Marks of each event, places counted as browsers do (UTF-16)."""
    end = time.perf_counter() + SECONDS
    return [
        [_shown(one, event) for one in marks(query, event)] if time.perf_counter() < end else []
        for event in events
    ]


def _shown(mark: Mark, event: Mapping[str, object]) -> EventMark:
    text = text_of(values_of(event[mark.field])[mark.index])
    start, end = (len(text[:at].encode("utf-16-le")) // 2 for at in (mark.start, mark.end))
    return EventMark(field=mark.field, index=mark.index, start=start, end=end)
