"""Who acts, who is hit, what may join."""

from __future__ import annotations

from dataclasses import replace

from correlation.entities import C2_LIMIT, part_of, subject_of
from fengsui.alert import Entity


def test_acting_and_hit(make_alert, context):
    part = part_of(make_alert("r", "10.0.0.1", to=("10.0.0.2", "198.51.100.1")), context)
    assert (part.acting, part.hit) == (("10.0.0.1",), ("10.0.0.2",))
    assert part.shared == ()  # an address outside that was only talked to joins nothing


def test_the_only_one_of_ours_acts_whatever_its_role(make_alert, context):
    alert = replace(
        make_alert("r", "198.51.100.9"),
        entities=(Entity("host", "198.51.100.9", "attacker"), Entity("host", "10.0.0.5", "victim")),
    )
    part = part_of(alert, context)
    assert (part.acting, part.hit) == (("10.0.0.5",), ())
    assert part.shared == ((("host", "198.51.100.9"), 3),)


def test_a_c2_may_be_shared_by_more(make_alert, context):
    part = part_of(make_alert("r", "10.0.0.1", domain="Evil.Example"), context)
    assert part.shared == ((("domain", "evil.example"), C2_LIMIT),)


def test_both_stacks_are_one_host_and_criticality_is_the_highest(make_alert, context):
    part = part_of(make_alert("r", "2001:db8::1", to="10.0.0.4"), context)
    assert part.acting == ("10.0.0.1",)
    assert part.criticality == 4
    assert subject_of(make_alert("r", "2001:db8::1", to="10.0.0.4"), context) == "10.0.0.1"


def test_tactics_named_before_usual(make_alert, context):
    alert = make_alert("r", "10.0.0.1", technique="T1046")
    assert part_of(alert, context).tactics == ("discovery",)
    named = replace(alert, tactics=("impact", "no-tactic"))
    assert part_of(named, context).tactics == ("impact",)
