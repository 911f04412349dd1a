"""What the page of an incident shows beside its alerts: acts and steps of playbooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from console.api.schemas.stories import DoneItem
from console.api.shown import text_shown
from fengsui.clock import to_iso
from fengsui.playbook import Run
from fengsui.store.state import Act, Case
from fengsui.text import Text, literal

DONE: Final = 300


def iso(document: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A document with these times (ns) as ISO text."""
    return {**document, **{name: to_iso(document[name]) for name in names}}


def done_items(case: Case, runs: Sequence[Run]) -> list[DoneItem]:
    """What people and playbooks did, in order of time; the newest `DONE`."""
    items = [*map(_act, case.history), *_steps(runs)]
    return sorted(items, key=lambda item: item.at)[-DONE:]


def _act(act: Act) -> DoneItem:
    values = {"by": act.by, "owner": str(act.values.get("owner", ""))}
    key = f"console.act.{act.kind}"
    if act.kind == "close":
        key = f"console.act.close_{act.values.get('verdict')}"
    words = str(act.values.get("reason") or act.values.get("text") or "")
    return DoneItem(
        at=to_iso(act.at),
        kind="act",
        title=text_shown(Text(key, values)),
        by=act.by,
        detail=text_shown(literal(words, words)) if words else None,
    )


def _steps(runs: Sequence[Run]) -> Iterator[DoneItem]:
    for run in runs:
        for result in run.results:
            yield DoneItem(
                at=to_iso(result.at),
                kind="playbook",
                title=text_shown(result.name),
                by=result.by or run.by,
                detail=text_shown(result.effect),
            )
