"""Detections: all detectors behind one door; one that fails is parked loudly, the others go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from detections import anomalies
from detections.detector import Context, Detector
from detections.indicators.detector import IndicatorDetector
from detections.indicators.lists import read_lists
from detections.sigma.costs import RuleCost
from detections.sigma.coverage import Covered, refusal
from detections.sigma.engine import SigmaDetector
from detections.sigma.loader import Loaded, load
from fengsui.alert import Alert
from fengsui.errors import RuleError
from fengsui.event import Event
from fengsui.loss import Losses
from fengsui.registry import parts
from fengsui.rule import Rule

OWN_RULES = Path(__file__).parent / "rules"
_REPEATS = 50  # alerts of one rule and key in one batch before more are folded into the last

_log = logging.getLogger(__name__)


class Detections:
    """Shows events to detectors and gathers their alerts.

    Attributes:
        losses: `detections.<id>.failed` when a detector raised, `detections.<id>.unseen` for each
            event that a parked one was not shown.
        hits: alerts by rule id.
        cost: seconds spent by detector id.
        coverage: Sigma rules with what feeds them, refused ones included (for `fengsui rules`).
    """

    def __init__(self, detectors: Sequence[Detector], *, coverage: Sequence[Covered] = ()) -> None:
        self._detectors = {_name(detector): detector for detector in detectors}
        if len(self._detectors) != len(detectors):
            raise RuleError(
                "Two detectors have the same name",
                where=", ".join(sorted(map(_name, detectors))),
                next="Rename the module of one of them",
            )
        self._parked: dict[str, str] = {}
        self.losses = Losses()
        self.hits: dict[str, int] = {}
        self.cost: dict[str, float] = dict.fromkeys(self._detectors, 0.0)
        self.coverage = tuple(coverage)

    @property
    def rules(self) -> list[Rule]:
        """All rules of all detectors; those of a parked detector say so."""
        return [
            replace(rule, status="parked") if name in self._parked else rule
            for name, detector in self._detectors.items()
            for rule in detector.rules
        ]

    @property
    def parked(self) -> dict[str, str]:
        """Detectors that raised, with the error: they see nothing more until the next start."""
        return dict(self._parked)

    def rule_costs(self) -> dict[str, RuleCost]:
        """What each Sigma rule found and spent since the start, by id."""
        sigma = self._sigma()
        return sigma.rule_costs() if sigma else {}

    @property
    def parked_rules(self) -> dict[str, str]:
        """Sigma rules that the engine stopped for their cost, by id, and why."""
        sigma = self._sigma()
        return sigma.parked_rules if sigma else {}

    def unpark(self, rule_id: str) -> bool:
        """Look at a Sigma rule again; whether it was parked."""
        sigma = self._sigma()
        return sigma is not None and sigma.unpark(rule_id)

    def reload(self, loaded: Loaded) -> None:
        """Go on with these Sigma rules; windows of those that stay as they were go on."""
        sigma = self._sigma()
        if sigma is not None:
            sigma.reload(loaded.rules, loaded.correlations)
            self.coverage = (*sigma.coverage, *map(refusal, loaded.refused))

    def _sigma(self) -> SigmaDetector | None:
        found = (one for one in self._detectors.values() if isinstance(one, SigmaDetector))
        return next(found, None)

    def windows(self) -> dict[str, Any]:
        """What correlations of Sigma rules hold of past events, as JSON, for the next start."""
        for detector in self._detectors.values():
            if isinstance(detector, SigmaDetector):
                return detector.correlating.exported()
        return {}

    def take_windows(self, document: Mapping[str, Any]) -> int:
        """Go on with `windows()` of the last run; how many correlations do.

        What does not fit is left: a rule that was changed, a document of another version.
        """
        for detector in self._detectors.values():
            if isinstance(detector, SigmaDetector):
                return detector.correlating.restore(document)
        return 0

    def observe(self, events: Sequence[Event], now: int) -> list[Alert]:
        """Alerts about a batch of events, in order of time.

        Args:
            events: in order of arrival.
            now: clock of the run after the batch, ns.
        """
        alerts: list[Alert] = []
        datasets = [event.dataset for event in events]
        for name, detector in self._detectors.items():
            wanted = detector.datasets
            mine = (
                [
                    event
                    for event, dataset in zip(events, datasets, strict=True)
                    if dataset in wanted
                ]
                if wanted
                else events
            )
            if name in self._parked:
                self.losses.add(f"detections.{name}.unseen", len(mine))
                continue
            alerts += self._shown(name, detector, mine, now)
        alerts.sort(key=lambda alert: (alert.first, alert.rule, alert.key))
        return self._counted(alerts)

    def look_back(self, events: Sequence[Event], *, correlations: bool) -> None:
        """Past events, in order of time, for what windows hold; what is found in them was told before.

        Args:
            events: of the time before this start.
            correlations: whether Sigma's see them too; not, where `take_windows` brought theirs.
        """
        for name, detector in self._detectors.items():
            if correlations or not isinstance(detector, SigmaDetector):
                wanted = detector.datasets
                mine = [one for one in events if not wanted or one.dataset in wanted]
                if mine and name not in self._parked:
                    self._shown(name, detector, mine, mine[-1].time)

    def advance(self, now: int) -> list[Alert]:
        """Time has passed to `now` (ns) without events: windows close."""
        return self.observe((), now)

    def finish(self, now: int) -> list[Alert]:
        """The input has ended: alerts of the windows that correlations still hold open."""
        found: list[Alert] = []
        for name, detector in self._detectors.items():
            if isinstance(detector, SigmaDetector) and name not in self._parked:
                found += detector.correlating.finish(now)
        return self._counted(found)

    def _shown(
        self, name: str, detector: Detector, events: Sequence[Event], now: int
    ) -> list[Alert]:
        found: list[Alert] = []
        started = time.perf_counter()
        seen = 0
        try:
            for event in events:
                found.extend(detector.observe(event, now))
                seen += 1
            found.extend(detector.advance(now))
            if isinstance(detector, SigmaDetector):
                self.losses.merge(detector.correlating.taken_losses())
        except Exception as error:  # noqa: BLE001 - one bad detector must not blind the others
            self._park(name, error)
            self.losses.add(f"detections.{name}.unseen", len(events) - seen)
        self.cost[name] += time.perf_counter() - started
        return found

    def _park(self, name: str, error: Exception) -> None:
        self._parked[name] = f"{type(error).__name__}: {error}"
        self.losses.add(f"detections.{name}.failed")
        _log.error("detector parked", exc_info=error, extra={"detector": name})

    def _counted(self, alerts: Sequence[Alert]) -> list[Alert]:
        """The alerts with each rule's hits counted; a flood of the same is folded, nothing is lost."""
        kept: list[Alert] = []
        same: dict[tuple[str, str, str], list[int]] = {}
        for alert in alerts:
            self.hits[alert.rule] = self.hits.get(alert.rule, 0) + alert.count
            places = same.setdefault((alert.rule, alert.key, alert.run), [])
            if len(places) < _REPEATS:
                places.append(len(kept))
                kept.append(alert)
            else:
                kept[places[-1]] = kept[places[-1]].folding(alert)
        return kept


def build(
    context: Context,
    rule_folders: Iterable[Path] = (),
    indicator_files: Iterable[Path] = (),
    *,
    loaded: Loaded | None = None,
) -> Detections:
    """All detectors of an installation: anomalies from their shelf, Sigma rules, indicators.

    Args:
        context: what the roof tells detectors.
        rule_folders: folders or files of Sigma rules besides our own.
        indicator_files: indicator lists.
        loaded: rules that were loaded already (an installation's packs and states), instead of our
            own and those of `rule_folders`; refused ones among them stop nothing.

    Raises:
        RuleError: a part, a rule or a list does not load; names it. Rules that are valid but ask
            for what we lack are listed in `coverage` instead.
    """
    if loaded is None:
        loaded = load([OWN_RULES, *rule_folders])
        for refused in loaded.refused:
            if refused.supported:
                raise refused.error()
    sigma = SigmaDetector(loaded.rules, context, correlations=loaded.correlations)
    detectors: list[Detector] = [*_shelf(context), sigma]
    lists = read_lists(indicator_files)
    if lists:
        detectors.append(IndicatorDetector(lists, context))
    return Detections(detectors, coverage=[*sigma.coverage, *map(refusal, loaded.refused)])


def _shelf(context: Context) -> list[Detector]:
    made: list[Detector] = []
    for module in parts(anomalies):
        make = cast("Callable[[Context], Detector] | None", getattr(module, "make", None))
        if make is None:
            raise RuleError(
                f"The part {module.__name__} has no make(context)",
                where=module.__name__.replace(".", "/") + ".py",
                next="Give it one, or begin its name with an underscore",
                code="part_does_not_load",
            )
        made.append(make(context))
    return made


def _name(detector: Detector) -> str:
    """Id of a detector: its module's name, or its folder's for `…/detector.py` and `…/engine.py`."""
    words = type(detector).__module__.split(".")
    return words[-2] if words[-1] in {"detector", "engine"} and len(words) > 1 else words[-1]
