"""Which playbooks fit."""

from __future__ import annotations

from dataclasses import replace

from fengsui.alert import Entity
from playbooks.action import action_names
from playbooks.cacao import load_library
from playbooks.matching import match


def test_stage_and_needs_decide(incident):
    library = load_library(action_names())
    ((playbook, why),) = match(incident, library)
    assert playbook.tactics[0] == "command-and-control"
    assert "命令与控制" in why.render("zh")
    assert match(replace(incident, stages=()), library) == []
    without = (Entity("host", "10.3.4.17", "source", internal=True),)
    assert match(replace(incident, entities=without), library) == []
