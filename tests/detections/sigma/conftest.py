"""Random conditions and events that meet each other often, for the differential tests."""

import pytest
from hypothesis import strategies as st

from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Compare,
    Condition,
    Missing,
    Network,
    Not,
    Number,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    Truth,
    Wild,
)

FIELDS = ("a", "b.c", "d")
WORDS = (
    "", "x", "Admin", "admin", "ÄPFEL", "äpfel", "straße", "4624", "4.5", "true", "10.1.2.3", "2001:db8::1",
    'quo"te', "back\\slash", "new\nline", "*", "?", "K", "ſ", "İstanbul", "a.b", "注入", "\x00nul",
    "2026-11-21T07:49:45Z", "cmd.exe /c whoami",
)  # fmt: skip

words = st.sampled_from(WORDS)
scalars = st.one_of(
    words,
    st.tuples(words, words).map("".join),
    st.integers(-5, 5000),
    st.sampled_from([0.5, 4624.0, 4.5, 1591367999.3, 1700000000000]),
    st.booleans(),
)
values = st.one_of(scalars, st.lists(words, max_size=3), st.none())
_events = st.dictionaries(st.sampled_from(FIELDS), values, max_size=3)

fields = st.sampled_from(FIELDS)
anywhere = st.sampled_from((*FIELDS, ANY_FIELD))
parts = st.lists(
    st.one_of(words.filter(bool), st.sampled_from([Wild.MANY, Wild.ONE])), max_size=4
).map(tuple)
leaves = st.one_of(
    st.builds(Text, anywhere, parts, st.booleans()),
    st.builds(Text, fields, words.filter(bool).map(lambda word: (Wild.MANY, word, Wild.MANY))),
    st.builds(Text, fields, words.filter(bool).map(lambda word: (word,))),
    st.builds(Number, anywhere, st.sampled_from([4624, 4.5, 0, 1])),
    st.builds(Truth, fields, st.booleans()),
    st.builds(Compare, fields, st.sampled_from(["lt", "lte", "gt", "gte"]), st.integers(-2, 5000)),
    st.builds(Missing, fields),
    st.builds(Present, fields),
    st.builds(
        Regex,
        anywhere,
        st.sampled_from(
            ["adm.n", "^x", "(cmd|admin)", r"\d{2,}", "k", "(?!x)ad", "a|ä", "straße?"]
        ),
        st.sampled_from(["", "i", "im", "s"]),
    ),
    st.builds(Network, fields, st.sampled_from(["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0"])),
    st.builds(SameAs, fields, fields, st.booleans(), st.booleans(), st.booleans()),
    st.builds(
        TimePart,
        fields,
        st.sampled_from(["minute", "hour", "day", "week", "month", "year"]),
        st.one_of(st.integers(0, 60), st.just(2026)),
        st.sampled_from([None, "lt", "lte", "gt", "gte"]),
    ),
)
_conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=4).map(lambda many: All(tuple(many))),
        st.lists(inner, min_size=1, max_size=4).map(lambda many: Some(tuple(many))),
    ),
    max_leaves=10,
)


@pytest.fixture(scope="session")
def conditions() -> st.SearchStrategy[Condition]:
    """Conditions of every kind."""
    return _conditions


@pytest.fixture(scope="session")
def events() -> st.SearchStrategy[dict[str, object]]:
    """Fields of events that such conditions look at."""
    return _events
