"""Q-ALR: attacks are detected at each key node, with fresh rules, and recorded (L3-ABS1-10 to -13).

Alerts of the period by direction, rule sets against the maker's newest, sensors that see every
registered asset. An attack that was replayed at each node is a test of its own; without it, nothing
conforms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from detections.compliance.events.asking import (
    Answer,
    EventStep,
    event_query,
    limit,
    period_open,
    seen_assets,
    signed,
    told,
)
from detections.compliance.events.ledger import AlertSeen, moment
from detections.compliance.evidence import Evidence, Row, in_scope, query_of
from fengsui.alert import Fact
from fengsui.clock import DAY
from fengsui.store.event_store import TimeRange

_FOREIGN: Final = "event.dataset:ids"
_FIELDS: Final = ("source.ip", "destination.ip", "rule.name")


def _detects(name: str, which: Callable[[AlertSeen], bool]) -> Callable[[Evidence], Answer]:
    def ask(evidence: Evidence) -> Answer:
        since = _since(evidence)
        seen = [each for each in evidence.ledger.alerts if each.first >= since and which(each)]
        fresh, rows = _rules(evidence)
        rows.append({"alerts": len(seen)})
        known = seen_assets(evidence, _seen_since(evidence))
        steps = (
            told(name, [], len(seen), "" if seen else "no_alerts"),
            fresh,
            _nodes(known.complete, [a.asset.name for a in known.assets if not a.wholly]),
            signed("replay_test"),
        )
        facts = (Fact("alerts", len(seen)), Fact("assets_seen", *known.share()))
        return Answer(steps, f"state: alerts ; {known.query}", rows, since, facts)

    return ask


def _behaviour(evidence: Evidence) -> Answer:
    since = _since(evidence)
    seen = [a for a in evidence.ledger.alerts if a.first >= since and a.kind == "anomaly"]
    steps = (
        told("behaviour_seen", [], len(seen), "" if seen else "no_alerts"),
        signed("models_fresh"),
        signed("unknown_attack_test"),
    )
    return Answer(steps, "state: alerts kind=anomaly", [{"alerts": len(seen)}], since)


def _recorded(evidence: Evidence) -> Answer:
    since = _since(evidence)
    whole = in_scope(evidence, _FOREIGN)
    within = TimeRange(since, evidence.now + 1)
    clauses = " AND ".join(f"_exists_:{field}" for field in _FIELDS)
    foreign = evidence.events.count(query_of(whole), within)
    full = evidence.events.count(query_of(f"({whole}) AND {clauses}"), within)
    own = [
        each for each in evidence.ledger.alerts if each.first >= since and each.kind != "foreign"
    ]
    total = foreign + len(own)
    full += sum(each.source and each.target and each.category for each in own)
    short = 100 * full < limit("attacks", "fields_share") * total
    bad = [f"{total - full}/{total}"] if total and short else []
    steps = (
        told("alert_fields", bad, total, "" if total else "no_alerts"),
        signed("alarm_test"),
    )
    rows: list[Row] = [{"alerts": total, "with_all_fields": full}]
    return Answer(
        steps, f"{whole} ; state: alerts", rows, since, (Fact("alerts_whole", full, total),)
    )


def _platform(evidence: Evidence) -> Answer:
    since = _since(evidence)
    known = seen_assets(evidence, _seen_since(evidence))
    why = "" if evidence.ledger.alerts else "no_alerts"
    steps = (
        told("alerts_live", [], len(evidence.ledger.alerts), why or period_open(evidence, since)),
        _nodes(known.complete, [a.asset.name for a in known.assets if not a.wholly]),
        signed("category_tests"),
        signed("alarm_test"),
    )
    rows: list[Row] = [{"alerts": len(evidence.ledger.alerts)}]
    return Answer(steps, f"state: alerts ; {known.query}", rows, since)


def _nodes(complete: bool, missing: list[str]) -> EventStep:
    """A registered asset that no sensor sees may be seen by others': open, and named."""
    return told("nodes_covered", [], len(missing), "" if complete else "not_covered")


def _rules(evidence: Evidence) -> tuple[EventStep, list[Row]]:
    """Rule sets by the register `rules`: `content` is the day of their content, `latest` the maker's."""
    rows: list[Row] = []
    bad: list[str] = []
    unknown = False
    for row in evidence.ledger.rows("rules"):
        content, latest = moment(row["content"]), moment(row["latest"])
        age = (evidence.now - content) // DAY
        behind = (latest - content) // DAY if latest else -1
        old = age >= limit("attacks", "rule_days_high")
        late = bool(latest) and behind > limit("attacks", "rule_days")
        rows.append({"sensor": row["sensor"], "age_days": age, "behind_days": behind})
        if old or late:
            bad.append(f"{row['sensor']} {age} d")
        unknown = unknown or not latest or content > evidence.now
    register = evidence.ledger.register("rules")
    if register is None or not register.rows:
        return EventStep("rules_fresh", None, "no_rules"), rows
    why = "not_whole" if register.problems else "latest_unknown" if unknown else ""
    return told("rules_fresh", bad, len(rows), why), rows


def _seen_since(evidence: Evidence) -> int:
    return evidence.now - int(limit("strangers", "period_days")) * DAY


def _since(evidence: Evidence) -> int:
    return evidence.now - int(limit("attacks", "period_days")) * DAY


QUERIES: Final = (
    event_query("attacks.outside", "L3-ABS1-10", _detects("detects_outside", lambda a: a.outside)),
    event_query(
        "attacks.inside", "L3-ABS1-11", _detects("detects_inside", lambda a: not a.outside)
    ),
    event_query("attacks.behaviour", "L3-ABS1-12", _behaviour),
    event_query("attacks.recorded", "L3-ABS1-13", _recorded),
    event_query("attacks.platform", "L3-SMC1-12", _platform),
)
