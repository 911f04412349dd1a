from __future__ import annotations

import io

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.foreign.escapes import has_odd_escapes
from sensors.foreign.files import ForeignFile
from sensors.foreign.json_values import LONGEST, lines
from sensors.foreign.shapes import PLAIN
from sensors.foreign.unread import Unread, is_unusual, pieces

pytest.importorskip("hyperscan")
LINE = (
    b'{"EventID":1,"Channel":"Security","Image":"C:\\\\users\\\\a\\"b","n":-12,"t":true,"z":null}'
)


@pytest.mark.parametrize(
    "line",
    [
        rb'{"a":"\u0041"}',
        rb'{"a":"\/x"}',
        rb'{"a":"\\\u0041"}',
        b'{"a": {"b":1}}',
        b'{"a":\n[]}',
        b'{"a":1.5}',
        b'{"a" : -15e3}',
        b'{"a":1E3}',
        b'{"a":123456789012345678901}',
        b'{"a":-9223372036854775809}',
        b'{"Provider_Name":"Linux-Sysmon"}',
    ],
)
def test_what_is_written_unusually_is_seen(line: bytes) -> None:
    assert is_unusual(line)
    assert is_unusual(LINE + b"\n" + line + b"\n" + LINE)


def test_what_the_usual_writers_write_is_usual() -> None:
    assert not is_unusual(LINE * 3)
    assert not is_unusual(b'{"a":"12:34:5.6","b":-9223372036854775808,"c":"C:\\\\users\\\\/"}')


def test_usual_events_among_others_are_told_apart() -> None:
    other = b'{"EventID":1,"Channel":"Application"}'
    found = pieces([LINE, LINE, other, LINE])
    assert found is not None
    assert [(start, end, len(keys)) for start, end, keys in found] == [
        (0, 2, 2), (2, 3, 0), (3, 4, 1)
    ]  # fmt: skip
    assert pieces([LINE, other] * 9) is None
    for broken in (None, b"", b"[1]", b'{"a":1} x', b'{"a":"\xff"}', LINE + LINE):
        assert pieces([LINE, broken]) is None


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """The line with some bytes other than they were."""
    line = bytearray(LINE)
    letters = st.sampled_from(b'"\\{}[],:0123456789eE.-+tfnulr \t\r\x01\x7f\x80\xc3\xa4ab')
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(line) - 1))
        if draw(st.booleans()):
            line[at] = draw(letters)
        else:
            line.insert(at, draw(letters))
    return bytes(line)


@settings(max_examples=300, deadline=None)
@given(spoiled())
def test_what_is_not_read_to_its_end_is_json_of_plain_values(line: bytes) -> None:
    found = None if is_unusual(line) else pieces([line])
    if found is None or not found[0][2]:
        return
    value = orjson.loads(line)
    assert found[0][2] == [(value["Channel"], value["EventID"])]
    assert PLAIN.issuperset(map(type, value.values()))
    assert not has_odd_escapes(line)


def test_events_of_many_blocks_are_the_same_as_those_of_one() -> None:
    rows = [
        orjson.dumps({"EventID": n % 3, "Channel": "Security", "Image": "ä" * (n % 700)})
        for n in range(3000)
    ]
    rows[1500:1500] = [b"", b"{", b'{"EventID":1,"Channel":"C","a":[1,"x"]}', b"y" * (LONGEST + 9)]
    text = b"\n".join(rows)
    stream = io.BytesIO(text)
    small = [one for _, batch in lines(lambda _size: stream.read(1 << 30), b"") for one in batch]
    foreign = ForeignFile("-", io.BytesIO(text))
    batches = list(foreign.batches())
    assert any(isinstance(one, Unread) for one in batches)
    records = [record for batch in batches for record in batch]
    assert [number for number, *_ in records] == [n for n in range(3003) if n not in {1500, 1502}]
    assert len(small) == 3004
    assert all(orjson.loads(raw) == fields for _, _, fields, raw in records if b"[" not in raw)
    assert {one.kind: one.count for one in foreign.problems} == {"not JSON": 1, "value too long": 1}
