"""Devices and ways out that nobody registered (L3-ABS1-02, L3-ABS1-03), as flows show them.

An own address that nobody registered is not yet an intruder: it leaves the step open and is named in
the rows. Sensors that see everything and know every address are the proof that detection works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from detections.compliance.events.asking import (
    Answer,
    EventStep,
    event_query,
    limit,
    seen_assets,
    signed,
    told,
)
from detections.compliance.evidence import Evidence, Row
from fengsui.alert import Fact
from fengsui.clock import DAY


def _ask(name: str, *tests: EventStep) -> Callable[[Evidence], Answer]:
    def ask(evidence: Evidence) -> Answer:
        since = evidence.now - int(limit("strangers", "period_days")) * DAY
        known = seen_assets(evidence, since)
        why = "strangers" if known.unregistered else "" if known.complete else "not_covered"
        rows: list[Row] = [{"unregistered": address} for address in known.unregistered]
        facts = (
            Fact("unregistered_addresses", len(known.unregistered), 0),
            Fact("assets_seen", *known.share()),
        )
        step = told(name, [], len(known.assets), why)
        return Answer((step, *tests), known.query, rows, since, facts)

    return ask


QUERIES: Final = (
    event_query("strangers.devices", "L3-ABS1-02", _ask("no_strangers", signed("plug_in_test"))),
    event_query(
        "strangers.links",
        "L3-ABS1-03",
        _ask("no_strangers", signed("outward_policy"), signed("hotspot_test")),
    ),
)
