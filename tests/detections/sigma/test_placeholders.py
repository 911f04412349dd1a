import pytest

from detections.sigma.faults import Unsupported, WrongRule
from detections.sigma.placeholders import Scalar, expanded

KNOWN: dict[str, list[Scalar]] = {
    "admins": ["adm*", "root"],
    "ports": [22, 3389],
    "none": [],
    "n": ["1"] * 100,
}


def fill(text: str) -> list[Scalar]:
    return expanded(text, KNOWN, str, 3)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("plain", ["plain"]),
        ("%admins%", ["adm*", "root"]),
        ("%ports%", [22, 3389]),
        ("port %ports%", ["port 22", "port 3389"]),
        (r"*\\%admins%\*", [r"*\\adm*\*", r"*\\root\*"]),
        (r"100\% and %admins%", ["100% and adm*", "100% and root"]),
        (r"\%admins%", ["%admins%"]),
        ("50%", ["50%"]),
        ("%admins%@%ports%", ["adm*@22", "adm*@3389", "root@22", "root@3389"]),
    ],
)
def test_values(text: str, values: list[Scalar]) -> None:
    assert fill(text) == values


@pytest.mark.parametrize("name", ["missing", "none"])
def test_what_nothing_fills_names_the_setting(name: str) -> None:
    with pytest.raises(Unsupported, match=f"detection.placeholders.{name}") as caught:
        fill(f"x%{name}%")
    assert caught.value.line == 3


def test_products_are_bounded() -> None:
    with pytest.raises(WrongRule, match="more than"):
        fill("%n%%n%%n%")
