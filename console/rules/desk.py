"""The desk of rules: everything that the console and the command line do with them, over one installation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from console.rules.backtest import BackTest, Bounds, OnProgress, back_test
from console.rules.checking import (
    CheckedText,
    HealthRow,
    check_text,
    health_of,
    refuse,
    unlinked_of,
)
from console.rules.editing import RuleEditor
from console.rules.loading import RuleLibrary, RuleSet
from console.rules.packs import PackDesk
from detections.detections import OWN_RULES
from detections.detector import Context
from detections.life import AnyRule, state_of
from detections.sigma.loader import Refused
from fengsui.clock import SECOND
from fengsui.errors import NotFoundError
from fengsui.settings import Settings
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.rule_states import RuleDay, RuleState
from fengsui.store.state import State

DAY: Final = 86_400 * SECOND
SHOWN_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all rules at one generation.

    Attributes:
        refused: documents that do not load, and correlations that cannot be linked.
    """

    rules: RuleSet
    health: Mapping[str, HealthRow]
    by_id: Mapping[str, AnyRule]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a rule did lately: hits by day (oldest first); events judged last, seconds spent on them."""

    days: tuple[int, ...]
    events: int
    seconds: float

    @property
    def hits(self) -> int:
        """In all those days."""
        return sum(self.days)


class RuleDesk:
    """Rules of one installation.

    Args:
        settings: of it.
        state: where decisions are kept.
        events: stored events, for tests.
        context: what detectors are told.
        builtin: folder of built-in rules.
    """

    def __init__(
        self,
        settings: Settings,
        state: State,
        events: Callable[[], EventStore],
        context: Context,
        builtin: Path = OWN_RULES,
    ) -> None:
        self.state = state
        self.library = RuleLibrary(settings, state, builtin)
        self.editor = RuleEditor(state, self.library)
        self.packs = PackDesk(settings, state, self.library)
        self._events = events
        self.context = context
        self.placeholders = settings.detection.placeholders
        self._known: Known | None = None

    def known(self) -> Known:
        """Rules with their health; reckoned once for each change."""
        rules = self.library.current()
        known = self._known
        if known is None or known.rules.loaded is not rules.loaded:
            loaded = rules.loaded
            by_id = {one.id: one for one in rules.all}
            refused = (*loaded.refused, *unlinked_of(loaded))
            known = Known(rules, health_of(loaded), by_id, refused)
        elif known.rules is not rules:
            known = replace(known, rules=rules)
        self._known = known
        return known

    def state_of(self, rule: str) -> RuleState:
        """State of a rule; raises NotFoundError."""
        found = self.known().by_id.get(rule)
        if found is None:
            raise NotFoundError("There is no such rule", where=rule, next="See `fengsui rules`")
        return state_of(found.status, self.known().rules.lives.get(rule))

    def counted(self, now: int) -> tuple[int, dict[str, Counted]]:
        """First day of the last thirty, and what each rule did in them.

        What a rule costs is told of the thirty days before the newest one that was judged: an old
        capture's days lie long ago, and its cost is known all the same.
        """
        first = now // DAY - SHOWN_DAYS + 1
        newest = self.state.newest_rule_day()
        judged = first if newest is None else min(first, newest - SHOWN_DAYS + 1)
        rows: dict[str, list[RuleDay]] = {}
        for row in self.state.rule_days(judged):
            rows.setdefault(row.rule, []).append(row)
        return first, {rule: _counted(own, first) for rule, own in rows.items()}

    def test(
        self,
        text: str,
        within: TimeRange,
        bounds: Bounds,
        on_progress: OnProgress = lambda _found: True,
    ) -> BackTest:
        """What a text would have raised over stored events.

        Raises:
            RuleError: it does not load.
        """
        # A plain rule needs no other: loading thousands for one would take most of the time.
        checked: CheckedText = check_text(text, placeholders=self.placeholders)
        if not checked.ok or checked.with_named.correlations:
            checked = self.editor.check(text)
        refuse(checked)
        return back_test(checked, self._events(), within, bounds, self.context, on_progress)


def _counted(rows: Sequence[RuleDay], first: int) -> Counted:
    days = [0] * SHOWN_DAYS
    for row in rows:
        if 0 <= row.day - first < SHOWN_DAYS:
            days[row.day - first] += row.hits
    return Counted(tuple(days), sum(row.events for row in rows), sum(row.seconds for row in rows))
