"""The shelf of scenarios."""

from __future__ import annotations

import pytest

from fengsui.errors import NotFoundError
from playbooks.drills.scenario import all_scenarios, find_scenario


def test_every_scenario_says_what_it_is() -> None:
    for scenario in all_scenarios():
        assert find_scenario(scenario.id) is scenario
        assert scenario.steps > 0
        for words in (scenario.name, scenario.description):
            assert words.render("zh") != words.key
            assert words.render("en") != words.key
        assert scenario.plan(1) == scenario.plan(1)


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(NotFoundError) as caught:
        find_scenario("no-such")
    assert "first-intrusion" in caught.value.next
