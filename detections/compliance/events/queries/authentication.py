"""Q-AUT: a success right after very many failures shows that no lock worked (against L3-CES1-02).

Only a contradiction is looked for: failures of one account on one host within minutes, then a success
of it sooner than any lock would open. Nothing of the kind proves nothing; settings show the lock.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from detections.compliance.events.asking import Answer, event_query, limit, told
from detections.compliance.evidence import Evidence, Row, in_scope, query_of
from fengsui.alert import Fact
from fengsui.clock import DAY, MINUTE, to_iso
from fengsui.event import Event
from fengsui.store.event_store import TimeRange

LOGINS: Final = (
    "_exists_:event.outcome AND _exists_:user.name AND (event.category:authentication"
    " OR event.dataset:(ftp OR radius OR ldap OR kerberos OR pop3 OR imap OR mysql OR postgresql OR tds))"
)
MOST: Final = 500_000
_MOST_ACCOUNTS: Final = 50_000


def _ask(evidence: Evidence) -> Answer:
    since = evidence.now - int(limit("authentication", "period_days")) * DAY
    text = in_scope(evidence, LOGINS)
    window = int(limit("authentication", "minutes")) * MINUTE
    least = int(limit("authentication", "failures"))
    failures: dict[tuple[str, str], deque[int]] = {}
    rows: list[Row] = []
    read = 0
    for event in evidence.events.scroll(query_of(text), TimeRange(since, evidence.now + 1)):
        read += 1
        if read > MOST:
            break
        account, host = event.text("user.name"), _host(event)
        past = failures.get((account, host))
        if event.text("event.outcome") == "failure":
            if past is None:
                if len(failures) >= _MOST_ACCOUNTS:
                    continue
                past = failures.setdefault((account, host), deque(maxlen=least))
            past.append(event.time)
        elif event.text("event.outcome") == "success" and past:
            if len(past) == least and event.time - past[0] <= window:
                rows.append({"account": account, "host": host, "time": to_iso(event.time)})
            past.clear()
    bad = list(dict.fromkeys(f"{row['account']}@{row['host']}" for row in rows))
    step = told("lock_holds", bad, len(failures), "no_contradiction")
    return Answer((step,), text, rows, since, (Fact("logins_through_the_lock", len(rows), 0),))


def _host(event: Event) -> str:
    return event.text("host.name") or event.text("destination.ip") or event.text("observer.name")


QUERIES: Final = (event_query("authentication", "L3-CES1-02", _ask, supports=True),)
