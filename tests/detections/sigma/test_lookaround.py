import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.sigma.lookaround import lookaround_search

_atoms = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\d",
        r"\s",
        r"\b",
        "^",
        "$",
        "A",
        r"\n",
        "(?<=a)",
        "(?<!ab)",
    ]
)
_patterns = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "*?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
        inner.map(lambda one: f"(?={one})"),
        inner.map(lambda one: f"(?!{one})"),
    ),
    max_leaves=8,
)


@given(_patterns, st.sampled_from(["", "i", "m", "s", "ims"]), st.text("abAB1 \n_", max_size=8))
def test_it_finds_what_a_backtracking_engine_finds(pattern: str, flags: str, text: str) -> None:
    prefix = f"(?a{flags})"
    assert lookaround_search(pattern, flags)(text) == bool(re.search(prefix + pattern, text))


@pytest.mark.parametrize(
    "pattern", [r"(?!x)(a+)+$", r"^(?=.*q).*(a|aa)+b", r"(?<!x)(\w+`?)+!", "(?!y)(.*)(.*)(.*)(.*)z"]
)
def test_what_explodes_elsewhere_is_linear_here(pattern: str) -> None:
    assert not lookaround_search(pattern, "")("a" * 16_000 + "?")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1(?=b)", "linear time"),
        ("(?>a)b", "linear time"),
        ("(a)?(?(1)b|c)", "linear time"),
        ("(open", "not valid"),
        ("((a{1000}){1000}){1000}", "repeats too much"),
    ],
)
def test_what_cannot_be_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        lookaround_search(pattern, "")
