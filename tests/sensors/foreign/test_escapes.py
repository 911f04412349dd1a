from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.foreign.escapes import block_has_odd_escapes, has_odd_escapes


@pytest.mark.parametrize("look", [has_odd_escapes, block_has_odd_escapes])
def test_only_escapes_that_hide_a_text_count(look: object) -> None:
    assert callable(look)
    assert look(rb'{"a":"\u0041"}')
    assert look(rb'{"a":"\/x"}')
    assert look(rb'{"a":"\\\u0041"}')
    assert not look(rb'{"a":"C:\\users\\/x"}')
    assert not look(b'{"a":"\\n \\""}')


@given(st.text())
def test_what_orjson_writes_is_odd_for_control_characters_alone(text: str) -> None:
    written = orjson.dumps({"a": text})
    control = any(ord(one) < 32 and one not in "\b\f\n\r\t" for one in text)
    assert has_odd_escapes(written) == block_has_odd_escapes(written) == control
