"""Writing: documents in bulk, bounded in flight, each answer looked at.

- 201 is stored, 409 is there already: both are acknowledged.
- 429 (a full queue, a full disk) is sent again, later and later; when that lasts, or when an index is
  read-only, nothing of the append is acknowledged and the caller keeps it.
- Any other refusal goes to the dead-letter index with its reason, never away.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson
from elasticsearch import Elasticsearch

from fengsui.errors import BusyError, StoreError
from fengsui.store.elastic.connection import Address, explained, full, read_only
from fengsui.store.elastic.document import Document

_MOST_BYTES: Final = 4_000_000
_MOST_DOCUMENTS: Final = 1_000
_IN_FLIGHT: Final = 4
_RETRIES: Final = 8
_FIRST_WAIT: Final = 0.2  # seconds, doubled each time
_BUSY: Final = frozenset({429, 503})
_FULL: Final = "read-only-allow-delete"
_BLOCKED: Final = "cluster_block_exception"

Placed = tuple[str, Document]
"""A document and its index."""


@dataclass(slots=True)
class Written:
    """What became of documents."""

    added: int = 0
    duplicates: int = 0
    dead: list[tuple[Placed, str]] = field(default_factory=list[tuple[Placed, str]])

    def join(self, other: Written) -> None:
        """Add another's."""
        self.added += other.added
        self.duplicates += other.duplicates
        self.dead += other.dead


class Bulk:
    """Sends; its calls may come from several threads."""

    def __init__(self, client: Elasticsearch, address: Address) -> None:
        self._client = client
        self._address = address
        self._pool = ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="bulk")

    def write(self, placed: Iterable[Placed]) -> Written:
        """Store all of them, or raise; what comes first is sent while the rest is still being made.

        Raises:
            BusyError, StoreError: the cluster takes nothing for now; some may be stored, which writing
                them again does not double.
        """
        total = Written()
        for done in self._pool.map(self._chunk, _chunks(placed)):
            total.join(done)
        if total.dead:
            self._bury(total.dead)
        return total

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown(cancel_futures=True)

    def _chunk(self, placed: Sequence[Placed]) -> Written:
        total = Written()
        wait = _FIRST_WAIT
        why = ""
        for _ in range(_RETRIES):
            with explained(self._address):
                answer = self._client.bulk(operations=_packed(_lines(placed)))
            placed, why = _sorted_out(placed, answer.body["items"], total)
            if not placed:
                return total
            if _FULL in why:
                raise full(self._address.shown)
            if _BLOCKED in why:
                raise read_only(placed[0][0], self._address.shown)
            time.sleep(wait)
            wait *= 2
        raise BusyError(
            f"Elasticsearch does not take more now: {why[:200]}",
            where=self._address.shown,
            next="What was not stored is sent again; see the cluster's write queue and disks",
            code="elastic_busy",
        )

    def _bury(self, dead: Sequence[tuple[Placed, str]]) -> None:
        """Keep refused documents, whole, with the reason."""
        lines: list[bytes] = []
        for (index, document), reason in dead:
            action = {"index": {"_index": f"{self._address.prefix}-dead", "_id": document.id}}
            body = {
                "kind": "dead",
                "index": index,
                "at": document.time // 1000,
                "reason": reason[:1000],
                "document": document.body.decode(),
            }
            lines += [orjson.dumps(action), orjson.dumps(body)]
        with explained(self._address):
            answer = self._client.bulk(operations=_packed(lines), refresh=True)
        if answer.body["errors"]:
            raise StoreError(
                "Refused documents cannot be kept either",
                where=f"{self._address.shown}: {self._address.prefix}-dead",
                next="`fengsui store doctor`",
                code="dead_letters",
            )


def _chunks(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    chunk: list[Placed] = []
    size = 0
    for one in placed:
        length = len(one[1].body)
        if chunk and (size + length > _MOST_BYTES or len(chunk) >= _MOST_DOCUMENTS):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += length
    if chunk:
        yield chunk


def _packed(lines: Iterable[bytes]) -> Sequence[Mapping[str, Any]]:
    """Lines that are JSON already; the client sends bytes as they are, which its types do not say."""
    return cast("Sequence[Mapping[str, Any]]", list(lines))


def _lines(placed: Sequence[Placed]) -> Iterator[bytes]:
    for index, document in placed:
        yield orjson.dumps({"create": {"_index": index, "_id": document.id}})
        yield document.body


def _sorted_out(
    placed: Sequence[Placed], items: Sequence[dict[str, Any]], total: Written
) -> tuple[list[Placed], str]:
    """Count the answers; return what is to be sent again, and why."""
    again: list[Placed] = []
    why = ""
    for one, item in zip(placed, items, strict=True):
        result = item["create"]
        status = int(result["status"])
        if status == 201:
            total.added += 1
        elif status == 409:
            total.duplicates += 1
        else:
            error = result.get("error", {})
            reason = f"{error.get('type', status)}: {error.get('reason', '')}"
            if status in _BUSY or _FULL in reason or _BLOCKED in reason:
                again.append(one)
                why = reason
            else:
                total.dead.append((one, reason))
    return again, why
