"""Questions about other tools' alerts: each asks of fields that the event has, and parses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.foreign_guidance import foreign_guidance
from fengsui.query.lucene import parse_lucene

FIELDS = ("host.ip", "host.name", "source.ip", "destination.ip", "rule.id", "rule.name")


@given(event=st.dictionaries(st.sampled_from(FIELDS), st.text(min_size=1, max_size=40)))
def test_every_question_can_be_asked(event: dict[str, str]) -> None:
    found = foreign_guidance(event)
    assert found.check or not event
    for one in found.check:
        filled = one.filled(event)
        assert filled is not None
        parse_lucene(filled)
        assert "{" not in one.question.render("zh").replace(event.get("source.ip", "{"), "")
