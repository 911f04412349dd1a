"""Remote access and use of the Internet have streams of their own, by user (L3-ABS1-19)."""

from __future__ import annotations

from typing import Final

from detections.compliance.events.asking import (
    Answer,
    event_query,
    limit,
    period_open,
    signed,
    told,
)
from detections.compliance.evidence import Evidence, Row, in_scope, query_of
from fengsui.clock import DAY
from fengsui.store.event_store import TimeRange

REMOTE: Final = (
    "_exists_:user.name AND (event.category:session OR event.dataset:(openvpn OR radius OR socks))"
)
WEB: Final = "_exists_:user.name AND event.dataset:http AND network.direction:(outbound OR egress)"


def _ask(evidence: Evidence) -> Answer:
    since = evidence.now - int(limit("streams", "period_days")) * DAY
    texts = {"remote_stream": REMOTE, "web_stream": WEB}
    rows: list[Row] = []
    steps = []
    dark = period_open(evidence, since)
    for name, question in texts.items():
        text = in_scope(evidence, question)
        found = [
            evidence.events.count(query_of(text), within)
            for within in (
                TimeRange(since, evidence.now - 7 * DAY),
                TimeRange(evidence.now - 7 * DAY, evidence.now + 1),
            )
        ]
        rows.append({"stream": name, "earlier": found[0], "last_week": found[1]})
        steps.append(told(name, [], 1, dark or ("" if all(found) else "stream_not_seen")))
    asked = " ; ".join(in_scope(evidence, each) for each in texts.values())
    return Answer((*steps, signed("stream_reports")), asked, rows, since)


QUERIES: Final = (event_query("streams", "L3-ABS1-19", _ask),)
