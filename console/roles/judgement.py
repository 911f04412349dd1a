"""Judgement: what people decide about incidents, followed by the streams that are being worked on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from console.pipeline import Pipeline
from correlation.trust import Trust
from fengsui.store.state import State

LOOK: Final = 2.0  # seconds between looks for changes


class Judgement:
    """Follows the state: merges and splits are obeyed, verdicts change how far rules are trusted.

    Attributes:
        trust: shared by all streams.
        anew: live telemetry was correlated anew since somebody set this back.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._looked = 0.0
        self._seen, _ = state.changes()
        self.anew = False
        self.trust = Trust(state.judged())

    def follow(self, pipelines: Iterable[Pipeline], *, now: bool = False) -> None:
        """Bring running streams up to date, a few seconds after a change, or `now`."""
        if not now and time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        self._seen, topics = self._state.changes(self._seen)
        running = list(pipelines)
        self.anew = self.anew or "" in topics.get("correlated", ())
        if "decisions" in topics:
            for pipeline in running:
                pipeline.obey()
        if "verdicts" in topics and (rules := self.trust.learn(self._state.judged())):
            for pipeline in running:
                pipeline.reweigh(rules)
