from pathlib import Path

import pytest

from detections.sigma.conditions import All, Not, Number, Text, Wild
from detections.sigma.loader import Loaded, LoadedRule, load

RULE = """title: {title}
id: {id}
name: {name}
logsource: {{product: windows, category: process_creation}}
detection: {{s: {{a: 1}}, condition: s}}
"""
FILTER = """title: Not ours
logsource: {{{source}}}
filter:
  rules: {rules}
  admin: {{User|startswith: adm_}}
  condition: not 1 of adm*
"""
A, B = "5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11", "6f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11"
NOT_ADMIN = Not(Text("User", ("adm_", Wild.MANY)))
BOTH = All((Number("a", 1), NOT_ADMIN))


def loaded(folder: Path, rules: str, source: str = "product: windows", *more: str) -> Loaded:
    (folder / "z.yml").write_text(RULE.format(title="A", id=A, name="rule_a"), "utf-8")
    (folder / "b.yml").write_text(RULE.format(title="B", id=B, name="rule_b"), "utf-8")
    (folder / "a_filter.yml").write_text(FILTER.format(rules=rules, source=source), "utf-8")
    for number, text in enumerate(more):
        (folder / f"more{number}.yml").write_text(text, "utf-8")
    return load([folder])


def condition(rules: Loaded, title: str) -> object:
    (found,) = [one for one in rules.rules if one.title.render("en") == title]
    return found.condition


@pytest.mark.parametrize("names", [f"[{A}]", A, A.upper(), "rule_a", "[rule_a, nowhere]"])
def test_a_filter_of_another_file_narrows_the_rules_it_names(tmp_path: Path, names: str) -> None:
    found = loaded(tmp_path, names)
    assert condition(found, "A") == BOTH
    assert condition(found, "B") == Number("a", 1)
    assert not found.refused


@pytest.mark.parametrize("names", ["any", "[]", "[any]"])
def test_any_means_every_rule_of_the_log_source(tmp_path: Path, names: str) -> None:
    found = loaded(tmp_path, names)
    assert condition(found, "A") == condition(found, "B") == BOTH


def test_several_filters_add_up(tmp_path: Path) -> None:
    second = FILTER.format(rules="rule_a", source="category: process_creation").replace(
        "adm_", "svc_"
    )
    found = loaded(tmp_path, "any", "product: windows", second)
    rule = next(one for one in found.rules if one.name == "rule_a")
    assert rule.condition == All(
        (Number("a", 1), NOT_ADMIN, Not(Text("User", ("svc_", Wild.MANY))))
    )
    assert len(rule.filters) == 2


@pytest.mark.parametrize(
    ("names", "source", "reason"),
    [
        ("nowhere", "product: windows", "names no rule that is loaded: nowhere"),
        ("rule_a", "product: linux", "another log source than product linux"),
        ("any", "category: dns", "no loaded rule has the log source category dns"),
    ],
)
def test_a_filter_that_finds_nothing_is_refused(
    tmp_path: Path, names: str, source: str, reason: str
) -> None:
    found = loaded(tmp_path, names, source)
    (refused,) = found.refused
    assert reason in refused.reason
    assert (refused.path.name, refused.line) == ("a_filter.yml", 1)
    assert len(found.rules) == 2


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("title: F\nfilter: {rules: any, s: {a: 1}, condition: s}\n", 1, "log source"),
        ("title: F\nlogsource: {category: dns}\nfilter: []\n", 3, "a filter is a map"),
        ("title: F\nlogsource: {category: dns}\nfilter:\n  s: {a: 1}\n  condition: s\n", 3, "rules: any"),
        ("title: F\nlogsource: {category: dns}\nfilter: {rules: any, s: {a: 1}}\n", 3, "condition"),
        ("title: F\nlogsource: {category: dns}\nfilter: {rules: any, condition: s}\n", 3, "selection"),
        ("title: F\nlogsource: {service: x}\nfilter: {rules: [''], s: {a: 1}, condition: s}\n", 3, "rules"),
        ("title: F\nlogsource: {service: x}\nfilter: {rules: a, s: {a: 1}, condition: [s]}\n", 3, "one text"),
    ],
)  # fmt: skip
def test_wrong_filters(tmp_path: Path, text: str, line: int, reason: str) -> None:
    found = loaded(tmp_path, "any", "product: windows", text)
    (refused,) = found.refused
    assert refused.line == line
    assert reason in refused.reason
    assert all(isinstance(one, LoadedRule) for one in found.rules)
