import pytest

from detections.sigma.conditions import All, Condition, Not, Number, Some, simplified
from detections.sigma.expression import MOST_TESTS, parsed
from detections.sigma.faults import WrongRule

A, B, C, HIDDEN = (Number(name, 1) for name in "abch")
NAMES: dict[str, Condition] = {"a": A, "b": B, "sel_c": C, "_hidden": HIDDEN}
SIZES = dict.fromkeys(NAMES, 1)


def read(text: str) -> Condition:
    return simplified(parsed(text, NAMES, SIZES, 9))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a", A),
        ("a or b and sel_c", Some((A, All((B, C))))),
        ("a and b or sel_c", Some((All((A, B)), C))),
        ("not a and b", All((Not(A), B))),
        ("not (a and b)", Not(All((A, B)))),
        ("not not a", A),
        ("a and not b and not sel_c", All((A, Not(B), Not(C)))),
        ("(((a)))", A),
        ("a AND (b OR NOT sel_c)", All((A, Some((B, Not(C)))))),
        ("1 of them", Some((A, B, C))),
        ("any of them", Some((A, B, C))),
        ("all of them", All((A, B, C))),
        ("1 of _*", HIDDEN),
        ("1 of *", Some((A, B, C))),
        ("1 of sel_*", C),
        ("1 of *_c", C),
        ("all of a", A),
        ("a and not 1 of filter_*", A),
        ("not 1 of them or _hidden", Some((Not(Some((A, B, C))), HIDDEN))),
        ("a\n  and\tb", All((A, B))),
        ("(" * 1000 + "a" + ")" * 1000, A),
        ("not " * 10_001 + "a", Not(A)),
        (" or ".join(["a", "b"] * 5_000), Some((A, B))),
        ("(a or " * 1000 + "b" + ")" * 1000, Some((A, B))),
    ],
)
def test_conditions(text: str, condition: Condition) -> None:
    assert read(text) == condition


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a b", "without and/or"),
        ("a and", "ends where"),
        ("and a", "stands where"),
        ("a or or b", "stands where"),
        ("(a", "not closed"),
        ("a)", "not opened"),
        ("()", "stands where"),
        ("not", "ends where"),
        ("z", "'z' not defined"),
        ("a or 1 of z_*", "selects nothing"),
        ("a and not all of z_*", "selects nothing"),
        ("not (a and not 1 of z_*)", "selects nothing"),
        ("2 of sel*", "'2 of' is not Sigma"),
        ("1 of", "not followed"),
        ("1 of (a)", "not followed"),
        ("a | count() > 5", "pipe syntax"),
        ("(a and not (b or " * 200 + "a" + "))" * 200, "nested deeper"),
        ("(" * 1000 + "a", "not closed"),
    ],
)
def test_faults(text: str, reason: str) -> None:
    with pytest.raises(WrongRule, match=reason) as caught:
        read(text)
    assert caught.value.line == 9


def test_words_of_the_language_in_capitals_may_be_names() -> None:
    names: dict[str, Condition] = {"AND": A, "all": B, "1": C, "选择": HIDDEN}
    sizes = dict.fromkeys(names, 1)
    assert parsed("AND and all and 1", names, sizes, 1) == All((A, B, C))
    assert parsed("选择 or all", names, sizes, 1) == Some((HIDDEN, B))


def test_repeating_large_selections_is_bounded() -> None:
    sizes = {"a": MOST_TESTS // 10}
    with pytest.raises(WrongRule, match="more than"):
        parsed(" or ".join(["a"] * 11), {"a": A}, sizes, 1)
