"""`fengsui hunt QUERY`: the stored events that a Lucene query selects."""

from __future__ import annotations

from pathlib import Path

from console.cli.installation import settings
from console.cli.output import OUT, show_json, show_table
from console.cli.times import time_option
from console.wiring import elastic_address, open_stores
from fengsui.event import Fields
from fengsui.query.lucene import parse_lucene
from fengsui.query.tree import Query
from fengsui.store.event_store import ALWAYS, Page, Sort, TimeRange

_COLUMNS = ("@timestamp", "event.dataset", "source.ip", "destination.ip", "destination.port")


def search(
    query: str,
    since: str,
    until: str,
    limit: int,
    columns: str,
    store: Path | None,
    as_json: bool,
    *,
    foreign: bool = False,
) -> None:
    """Show the events of the store that a query selects."""
    tree = parse_lucene(query)
    within = TimeRange(
        time_option(since, "--since", ALWAYS.since), time_option(until, "--until", ALWAYS.until)
    )
    page = _foreign(tree, within, limit, store) if foreign else _own(tree, within, limit, store)
    if as_json:
        show_json(
            {
                "total": page.total,
                "partial": page.partial,
                "seconds": round(page.seconds, 4),
                "events": page.events,
            }
        )
        return
    shown = tuple(c for c in columns.split(",") if c) or _COLUMNS
    rows = [[event.get(column, "") for column in shown] for event in page.events]
    if not columns:
        for row, event in zip(rows, page.events, strict=True):
            row.append(_said(event))
        shown = (*shown, "said")
    show_table("Events", shown, rows, empty="none; widen the query or the time range")
    part = " (stopped by the time-out)" if page.partial else ""
    OUT.print(f"{len(page.events):,} of {page.total:,} events{part}, {page.seconds * 1000:.0f} ms")


def _own(tree: Query, within: TimeRange, limit: int, store: Path | None) -> Page:
    with open_stores(settings(store), writable=False) as stores:
        return stores.events.search(tree, within, sort=Sort(), limit=limit)


def _foreign(tree: Query, within: TimeRange, limit: int, store: Path | None) -> Page:
    """From the indices of other products, newest first."""
    current = settings(store)
    address = elastic_address(current)
    from fengsui.store.elastic.foreign import ForeignIndices  # noqa: PLC0415 - an extra

    indices = ForeignIndices(address, current.store.elastic_foreign)
    try:
        return indices.search(tree, within, limit=limit)
    finally:
        indices.close()


def _said(event: Fields) -> str:
    """The one value that tells most about an event."""
    for name in (
        "dns.question.name",
        "tls.client.server_name",
        "url.full",
        "zeek.connection.state",
        "rule.name",
    ):
        if name in event:
            return str(event[name])
    return ""
