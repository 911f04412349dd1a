"""Who is told."""

from __future__ import annotations

from playbooks.action import Owner
from playbooks.actions.notify import make


def test_the_message_names_person_unit_and_incident(incident, surround):
    text = make(surround(incident)).rehearse({}, 0).effect.render("zh")
    assert "教育局" in text
    assert "王敏" in text
    assert "10.3.4.17 受控" in text


def test_nobody_registered_is_said(incident, surround):
    effect = make(surround(incident, owner=Owner("教育局"))).rehearse({}, 0)
    assert effect.skipped
    assert "没有登记" in effect.effect.render("zh")
