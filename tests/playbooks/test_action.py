"""The shelf of actions."""

from __future__ import annotations

import pytest

from fengsui.clock import SECOND
from fengsui.errors import FengsuiError, InputError
from playbooks.action import action_names, hours, load_actions

NOW = 1_790_000_000 * SECOND


def test_every_module_gives_the_action_of_its_name(incident, surround):
    actions = load_actions(surround(incident))
    assert set(actions) == action_names()
    for action in actions.values():
        effect = action.rehearse({}, NOW)
        assert effect.effect.render("zh") != effect.effect.render("en")
        assert (effect.expires > NOW) == action.blocks


def test_what_blocks_has_an_expiry_and_an_undo(incident, surround):
    for action in load_actions(surround(incident)).values():
        if action.blocks:
            effect = action.rehearse({"hours": 5}, NOW)
            assert effect.undo.key != "playbooks.undo.nothing"
            with pytest.raises(FengsuiError):
                action.rehearse({"hours": 10_000}, NOW)


@pytest.mark.parametrize("value", [0, -1, 169, "24", True, 1.5])
def test_hours_are_checked(value):
    with pytest.raises(InputError):
        hours({"hours": value}, 24)
