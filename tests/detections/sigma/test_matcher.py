import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import orjson
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.bucket import LEARN_AT
from detections.sigma.conditions import All, Condition, Number, Text, Wild
from detections.sigma.coverage import plan
from detections.sigma.loader import load
from detections.sigma.logsources import WINDOWS, routing
from detections.sigma.matcher import Entry, Matcher, decided
from detections.sigma.oracle import holds


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_the_matcher_finds_what_the_oracle_finds(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    many = data.draw(st.lists(conditions, min_size=1, max_size=8))
    seen = data.draw(st.lists(events, min_size=1, max_size=8))
    portable = data.draw(st.booleans())
    routing = data.draw(st.sampled_from([(), ("a",), ("a", "b.c")]))
    entries = [Entry(number, "x", condition) for number, condition in enumerate(many)]
    matcher = Matcher(entries, {"x": routing}, portable=portable)
    for event in seen:
        expected = [number for number, condition in enumerate(many) if holds(condition, event)]
        assert matcher.match("x", event, orjson.dumps(event)) == expected


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_deciding_on_known_values_changes_nothing(
    data: st.DataObject,
    conditions: st.SearchStrategy[Condition],
    events: st.SearchStrategy[dict[str, object]],
) -> None:
    condition, event = data.draw(conditions), data.draw(events)
    known = {name: value for name, value in event.items() if name in ("a", "d")}
    assert holds(decided(condition, ("a", "d"), known), event) == holds(condition, event)


def test_learning_the_frequency_of_literals_changes_no_answer() -> None:
    conditions = [
        All((Text("a", (Wild.MANY, f"word-{n} ", Wild.MANY)), Text("b", (Wild.MANY, "common"))))
        for n in range(10)
    ]
    matcher = Matcher([Entry(n, "x", one) for n, one in enumerate(conditions)], {})
    for n in range(2 * LEARN_AT[0]):
        event: dict[str, object] = {"a": f"... word-{n % 20} ...", "b": "very common"}
        expected = [n % 20] if n % 20 < 10 else []
        assert matcher.match("x", event, orjson.dumps(event)) == expected


def test_a_rule_on_two_rows_hits_once_and_other_datasets_are_free() -> None:
    entries = [Entry(3, "x", Number("p", 1)), Entry(3, "x", Text("q", ("v",)))]
    matcher = Matcher(entries, {})
    event: dict[str, object] = {"p": 1, "q": "v"}
    assert matcher.match("x", event, orjson.dumps(event)) == [3]
    assert matcher.match("y", event, orjson.dumps(event)) == []
    assert matcher.datasets == {"x"}


def test_public_rules_find_on_real_events_what_the_oracle_finds(
    tmp_path: Path, bench: Callable[[str], Path]
) -> None:
    def plain(name: str) -> bytes:
        packed = bench(f"sigma/{name}").read_bytes()
        return zstandard.ZstdDecompressor().stream_reader(BytesIO(packed)).read()

    with tarfile.open(fileobj=BytesIO(plain("sigmahq_rules.tar.zst"))) as archive:
        archive.extractall(tmp_path, filter="data")
    lines = plain("windows_events_100k.jsonl.zst").splitlines()
    entries, _ = plan(load([tmp_path]).rules, [WINDOWS])
    matcher = Matcher(entries, routing())
    for line in lines[::8000]:
        event = orjson.loads(line)
        expected = sorted({one.rule for one in entries if holds(one.condition, event)})
        assert matcher.match(WINDOWS, event, line) == expected
        assert matcher.match(WINDOWS, event, orjson.dumps(event)) == expected
