"""Whether the traffic stopped."""

from __future__ import annotations

import pytest

from fengsui.alert import Entity
from fengsui.errors import InputError
from playbooks.actions.recheck import c2_query, make


def test_it_asks_for_addresses_and_names(incident, surround):
    values = make(surround(incident, count=3)).rehearse({"minutes": 10}, 0).effect.values
    assert values["before"] == 3
    assert 'destination.ip:"198.51.100.7"' in str(values["query"])
    assert "dns.question.name:*.evil.example" in str(values["query"])


def test_a_value_that_would_write_the_query_is_left_out():
    assert c2_query(['1.2.3.4" OR *'], ["a b"]) == ""


def test_nothing_to_ask_for_and_wrong_waits(incident, surround):
    assert make(surround(incident, [Entity("host", "x", "source")])).rehearse({}, 0).skipped
    with pytest.raises(InputError):
        make(surround(incident)).rehearse({"minutes": 0}, 0)
