"""Hunter: a rule set over foreign events, without alerts, entities or a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import import_module
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from detections.sigma.conditions import ALWAYS, NEVER, All, Condition, simplified
from detections.sigma.costs import BUDGET
from detections.sigma.loaded import LoadedRule, Refused
from detections.sigma.logsources import WINDOWS, feeds, known_datasets, raw_dataset, routing
from detections.sigma.mapping import Feed, Logsource, narrowed, resolve
from detections.sigma.matcher import Entry, Later, Matcher
from detections.sigma.shelf import Head, ShelvedRule, ShelvedRules, heads_of
from fengsui.ecs import DATASETS
from fengsui.event import Event, Fields

if TYPE_CHECKING:
    from detections.sigma.correlations.engine import CorrelationHit
    from detections.sigma.correlations.ordered import Ordered
    from detections.sigma.correlations.rule import LoadedCorrelation
    from detections.sigma.coverage import Covered

Origin = str | tuple[str, str, str]
Record = tuple[int, Origin, Mapping[str, object], bytes]  # number, origin, fields, the same as JSON


@dataclass(frozen=True, slots=True)
class Inert:
    """A rule that no event of this hunt could meet, and why."""

    rule: Head
    reason: str


_LOGIN, _ALL = (
    raw_dataset(Logsource("linux", service="auth")),
    raw_dataset(Logsource("linux", service="syslog")),
)
# One line of syslog is in several of Sigma's services: its program's, that of logins, that of all.
_ALSO = {
    **{raw_dataset(Logsource("linux", service=name)): (_LOGIN, _ALL) for name in ("sshd", "sudo")},
    **{
        raw_dataset(Logsource("linux", service=name)): (_ALL,)
        for name in ("auth", "cron", "clamav", "guacamole", "vsftpd")
    },
}


class Hunter:
    """Finds the rules that foreign events meet.

    Args:
        rules: all of them; a hit is a position in this sequence.
        unknown: log source of the events that have none of their own.
        correlations: correlation rules over them.
        is_internal: whether an address is ours: events of our own datasets are told their direction.
        budget: µs an event that a rule may take on average before it is parked; 0 for no limit.

    Attributes:
        heads: of the rules.
        correlations: those that link; their numbers follow those of the rules.
        refused: those that do not.
        bases: numbers of rules that a correlation names.
        silent: numbers of rules whose hits only feed a correlation.
    """

    def __init__(
        self,
        rules: Sequence[LoadedRule],
        unknown: Logsource | None = None,
        *,
        correlations: Sequence[LoadedCorrelation] = (),
        is_internal: Callable[[str], bool] | None = None,
        budget: float = BUDGET,
    ) -> None:
        self._rules = rules
        self.heads = heads_of(rules)
        self.refused: list[Refused] = []
        self.bases: frozenset[int] = frozenset()
        self.silent: frozenset[int] = frozenset()
        self.correlations: tuple[LoadedCorrelation, ...] = ()
        self._windows: Ordered | None = None
        self._places: dict[int, int] = {}
        if correlations:
            self._link(rules, correlations)
        self._matcher = Matcher((), routing(), budget=budget)
        self._datasets: dict[Origin, str] = {}
        self._barren: dict[str, dict[int, str]] = {}  # dataset → rules it cannot serve, and why
        self._fed: set[int] = set()
        self._is_internal = is_internal
        self._unknown = "" if unknown is None else self._dataset_of(unknown)

    def _link(self, rules: Sequence[LoadedRule], correlations: Sequence[LoadedCorrelation]) -> None:
        # Imported here: most rule sets have none, and a short hunt does not wait for what it lacks.
        from detections.sigma.correlations.engine import Correlations  # noqa: PLC0415
        from detections.sigma.correlations.fields import fields_in  # noqa: PLC0415
        from detections.sigma.correlations.link import link  # noqa: PLC0415
        from detections.sigma.correlations.ordered import Ordered  # noqa: PLC0415

        linked, self.refused = link(rules, correlations)
        self.bases, self.silent = linked.bases, linked.silent
        self.correlations = tuple(one.rule for one in linked.correlations)
        self._places = {id(one): len(rules) + n for n, one in enumerate(self.correlations)}
        self._windows = Ordered(Correlations(linked, fields_in(rules)))

    @property
    def parked(self) -> dict[int, str]:
        """Rules that were stopped for their cost, by number, and why."""
        return self._matcher.parked

    def match(self, origin: Origin, fields: Mapping[str, object], raw: bytes) -> list[int]:
        """Numbers of the rules that an event meets, in order; none for an event without a log source.

        Args:
            origin: a dataset, or (product, category, service) of events with names of their own.
            fields: flat.
            raw: the same as JSON bytes; names and texts as `orjson.dumps` writes them.
        """
        dataset = self._datasets.get(origin)
        if dataset is None:
            dataset = self.dataset(origin)
        if dataset in DATASETS and "network.direction" not in fields:
            fields, raw = self._directed(fields, raw)
        return self._matcher.match(dataset, fields, raw)

    def match_all(self, records: Sequence[Record]) -> list[tuple[int, list[int]]]:
        """The same for many events at once: positions of those that meet rules, in order."""
        if not records:
            return []
        _, origins, fields, raws = zip(*records, strict=True)
        alone = origins[0]
        if origins.count(alone) == len(origins) and self.dataset(alone) not in DATASETS:
            return self._matcher.match_all(self.dataset(alone), fields, raws)
        places: dict[Origin, list[int]] = {}
        for place, origin in enumerate(origins):
            places.setdefault(origin, []).append(place)
        found: list[tuple[int, list[int]]] = []
        for origin, mine in places.items():
            dataset = self.dataset(origin)
            some = [records[place] for place in mine]
            if dataset in DATASETS:
                each = ((one, self.match(*record[1:])) for one, record in enumerate(some))
                found += [(mine[one], rules) for one, rules in each if rules]
            else:
                rows = self._matcher.match_all(
                    dataset, [one[2] for one in some], [one[3] for one in some]
                )
                found += [(mine[one], rules) for one, rules in rows]
        if len(places) > 1:
            found.sort(key=itemgetter(0))
        return found

    def match_unread(
        self, keys: Sequence[tuple[str, int | str]], raws: Sequence[bytes]
    ) -> list[tuple[int, list[int]]]:
        """The same for flat Windows events of which only channel and number were read (`keys`)."""
        return self._matcher.match_unread(self.dataset(WINDOWS), keys, raws)

    def _directed(
        self, fields: Mapping[str, object], raw: bytes
    ) -> tuple[Mapping[str, object], bytes]:
        event = Event(raw, cast("Fields", fields))
        direction = ""
        if self._is_internal:
            # Imported here: alerts, which a hunt over exported logs has none of.
            direction = import_module("detections.sigma.entities").direction_of(
                event, self._is_internal
            )
        if not direction:
            return fields, raw
        event = event.adding({"network.direction": direction})
        return event.fields, event.raw

    def observe(
        self,
        numbers: Sequence[int],
        fields: Mapping[str, object],
        time: int,
        event: object,
        origin: Origin,
    ) -> list[tuple[int, object]]:
        """Show correlations an event that some of `bases` met: numbers and events that complete them.

        Args:
            numbers: all rules that it met.
            fields: its fields.
            time: ns since the epoch.
            event: how it is to be called in the result.
            origin: as for `match`.
        """
        if self._windows is None:
            return []
        return self._told(self._windows.observe(numbers, fields, time, event, self.dataset(origin)))

    def finish(self) -> list[tuple[int, object]]:
        """The events have ended: what correlations complete at last."""
        return self._told(self._windows.finish()) if self._windows is not None else []

    def _told(self, hits: Sequence[CorrelationHit]) -> list[tuple[int, object]]:
        return [(self._places[id(hit.correlation)], hit.event) for hit in hits]

    def dataset(self, origin: Origin) -> str:
        """The dataset of an origin; empty where it has none."""
        if origin not in self._datasets:
            if isinstance(origin, tuple):
                product, category, service = origin
                dataset = self._dataset_of(Logsource(product, category, service))
            else:
                dataset = origin or self._unknown
            self._datasets[origin] = dataset
            if dataset and dataset not in self._barren:
                self._prepare(dataset)
        return self._datasets[origin]

    def _prepare(self, dataset: str) -> None:
        barren = self._barren[dataset] = {}
        fed = (dataset, *_ALSO.get(dataset, ()))
        known: dict[Logsource, list[Feed]] = {}
        for number, head in enumerate(self.heads):
            source = head.logsource
            found = known.get(source)
            if found is None:
                found = known[source] = feeds(source, fed)
            if found and all(feed.names.others is not None for feed in found):
                # Any name may be there: nothing is known before the rule's first event comes.
                self._matcher.add(self._later(number, dataset, feed) for feed in found)
                self._fed.add(number)
            elif found:
                entries, (row,) = _plan()([self._rules[number]], (dataset,))
                self._matcher.add(Entry(number, dataset, entry.condition) for entry in entries)
                if entries:
                    self._fed.add(number)
                else:
                    barren[number] = row.reason

    def _later(self, number: int, dataset: str, feed: Feed) -> Later:
        """A rule on a feed; by its sketch, where it has one that holds for the feed's names."""
        make = partial(_whole, self._rules, number, feed)
        rules = self._rules
        if not isinstance(rules, ShelvedRules):
            return Later(number, dataset, feed.when, make)
        own = rules.heads[number].sketch()
        if own.keeps(feed.names):
            sketch, make = own, partial(_as_it_is, rules.heads[number], feed)
        elif (renamed := own.renamed(feed.names)) is not None:
            sketch = renamed
        else:
            return Later(number, dataset, feed.when, make)
        when = feed.when if sketch.when is ALWAYS else _both(feed.when, sketch.when)
        return Later(number, dataset, when, make, sketch.literals)

    @staticmethod
    def _dataset_of(logsource: Logsource) -> str:
        return WINDOWS if logsource == Logsource(WINDOWS) else raw_dataset(logsource)

    def inert(self) -> list[Inert]:
        """Rules whose log source nothing can feed, or whose condition nothing that fed it can meet."""
        found: list[Inert] = []
        for number, rule in enumerate(self.heads):
            if number in self._fed:
                continue
            reasons = [rows[number] for rows in self._barren.values() if number in rows]
            if reasons:
                found.append(Inert(rule, reasons[0]))
            elif not known_datasets(rule.logsource):
                found.append(Inert(rule, f"nothing feeds the log source {rule.logsource}"))
        return found


@lru_cache(maxsize=4096)
def _both(one: Condition, other: Condition) -> Condition:
    """One object for all rules of a feed that ask for the same."""
    return simplified(All((one, other)))


@cache
def _plan() -> Callable[..., tuple[list[Entry], list[Covered]]]:
    """`coverage.plan`, imported with the first event of ours."""
    plan: Callable[..., tuple[list[Entry], list[Covered]]] = import_module(
        "detections.sigma.coverage"
    ).plan
    return plan


def _as_it_is(head: ShelvedRule, feed: Feed) -> Condition:
    """`_whole` of a rule whose fields have the same names in the events."""
    return narrowed(head.condition(), feed.when)


def _whole(rules: Sequence[LoadedRule], number: int, feed: Feed) -> Condition:
    whole = resolve(rules[number].condition, feed).condition
    return NEVER if whole == ALWAYS else whole
