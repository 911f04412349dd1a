"""The worker's rules: changed while it runs, without a pause and without losing what windows hold."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Final

from console.pipeline import Pipeline
from console.rules.editing import RuleEditor
from console.rules.loading import RuleLibrary, RuleSet
from detections.life import raising
from fengsui.errors import FengsuiError
from fengsui.store.state import State

log = logging.getLogger(__name__)

LOOK: Final = 2.0  # seconds between looks for changes
ENGINE: Final = "fengsui"  # who parks a rule that takes too long


class WorkerRules:
    """Follows the state: what people changed is loaded, what the engine parked is told."""

    def __init__(self, library: RuleLibrary, state: State) -> None:
        self._state = state
        self._library = library
        self._editor = RuleEditor(state, library)
        self._looked = 0.0
        self._running: RuleSet | None = None
        self._parked: set[str] = set()
        self._failed: tuple[int, int] | None = None

    def current(self) -> RuleSet:
        """What a new stream begins with."""
        fresh = self._library.current()
        if self._running is None or fresh.loaded is not self._running.loaded:
            self._tell_refused(fresh)
        self._running = fresh
        return fresh

    def follow(self, pipelines: Iterable[Pipeline]) -> None:
        """Bring running streams up to date, a few seconds after a change."""
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        running = list(pipelines)
        self._tell_parked(running)
        generation = self._state.rules_generation()
        if self._running is None or generation in (self._running.generation, self._failed):
            return
        try:
            fresh = self._library.current()
        except FengsuiError as error:  # the old rules go on; said once for each change
            self._failed = generation
            log.exception("Rules are not loaded again", extra={"problem": error.as_json()})
            return
        loaded = raising(fresh.loaded, fresh.lives)
        for pipeline in running:
            pipeline.detections.reload(loaded)
        self._parked &= {rule for rule, life in fresh.lives.items() if life.parked}
        self._tell_refused(fresh)
        self._running = fresh
        log.info("Rules were loaded again", extra={"rules": len(loaded.rules)})

    def _tell_refused(self, rules: RuleSet) -> None:
        """A rule that does not load is a hole that somebody should see."""
        wrong = [one for one in rules.loaded.refused if one.supported]
        if wrong:
            first = f"{wrong[0].path}:{wrong[0].line}: {wrong[0].reason}"
            log.warning("Rules are refused", extra={"refused": len(wrong), "first": first})

    def _tell_parked(self, running: Iterable[Pipeline]) -> None:
        """Keep what the engine stopped, so that the next start leaves it out and people see it."""
        for pipeline in running:
            for rule, reason in pipeline.detections.parked_rules.items():
                if rule in self._parked:
                    continue
                self._parked.add(rule)
                try:
                    self._editor.park(rule, ENGINE, reason, None, engine=True)
                except FengsuiError as error:
                    log.warning("A parked rule is not kept", extra={"problem": error.as_json()})
