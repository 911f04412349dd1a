"""The register: taken whole or not at all, and every fault is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.register import read_register
from fengsui.errors import FengsuiError

ROOT = Path(__file__).resolve().parents[2]
GOOD = """
[[unit]]
id = "edu"
name = "区教育局"
users = 12
[[network]]
cidr = "10.1.0.0/16"
unit = "edu"
plane = "data"
[[asset]]
id = "web"
addresses = ["10.1.0.5"]
unit = "edu"
logs = ["http"]
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "assets.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_register_is_read(tmp_path: Path) -> None:
    plan = read_register(_written(tmp_path, GOOD))
    assert (plan.units[0].users, plan.assets[0].name, plan.assets[0].logs) == (12, "web", ("http",))


def test_the_one_of_the_manual_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs/operating/register.md").read_text("utf-8")
    shown = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0]
    assert len(read_register(_written(tmp_path, shown)).assets) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('unit = "edu"\nplane', 'unit = "nobody"\nplane'), "nobody"),
        (("[[asset]]", '[[unit]]\nid = "edu"\nname = "x"\n[[asset]]'), "twice"),
        (('"10.1.0.5"', '"10.1.0.500"'), "10.1.0.500"),
        (('"10.1.0.0/16"', '"ten"'), "ten"),
        (("users = 12", "users = -1"), "users"),
        (("users = 12", "user = 12"), "user"),
        (('["http"]', '["htpp"]'), "htpp"),
        (("[[unit]]", "[[unit"), "line"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(FengsuiError) as caught:
        read_register(_written(tmp_path, GOOD.replace(*change)))
    assert told in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FengsuiError, match="nothing was changed"):
        read_register(tmp_path / "none.toml")
