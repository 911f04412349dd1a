"""Keeping groups up to date."""

from __future__ import annotations

from correlation.groups import Groups
from fengsui.clock import HOUR
from fengsui.loss import Losses
from fengsui.severity import Severity


def groups(context, raise_at: float = 30.0) -> Groups:
    return Groups(
        "", context, raise_at=raise_at, window=24 * HOUR, alerts_kept=100, losses=Losses()
    )


def test_only_what_changed_is_told(make_alert, context):
    kept = groups(context, raise_at=0)
    kept.add([make_alert("a", "10.0.0.1"), make_alert("a", "10.0.0.2")], 0)
    changes = kept.add([make_alert("b", "10.0.0.2", at=5)], 0)
    assert [len(i.alerts) for i in changes.incidents] == [2]
    assert len(changes.alerts) == 1
    assert kept.add([make_alert("b", "10.0.0.2", at=5)], 0).incidents == ()


def test_what_was_raised_is_told_also_when_it_falls(make_alert, context):
    kept = groups(context)
    first = kept.add([make_alert("a", "10.9.0.1", severity=Severity.HIGH)], 0)
    assert [i.score for i in first.incidents] == [48.0]
    others = [make_alert("a", f"10.9.1.{n}", severity=Severity.HIGH) for n in range(30)]
    changes = kept.add(others, 0)
    assert [i.score < 30 for i in changes.incidents] == [True]
    assert kept.raised() == []


def test_an_older_alert_takes_the_incident_over(make_alert, context):
    kept = groups(context)
    critical = Severity.CRITICAL
    (young,) = kept.add([make_alert("a", "10.0.0.1", at=100, severity=critical)], 0).incidents
    changes = kept.add([make_alert("b", "10.0.0.1", at=50)], 0)
    (old,) = changes.incidents
    assert changes.absorbed == {young.id: old.id}
    assert young.id not in {i.id for i in kept.raised()}
