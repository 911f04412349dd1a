from pathlib import Path

import pytest

from detections.indicators.lists import Indicator, normal_url, read_lists, read_text
from fengsui.clock import from_iso
from fengsui.errors import RuleError
from fengsui.severity import Severity

PLACE = Path("lists/own.txt")
SHA256 = "a" * 64


def kinds(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in read_text(text, PLACE)]


def test_the_kind_of_a_line_is_told_by_its_form() -> None:
    text = f"""
# comment
203.0.113.9
203.0.113.77/25   # a network, written by one of its hosts
2001:DB8::1
*.Evil.Example.
häuser.example
http://Evil.example/Path/x?y=1#z
evil.example/drop
{SHA256.upper()}
{"b" * 40}
{"c" * 32}
t13d1516h2_8daaf6152771_b186095e22b6
"""
    assert kinds(text) == [
        ("ip", "203.0.113.9"),
        ("cidr", "203.0.113.0/25"),
        ("ip", "2001:db8::1"),
        ("domain", "evil.example"),
        ("domain", "xn--huser-gra.example"),
        ("url", "evil.example/Path/x?y=1#z"),
        ("url", "evil.example/drop"),
        ("sha256", SHA256),
        ("sha1", "b" * 40),
        ("md5", "c" * 32),
        ("ja4", "t13d1516h2_8daaf6152771_b186095e22b6"),
    ]


def test_a_csv_says_more() -> None:
    text = (
        "value,kind,added,expires,severity,description,source\n"
        f"{'d' * 32},ja3,2026-11-01,2026-12-01T00:00:00Z,critical,loader,partner\n"
    )
    (one,) = read_text(text, Path("lists/x.csv"))
    assert one == Indicator(
        kind="ja3", value="d" * 32, list="partner", place="lists/x.csv:2",
        added=from_iso("2026-11-01"), expires=from_iso("2026-12-01"),
        severity=Severity.CRITICAL, description="loader",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("evil.example\nnot a thing\n", 2),
        ("localhost\n", 1),
        ("300.1.1.1/99\n\n-bad-.example\n", 3),
        ("value,kind\nevil.example,ip\n", 2),
        ("value,kind\nevil.example,planet\n", 2),
        ("value,expires\nevil.example,soon\n", 2),
        ("value,severity\nevil.example,dreadful\n", 2),
    ],
)
def test_a_bad_line_is_named(text: str, line: int) -> None:
    with pytest.raises(RuleError) as caught:
        list(read_text(text, PLACE))
    assert caught.value.where == f"{PLACE}:{line}"


def test_files_are_read_in_order_and_repeats_kept_once(tmp_path: Path) -> None:
    first, second = tmp_path / "one.txt", tmp_path / "two.txt"
    first.write_text("a.example\na.example\n", "utf-8")
    second.write_text("\ufeffa.example\n", "utf-8")
    assert [one.list for one in read_lists([first, second])] == ["one", "two"]


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RuleError) as caught:
        read_lists([path])
    assert str(path) in caught.value.where


def test_pages_are_compared_without_scheme_and_with_the_host_in_lower_case() -> None:
    assert normal_url("HTTPS://A.Example:8443/X") == "a.example:8443/X"
    assert normal_url("nothing") == ""
