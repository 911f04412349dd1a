from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.prefilter import make_scan

literals = st.lists(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=6).map(
        lambda text: text.lower().encode()
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(literals, st.binary(max_size=40))
def test_both_engines_find_what_is_there(many: list[bytes], data: bytes) -> None:
    data += many[0].upper()
    expected = [index for index, one in enumerate(many) if one in data.lower()]
    assert sorted(make_scan(many)(data)) == expected
    assert sorted(make_scan(many, portable=True)(data)) == expected
