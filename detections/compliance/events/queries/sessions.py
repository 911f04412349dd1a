"""Q-TKT: remote sessions from outside, each inside an approved window (L3-MMS1-23).

Sessions toward registered assets that came from elsewhere, joined to the register `tickets` by target,
time and, where both say it, person and source. A session without a ticket is against it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final

from detections.compliance.events.asking import (
    Answer,
    event_query,
    limit,
    period_open,
    signed,
    told,
)
from detections.compliance.events.ledger import moment
from detections.compliance.events.sources import names_of
from detections.compliance.evidence import Evidence, Row, cidrs, in_scope, query_of
from fengsui.alert import Fact
from fengsui.clock import DAY, to_iso
from fengsui.event import Event
from fengsui.store.event_store import TimeRange

SESSIONS: Final = (
    "event.dataset:(ssh OR rdp OR vnc OR telnet) AND _exists_:source.ip"
    " AND NOT event.outcome:failure"
)
MOST: Final = 100_000


def _ask(evidence: Evidence) -> Answer:
    since = evidence.now - int(limit("sessions", "period_days")) * DAY
    text = in_scope(evidence, SESSIONS)
    own = [ipaddress.ip_network(cidr) for cidr in cidrs(evidence.plan)]
    targets = {a: names_of(asset) for asset in evidence.plan.assets for a in asset.addresses}
    tickets = list(evidence.ledger.rows("tickets"))
    rows: list[Row] = []
    bad: dict[str, None] = {}
    cut = False
    for event in evidence.events.scroll(query_of(text), TimeRange(since, evidence.now + 1)):
        names = targets.get(event.text("destination.ip"))
        if names is None or _inside(event.text("source.ip"), own):
            continue
        ticket = _ticket(event, names, tickets)
        rows.append(
            {"time": to_iso(event.time), "to": event.text("destination.ip"), "ticket": ticket}
        )
        if not ticket:
            bad[f"{event.text('source.ip')} → {event.text('destination.ip')}"] = None
        cut = len(rows) >= MOST
        if cut:
            break
    why = "no_register" if not own or not targets else "" if rows else "no_sessions"
    why = why or ("cut" if cut else period_open(evidence, since))
    if bad and evidence.ledger.register("tickets") is None:
        # Approvals may be kept elsewhere: without the register nothing speaks against the sessions.
        bad, why = {}, "no_tickets"
    steps = (
        told("sessions_approved", list(bad), len(rows), why),
        signed("remote_interview"),
        signed("sessions_immutable"),
        signed("channels_closed"),
    )
    facts = (Fact("remote_sessions", len(rows)), Fact("without_ticket", len(bad), 0))
    return Answer(steps, text, rows, since, facts)


def _inside(address: str, own: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == block.version and parsed in block for block in own)


def _ticket(event: Event, names: frozenset[str], tickets: Sequence[Mapping[str, str]]) -> str:
    for row in tickets:
        if row["target"] not in names or not moment(row["from"]) <= event.time <= moment(
            row["until"]
        ):
            continue
        person, source = event.text("user.name"), event.text("source.ip")
        if person and row["person"] and person != row["person"]:
            continue
        if row["source"] and row["source"] != source:
            continue
        return row["id"]
    return ""


QUERIES: Final = (event_query("sessions", "L3-MMS1-23", _ask),)
