from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.conditions import Condition
from detections.sigma.hunter import Hunter
from detections.sigma.loaded import LoadedRule
from detections.sigma.loader import load_text
from detections.sigma.oracle import holds
from detections.sigma.shelf import ShelvedRules, shelved
from sensors.foreign.files import ForeignFile
from sensors.foreign.unread import is_unusual, pieces

(PATTERN,) = (
    one
    for one in load_text(
        "title: T\nid: '0'\nlogsource: {product: windows}\ndetection: {s: {a: x}, condition: s}\n",
        Path("r.yml"),
    )
    if isinstance(one, LoadedRule)
)
LETTERS = st.sampled_from([*'adminkKſİ\\/"ä注xX4624.-', "\\u0061", "\\u004B", "\\/", "\\\\u0061"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A JSON string as hostile writers spell it."""
    written = [
        one if len(one) > 1 else {'"': '\\"', "\\": "\\\\"}.get(one, one)
        for one in draw(st.lists(LETTERS, max_size=8))
    ]
    return '"' + "".join(written) + '"'


values = texts() | st.sampled_from(
    ["1", "4624", "true", "null", "[]", '["x","Admin"]', '{"c":"x"}']
)
lines = st.lists(
    st.one_of(
        st.builds(
            lambda head, pairs: "{" + ",".join([*head, *[f'"{k}":{v}' for k, v in pairs]]) + "}",
            st.sampled_from(
                [['"Channel":"Security"', '"EventID":1'], ['"Channel":"C"', '"EventID":"1"']]
            ),
            st.lists(st.tuples(st.sampled_from(["a", "b", "d", "EventID"]), values), max_size=4),
        ),
        st.sampled_from(["{", "", "  ", "[1]", "3", '{"Channel":"C","EventID":1} x']),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), rows=lines)
def test_batches_of_rules_on_a_shelf_find_what_the_oracle_finds(
    data: st.DataObject, rows: list[str], conditions: st.SearchStrategy[Condition]
) -> None:
    many = data.draw(st.lists(conditions, min_size=1, max_size=6))
    rules = [replace(PATTERN, id=str(n), condition=one) for n, one in enumerate(many)]
    heads = ShelvedRules([shelved(rule) for rule in rules])
    blank = '{"Channel":"C","EventID":1}\n'
    raw = (blank * 2 + "\n".join(rows)).encode("utf-8", "replace")
    batches = list(ForeignFile("-", io.BytesIO(raw)).batches())
    on_shelf, plain = Hunter(heads), Hunter(rules)
    for records in batches:
        found = on_shelf.match_all(records)
        assert found == plain.match_all(records)
        rows_of = dict(found)
        for place, (_, origin, fields, written) in enumerate(records):
            hits = rows_of.get(place, [])
            assert plain.match(origin, fields, written) == hits
            if on_shelf.dataset(origin):
                assert hits == [n for n, one in enumerate(many) if holds(one, fields)]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), rows=lines)
def test_events_that_were_not_read_meet_what_they_would_meet(
    data: st.DataObject, rows: list[str], conditions: st.SearchStrategy[Condition]
) -> None:
    many = data.draw(st.lists(conditions, min_size=1, max_size=6))
    hunter = Hunter([replace(PATTERN, id=str(n), condition=one) for n, one in enumerate(many)])
    raws: list[bytes] = []
    keys: list[tuple[str, int | str]] = []
    for raw in (row.encode("utf-8", "replace") for row in rows):
        found = None if is_unusual(raw) else pieces([raw])
        if found is not None and found[0][2]:
            raws.append(raw)
            keys += found[0][2]
    rows_of = dict(hunter.match_unread(keys, raws))
    for place, raw in enumerate(raws):
        expected = [n for n, one in enumerate(many) if holds(one, orjson.loads(raw))]
        assert rows_of.get(place, []) == expected
