from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.asset import Asset, Network, Unit
from fengsui.errors import RuleError
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan, assets_seen

PLAN = AddressPlan(
    Plan(
        units=(Unit("edu", "区教育局"),),
        networks=(
            Network("10.3.0.0/16", "office", "data", "edu"),
            Network("10.3.9.0/24", "servers", "data", "edu"),
            Network("2001:db8:3::/48", "office", "data", "edu"),
            Network("vlan:200", "video", "video"),
        ),
        assets=(Asset("a1", "web", ("10.3.9.9", "2001:db8:3::9"), criticality=4),),
    )
)


def test_the_longest_prefix_wins() -> None:
    assert PLAN.at("10.3.1.1").zone == "office"
    assert PLAN.at("10.3.9.1").zone == "servers"
    assert PLAN.at("2001:db8:3::1").unit == "edu"


def test_both_stacks_of_an_asset_are_one_host() -> None:
    assert PLAN.host_id("10.3.9.9") == PLAN.host_id("2001:DB8:3:0::9") == "asset:a1"
    assert PLAN.criticality("10.3.9.9") == 4
    assert PLAN.unit_name("10.3.1.1") == "区教育局"
    assert assets_seen(PLAN, ["10.3.9.9", "8.8.8.8", ""]) == {"a1"}


@given(st.ip_addresses())
def test_every_address_has_an_answer(address: object) -> None:
    text = str(address)
    assert PLAN.is_internal(text) == PLAN.at(text).internal


@pytest.mark.parametrize("text", ["", "x", "10.3.1", "10.3.1.1/8", "::g"])
def test_what_is_no_address_is_not_ours(text: str) -> None:
    assert not PLAN.is_internal(text)


def test_a_wrong_network_is_named() -> None:
    with pytest.raises(RuleError, match=r"10\.0\.0\.0/99"):
        AddressPlan(Plan(networks=(Network("10.0.0.0/99", "", ""),)))
    with pytest.raises(RuleError, match="printer"):
        AddressPlan(Plan(assets=(Asset("p", "printer", ("10.0.0.999",)),)))
