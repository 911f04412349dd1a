"""The index of seals and holds: `<prefix>-ledger`.

When a period is over, its index is sealed: SHA-256 and SM3 over all its events in order of id, as a link
of one hash chain. Whatever the store itself does to a sealed index afterwards (late events, retention, a
purge) is a link too, so what was changed behind its back shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from elasticsearch import ConflictError, Elasticsearch

from fengsui.hashes import sha256, sm3
from fengsui.store.elastic.connection import Address, explained
from fengsui.store.event_store import Hold, TimeRange

What = Literal["seal", "reopen", "retire", "purge"]
_TRIES: Final = 20
_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Digest:
    """Of the events of one index, in order of id."""

    events: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the chain; `digest` is empty but for a seal. `at` in ms."""

    number: int
    at: int
    what: What
    index: str
    digest: Digest
    sha256: str
    sm3: str

    def body(self) -> bytes:
        """What the link's own hashes cover."""
        digest = [self.digest.events, self.digest.sha256, self.digest.sm3]
        return _canonical([self.number, self.at, self.what, self.index, digest])


EMPTY: Final = Digest(0, "", "")


class Ledger:
    """Reads and extends it."""

    def __init__(self, client: Elasticsearch, address: Address) -> None:
        self._client = client
        self._address = address
        self._index = f"{address.prefix}-ledger"

    def links(self) -> list[Link]:
        """The chain in order."""
        return [_link(source) for source in self._sources({"term": {"kind": "link"}}, "number")]

    def add(self, what: What, index: str, at: int, digest: Digest = EMPTY) -> None:
        """Append to the chain; another writer's link in between is read and followed."""
        for _ in range(_TRIES):
            last = self._last()
            number = last.number + 1 if last else 1
            bare = Link(number, at, what, index, digest, "", "")
            before = (last.sha256, last.sm3) if last else ("", "")
            first, second = _chained(before, bare.body())
            document = {
                "kind": "link",
                "number": number,
                "at": at,
                "what": what,
                "index": index,
                "digest": [digest.events, digest.sha256, digest.sm3],
                "sha256": first,
                "sm3": second,
            }
            try:
                with explained(self._address):
                    self._write(f"link-{number}", document)
            except _TakenError:
                continue
            return

    def faults(self) -> list[str]:
        """Where the chain itself does not hold."""
        found: list[str] = []
        before = ("", "")
        for place, link in enumerate(self.links(), start=1):
            if link.number != place or _chained(before, link.body()) != (link.sha256, link.sm3):
                found.append(f"ledger: link {place} does not fit the one before it")
                break
            before = (link.sha256, link.sm3)
        return found

    def sealed(self) -> dict[str, Digest]:
        """Indices whose last link is a seal."""
        found: dict[str, Digest] = {}
        for link in self.links():
            if link.what == "seal":
                found[link.index] = link.digest
            else:
                found.pop(link.index, None)
        return found

    def put_hold(self, hold: Hold) -> None:
        """Place or replace."""
        document = {
            "kind": "hold",
            "name": hold.name,
            "since": str(hold.within.since),
            "until": str(hold.within.until),
            "reason": hold.reason,
            "placed": str(hold.at),
            "datasets": list(hold.datasets),
        }
        with explained(self._address):
            self._client.index(
                index=self._index, id=f"hold-{hold.name}", document=document, refresh=True
            )

    def drop_hold(self, name: str) -> bool:
        """Remove; False where there is none."""
        with explained(self._address):
            client = self._client.options(ignore_status=404)
            answer = client.delete(index=self._index, id=f"hold-{name}", refresh=True)
        return bool(answer.body.get("result") == "deleted")

    def holds(self) -> list[Hold]:
        """By name."""
        return [
            Hold(
                str(source["name"]),
                TimeRange(int(source["since"]), int(source["until"])),
                str(source["reason"]),
                int(source["placed"]),
                tuple(source["datasets"]),
            )
            for source in self._sources({"term": {"kind": "hold"}}, "name")
        ]

    def _last(self) -> Link | None:
        with explained(self._address):
            answer = self._client.search(
                index=self._index,
                ignore_unavailable=True,
                query={"term": {"kind": "link"}},
                sort=[{"number": "desc"}],
                size=1,
            )
        hits = answer.body["hits"]["hits"]
        return _link(hits[0]["_source"]) if hits else None

    def _write(self, name: str, document: dict[str, Any]) -> None:
        try:
            self._client.create(index=self._index, id=name, document=document, refresh=True)
        except ConflictError as error:
            raise _TakenError from error

    def _sources(self, query: dict[str, Any], order: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        after: list[Any] | None = None
        while True:
            with explained(self._address):
                answer = self._client.search(
                    index=self._index,
                    ignore_unavailable=True,
                    query=query,
                    sort=[{order: "asc"}],
                    size=_PAGE,
                    search_after=after,
                )
            hits = answer.body["hits"]["hits"]
            found += [hit["_source"] for hit in hits]
            if len(hits) < _PAGE:
                return found
            after = hits[-1]["sort"]


class _TakenError(Exception):
    """Another writer has this number."""


def _link(source: Mapping[str, Any]) -> Link:
    return Link(
        int(source["number"]),
        int(source["at"]),
        source["what"],
        str(source["index"]),
        Digest(*source["digest"]),
        str(source["sha256"]),
        str(source["sm3"]),
    )


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _chained(before: tuple[str, str], body: bytes) -> tuple[str, str]:
    return sha256(before[0].encode() + body), sm3(before[1].encode() + body)
