from __future__ import annotations

import io
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.foreign.json_values import LONGEST, documents, lines, parsed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def read_by(data: bytes, size: int) -> object:
    stream = io.BytesIO(data)
    return lambda _wanted: stream.read(size)


@given(st.lists(VALUES, max_size=6), st.integers(1, 40), st.sampled_from([None, 1, 4]))
def test_an_array_is_split_into_its_elements(
    values: list[object], size: int, indent: int | None
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
    found = [one for _, batch in documents(read_by(text, size), b"") for one in batch]
    assert [orjson.loads(one) for one in found] == values


@given(st.lists(st.dictionaries(st.text(max_size=5), VALUES), max_size=5), st.integers(1, 40))
def test_documents_one_after_the_other_are_split(values: list[object], size: int) -> None:
    text = "\n".join(json.dumps(one, indent=2) for one in values).encode()
    found = [one for _, batch in documents(read_by(text, size), b"") for one in batch]
    assert [orjson.loads(one) for one in found] == values


def test_a_long_element_is_left_out_and_the_next_ones_are_read() -> None:
    long = b'{"a":"' + b'y\\"' * LONGEST + b'"}'
    text = b'[{"n":1},' + long + b',{"n":2},{"b":[' + b"1" * (LONGEST + 9) + b']},{"n":3}]'
    found = [one for _, batch in documents(read_by(text, 1 << 16), b"") for one in batch]
    assert found == [b'{"n":1}', None, b'{"n":2}', None, b'{"n":3}']


@given(
    st.lists(st.binary(max_size=20).filter(lambda one: b"\n" not in one), max_size=8),
    st.integers(1, 9),
)
def test_lines_are_those_of_the_text(parts: list[bytes], size: int) -> None:
    text = b"\n".join(parts)
    found = [one for _, batch in lines(read_by(text, size), b"") for one in batch]
    assert found == (
        text.split(b"\n")[:-1] if text.endswith(b"\n") else text.split(b"\n") if text else []
    )


def test_a_long_line_is_left_out() -> None:
    text = b"a\n" + b"x" * (LONGEST + 5) + b"\nb"
    found = [one for _, batch in lines(read_by(text, 1 << 18), b"") for one in batch]
    assert found == [b"a", None, b"b"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a":NaN,"b":-Infinity}', {"a": None, "b": None}),
        (b'{"a":1e999}', {"a": "1e999"}),
        (b'{"a":' + b"9" * 400 + b"}", {"a": "9" * 400}),
        (b'{"a":"\xff"}', {"a": "\ufffd"}),
        (b'{"a":"\\ud800"}', {"a": "\ufffd"}),
        (b'{"\\ud800":1}', {"\ufffd": 1}),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_what_strict_json_refuses_is_mended(raw: bytes, value: object) -> None:
    assert parsed(raw)[0] == value


@pytest.mark.parametrize(
    "raw", [b"{", b"", b'{"a":' * 3000 + b"1" + b"}" * 3000, b"{'a':1}", b"\x00"]
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="line 1"):
        parsed(raw)
