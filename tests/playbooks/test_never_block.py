"""What no playbook may cut off."""

from __future__ import annotations

import pytest

from fengsui.errors import RuleError
from playbooks.never_block import load_never_block


@pytest.mark.parametrize(
    "value",
    [
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "fe80::1",
        "223.5.5.5",
        "198.18.3.4",
        "gov.cn",
        "www.shanghai.gov.cn",
        "cn",
        "org",
        "ntp.org",
        "2.cn.pool.ntp.org.",
        "UPDATE.microsoft.com",
    ],
)
def test_refused(value):
    reason = load_never_block(["198.18.0.0/15"]).reason(value)
    assert reason is not None
    assert reason.render("zh") != reason.render("en")


@pytest.mark.parametrize("value", ["198.51.100.7", "2a01:db80::7", "evil.example", "notgov.cn"])
def test_allowed(value):
    assert load_never_block().reason(value) is None


def test_a_network_that_is_none_stops_the_start():
    with pytest.raises(RuleError):
        load_never_block(["10.0.0.0/99"])
