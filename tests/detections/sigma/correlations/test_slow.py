"""The engine against a slow one, written from the words of docs/reference/sigma-correlations.md.

The slow one keeps all events, and for each event looks at the whole window that ends with it.
"""

import itertools
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.correlations.engine import CorrelationHit, Correlations
from detections.sigma.correlations.link import Linked
from detections.sigma.correlations.ordered import Ordered
from fengsui.clock import SECOND

T = 10  # seconds, of every correlation here
LATENESS = 4
PLACES = "abc"
COMPARE = {
    "gt": lambda value, limit: value > limit,
    "gte": lambda value, limit: value >= limit,
    "lt": lambda value, limit: value < limit,
    "lte": lambda value, limit: value <= limit,
    "eq": lambda value, limit: value == limit,
    "neq": lambda value, limit: value != limit,
}


@dataclass(frozen=True)
class Base:
    """One event that meets rules."""

    number: int
    time: int
    rules: str  # of PLACES
    user: object
    host: object
    size: object

    @property
    def fields(self) -> dict[str, object]:
        named = {"User": self.user, "Host": self.host, "Size": self.size}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Spec:
    """A correlation in a form that both engines read."""

    kind: str
    rules: str
    condition: dict[str, float] | str
    grouped: bool = True
    fields: tuple[str, ...] = ()
    percentile: int | None = None

    def section(self) -> str:
        group = ", group-by: [User]" if self.grouped else ""
        parts: dict[str, object] = {}
        if isinstance(self.condition, dict):
            parts |= self.condition
            if self.fields:
                parts["field"] = list(self.fields) if len(self.fields) > 1 else self.fields[0]
            if self.percentile is not None:
                parts["percentile"] = self.percentile
        condition = repr(self.condition) if isinstance(self.condition, str) else str(parts)
        names = ", ".join(self.rules)
        return f"{{type: {self.kind}, rules: [{names}], timespan: {T}s, condition: {condition}{group}}}"

    @property
    def undone_by_more(self) -> bool:
        """Whether later events can undo it, so that it waits for the end of the timespan."""
        if isinstance(self.condition, str):
            return "not" in self.condition
        if self.kind == "value_percentile" and self.percentile is None:
            return False
        return bool(self.condition.keys() - {"gt", "gte"})


# --- the slow engine ------------------------------------------------------------------------------


def met(spec: Spec, window: Sequence[Base]) -> bool:
    """Whether the events of a window (the last one ends it) meet the condition."""
    if isinstance(spec.condition, str):
        return expression(spec, window)
    value = measured(spec, window)
    return value is not None and all(
        COMPARE[name](value, limit) for name, limit in spec.condition.items()
    )


def measured(spec: Spec, window: Sequence[Base]) -> float | Fraction | None:
    match spec.kind:
        case "event_count":
            return len(window)
        case "temporal":
            return sum(any(name in event.rules for event in window) for name in spec.rules)
        case "temporal_ordered":
            sizes = range(len(spec.rules), 0, -1)
            chosen = (one for size in sizes for one in itertools.combinations(spec.rules, size))
            return next((len(one) for one in chosen if in_order(one, window)), 0)
        case "value_count":
            return len({value for event in window for value in values(spec, event)})
    if spec.kind == "value_percentile" and spec.percentile is None:
        everything = [value for event in window for value in values(spec, event)]
        shares = [everything.count(value) for value in values(spec, window[-1])]
        return 100 * min(shares) / len(everything)
    numbers = [number for event in window for number in numbers_of(event)]
    match spec.kind:
        case "value_sum":
            return sum(map(Fraction, numbers))
        case "value_avg":
            return float(sum(map(Fraction, numbers)) / len(numbers))
        case "value_median":
            return statistics.median(numbers)
        case _:
            assert spec.percentile is not None
            ranked = sorted(numbers)
            rank = (len(ranked) - 1) * spec.percentile / 100
            low = int(rank)
            high = min(low + 1, len(ranked) - 1)
            return ranked[low] * (1 - (rank - low)) + ranked[high] * (rank - low)


def in_order(names: Sequence[str], window: Sequence[Base]) -> bool:
    """Whether different events meet the rules one after the other."""
    rest = iter(window)
    return all(any(name in event.rules for event in rest) for name in names)


def expression(spec: Spec, window: Sequence[Base]) -> bool:
    seen = {name: any(name in event.rules for event in window) for name in spec.rules}
    if spec.kind == "temporal":
        return bool(eval(str(spec.condition), {}, seen))
    # Ordered: the rules asked for are a sequence; those ruled out are absent.
    for size in range(len(spec.rules) + 1):
        for chosen in itertools.combinations(spec.rules, size):
            if in_order(chosen, window) and eval(
                str(spec.condition).replace("not ", "absent_"),
                {},
                {name: name in chosen for name in spec.rules}
                | {f"absent_{name}": not seen[name] for name in spec.rules},
            ):
                return True
    return False


def texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(str(one).lower() for one in found if one is not None))


def values(spec: Spec, event: Base) -> list[object]:
    columns = [texts(event.fields.get(name)) for name in spec.fields]
    return columns[0] if len(columns) == 1 else list(itertools.product(*columns))


def numbers_of(event: Base) -> list[float]:
    found: list[float] = []
    for value in event.size if isinstance(event.size, list) else [event.size]:
        try:
            found.append(float(value) if isinstance(value, str) else value)
        except (TypeError, ValueError):
            continue
    return [one for one in found if one is not None and not isinstance(one, bool)]


def usable(spec: Spec, event: Base) -> bool:
    if not set(event.rules) & set(spec.rules):
        return False
    if spec.fields == ("Size",) and spec.kind != "value_count" and spec.percentile is not None:
        return bool(numbers_of(event))
    if spec.kind in {"value_sum", "value_avg", "value_median"}:
        return bool(numbers_of(event))
    return not spec.fields or bool(values(spec, event))


def grouped(spec: Spec, events: Sequence[Base]) -> dict[str, list[Base]]:
    groups: dict[str, list[Base]] = {}
    for event in events:
        if usable(spec, event):
            for key in texts(event.user) if spec.grouped else [""]:
                groups.setdefault(key, []).append(event)
    return groups


def before(events: Sequence[Base], place: int) -> list[Base]:
    """The window that ends with an event: [t - T, t], later ones of the same time not in it."""
    return [one for one in events[: place + 1] if one.time >= events[place].time - T]


def slow(spec: Spec, events: Sequence[Base]) -> list[tuple[str, int]]:
    """(group, number of the completing event) of events sorted by time."""
    found: list[tuple[str, int]] = []
    for key, group in grouped(spec, events).items():
        fired: int | None = None
        holds = [met(spec, before(group, place)) for place in range(len(group))]
        for place, event in enumerate(group):
            if not holds[place] or (fired is not None and event.time <= fired + T):
                continue
            later = [
                holds[other]
                for other in range(place, len(group))
                if group[other].time <= event.time + T
            ]
            if all(later) or not spec.undone_by_more:
                found.append((key, event.number))
                fired = event.time
    return sorted(found)


def slow_on_arrival(spec: Spec, arrivals: Sequence[Base]) -> list[tuple[str, int]]:
    """The same for conditions judged at once: with each arrival, every window that holds it."""
    found: list[tuple[str, int]] = []
    for key, group in grouped(spec, arrivals).items():
        fired: int | None = None
        for count in range(1, len(group) + 1):
            event = group[count - 1]
            known = sorted(group[:count], key=lambda one: one.time)
            for place in range(known.index(event), len(known)):
                end = known[place].time
                if end > event.time + T or (fired is not None and end <= fired + T):
                    continue
                if met(spec, before(known, place)):
                    found.append((key, event.number))
                    fired = end
                    break
    return sorted(found)


# --- random correlations and events ---------------------------------------------------------------

limits = st.integers(1, 4)
rising = st.one_of(
    st.fixed_dictionaries({"gte": limits}),
    st.fixed_dictionaries({"gt": st.integers(0, 3)}),
)
falling = st.one_of(
    st.fixed_dictionaries({"lt": st.integers(2, 5)}),
    st.fixed_dictionaries({"lte": limits}),
    st.fixed_dictionaries({"eq": limits}),
    st.fixed_dictionaries({"neq": limits}),
    st.integers(1, 3).map(lambda low: {"gte": low, "lt": low + 2}),
    st.integers(1, 3).map(lambda low: {"gt": low - 1, "lte": low + 1}),
)
conditions = st.one_of(rising, falling)
rule_lists = st.sampled_from(["a", "ab", "abc"])
expressions = st.sampled_from(
    ["a and b", "a or b and c", "(a or b) and c", "a and not b", "not a and (b or c)", "not a or b"]
)
sizes = st.one_of(
    st.integers(-3, 5), st.sampled_from([0.1, 0.2, 2.5, "3", "1e0", "x", None, [1, "2"], [], True])
)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    kind = draw(
        st.sampled_from(
            [
                "event_count",
                "value_count",
                "temporal",
                "temporal_ordered",
                "value_sum",
                "value_avg",
                "value_median",
                "value_percentile",
                "share",
            ]
        )
    )
    grouped_by = draw(st.booleans())
    names = draw(rule_lists)
    if kind in {"temporal", "temporal_ordered"} and draw(st.booleans()):
        condition = draw(expressions)
        return Spec(kind, "".join(sorted(set(condition) & set(PLACES))), condition, grouped_by)
    if kind == "temporal_ordered":
        condition = draw(conditions.filter(lambda one: one.get("gte", 0) <= len(names)))
        if set(condition) <= {"gt", "gte"} and min(condition.values()) >= len(names):
            condition = {"gte": len(names)}
        return Spec(kind, names, condition, grouped_by)
    if kind == "value_count":
        fields = draw(st.sampled_from([("Host",), ("Size",), ("Host", "Size")]))
        return Spec(kind, names, draw(conditions), grouped_by, fields)
    if kind == "share":
        limit = draw(st.sampled_from([{"lte": 30}, {"lt": 50}, {"gte": 60}]))
        return Spec("value_percentile", names, limit, grouped_by, ("Host",))
    fields = ("Size",) if kind.startswith("value_") else ()
    percentile = draw(st.sampled_from([0, 25, 90, 100])) if kind == "value_percentile" else None
    return Spec(kind, names, draw(conditions), grouped_by, fields, percentile)


@st.composite
def streams(draw: st.DrawFn) -> list[Base]:
    """Events in order of time, a second being the smallest step."""
    found: list[Base] = []
    time = 1000
    for number in range(draw(st.integers(0, 22))):
        time += draw(st.sampled_from([0, 0, 1, 1, 2, 3, 5, 10, 11, 25]))
        found.append(
            Base(
                number,
                time,
                draw(st.sampled_from(["a", "a", "b", "c", "ab", "bc", "abc"])),
                draw(st.sampled_from(["u", "U", "v", 7, "7", None, ["u", "v"], ["V", "v"]])),
                draw(st.sampled_from(["h", "H", "i", "j", 3, None, ["h", "k"]])),
                draw(sizes),
            )
        )
    return found


def told(hits: Sequence[CorrelationHit]) -> list[tuple[str, int]]:
    return sorted(
        (hit.key[0][1].lower() if hit.key else "", hit.event)  # type: ignore[misc]
        for hit in hits
    )


def numbers(event: Base) -> list[int]:
    return [PLACES.index(name) for name in event.rules]


def run(linked: Linked, arrivals: Sequence[Base]) -> list[tuple[str, int]]:
    """As the worker does: each event at once, and the clock moves with the newest."""
    engine = Correlations(linked, lateness=LATENESS * SECOND)
    hits: list[CorrelationHit] = []
    clock = 0
    for event in arrivals:
        clock = max(clock, event.time)
        hits += engine.observe(numbers(event), event.fields, event.time * SECOND, event.number)
        hits += engine.advance(clock * SECOND)
    return told([*hits, *engine.finish()])


def run_sorted(linked: Linked, arrivals: Sequence[Base], waiting: int) -> list[tuple[str, int]]:
    """As a hunt does."""
    engine = Ordered(Correlations(linked, lateness=0), most_waiting=waiting)
    hits: list[CorrelationHit] = []
    for event in arrivals:
        hits += engine.observe(numbers(event), event.fields, event.time * SECOND, event.number)
    return told([*hits, *engine.finish()])


@settings(max_examples=120, deadline=None)
@given(spec=specs(), events=streams())
def test_in_order_it_equals_the_slow_one(
    correlating_session: Callable[..., Linked], spec: Spec, events: list[Base]
) -> None:
    linked = correlating_session(spec.section())
    assert run(linked, events) == slow(spec, events)


@settings(max_examples=60, deadline=None)
@given(spec=specs(), events=streams(), data=st.data())
def test_a_hunt_equals_it_whatever_the_order_of_the_file(
    correlating_session: Callable[..., Linked], spec: Spec, events: list[Base], data: st.DataObject
) -> None:
    linked = correlating_session(spec.section())
    shuffled = data.draw(st.permutations(events))
    # Of events with the same time the one that comes first counts as the earlier.
    ordered = sorted(shuffled, key=lambda event: event.time)
    assert run_sorted(linked, shuffled, 1000) == slow(spec, ordered)


@settings(max_examples=100, deadline=None)
@given(spec=specs(), events=streams(), data=st.data())
def test_out_of_order_inside_the_lateness_it_equals_the_slow_one(
    correlating_session: Callable[..., Linked], spec: Spec, events: list[Base], data: st.DataObject
) -> None:
    linked = correlating_session(spec.section())
    delays = data.draw(
        st.lists(st.integers(0, LATENESS), min_size=len(events), max_size=len(events))
    )
    places = sorted(range(len(events)), key=lambda place: events[place].time + delays[place])
    arrivals = [events[place] for place in places]
    if spec.undone_by_more:
        expected = slow(spec, sorted(arrivals, key=lambda event: event.time))
    else:
        expected = slow_on_arrival(spec, arrivals)
    assert run(linked, arrivals) == expected


@pytest.fixture(scope="session")
def correlating_session(request: pytest.FixtureRequest) -> Callable[..., Linked]:
    """Linking is slow beside what is tested: one text is linked once."""
    known: dict[str, Linked] = {}
    make = request.getfixturevalue("linked_maker")

    def linked(section: str) -> Linked:
        if section not in known:
            known[section] = make(section)
        return known[section]

    return linked
