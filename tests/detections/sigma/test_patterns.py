from hypothesis import given
from hypothesis import strategies as st

from detections.sigma.conditions import Wild
from detections.sigma.oracle import like
from detections.sigma.patterns import lowered, text_test

letters = st.text("aB.", max_size=3)
patterns = st.lists(
    st.lists(st.one_of(letters.filter(bool), st.sampled_from(list(Wild))), max_size=4).map(tuple),
    min_size=1,
    max_size=4,
)


@given(patterns, letters)
def test_many_patterns_are_any_of_them(many: list[tuple[str | Wild, ...]], text: str) -> None:
    assert bool(text_test(many)(text)) == any(like(text, one) for one in many)


def test_lowered_leaves_wildcards_alone() -> None:
    assert lowered(("AB", Wild.MANY, "c")) == ("ab", Wild.MANY, "c")
