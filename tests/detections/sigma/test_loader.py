from pathlib import Path

import pytest

from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Compare,
    Condition,
    Missing,
    Network,
    Not,
    Number,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    Truth,
    Wild,
)
from detections.sigma.loader import LoadedRule, Refused, load, load_text
from fengsui.errors import RuleError
from fengsui.severity import Severity

MANY, ONE = Wild.MANY, Wild.ONE
BODY = "detection: {s: {f: 1}, condition: s}\n"
HEAD = "title: T\nid: 5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a11\nlogsource: {category: dns}\n"


def one(text: str) -> LoadedRule:
    (rule,) = load_text(text, Path("rule.yml"))
    assert isinstance(rule, LoadedRule), rule
    return rule


def condition(selection: str) -> Condition:
    return one(f"{HEAD}detection:\n  s:\n    {selection}\n  condition: s\n").condition


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("f: a*b?", Text("f", ("a", MANY, "b", ONE))),
        (r"f: 'a\*b\?\\c\d'", Text("f", (r"a*b?\c\d",))),
        ("f: ''", Text("f", ())),
        ("f: null", Missing("f")),
        ("f: 46", Number("f", 46)),
        ("f: true", Truth("f", value=True)),
        ("f|contains: [a, b]", Some((Text("f", (MANY, "a", MANY)), Text("f", (MANY, "b", MANY))))),
        (
            "f|contains|all: [a, b]",
            All((Text("f", (MANY, "a", MANY)), Text("f", (MANY, "b", MANY)))),
        ),
        ("f|startswith|cased: a", Text("f", ("a", MANY), cased=True)),
        ("f|re: 'a*b'", Regex("f", "a*b")),
        ("f|re|i|m: 'a.b'", Regex("f", "a.b", "im")),
        ("f|cidr: 10.0.0.0/8", Network("f", "10.0.0.0/8")),
        ("f|cidr: 'fe80::/10'", Network("f", "fe80::/10")),
        ("f|base64: foo", Text("f", ("Zm9v",), cased=True)),
        ("f|utf16le|base64: x", Text("f", ("eAA=",), cased=True)),
        ("f|wide|base64: foo", Text("f", ("ZgBvAG8A",), cased=True)),
        ("f|exists: true", Present("f")),
        ("f|exists: false", Not(Present("f"))),
        ("f|lt: 5", Compare("f", "lt", 5)),
        ("f|gte: 1.5", Compare("f", "gte", 1.5)),
        ("f|neq: a", Not(Text("f", ("a",)))),
        ("f|fieldref: g", SameAs("f", "g")),
        ("f|fieldref|endswith: g", SameAs("f", "g", ends=True)),
        ("f|hour: 7", TimePart("f", "hour", 7)),
        (
            "'|all': [a, b]",
            All((Text(ANY_FIELD, (MANY, "a", MANY)), Text(ANY_FIELD, (MANY, "b", MANY)))),
        ),
    ],
)
def test_every_modifier_becomes_a_condition(selection: str, expected: Condition | None) -> None:
    if expected is None:
        (refused,) = load_text(
            f"{HEAD}detection:\n  s:\n    {selection}\n  condition: s\n", Path("r.yml")
        )
        assert isinstance(refused, Refused)
    else:
        assert condition(selection) == expected


def test_windash_and_base64offset_are_alternatives() -> None:
    dashes = condition("f|windash|contains: ' -x'")
    assert isinstance(dashes, Some)
    assert len(dashes.children) == 5
    offsets = condition("f|base64offset|contains: foobar")
    assert isinstance(offsets, Some)
    assert Text("f", (MANY, "Zvb2Jhc", MANY), cased=True) in offsets.children


def test_selectors_and_precedence() -> None:
    text = HEAD + (
        "detection:\n  a_1: {f: 1}\n  a_2: {f: 2}\n  _hidden: {f: 3}\n  b: {g: 4}\n"
        "  condition: 1 of a_* and not b or all of them\n"
    )
    a1, a2, b = Number("f", 1), Number("f", 2), Number("g", 4)
    assert one(text).condition == Some((All((Some((a1, a2)), Not(b))), All((a1, a2, b))))


def test_what_a_rule_says_about_itself() -> None:
    rule = one(
        "title: T\ntitle_zh: 标题\nlevel: critical\nstatus: stable\nauthor: A\nlicense: X\n"
        "description: D\ntags: [attack.t1071.004, attack.command_and_control, cve.2021-1]\n"
        "logsource: {product: zeek, service: dns}\ndetection: {s: {query: x}, condition: s}\n"
        "fengsui: {key: [source.ip], fidelity: 0.5, units: [L3-ABS1-10]}\n"
    )
    assert (rule.title.render("zh"), rule.title.render("en")) == ("标题", "T")
    assert rule.severity is Severity.CRITICAL
    assert rule.techniques == ("T1071.004",)
    assert rule.tactics == ("command-and-control",)
    assert (rule.key_fields, rule.fidelity, rule.units) == (("source.ip",), 0.5, ("L3-ABS1-10",))
    assert (rule.author, rule.licence, str(rule.logsource)) == (
        "A",
        "X",
        "product zeek, service dns",
    )


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("title: [open\n", 2, "not YAML"),
        ("- a\n- b\n", 1, "a rule is a map"),
        (HEAD + "detection:\n  s: {f: 1}\n  condition: s and t\n", 6, "'t' not defined"),
        (HEAD + "detection:\n  s:\n    f|nope: 1\n  condition: s\n", 6, "Unknown modifier"),
        (HEAD + "detection:\n  s:\n    f|re: '(a'\n  condition: s\n", 6, "is not valid"),
        (HEAD + "detection:\n  s: {f: 1}\n  condition: s | count() > 5\n", 6, "pipe syntax"),
        (
            HEAD + "level: dreadful\ndetection: {s: {f: 1}, condition: s}\n",
            4,
            "not a valid Sigma rule level",
        ),
        ("title: T\ndetection: {s: {f: 1}, condition: s}\n", 1, "must have a log source"),
        ("logsource: {category: dns}\ndetection: {s: {f: 1}, condition: s}\n", 1, "title"),
        (HEAD + "detection: {s: {f: 1}, condition: 1 of x_*}\n", 4, "selects nothing"),
        (HEAD + "fengsui: 7\ndetection: {s: {f: 1}, condition: s}\n", 4, "fengsui is not a map"),
    ],
)
def test_a_wrong_rule_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    (refused,) = load_text(text, Path("rules/bad.yml"))
    assert isinstance(refused, Refused)
    assert refused.supported
    assert reason in refused.reason
    error = refused.error()
    assert isinstance(error, RuleError)
    assert error.where == f"rules/bad.yml:{refused.line}"
    assert refused.line == line, refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "detection: {s: {f|expand: '%list%'}, condition: s}\n", "%list%"),
        (HEAD + "detection: {s: {f|expand: 'a%x%'}, condition: s}\n", "detection.placeholders.x"),
    ],
)
def test_what_is_valid_but_not_supported_yet_is_told_apart(text: str, reason: str) -> None:
    (refused,) = load_text(text, Path("r.yml"))
    assert isinstance(refused, Refused)
    assert not refused.supported
    assert reason in refused.reason


def test_a_folder_is_read_deep_and_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("Detection Rule License (DRL) 1.1", "utf-8")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "loop").symlink_to(tmp_path)
    body = "detection: {s: {f: 1}, condition: s}\n"
    (deep / "one.yml").write_text(HEAD + body, "utf-8")
    (deep / "two.yaml").write_text(HEAD + body, "utf-8")  # the same id
    (deep / "three.yml").write_bytes(b"\xff\xfe\x00")
    (deep / "notes.txt").write_text("no rule", "utf-8")
    loaded = load([tmp_path])
    assert [rule.path.name for rule in loaded.rules] == ["one.yml"]
    assert loaded.rules[0].licence == "DRL 1.1"
    assert {r.path.name: r.reason.split()[0] for r in loaded.refused} == {
        "three.yml": "not",
        "two.yaml": "its",
    }


def test_a_place_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read") as caught:
        load([tmp_path / "nowhere"])
    assert caught.value.where == str(tmp_path / "nowhere")


def test_what_cannot_be_read_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "dangling.yml").symlink_to(tmp_path / "nowhere.yml")
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "folder.yml" / "in.yml").write_text(HEAD + BODY, "utf-8")
    (tmp_path / "big.yml").write_bytes(b"# x\n" * 300_000)
    (tmp_path / "nul.yml").write_bytes(b"title: a\nb: \0\n")
    (tmp_path / "utf16.yml").write_bytes((HEAD + BODY).encode("utf-16"))
    (tmp_path / "gbk.yml").write_bytes("title: 可疑域名\n".encode("gbk"))
    loaded = load([tmp_path])
    assert [rule.path.name for rule in loaded.rules] == ["in.yml"]
    reasons = {one.path.name: (one.line, one.reason) for one in loaded.refused}
    assert reasons["dangling.yml"] == (1, "neither a file nor a link to one")
    assert "larger than" in reasons["big.yml"][1]
    assert reasons["nul.yml"] == (2, "not a text: it holds NUL bytes")
    assert "UTF-16" in reasons["utf16.yml"][1]
    assert "GBK" in reasons["gbk.yml"][1]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "bom.yml").write_bytes(b"\xef\xbb\xbf" + (HEAD + BODY).encode())
    assert len(load([tmp_path]).rules) == 1


def test_a_broken_document_hides_no_other_and_lines_go_on() -> None:
    other = HEAD.replace("5f1d", "6f1d") + BODY
    text = f"{HEAD}{BODY}---\ntitle: [open\n---\n{other}"
    first, broken, last = load_text(text, Path("r.yml"))
    assert isinstance(first, LoadedRule)
    assert isinstance(broken, Refused)
    assert isinstance(last, LoadedRule)
    assert (first.line, broken.line, last.line) == (1, 7, 8)


def test_too_many_documents_are_cut_and_said() -> None:
    found = list(load_text("a: 1\n---\n" * 1200, Path("r.yml")))
    assert len(found) == 1001
    assert isinstance(found[-1], Refused)
    assert "more than 1000 documents" in found[-1].reason


def test_the_second_rule_of_an_id_is_refused_naming_the_first() -> None:
    twice = f"{HEAD}{BODY}---\n{HEAD.replace('5f1d', '5F1D')}{BODY}"
    _, refused = load_text(twice, Path("r.yml"))
    assert isinstance(refused, Refused)
    assert refused.reason == "its id is that of r.yml:1"


def test_rules_without_an_id_have_a_stable_one_each() -> None:
    text = f"title: T\nlogsource: {{category: dns}}\n{BODY}"
    ids = [
        one.id
        for one in load_text(f"{text}---\n{text}", Path("a/r.yml"))
        if isinstance(one, LoadedRule)
    ]
    again = [
        one.id
        for one in load_text(f"{text}---\n{text}", Path("b/r.yml"))
        if isinstance(one, LoadedRule)
    ]
    assert len(set(ids)) == 2
    assert ids == again
