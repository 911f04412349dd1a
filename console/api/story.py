"""The story of an incident: alerts, acts and playbook steps on one line of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.api.schemas.incidents import TimelineItem
from console.api.shown import text_shown
from fengsui.alert import Alert
from fengsui.clock import to_iso
from fengsui.playbook import Run
from fengsui.store.state import Act, Case
from fengsui.text import Text, literal


def timeline(case: Case, alerts: Sequence[Alert], runs: Sequence[Run]) -> list[TimelineItem]:
    """In order of time; acts stand where people did them, alerts at their first event."""
    items = [*_alerts(alerts), *map(_act, case.history), *_steps(runs)]
    return sorted(items, key=lambda item: item.at)


def _alerts(alerts: Sequence[Alert]) -> Iterator[TimelineItem]:
    for alert in alerts:
        yield TimelineItem.model_validate(
            {
                "at": to_iso(alert.first),
                "kind": "alert",
                "title": alert.title.as_json(),
                "severity": alert.severity.word,
                "alert": alert.id,
                "detail": alert.reason.as_json(),
            }
        )


def _act(act: Act) -> TimelineItem:
    values = {"by": act.by, "owner": str(act.values.get("owner", ""))}
    key = f"console.act.{act.kind}"
    if act.kind == "close":
        key = f"console.act.close_{act.values.get('verdict')}"
    words = str(act.values.get("reason") or act.values.get("text") or "")
    return TimelineItem(
        at=to_iso(act.at),
        kind="act",
        title=text_shown(Text(key, values)),
        by=act.by,
        detail=text_shown(literal(words, words)) if words else None,
    )


def _steps(runs: Sequence[Run]) -> Iterator[TimelineItem]:
    for run in runs:
        for result in run.results:
            yield TimelineItem(
                at=to_iso(result.at),
                kind="playbook",
                title=text_shown(result.name),
                by=result.by or run.by,
                detail=text_shown(result.effect),
            )
