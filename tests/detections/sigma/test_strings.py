import pytest

from detections.sigma.conditions import Parts, Wild
from detections.sigma.strings import joined, parts_of

MANY, ONE = Wild.MANY, Wild.ONE


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("a*b?", ("a", MANY, "b", ONE)),
        (r"\*", ("*",)),
        (r"\?", ("?",)),
        (r"a\b", (r"a\b",)),
        (r"a\\b", (r"a\b",)),
        (r"\\*", ("\\", MANY)),
        (r"\\\*", (r"\*",)),
        (r"\\\\*", (r"\\", MANY)),
        (r"\\\x", (r"\\x",)),
        (r"\\\\x", (r"\\x",)),
        ("end\\", ("end\\",)),
        ("**", (MANY,)),
        ("*?*", (MANY, ONE, MANY)),
        (r"C:\Users\*\x", (r"C:\Users*\x",)),
    ],
)
def test_escapes(text: str, parts: Parts) -> None:
    assert parts_of(text) == parts


def test_joined_is_the_one_form() -> None:
    assert joined(["a", "", "b", MANY, MANY, "c"]) == ("ab", MANY, "c")
