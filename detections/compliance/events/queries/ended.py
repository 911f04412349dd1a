"""Q-END: accounts of people and suppliers who left are no longer used (L3-HRS1-04, L3-HRS1-11).

By the register `leavers`: each row says when the right ended, was taken away and what was handed back.
Any act of the account after the end and a day is against it. Nothing was used counts only where the
store reaches back to the first end without a dark day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from detections.compliance.events.asking import (
    Answer,
    EventStep,
    event_query,
    limit,
    period_open,
    signed,
    told,
)
from detections.compliance.events.ledger import moment
from detections.compliance.evidence import Evidence, Row, in_scope, query_of, quoted
from fengsui.clock import DAY, HOUR, to_iso
from fengsui.store.event_store import Sort, TimeRange

_USED: Final = "user.name:({names}) OR source.user.name:({names})"


def _ask(kind: str, *records: EventStep) -> Callable[[Evidence], Answer]:
    def ask(evidence: Evidence) -> Answer:
        since = evidence.now - int(limit("ended", "period_days")) * DAY
        register = evidence.ledger.register("leavers")
        rows = [
            row
            for row in (register.rows if register else ())
            if row["kind"] == kind and since <= moment(row["end"]) <= evidence.now
        ]
        why = "no_leavers" if not rows else "not_whole" if register and register.problems else ""
        used, unremoved, answers = _judged(evidence, rows, kind)
        first = min((moment(row["end"]) for row in rows), default=evidence.now)
        steps = (
            told("rights_removed", unremoved, len(rows), why),
            told("not_used_after", used, len(rows), why or period_open(evidence, first)),
            *records,
        )
        return Answer(steps, f"register: leavers ; {_USED}", answers, since)

    return ask


def _judged(
    evidence: Evidence, rows: list[Mapping[str, str]], kind: str
) -> tuple[list[str], list[str], list[Row]]:
    patience = int(limit("ended", "hours")) * HOUR
    used: list[str] = []
    unremoved: list[str] = []
    answers: list[Row] = []
    for row in rows:
        end, removed = moment(row["end"]), moment(row["removed"])
        last = _last_use(evidence, row["account"], end + patience)
        whole = (
            bool(removed) and removed <= end + patience and (kind != "leaver" or row["returned"])
        )
        # A right that may still be taken away in time is not late yet.
        if not whole and end + patience < evidence.now:
            unremoved.append(row["account"])
        if last:
            used.append(row["account"])
        answers.append({"account": row["account"], "end": to_iso(end), "last_use": last})
    return used, unremoved, answers


def _last_use(evidence: Evidence, account: str, after: int) -> str:
    text = in_scope(evidence, _USED.format(names=f'"{quoted(account)}"'))
    page = evidence.events.search(
        query_of(text),
        TimeRange(after, evidence.now + 1),
        sort=Sort(descending=True),
        limit=1,
        columns=("@timestamp",),
    )
    return str(page.events[0]["@timestamp"]) if page.events else ""


QUERIES: Final = (
    event_query("ended.leavers", "L3-HRS1-04", _ask("leaver", signed("leaver_list"))),
    event_query("ended.vendors", "L3-HRS1-11", _ask("vendor", signed("leaving_rule"))),
)
