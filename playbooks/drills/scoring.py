"""Scoring: which steps of a drill were seen, how soon, and what was raised for nothing.

A pure function of the ground truth and of what was raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fengsui.alert import Alert
from fengsui.clock import MINUTE, SECOND
from fengsui.drill import Drill, Injection, Scorecard, StepScore
from fengsui.incident import Incident

# Around a step: clocks of sensors differ, flows are stamped when they start, windows close late.
MARGIN: Final = 2 * MINUTE


def score(drill: Drill, alerts: Sequence[Alert], incidents: Sequence[Incident]) -> Scorecard:
    """Hold alerts and incidents against the steps of a drill.

    - A step is **detected** by an alert that speaks of it (`_speaks_of`) and was raised no later
      than `within` after the step began, **late** by one raised after that, else **missed**.
    - An alert that touches no step (names none of any step's entities while that step ran) is
      **false**. One that names the intruder's entities in the time of a step, but with another
      technique, is neither: it is true, and it does not answer the step.
    - An incident is false when none of its alerts touches a step.

    The order of alerts and incidents does not matter; one more alert never makes a step worse.
    """
    touching = {alert.id for alert in alerts if any(_touches(step, alert) for step in drill.steps)}
    return Scorecard(
        drill=drill.id,
        scenario=drill.scenario,
        seed=drill.seed,
        steps=tuple(_step(step, alerts, incidents) for step in drill.steps),
        false_alerts=tuple(sorted({alert.id for alert in alerts} - touching)),
        false_incidents=tuple(
            sorted(one.id for one in incidents if not touching.intersection(one.alerts))
        ),
        capture_seconds=(drill.end - drill.start) / SECOND,
    )


def _step(step: Injection, alerts: Sequence[Alert], incidents: Sequence[Incident]) -> StepScore:
    found = sorted(
        (alert for alert in alerts if _speaks_of(step, alert)),
        key=lambda alert: (alert.raised, alert.id),
    )
    ids = {alert.id for alert in found}
    seconds = max(found[0].raised - step.start, 0) / SECOND if found else None
    in_time = bool(found) and found[0].raised <= step.start + step.expect.within
    return StepScore(
        name=step.name,
        title=step.title,
        techniques=step.techniques,
        start=step.start,
        status="detected" if in_time else "late" if found else "missed",
        seconds=seconds,
        alerts=tuple(dict.fromkeys(alert.id for alert in found)),
        incidents=tuple(sorted(one.id for one in incidents if ids.intersection(one.alerts))),
        rules=tuple(sorted({alert.rule for alert in found})),
    )


def _speaks_of(step: Injection, alert: Alert) -> bool:
    """It touches the step, and by technique or rule it means this step."""
    return _touches(step, alert) and (
        alert.rule in step.expect.rules
        or any(
            _related(expected, named)
            for expected in step.expect.techniques
            for named in alert.techniques
        )
    )


def _touches(step: Injection, alert: Alert) -> bool:
    """It names one of the step's entities, and its events overlap the step's time."""
    if alert.last < step.start - MARGIN or alert.first > step.end + MARGIN:
        return False
    if alert.raised < step.start:
        return False  # what was said before the step began was not about it
    expected = {entity.lower() for entity in step.expect.entities}
    return any(entity.value.lower() in expected for entity in alert.entities)


def _related(expected: str, named: str) -> bool:
    """The same technique, or one is the other's parent; two children of one parent are not."""
    a, b = expected.upper(), named.upper()
    return a == b or a.startswith(f"{b}.") or b.startswith(f"{a}.")
