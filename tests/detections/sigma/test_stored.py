"""Rules as queries: never fewer events than the engine matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import (
    Compare,
    Condition,
    Leaf,
    Missing,
    Network,
    Number,
    Operator,
    Present,
    Regex,
    SameAs,
    Text,
    TimePart,
    TimeUnit,
    Truth,
    Wild,
    replaced,
)
from detections.sigma.oracle import holds
from detections.sigma.stored import narrow, wide
from fengsui.event import make_event
from fengsui.ids import digest_id
from fengsui.query.lucene import parse_lucene
from fengsui.query.match import matches
from fengsui.query.render import to_lucene
from fengsui.store.salvage import row_of
from tests.detections.sigma import conftest as random_sigma

FIELDS = (
    "user.name",
    "source.port",
    "source.ip",
    "x.custom",
    "network.direction",
    "message",
    "event.start",
)
ODD = [
    1e16,
    1e-7,
    443,
    "443",
    443.0,
    2**60,
    "1E16",
    ["a", None],
    {"k": "Admin"},
    [["Admin"]],
    "İx",
    "ix",
    "x",
    "ΑΣ",
    "fe80::1%eth0",
    "::ffff:10.1.2.3",
    "FE80::1",
    "10.1.2.3",
    "true",
    True,
    "inbound",
    "",
    "e16",
    "a",
    "A",
    "who\nI am",
    "teſt",
    "test",
    "Admin",
    None,
    "2026-11-21T07:49:45Z",
]
PATTERNS = [
    ("1e16",),
    (Wild.MANY, "e16"),
    ("1e-7",),
    ("443",),
    ("İx",),
    ("ix",),
    (Wild.ONE, "x"),
    ("{", Wild.MANY),
    ("x",),
    (Wild.MANY, "ound"),
    (Wild.MANY,),
    (),
    ("443.0",),
    ("ΑΣ",),
    ("*",),
    ("a",),
    (Wild.MANY, "adm", Wild.MANY),
    ("İ",),
    (Wild.ONE, Wild.ONE, "x"),
    (Wild.MANY, "e", Wild.MANY),
    ("ΑΣ", Wild.MANY),
    (Wild.MANY, "Admin", Wild.MANY),
]
NUMBERS = [443, 443.0, 442.5, 10**16, 1e16, 2**60, -7]
NETWORKS = ["10.0.0.0/8", "fe80::/10", "::/0", "::ffff:0:0/96"]
REGEXES = [
    "e16",
    "^[^a]$",
    "adm|x",
    "who.i",
    "(?i)ADMIN",
    "3$",
    ".",
    "te.t",
    "test",
    "(?!x)ad",
    "1e1",
]
FLAGS = ["", "i", "ims"]
ORDERS: list[Operator] = ["lt", "lte", "gt", "gte"]
UNITS: list[TimeUnit] = ["hour", "year"]
values = st.one_of(random_sigma.values, st.sampled_from(ODD))
fields_of_events = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4)


def leaves_of(name: str) -> Iterator[Leaf]:
    """Leaves of every kind over one field."""
    yield from (Text(name, parts, cased) for parts in PATTERNS for cased in (False, True))
    yield from (Number(name, number) for number in NUMBERS)
    yield from (Compare(name, order, number) for order in ORDERS for number in NUMBERS)
    yield from (Network(name, cidr) for cidr in NETWORKS if name)
    yield from (Regex(name, regex, flags) for regex in REGEXES for flags in FLAGS)
    yield from (Truth(name, truth) for truth in (True, False))
    yield from (TimePart(name, unit, 2026) for unit in UNITS)
    if name:
        yield from (
            Missing(name),
            Present(name),
            SameAs(name, "user.name"),
            SameAs("user.name", name),
        )


EXTRA = st.sampled_from([leaf for name in FIELDS for leaf in leaves_of(name)])


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Conditions over fields of all kinds."""
    names = dict(zip(random_sigma.FIELDS, draw(st.permutations(FIELDS)), strict=False))

    def change(leaf: Leaf, _positive: bool) -> Condition:
        if draw(st.integers(0, 3)) == 0:
            return draw(EXTRA)
        if isinstance(leaf, SameAs):
            leaf = replace(leaf, other=names[leaf.other])
        return replace(leaf, field=names.get(leaf.field, leaf.field))

    return replaced(draw(random_sigma._conditions), change)


def as_stored(fields: dict[str, object]) -> dict[str, object]:
    event = make_event(
        id=digest_id("x"),
        time=1_790_000_000_000_000_000,
        dataset="dns",
        fields=fields,  # type: ignore[arg-type]
    )
    row = row_of(event.raw)
    return {**row.fields, **row.rest, "event.id": row.id}


def seen(fields: dict[str, object], direction: str) -> dict[str, object]:
    """What the engine looks at: it reckons a direction that the event lacks."""
    return (
        fields
        if "network.direction" in fields or not direction
        else {**fields, "network.direction": direction}
    )


def never_fewer(condition: Condition, fields: dict[str, object], direction: str = "") -> None:
    matched = holds(condition, seen(fields, direction))
    assert not matched or matches(wide(condition), fields)
    assert matched or not matches(narrow(condition), fields)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conditions(), fields_of_events, st.sampled_from(["", "inbound", "internal"]))
def test_never_fewer(condition: Condition, given_fields: dict[str, object], direction: str) -> None:
    fields = as_stored(given_fields)
    never_fewer(condition, fields, direction)
    again = parse_lucene(to_lucene(wide(condition)))
    assert matches(again, fields) == matches(wide(condition), fields)


@pytest.mark.parametrize("name", [*FIELDS, ""])
def test_never_fewer_by_one_leaf(name: str) -> None:
    """Each leaf on each odd value: the traps meet."""
    events = [as_stored({name or "message": value, "user.name": "x"}) for value in ODD]
    met = 0
    for leaf in leaves_of(name):
        for fields in events:
            direction = "inbound" if name == "network.direction" else ""
            never_fewer(leaf, fields, direction)
            met += holds(leaf, fields)
    assert met > 20
