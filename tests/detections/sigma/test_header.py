from pathlib import Path

import pytest

from detections.sigma.loader import LoadedRule, Refused, load_text

BODY = "logsource: {category: dns}\ndetection: {s: {f: 1}, condition: s}\n"


def one(text: str) -> LoadedRule | Refused:
    (found,) = load_text(text + BODY, Path("r.yml"))
    assert isinstance(found, LoadedRule | Refused)
    return found


def test_what_is_lenient() -> None:
    rule = one(
        "title: 5\nid: not-a-uuid\nlevel: HIGH\nstatus: Test\nauthor: [A, B]\nreferences: one\n"
        "falsepositives: [x, y]\nfields: [a]\ntaxonomy: own\nname: n\ndate: 2026/99/99\n"
        "related: [{id: x, type: obsolete}]\nodd: {key: [1]}\ntags: attack.t1059\n"
    )
    assert isinstance(rule, LoadedRule), rule
    assert (rule.title.render("en"), rule.id, rule.status, rule.author) == (
        "5",
        "not-a-uuid",
        "test",
        "A, B",
    )
    assert (rule.references, rule.falsepositives, rule.fields) == (("one",), ("x", "y"), ("a",))
    assert (rule.taxonomy, rule.name, rule.related) == ("own", "n", (("obsolete", "x"),))
    assert rule.techniques == ("T1059",)


def test_a_uuid_has_one_spelling() -> None:
    rule = one("title: T\nid: 5F1D3C9E-6C7B-4B0A-9D57-0D1F3C2B7A11\n")
    assert rule.id == "5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("head", "line", "reason"),
    [
        ("title: [a]\n", 1, "title is not a text"),
        (f"title: {'x' * 257}\n", 1, "longer than 256"),
        (f"title: T\ndescription: {'x' * 70_000}\n", 2, "longer than 65535"),
        ("title: T\nstatus: new\n", 2, "not a valid Sigma rule status"),
        ("title: T\ntags: {a: b}\n", 2, "tags is not a list"),
        (f"title: T\nid: {'x' * 300}\n", 2, "an id is"),
        ("title: T\nfengsui: {fidelity: high}\n", 2, "fidelity"),
        ("title: T\nfengsui: {samples: {fire: [1]}}\n", 2, "samples"),
        ("title: T\nfengsui: {guidance: [1]}\n", 2, "guidance is not a map"),
        ("title: T\nfengsui:\n  guidance: {check: 1}\n", 3, "guidance.check is not a list"),
    ],
)
def test_what_is_refused(head: str, line: int, reason: str) -> None:
    refused = one(head)
    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert refused.line == line


def test_guidance_is_in_both_languages() -> None:
    rule = one(
        "title: T\nfengsui:\n  gbt20986: [网络攻击]\n  guidance:\n    means: M\n    means_zh: 义\n"
        "    harmless: H\n    check:\n"
        "      - {question: Q, question_zh: 问, query: 'source.ip:{source.ip}'}\n"
        "    act: A\n"
    )
    assert isinstance(rule, LoadedRule)
    assert rule.gbt20986 == ("网络攻击",)
    guidance = rule.guidance
    assert guidance is not None
    assert (guidance.means.render("zh"), guidance.means.render("en")) == ("义", "M")
    assert guidance.harmless.render("zh") == "H"
    assert guidance.check[0].filled({"source.ip": "2001:db8::1"}) == r"source.ip:2001\:db8\:\:1"
    assert guidance.check[0].filled({}) is None
