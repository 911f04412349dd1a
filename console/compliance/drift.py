"""The drift alarm: an alert, and its incident, when verdicts of a system turned for the worse.

One alert a run, of all verdicts that turned; the same turn seen by a later run is not told again,
for it is no turn any more. What turned for the better is in the history and raises nothing.
"""

from __future__ import annotations

from typing import Final

from console.correlating import make_past_correlator
from console.wiring import Stores
from fengsui.alert import Alert, Entity, Fact, alert_id
from fengsui.clock import HOUR
from fengsui.control import Conformity
from fengsui.settings import Settings
from fengsui.severity import Severity
from fengsui.system import AssessmentRun, Drift, FiledSystem
from fengsui.text import Text

RULE: Final = "compliance_drift"
_NAMED: Final = 8
_BAD: Final = frozenset({Conformity.DOES_NOT, Conformity.PARTLY})


def drift_alert(system: FiledSystem, run: AssessmentRun) -> Alert | None:
    """The alert of a run; None where nothing turned for the worse.

    High where a requirement that was met no longer is; medium where evidence ran out, or what
    failed already got worse.
    """
    worse = [each for each in run.drift if each.worse]
    if not worse:
        return None
    grave = any(_lost(each) for each in worse)
    units = [f"{each.unit} {each.asset}".strip() for each in worse[:_NAMED]]
    values: dict[str, str | int | float] = {
        "system": system.name,
        "count": len(worse),
        "units": ", ".join(units),
    }
    entities = [Entity("service", system.name, "victim", internal=True)]
    if system.unit:
        entities.append(Entity("unit", system.unit, "victim", internal=True))
    return Alert(
        id=alert_id(RULE, system.id, "", run.started),
        rule=RULE,
        title=Text("compliance_drift.title", values),
        kind="policy",
        severity=Severity.HIGH if grave else Severity.MEDIUM,
        fidelity=1.0,
        key=f"{system.id}:{run.id}",
        entities=tuple(entities),
        events=(),
        first=run.started,
        last=run.started,
        raised=run.finished,
        reason=Text("compliance_drift.reason", values),
        facts=tuple(
            Fact(f"{e.unit} {e.asset}".strip(), e.after.value, e.before.value) for e in worse[:50]
        ),
        author="fengsui",
    )


def raise_drift(
    settings: Settings, stores: Stores, system: FiledSystem, run: AssessmentRun
) -> Alert | None:
    """Keep the alert of a run and its incident, with an audit record."""
    alert = drift_alert(system, run)
    if alert is None:
        return None
    state, now = stores.state, run.finished
    correlator = make_past_correlator(settings, stores.events, state, "", now - HOUR, now + HOUR)
    changes = correlator.add([alert], now)
    state.put_alerts(list(changes.alerts) or [alert])
    state.put_incidents(list(changes.incidents), changes.absorbed)
    state.audit("fengsui", "system.drift", system.id, {"run": run.id, "alert": alert.id})
    return alert


def _lost(drift: Drift) -> bool:
    return drift.before is Conformity.CONFORMS and drift.after in _BAD
