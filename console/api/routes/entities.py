"""All about one address, domain, user or the like."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path

from console.api.access import Reader
from console.api.parts import ApiParts, Parts
from console.api.schemas.assets import EntityPage
from console.api.schemas.words import Count
from console.api.shown import alert_shown, asset_shown, case_row
from console.api.times import Since, Until, time_range
from fengsui.asset import Asset
from fengsui.query.tree import All, Any, Query, Term
from fengsui.store.event_store import Sort, Terms, TimeRange

router = APIRouter(prefix="/entities", tags=["entities"])
PEERS_SHOWN: Final = 20
Kind = Literal["host", "domain", "user", "url", "hash", "ja4", "certificate", "service"]
# Where events name an entity of each kind; the first field is where one asks for its peers.
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "host": ("source.ip", "destination.ip"),
    "domain": ("dns.question.name", "dns.question.registered_domain", "tls.client.server_name",
               "url.domain", "url.registered_domain", "destination.domain"),
    "user": ("user.name", "source.user.name", "kerberos.client"),
    "url": ("url.full",),
    "hash": ("file.hash.sha256", "file.hash.sha1", "file.hash.md5"),
    "ja4": ("tls.client.ja4", "tls.client.ja3"),
    "certificate": ("tls.server.hash.sha256", "tls.server.subject"),
    "service": ("network.protocol",),
}  # fmt: skip


@router.get("/{kind}/{value:path}")
def read_entity(
    visitor: Reader,
    kind: Kind,
    value: Annotated[str, Path(min_length=1, max_length=2000)],
    parts: Parts,
    since: Since = "",
    until: Until = "",
) -> EntityPage:
    """Who it is and whose, its incidents and alerts, when it was seen and with whom."""
    within = time_range(since, until)
    query = naming(kind, value)
    asset = _asset(parts, value) if kind == "host" else None
    cases = parts.state.cases_about(kind, value)
    return EntityPage(
        kind=kind,
        value=value,
        internal=asset is not None or (kind == "host" and parts.is_internal(value)),
        asset=asset_shown(asset) if asset else None,
        incidents=[case_row(case, parts.unit_of) for case in cases],
        alerts=[alert_shown(alert) for alert in parts.state.alerts_about(kind, value)],
        first=_end(parts, query, within, descending=False),
        last=_end(parts, query, within, descending=True),
        events=parts.events.count(query, within),
        peers=_peers(parts, kind, value, within),
    )


def naming(kind: Kind, value: str) -> Query:
    """Events that name the entity."""
    terms = tuple(Term(field, value) for field in _FIELDS[kind])
    return terms[0] if len(terms) == 1 else Any(terms)


def _asset(parts: ApiParts, value: str) -> Asset | None:
    assets = parts.state.plan().assets
    return next((each for each in assets if value == each.id or value in each.addresses), None)


def _end(parts: ApiParts, query: Query, within: TimeRange, *, descending: bool) -> str | None:
    page = parts.events.search(
        query,
        within,
        sort=Sort("@timestamp", descending=descending),
        limit=1,
        columns=("@timestamp",),
    )
    return str(page.events[0]["@timestamp"]) if page.events else None


def _peers(parts: ApiParts, kind: Kind, value: str, within: TimeRange) -> list[Count]:
    """Whom a host spoke with most, by flows; for anything else, which hosts named it."""
    tally: Counter[str] = Counter()
    asked: list[tuple[Query, str]] = [(naming(kind, value), "source.ip")]
    if kind == "host":
        flow = Term("event.dataset", "flow")
        asked = [
            (All((flow, Term("source.ip", value))), "destination.ip"),
            (All((flow, Term("destination.ip", value))), "source.ip"),
        ]
    for query, field in asked:
        for row in parts.events.aggregate(query, Terms(field, PEERS_SHOWN), within):
            tally[str(row.key)] += row.count
    return [Count(key=key, count=count) for key, count in tally.most_common(PEERS_SHOWN)]
