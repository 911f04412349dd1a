"""Reading: pages, scrolls and single events over all indices.

Each request also counts what only a look at the events can confirm (see `condition`). That is almost
always nothing, and the server's answer stands; else the events are read and asked one by one, as far as
the time-out allows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch

from fengsui.ecs import FieldType
from fengsui.errors import StoreError
from fengsui.event import Event, Fields
from fengsui.ids import random_id
from fengsui.query.match import matches
from fengsui.query.tree import Query
from fengsui.store.elastic.condition import Dsl, translated
from fengsui.store.elastic.connection import Address, explained, missing_shards
from fengsui.store.elastic.document import event_of, fields_of
from fengsui.store.elastic.names import KEPT, REST, TIMES
from fengsui.store.event_store import Page, Sort, Stop, TimeRange
from fengsui.store.paging import LARGEST_PAGE, check_size, cursor_text, read_cursor, sort_field
from fengsui.store.salvage import ID, TIME

LONGEST: Final = 60.0
"""Seconds for calls without a time-out of their own."""
BY_TIME: Final[list[Dsl]] = [{f"{TIMES}.{TIME}": "asc"}, {ID: "asc"}]
DOUBT: Final = "doubt"
_PAGE: Final = 2_000
_LAST_DOCUMENT: Final = (
    2**62
)  # a point in time also sorts by document: behind all of the same place
_KEEP: Final = "2m"
_GRACE: Final = 1.0  # seconds beyond the server's own time-out
_AGAIN: Final = (0.1, 0.4)  # seconds before shards that could not answer are asked again


class TimeUpError(Exception):
    """The time-out came before an answer."""


class Search:
    """The reading half of the store."""

    def __init__(self, client: Elasticsearch, address: Address) -> None:
        self._client = client
        self._address = address
        self.alias = f"{address.prefix}-events"

    def page(
        self,
        query: Query,
        within: TimeRange,
        sort: Sort,
        limit: int,
        cursor: str | None,
        columns: Sequence[str],
        stop: Stop,
        *,
        whole: bool = False,
    ) -> Page:
        """See `EventStore.search`; `seconds` is left to the caller.

        Raises:
            StoreError: not all shards answered, and `whole` was asked for.
        """
        order = _order(sort, sort_field(sort).type)
        start = read_cursor(cursor, sort)
        check_size(limit)
        wide, doubt = translated(query, within)
        wanted = frozenset(columns)
        body: Dsl = {
            "query": wide,
            "size": min(limit + 1, LARGEST_PAGE) if limit else 0,
            "sort": order,
            "track_total_hits": True,
            "_source": [*columns, ID, REST, KEPT] if columns else True,
            "aggs": {DOUBT: {"filter": doubt}},
        }
        if start:
            body["search_after"] = list(start)
        try:
            answer = self.ask(body, stop, partial=not whole)
        except TimeUpError:
            return Page([], 0, True, None, 0.0)
        if doubtful(answer):
            found = _Confirmed(self, query, {"query": wide, "sort": order}, stop)
            return found.page(sort, limit, start, wanted)
        hits = answer["hits"]["hits"]
        shown = hits[:limit]
        cursor_after = len(hits) > limit or len(hits) == LARGEST_PAGE
        return Page(
            [fields_of(hit["_source"], wanted) for hit in shown],
            int(answer["hits"]["total"]["value"]),
            bool(answer["timed_out"]) or answer["_shards"]["failed"] > 0,
            cursor_text(sort, *shown[-1]["sort"]) if shown and cursor_after else None,
            0.0,
        )

    def count(self, query: Query, within: TimeRange) -> int:
        """See `EventStore.count`."""
        page = self.page(query, within, Sort(), 0, None, (), Stop(LONGEST), whole=True)
        if page.partial:
            raise too_slow()
        return page.total

    def get(self, event_id: str) -> Event | None:
        """See `EventStore.get`."""
        body = {"query": {"ids": {"values": [event_id]}}, "size": 1}
        try:
            hits = self.ask(body, Stop(LONGEST))["hits"]["hits"]
        except TimeUpError as error:
            raise too_slow() from error
        return event_of(hits[0]["_source"]) if hits else None

    def scroll(self, query: Query, within: TimeRange, stop: Stop | None = None) -> Iterator[Event]:
        """See `EventStore.scroll`: one moment's view of the store."""
        wide, doubt = translated(query, within)
        body: Dsl = {"query": wide, "size": 0, "aggs": {DOUBT: {"filter": doubt}}}
        try:
            confirm = doubtful(self.ask(body, stop or Stop(LONGEST)))
            for hit in self.hits({"query": wide, "sort": BY_TIME}, stop):
                event = event_of(hit["_source"])
                if not confirm or matches(query, event.fields):
                    yield event
        except TimeUpError as error:
            raise too_slow() from error

    def hits(
        self, body: Dsl, stop: Stop | None = None, index: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        """All hits of a search, page by page, as the store is when it begins.

        Raises:
            TimeUpError: `stop` came before the last.
        """
        where = index or self.alias
        with explained(self._address):
            if not index and not self._client.indices.exists_alias(name=where):
                return
            opened = self._client.open_point_in_time(
                index=where, keep_alive=_KEEP, ignore_unavailable=True
            )
        pit = str(opened.body["id"])
        page = {"track_total_hits": False, **body, "size": _PAGE}
        try:
            while True:
                page["pit"] = {"id": pit, "keep_alive": _KEEP}
                answer = self.ask(page, stop or Stop(LONGEST), on_alias=False)
                found = answer["hits"]["hits"]
                pit = str(answer.get("pit_id", pit))
                yield from found
                if len(found) < _PAGE:
                    return
                page["search_after"] = found[-1]["sort"]
        finally:
            with suppress(ApiError, TransportError):
                self._client.close_point_in_time(id=pit)

    def ask(
        self, body: Dsl, stop: Stop, *, on_alias: bool = True, partial: bool = False
    ) -> Mapping[str, Any]:
        """One search; its task on the server ends with `stop`.

        A shard that cannot answer (its copy moves, its queue or its memory is full) would be left out of
        the answer without a word: it is asked again, and where that does not help, the answer is no answer.

        With `partial` an answer of some shards, or of a part of the time, will do; the caller marks it.

        Raises:
            TimeUpError: it was stopped without an answer.
            BusyError, StoreError: the cluster cannot answer.
        """
        answer = self._once(body, stop, on_alias=on_alias)
        for wait in _AGAIN:
            if not answer["_shards"]["failed"]:
                break
            time.sleep(min(wait, max(stop.left(), 0.0)))
            answer = self._once(body, stop, on_alias=on_alias)
        if partial:
            return answer
        if answer["timed_out"]:
            raise TimeUpError
        if answer["_shards"]["failed"]:
            raise missing_shards(answer["_shards"], self._address.shown)
        return answer

    def _once(self, body: Dsl, stop: Stop, *, on_alias: bool) -> Mapping[str, Any]:
        left = stop.left()
        if left <= 0:
            raise TimeUpError
        mark = random_id()
        client = self._client.options(request_timeout=left + _GRACE, opaque_id=mark, max_retries=1)
        where: dict[str, Any] = {"index": self.alias, "ignore_unavailable": True}
        timed = {**body, "timeout": f"{max(1, int(left * 1000))}ms"}
        with explained(self._address):
            try:
                with stop.calling(lambda: self._cancel(mark)):
                    answer: dict[str, Any] = client.search(
                        **(where if on_alias else {}), body=timed
                    ).body
                    return answer
            except (ApiError, TransportError) as error:
                if stop.left() <= 0 or isinstance(error, ConnectionTimeout):
                    raise TimeUpError from error
                raise

    def _cancel(self, mark: str) -> None:
        """End the tasks of one request."""
        with suppress(ApiError, TransportError):
            # Not `client.tasks`: it warns each time that this part of the API may change.
            json_only = {"accept": "application/json"}
            listed: Any = self._client.perform_request(
                "GET", "/_tasks", params={"actions": "*search*"}, headers=json_only
            ).body
            for node in listed.get("nodes", {}).values():
                for task, about in node.get("tasks", {}).items():
                    if about.get("headers", {}).get("X-Opaque-Id") == mark:
                        self._client.perform_request(
                            "POST", f"/_tasks/{task}/_cancel", headers=json_only
                        )


class _Confirmed:
    """A search whose hits are asked one by one: regular expressions, and values too long for a term."""

    def __init__(self, search: Search, query: Query, body: Dsl, stop: Stop) -> None:
        self._search = search
        self._query = query
        self._body = body
        self._stop = stop

    def page(
        self, sort: Sort, limit: int, start: tuple[Any, str] | None, wanted: frozenset[str]
    ) -> Page:
        """Counts all; the page begins behind the cursor."""
        total, partial = 0, False
        page: list[tuple[Fields, Sequence[Any]]] = []
        try:
            for one in self._matching({}):
                total += 1
                if start is None and len(page) <= limit:
                    page.append(one)
            if start is not None:
                for one in self._matching({"search_after": [*start, _LAST_DOCUMENT]}):
                    page.append(one)
                    if len(page) > limit:
                        break
        except TimeUpError:
            partial = True
        shown = page[:limit]
        cursor = cursor_text(sort, *shown[-1][1]) if shown and len(page) > limit else None
        return Page([_cut(fields, wanted) for fields, _ in shown], total, partial, cursor, 0.0)

    def _matching(self, more: Dsl) -> Iterator[tuple[Fields, Sequence[Any]]]:
        for hit in self._search.hits(self._body | more, self._stop):
            fields = fields_of(hit["_source"])
            if matches(self._query, fields):
                yield fields, hit["sort"][:2]


def doubtful(answer: Mapping[str, Any]) -> bool:
    """Whether some of the documents found must be confirmed."""
    return bool(answer.get("aggregations", {}).get(DOUBT, {}).get("doc_count"))


def too_slow() -> StoreError:
    """For calls that give the whole answer or none."""
    return StoreError(
        "The search took too long, or was stopped",
        next="Narrow the time range or the query",
        code="timeout",
    )


def _order(sort: Sort, kind: FieldType) -> list[Dsl]:
    direction = "desc" if sort.descending else "asc"
    name = f"{TIMES}.{sort.field}" if kind == "date" else sort.field
    return [{name: {"order": direction, "missing": "_last"}}, {ID: direction}]


def _cut(fields: Fields, wanted: frozenset[str]) -> Fields:
    if not wanted:
        return fields
    return {name: value for name, value in fields.items() if name in wanted or name == ID}
