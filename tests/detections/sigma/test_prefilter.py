from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.prefilter import Search, make_scan

literals = st.lists(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=6).map(
        lambda text: text.lower().encode()
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(literals, st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.booleans())
def test_both_engines_find_what_is_there_in_one_text_and_in_many(
    many: list[bytes], texts: list[bytes], portable: bool
) -> None:
    texts[0] += many[0].upper()
    scan = make_scan(tuple(many), portable=portable)
    expected = [{index for index, one in enumerate(many) if one in text.lower()} for text in texts]
    assert [set(scan(text)) for text in texts] == expected
    found = scan.each(texts)
    assert [set(found.get(place, ())) for place in range(len(texts))] == expected
    assert all(found.values())


@given(literals, st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_a_search_finds_what_a_scan_finds(many: list[bytes], texts: list[bytes]) -> None:
    texts[0] += many[0].upper()
    search, scan = Search(many), make_scan(tuple(many))
    assert [search(text) for text in texts] == [sorted(set(scan(text))) for text in texts]
    assert search.each(texts) == {
        n: found for n, text in enumerate(texts) if (found := search(text))
    }
