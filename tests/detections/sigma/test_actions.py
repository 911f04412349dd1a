from pathlib import Path

from detections.sigma.conditions import All, Number, Some
from detections.sigma.loader import LoadedRule, Refused, load_text

GLOBAL = """
action: global
title: Both
id: 5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11
level: high
detection: {condition: s, s: {a: 1}}
"""
FIRST = "\n---\nlogsource: {category: dns}\ndetection: {s: {b: 2}}\n"
SECOND = "\n---\nlogsource: {category: proxy}\ndetection: {s: {c: 3}}\nlevel: low\n"


def rules(text: str) -> list[LoadedRule]:
    found = list(load_text(text, Path("r.yml")))
    assert all(isinstance(one, LoadedRule) for one in found), found
    return [one for one in found if isinstance(one, LoadedRule)]


def test_a_global_document_is_merged_into_all_that_follow() -> None:
    first, second = rules(GLOBAL + FIRST + SECOND)
    assert first.condition == All((Number("a", 1), Number("b", 2)))
    assert second.condition == All((Number("a", 1), Number("c", 3)))
    assert (first.severity.word, second.severity.word) == ("high", "low")
    assert (str(first.logsource), str(second.logsource)) == ("category dns", "category proxy")
    assert first.id == "5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11"
    assert second.id != first.id


def test_globals_add_up_until_they_are_reset() -> None:
    more = "\n---\naction: global\nauthor: Somebody\n"
    own = "title: Own\nlogsource: {category: dns}\ndetection: {s: {z: 1}, condition: s}\n"
    first, last = rules(GLOBAL + more + FIRST + "\n---\naction: reset\n---\n" + own)
    assert (first.author, first.title.render("en")) == ("Somebody", "Both")
    assert (last.author, last.severity.word, last.condition) == ("", "medium", Number("z", 1))


def test_repeat_makes_the_rule_before_again() -> None:
    text = (
        "title: T\nlogsource: {product: windows, service: security}\n"
        "detection: {s: {EventID: 4688}, x: {y: 1}, condition: s or x}\n---\naction: repeat\n"
        "logsource: {service: sysmon}\ndetection: {s: {EventID: 1}}\n"
    )
    first, second = rules(text)
    assert first.condition == Some((Number("EventID", 4688), Number("y", 1)))
    assert second.condition == Some((Number("EventID", 1), Number("y", 1)))
    assert str(second.logsource) == "product windows, service sysmon"
    assert first.id != second.id


def test_what_is_wrong_with_actions() -> None:
    odd, lone = load_text("action: odd\n---\ntitle: T\naction: repeat\n", Path("r.yml"))
    assert isinstance(odd, Refused)
    assert isinstance(lone, Refused)
    assert (odd.line, "unknown action 'odd'" in odd.reason) == (1, True)
    assert (lone.line, "no rule before it" in lone.reason) == (4, True)
