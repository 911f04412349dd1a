"""The rules that would be applied."""

from __future__ import annotations

import pytest

from fengsui.alert import Entity
from fengsui.clock import HOUR, SECOND
from playbooks.action import RefusedError
from playbooks.actions.nftables_block import make

NOW = 1_790_000_000 * SECOND


def test_the_rules_block_both_stacks_for_a_time(incident, surround):
    effect = make(surround(incident)).rehearse({"hours": 6}, NOW)
    text = str(effect.effect.values["rules"])
    assert 'blocked4 { 198.51.100.7 timeout 6h comment "fengsui 01234567" }' in text
    assert "add element inet fengsui blocked6 { 2a01:db80::7 timeout 6h" in text
    assert "ip6 daddr @blocked6 counter" in text
    assert effect.expires == NOW + 6 * HOUR
    assert effect.undo.render("zh").count("nft delete element") == 2


def test_nothing_to_block_is_skipped(incident, surround):
    assert make(surround(incident, [])).rehearse({}, NOW).skipped


@pytest.mark.parametrize("value", ["1.2.3.4; flush ruleset", "198.51.100.0/24", "10.0.0.9", ""])
def test_what_is_no_address_or_ours_is_refused(incident, surround, value):
    with pytest.raises(RefusedError):
        make(surround(incident, [Entity("host", value, "c2")])).rehearse({}, NOW)
