"""Trust: how far each rule is believed, by what it says of itself and by people's verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from fengsui.store.decision_states import Judged


class Trust:
    """Fidelity by rule; what nobody has judged keeps the fidelity that it states."""

    def __init__(self, judged: Mapping[str, Judged] | None = None) -> None:
        self._judged = dict(judged or {})

    def __call__(self, rule: str, stated: float) -> float:
        """Fidelity of a rule whose alerts state one."""
        judged = self._judged.get(rule)
        return judged.fidelity(stated) if judged else stated

    def learn(self, judged: Mapping[str, Judged]) -> set[str]:
        """Take verdicts over; the rules for which they changed."""
        old, self._judged = self._judged, dict(judged)
        return {rule for rule in {*old, *judged} if old.get(rule) != judged.get(rule)}
