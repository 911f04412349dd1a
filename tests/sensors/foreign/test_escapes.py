from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from sensors.foreign.escapes import has_odd_escapes


def test_only_escapes_that_hide_a_text_count() -> None:
    assert has_odd_escapes(rb'{"a":"\u0041"}')
    assert has_odd_escapes(rb'{"a":"\/x"}')
    assert has_odd_escapes(rb'{"a":"\\\u0041"}')
    assert not has_odd_escapes(rb'{"a":"C:\\users\\/x"}')
    assert not has_odd_escapes(b'{"a":"\\n \\""}')


@given(st.text())
def test_what_orjson_writes_is_odd_for_control_characters_alone(text: str) -> None:
    written = orjson.dumps({"a": text})
    control = any(ord(one) < 32 and one not in "\b\f\n\r\t" for one in text)
    assert has_odd_escapes(written) == control
