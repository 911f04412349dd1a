"""Rules against events: every modifier, in combination, by the predicate and by the oracle."""

from base64 import b64encode
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.loader import LoadedRule, Refused, load_text
from detections.sigma.oracle import holds
from detections.sigma.predicates import View, compiled

KNOWN = {
    "admins": ["adm*", "root"],
    "ports": [22, 3389],
    "nets": ["10.0.0.0/8", "fe80::/10"],
    "dot": ["a.b"],
}


def load_one(selection: str) -> LoadedRule | Refused:
    body = "\n".join(f"    {line}" for line in selection.splitlines())
    text = f"title: T\nlogsource: {{category: dns}}\ndetection:\n  s:\n{body}\n  condition: s\n"
    (found,) = load_text(text, Path("r.yml"), placeholders=KNOWN)
    assert isinstance(found, LoadedRule | Refused)
    return found


def met(selection: str, event: dict[str, object]) -> bool:
    rule = load_one(selection)
    assert isinstance(rule, LoadedRule), rule
    by_oracle = holds(rule.condition, event)
    assert bool(compiled(rule.condition)(View(event))) == by_oracle
    return by_oracle


def encoded(text: str, codec: str = "utf-8") -> str:
    return b64encode(text.encode(codec)).decode()


@pytest.mark.parametrize(
    ("selection", "yes", "no"),
    [
        # texts
        ("f: Admin", ["ADMIN", ["x", "admin"]], ["administrator", "", None, 1, []]),
        ("f: ''", [""], ["x", None]),
        ("f: '*'", ["", "x", 0, False], [None]),
        ("f: null", [None], ["", 0]),
        ("f: a*c", ["ac", "A\nC"], ["acd"]),
        (r"f: 'a\*c'", ["a*c"], ["abc"]),
        (r"f: 'C:\\*\x'", ["C:\\y\\X"], ["C:*\\x"]),
        ("f|contains: mid", ["a MID b"], ["mi d"]),
        ("f|contains: 46", ["a46b", 1460], ["4 6"]),
        ("f|startswith: 46", ["46a", 460], ["a46", 146]),
        ("f|endswith: .5", [1.5, "x.5"], [15]),
        ("f|contains: true", [True, "untrue"], [False]),
        ("f|contains: 'a*c'", ["xxabbcxx"], ["acx"[1:]]),
        ("f|contains: [a, b]", ["xbx"], ["x"]),
        ("f|contains|all: [a, b]", ["xbax", ["a", "b"]], ["a", ["c", "b"]]),
        ("f|all|contains: [a, b]", ["xbax"], ["a"]),
        ("f|cased: Admin", ["Admin"], ["admin"]),
        ("f|contains|cased: Ad", ["xAdx"], ["xadx"]),
        ("f|cased|contains: Ad", ["xAdx"], ["xadx"]),
        # numbers and booleans
        ("f: 46", [46, "46", 46.0, ["x", 46]], [True, "046", 4.6, "46.0"]),
        ("f: 1", [1, "1"], [True, "true"]),
        ("f: 0x17", [23, "0x17", "0X17"], [17, "17"]),
        ("f: 1.10", [1.1, "1.1", "1.10"], ["1.100", 110]),
        ("f: 1.0", [1, 1.0, "1.0", "1"], ["1.00"]),
        ("f: 0755", ["0755"], [755, 493]),
        ("f: true", [True, "true", "TRUE"], [1, "1", "yes", False]),
        ("f: yes", [True, "yes", "true"], ["no", 1]),
        ("f: 12:30", ["12:30"], [750]),
        ("f|lt: 5", [4, "4.9", ["x", 1]], [5, "x", None, True, "nan"]),
        ("f|lte: '5'", [5, "5"], [6]),
        ("f|gt: -1", [0, "0"], [-1]),
        ("f|gte: 1.5", [1.5, "2"], [1]),
        ("f|gt: [10, 5]", [6], [5]),
        ("f|gt|all: [10, 5]", [11], [6]),
        # not equal
        ("f|neq: a", ["b", None, 1, ""], ["A", ["b", "a"]]),
        ("f|neq: [1, a]", ["b", 2], ["a", 1, "1", ["z", "A"]]),
        ("f|neq: null", ["", 0], [None]),
        ("f|contains|neq: b", ["a"], ["abc"]),
        ("f|neq|contains: b", ["a"], ["abc"]),
        ("f|re|neq: '^a'", ["b"], ["ab"]),
        ("f|cidr|neq: 10.0.0.0/8", ["11.0.0.1", "x"], ["10.0.0.1"]),
        ("f|gt|neq: 5", [5, "x"], [6]),
        # regular expressions
        ("f|re: 'a.c'", ["xabcx"], ["ABC", "a\nc"]),
        ("f|re|i: 'A.c'", ["xaBCx"], ["a\nc"]),
        ("f|re|s: 'a.c'", ["a\nc"], ["ac"]),
        ("f|re|m: '^b$'", ["a\nb\nc"], ["ab"]),
        ("f|re|i|m|s: '^B.c'", ["a\nb\nC"], ["abc"]),
        (r"f|re: '\\\d+'", ["x\\12"], ["x12"]),
        ("f|re: 46", ["1467", 146], ["4 6"]),
        ("f|re|contains: b+", ["abbc"], ["ac"]),
        ("f|re|startswith: b+", ["bbc"], ["abb"]),
        ("f|re|endswith: b+", ["abb"], ["bba"]),
        ("f|re: '^(?!ok)'", ["no"], ["ok then"]),
        ("f|re: '[[:digit:]]{2}'", ["a12"], ["a1"]),
        # networks
        ("f|cidr: 10.0.0.0/8", ["10.1.2.3", ["x", "10.9.9.9"]], ["11.0.0.1", "10.evil", "10.0.0.1:80", 10]),
        ("f|cidr: 10.1.2.3/8", ["10.9.9.9", "::ffff:10.9.9.9"], ["11.1.1.1", "::ffff:11.1.1.1"]),
        ("f|cidr: '::ffff:0:0/96'", ["::ffff:10.9.9.9"], ["10.9.9.9"]),
        ("f|cidr: '2001:db8::/32'", ["2001:DB8:0::1"], ["2001:db9::1", "1.2.3.4"]),
        ("f|cidr: ['192.168.0.0/16', '::1/128']", ["::1", "192.168.3.4"], ["::2"]),
        # encodings
        ("f|base64: 'foo*'", [], []),
        ("f|base64: foobar", [encoded("foobar")], [encoded("foobar").lower(), "x" + encoded("foobar")]),
        (r"f|base64: 'a\*b'", [encoded("a*b")], [encoded("a\\*b")]),
        ("f|base64|contains: foobar", ["x" + encoded("foobar") + "y"], [encoded("xfoobar")]),
        (
            "f|base64offset|contains: foobar",
            [encoded(a + "foobar" + b) for a in ("", "x", "yy", "zzz") for b in ("", "1", "22")],
            [encoded("foobaz"), encoded("foobar").upper()],
        ),
        (
            "f|base64offset|contains: 密码",
            [encoded(before + "密码" + after) for before in ("", "x", "yy") for after in ("", "1", "22")],
            [encoded("密")],
        ),
        ("f|wide|base64: foo", [encoded("foo", "utf-16le")], [encoded("foo")]),
        ("f|utf16le|base64offset|contains: foo", [encoded("xx foo yy", "utf-16le")], [encoded("foo")]),
        ("f|utf16be|base64: 密", [encoded("密", "utf-16be")], []),
        ("f|utf16|base64: foo", [b64encode(b"\xff\xfef\0o\0o\0").decode()], [encoded("foo", "utf-16le")]),
        ("f|wide|contains: cmd", ["xc\0m\0d\0y"], ["cmd"]),
        # dashes
        ("f|windash: ' -f '", [" -f ", " /f ", " –f ", " —f ", " ―f "], [" f ", " +f "]),
        ("f|contains|windash: ' -f '", ["x /F y"], ["x +f y"]),
        ("f|windash|contains: ' /f'", ["x -f"], ["x f"]),
        ("f|windash|contains: ' –f'", ["x -f", "x —f"], ["x f"]),
        ("f|windash|contains|all: ['-a', '-b']", ["/a —b"], ["/a"]),
        ("f|windash|contains: '-a-b -c'", ["/a-b -c", "-a-b /c"], ["-a/b -c"]),
        ("f|windash: plain", ["plain"], ["-plain"]),
        # placeholders
        ("f|expand: '%admins%'", ["ADM_x", "root"], ["user", "%admins%"]),
        ("f|expand: '%ports%'", [22, "3389"], [23]),
        ("f|expand|contains: '%admins%'", ["x root y"], ["user"]),
        ("f|contains|expand: '%admins%'", ["x root y"], ["user"]),
        (r"f|expand: '*\\%admins%\x*'", ["a\\adm1\\xyz"], ["a\\user\\x"]),
        ("f|cidr|expand: '%nets%'", ["10.1.1.1", "fe80::9"], ["11.1.1.1"]),
        ("f|re|expand: '^%dot%$'", ["a.b"], ["axb"]),
        ("f|re|expand: '^%admins%$'", ["adm1", "root"], ["xadm"]),
        ("f|expand|all|contains: ['%admins%', z]", ["z root"], ["root"]),
        ("f|expand|neq: '%admins%'", ["user"], ["root"]),
        ("f|gt|expand: '%ports%'", [23], [22]),
        ("f|base64|expand: 'x%dot%'", [encoded("xa.b")], [encoded("xa")]),
        ("f: '%admins%'", ["%admins%"], ["root"]),
        # times
        ("f|hour: 7", ["2026-11-21T07:49:45Z", "2026-11-21 07:00:00.123"], ["x", 7]),
        ("f|hour: 7", ["2026-11-21T15:10:00+08:00"], ["2026-11-21T07:10:00+08:00"]),
        ("f|hour|gte: 22", ["2026-11-21T23:00:00Z"], ["2026-11-21T21:59:59Z"]),
        ("f|gte|hour: 22", ["2026-11-21T23:00:00Z"], ["2026-11-21T21:59:59Z"]),
        ("f|minute: [1, 49]", ["2026-11-21T07:49:45Z"], ["2026-11-21T07:50:45Z"]),
        ("f|day: 21", ["2026/11/21 07:49:45"], ["2026-11-22"]),
        ("f|week: 53", ["2026-12-31T00:00:00Z"], ["2026-01-05T00:00:00Z"]),
        ("f|month|neq: 11", ["2026-12-01", "x"], ["2026-11-30"]),
        ("f|year: 2020", [1591367999.305988, 1591367999305], [0, True]),
    ],
)  # fmt: skip
def test_values(selection: str, yes: list[object], no: list[object]) -> None:
    if selection == "f|base64: 'foo*'":
        assert isinstance(load_one(selection), Refused)
        return
    for value in yes:
        assert met(selection, {"f": value}), value
    for value in no:
        assert not met(
            selection, {} if value is None and "null" not in selection else {"f": value}
        ), value


@pytest.mark.parametrize(
    ("selection", "yes", "no"),
    [
        ("f|exists: true", [{"f": None}, {"f": ""}], [{}, {"F": 1}]),
        ("f|exists: false", [{}], [{"f": None}]),
        ("f|exists: yes", [{"f": 1}], [{}]),
        ("f|neq: x", [{}], [{"f": "x"}]),
        ("f: null", [{}, {"f": None}, {"f": ["a", None]}], [{"f": ""}, {"f": []}, {"f": ["a"]}]),
        (
            "f|fieldref: g",
            [{"f": "A", "g": "a"}, {"f": 46, "g": "46"}],
            [{"f": "a"}, {"f": "a", "g": "b"}],
        ),
        ("f|cased|fieldref: g", [{"f": "a", "g": "a"}], [{"f": "A", "g": "a"}]),
        ("f|fieldref|cased: g", [{"f": "a", "g": "a"}], [{"f": "A", "g": "a"}]),
        ("f|fieldref|startswith: g", [{"f": "abc", "g": "ab"}], [{"f": "ab", "g": "abc"}]),
        ("f|fieldref|endswith: g", [{"f": "abc", "g": ["x", "BC"]}], [{"f": "abc", "g": "ab"}]),
        ("f|fieldref|contains: g", [{"f": "abc", "g": "b"}], [{"f": "abc", "g": "d"}]),
        ("f|startswith|fieldref: g", [{"f": "abc", "g": "ab"}], [{"f": "abc", "g": "bc"}]),
        ("f|endswith|fieldref: g", [{"f": "abc", "g": "BC"}], [{"f": "abc", "g": "ab"}]),
        ("f|contains|fieldref: g", [{"f": "abc", "g": "b"}], [{"f": "abc", "g": "d"}]),
        ("f|fieldref|neq: g", [{"f": "a", "g": "b"}, {"f": "a"}], [{"f": "a", "g": "A"}]),
        ("f|fieldref: [g, h]", [{"f": "a", "h": "a"}], [{"f": "a", "g": "b"}]),
        ("'f with space': 1", [{"f with space": 1}], [{"f": 1}]),
        ("'a.b-c|contains': x", [{"a.b-c": "yxy"}], [{"a": "x"}]),
        ("- one\n- 22", [{"z": "SomeOne"}, {"z": [1, 220]}], [{"one": "z"}]),
        ("'|all': [one, two]", [{"a": "one", "b": "two"}], [{"a": "one"}]),
        ("'|re': '^o.e$'", [{"a": "one"}], [{"a": "bone"}]),
        ("'|cased': One", [{"a": "xOne"}], [{"a": "one"}]),
        ("- a: 1\n  b: 2\n- c: 3", [{"a": 1, "b": 2}, {"c": 3}], [{"a": 1}]),
        ("- word\n- c: 3", [{"z": "a word"}, {"c": 3}], [{"z": "x"}]),
        ("f: [null, '']", [{}, {"f": ""}], [{"f": "x"}]),
    ],
)
def test_fields(selection: str, yes: list[dict[str, object]], no: list[dict[str, object]]) -> None:
    for event in yes:
        assert met(selection, event), event
    for event in no:
        assert not met(selection, event), event


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        ("f|contains|base64: x", "write a wildcard"),
        ("f|wide|utf16: x", "does not go with a text that another modifier"),
        ("f|contains|re: x", "does not go with"),
        ("f|i: x", "belongs after re"),
        ("f|re|i|cased: x", "does not go with a regular expression"),
        ("f|cidr: 10.0.0.0/33", "no IPv4 or IPv6 network"),
        ("f|cidr: '10.0.*'", "no IPv4 or IPv6 network"),
        ("f|cidr|contains: 10.0.0.0/8", "does not go with a network"),
        ("f|exists: maybe", "does not go with the text 'maybe'"),
        ("f|contains|exists: true", "does not go with"),
        ("f|lt: x", "does not go with the text 'x'"),
        ("f|contains: null", "does not go with null"),
        ("f|hour: 24", "from 0 to 23"),
        ("f|month: 1.5", "a whole number"),
        ("f|fieldref: 'a*'", "without wildcards"),
        ("f|wide|fieldref: a", "does not go with"),
        ("f|Contains: a", "Unknown modifier 'Contains'"),
        ("'f|': a", "Unknown modifier ''"),
        ("f|base64offset: a", "two bytes"),
        ("f|windash: -a -b -c -d -e -f", "5 dashes at most"),
        ("f: []", "the list is empty"),
        ("f: {g: 1}", "write a nested field with dots"),
        ("f: [[1]]", "not a list"),
        ("'|lt': 5", "a keyword is a text"),
        ("- null", "nothing is written there"),
        ("f|re: '(?P<a>x'", "not valid"),
        ("f: '" + "a*" * 600 + "'", "at most 500"),
        (f"f|re: [{', '.join(['a.b'] * 6000)}]", "more than 100000 tests"),
    ],
)
def test_what_makes_no_sense_is_refused(selection: str, reason: str) -> None:
    refused = load_one(selection)
    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert refused.line == 5


def test_the_line_of_a_wrong_value_in_a_list() -> None:
    refused = load_one("f|re:\n  - ok\n  - '(open'\n  - ok")
    assert isinstance(refused, Refused)
    assert refused.line == 7


_NAMES = st.sampled_from(
    ["contains", "startswith", "endswith", "all", "re", "i", "m", "s", "cased", "exists", "cidr", "fieldref",
     "base64", "base64offset", "utf16", "utf16le", "utf16be", "wide", "windash", "expand", "neq", "lt", "lte",
     "gt", "gte", "minute", "hour", "day", "week", "month", "year"]
)  # fmt: skip
_VALUES = st.one_of(
    st.sampled_from(
        [
            "a",
            "A*b",
            "?x",
            "g",
            "-a /b",
            "10.0.0.0/8",
            "2026",
            "12",
            "%admins%x",
            "%ports%",
            "a.b",
            "",
            "*",
            r"\*",
        ]
    ),
    st.integers(0, 30),
    st.sampled_from([1.5, True, False, None]),
)
_EVENT_VALUES = st.one_of(
    st.sampled_from(
        [
            "a",
            "aXb",
            "YQ==",
            "10.9.9.9",
            "/a –b",
            "2026-11-21T12:30:00Z",
            "12",
            "admx",
            "*",
            "",
            "a.b",
            "x",
        ]
    ),
    st.integers(0, 30),
    st.sampled_from([1.5, True, False, None]),
)


@settings(max_examples=300, deadline=None)
@given(
    names=st.lists(_NAMES, max_size=3),
    values=st.lists(_VALUES, min_size=1, max_size=3),
    event=st.dictionaries(
        st.sampled_from(["f", "g"]), st.one_of(_EVENT_VALUES, st.lists(_EVENT_VALUES, max_size=2))
    ),
)
def test_any_chain_of_modifiers_is_read_or_refused_and_means_one_thing(
    names: list[str], values: list[object], event: dict[str, object]
) -> None:
    key = "|".join(["f", *names])
    written = orjson.dumps(values if len(values) > 1 else values[0]).decode()
    rule = load_one(f"{orjson.dumps(key).decode()}: {written}")
    if isinstance(rule, Refused):
        assert rule.reason
        assert rule.line
    else:
        assert bool(compiled(rule.condition)(View(event))) == holds(rule.condition, event)
