"""A link is told by what made two alerts one: the same address, a register, a lease, a log-on, an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlation.clusters import Link
from correlation.entities import CorrelationContext, part_of
from correlation.identities import Identities
from correlation.joining import Node
from correlation.reasons import reason
from fengsui.alert import Alert, Entity
from fengsui.clock import MINUTE
from fengsui.event import make_event
from tests.correlation.conftest import START

MAC = "02:00:00:00:00:01"
BY_HARDWARE = "fe80::ff:fe00:1"  # EUI-64 of the same
OURS = ("10.", "fe80:")


@pytest.fixture
def known() -> CorrelationContext:
    """10.0.0.5 and .6 were leased to one machine; `evil.example` was answered with 203.0.113.9."""
    registered = {"10.0.0.7": "asset:web", "10.0.0.8": "asset:web"}
    identities = Identities(
        lambda address: registered.get(address, address), lambda a: a.startswith(OURS)
    )
    for number, address in enumerate(("10.0.0.5", "10.0.0.6")):
        lease = {"dhcp.mac": MAC, "dhcp.assigned_addr": address, "dhcp.lease_time": 9_000}
        event = make_event(id=f"{number:032x}", time=START, dataset="dhcp", fields=lease)
        identities.see(event)
    answer = {"dns.question.name": "evil.example", "dns.resolved_ip": ["203.0.113.9"]}
    identities.see(make_event(id=f"{9:032x}", time=START, dataset="dns", fields=answer))
    logon = {"user.name": "ann", "source.ip": "10.0.0.9", "event.outcome": "success"}
    identities.see(make_event(id=f"{8:032x}", time=START, dataset="ssh", fields=logon))
    return CorrelationContext(
        is_internal=lambda a: a.startswith(OURS),
        resolve=identities.resolve,
        basis=identities.basis,
        names=identities.names,
        logons=identities.logons,
    )


def told(kind: str, value: str, one: Alert, other: Alert, context: CorrelationContext) -> str:
    nodes = [Node(alert, part_of(alert, context)) for alert in (one, other)]
    link = Link(10 * MINUTE, kind, value, one.id, other.id)
    return reason(link, value, *nodes, context).render("zh")


def test_one_address_needs_no_more_words(make_alert, known):
    text = told(
        "host", f"mac:{MAC}", make_alert("a", "10.0.0.5"), make_alert("b", "10.0.0.5"), known
    )
    assert text == f"同一主机 mac:{MAC}，相隔 10 分钟"


@pytest.mark.parametrize(
    ("host", "one", "other", "words"),
    [
        (f"mac:{MAC}", "10.0.0.5", "10.0.0.6", ("DHCP 租约", "DHCP 租约")),
        (f"mac:{MAC}", "10.0.0.6", BY_HARDWARE, ("DHCP 租约", "IPv6 地址中的网卡地址")),
        ("asset:web", "10.0.0.7", "10.0.0.8", ("资产登记", "资产登记")),
    ],
)
def test_two_addresses_say_by_what_they_are_one(make_alert, known, host, one, other, words):
    text = told("host", host, make_alert("a", one), make_alert("b", other), known)
    assert f"{one}（{words[0]}）与 {other}（{words[1]}）" in text


def test_the_act_on_a_host_is_told_before_its_own(make_alert, known):
    act = make_alert("smb", "10.0.0.1", to="10.0.0.5")
    own = make_alert("scan", "10.0.0.6", at=60)
    for pair in ((act, own), (own, act)):
        text = told("moved", f"mac:{MAC}", *pair, known)
        assert "对 10.0.0.5（DHCP 租约）动作，同一主机随后以 10.0.0.6（DHCP 租约）" in text


def test_a_person_is_told_with_the_host_of_the_log_on(make_alert, known):
    person = replace(make_alert("spray", "192.0.2.1"), entities=(Entity("user", "ann", "source"),))
    assert part_of(person, known).acting == ("10.0.0.9",)
    text = told("host", "10.0.0.9", make_alert("scan", "10.0.0.9"), person, known)
    assert text.startswith("ann 当时登录在 10.0.0.9")


def test_an_address_is_told_with_the_name_that_led_to_it(make_alert, known):
    named = make_alert("dns", "10.0.0.1", domain="evil.example")
    bare = make_alert("beacon", "10.0.0.2", c2="203.0.113.9", at=30)
    text = told("domain", "evil.example", named, bare, known)
    assert "DNS 应答曾把它解析为 203.0.113.9" in text
    again = make_alert("dns", "10.0.0.3", domain="evil.example")
    assert "都涉及 evil.example（域名）" in told("domain", "evil.example", named, again, known)
