"""Events and queries for the contract suite: small pools, so that queries hit; odd values too."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from fengsui.clock import HOUR, SECOND
from fengsui.event import Event, make_event
from fengsui.ids import digest_id
from fengsui.query.pattern import escape, has_wildcards
from fengsui.query.tree import (
    All,
    Anywhere,
    Everything,
    Exists,
    Not,
    Query,
    Range,
    Regex,
    Term,
)
from fengsui.query.tree import Any as AnyOf

START = 1_770_000_000 * SECOND

WORDS = [
    "a",
    "A",
    "ab",
    "example.cn",
    "Mail.Example.CN",
    "烽燧",
    "ÄB",
    "a*b",
    "x\\y",
    "50%",
    "a_b",
    "",
    "true",
    "10",
    "İ",
    "Σ",
]
ADDRESSES = [
    "10.0.0.1",
    "10.0.0.9",
    "9.1.1.1",
    "192.168.1.1",
    "2001:db8::1",
    "2001:DB8::1",
    "::1",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
]
NUMBERS = [0, 1, 5, 10, 443, -3, 2**40, 2**63 - 1]
DATES = [
    "2026-02-02T00:00:00.000000Z",
    "2026-02-02T10:00:00.123456Z",
    "1999-12-31T23:59:59.999999Z",
]
POOLS: dict[str, list[Any]] = {
    "source.ip": ADDRESSES,
    "destination.ip": ADDRESSES,
    "related.ip": [[one] for one in ADDRESSES] + [ADDRESSES[:3], []],
    "source.port": NUMBERS,
    "network.bytes": NUMBERS,
    "dns.answers.ttl": [[1, 5], [10]],
    "dns.question.name": WORDS,
    "user.name": WORDS,
    "dns.answers.data": [WORDS[:3], ["ÄB", "x"], ["a"]],
    "event.start": DATES,
    "zeek.connection.local_orig": [True, False],
    "message": WORDS,
}
ODD: list[Any] = [
    "text",
    7,
    1.5,
    True,
    ["a", "B"],
    [1, None, "x"],
    {"k": {"z": [1]}},
    [],
    "10.0.0.1",
]
UNKNOWN = ["x.custom", "Weird Name", "钥匙"]
FIELDS = [*POOLS, *UNKNOWN, "event.id", "@timestamp", "event.dataset", "absent.field"]


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(list(POOLS)), max_size=6, unique=True))
    found: dict[str, Any] = {name: draw(st.sampled_from(POOLS[name])) for name in names}
    if draw(st.integers(0, 4)) == 0:
        odd = draw(st.lists(st.sampled_from([*POOLS, *UNKNOWN]), max_size=2, unique=True))
        found |= {name: draw(st.sampled_from(ODD)) for name in odd}
    return found


def corpus(count: int) -> list[Event]:
    """Events of all kinds over three days, odd ones among them, always the same."""
    r = random.Random(6)
    made: list[Event] = []
    for number in range(count):
        values = {name: r.choice(POOLS[name]) for name in POOLS if r.random() < 0.4}
        if r.random() < 0.1:
            values |= {name: r.choice(ODD) for name in r.sample([*POOLS, *UNKNOWN], 2)}
        time = START + r.randrange(72 * 3600) * SECOND + r.randrange(1000) * 1_000
        dataset = r.choice(["dns", "flow", "tls", "made.up"])
        made.append(make_event(id=digest_id(number), time=time, dataset=dataset, fields=values))
    return made


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    made: list[Event] = []
    for number in range(draw(st.integers(0, 25))):
        time = START + draw(st.integers(-3, 60)) * HOUR // 2 + draw(st.integers(0, 3)) * SECOND
        dataset = draw(st.sampled_from(["dns", "flow", "tls", "made.up"]))
        values = draw(fields())
        made.append(
            make_event(
                id=digest_id(number, time, dataset), time=time, dataset=dataset, fields=values
            )
        )
    return made


def _wildcards(word: str, kind: int) -> str:
    safe = escape(word)
    return [
        f"{safe}*",
        f"*{safe}",
        f"*{safe}*",
        f"{safe[:1] if safe[:1] not in {chr(92)} else ''}?*",
        "?" * len(word),
        "*",
    ][kind]


def _values() -> st.SearchStrategy[str]:
    numbers = [*map(str, NUMBERS), "5.0", "1e1", "4.5", "-3"]
    nets = [
        "10.0.0.0/8",
        "10.0.0.0/30",
        "::/0",
        "2001:db8::/32",
        "0.0.0.0/0",
        "10.0.0.0/33",
        "::ffff:0:0/96",
    ]
    dates = [
        *DATES,
        "2026-02-02",
        "2026-02",
        "2026",
        "2026-02-02T10:00",
        "2026-02-02T18:00:00+08:00",
        "2026-02-30",
    ]
    return st.sampled_from(
        [*WORDS, *ADDRESSES, *numbers, *nets, *dates, "dns", "FLOW", "text", "{"]
    )


@st.composite
def leaves(draw: st.DrawFn) -> Query:
    name = draw(st.sampled_from(FIELDS))
    value = draw(_values())
    match draw(st.integers(0, 6)):
        case 0 | 1:
            return Term(name, value)
        case 2:
            pattern = _wildcards(value, draw(st.integers(0, 5)))
            return Term(name, pattern, True) if has_wildcards(pattern) else Term(name, value)
        case 3:
            return Exists(name)
        case 4:
            low, high = draw(st.none() | _values()), draw(st.none() | _values())
            return Range(name, low, high, draw(st.booleans()), draw(st.booleans()))
        case 5:
            return Anywhere(draw(st.sampled_from([escape(value), f"{escape(value)}*", "?"])))
        case _:
            return Regex(
                name,
                draw(
                    st.sampled_from(
                        ["a.*", "[0-9.]+", "(a|b)?", ".*example.*", "ä.", "\\d{4}-.*", "t.*"]
                    )
                ),
            )


_TAILS = st.sampled_from(["*", "?", "*a", "*"])


@st.composite
def long_lists(draw: st.DrawFn) -> Query:
    """An OR of some real values among many that nothing has."""
    name = draw(st.sampled_from(FIELDS))
    values = [*(f"zz{number}" for number in range(20)), *draw(st.lists(_values(), max_size=3))]
    match draw(st.integers(0, 2)):
        case 0:
            parts: list[Query] = [Term(name, value) for value in values]
        case 1:
            tail, how = draw(_TAILS), draw(st.integers(0, 5))
            parts = [Term(name, _wildcards(value, how) + tail, True) for value in values]
        case _:
            parts = [Anywhere(escape(value)) for value in values]
    found = AnyOf(tuple(parts))
    return Not(found) if draw(st.booleans()) else found


def queries() -> st.SearchStrategy[Query]:
    return st.recursive(
        leaves() | st.just(Everything()),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        ),
        max_leaves=5,
    )
