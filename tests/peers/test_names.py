"""dnsmasq with dig and udhcpc: names and addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.lan import CLIENT6, SERVER, SERVER6, Lan, program

pytestmark = pytest.mark.peers

LONG = "beacon " * 30


@pytest.fixture(scope="module")
def dnsmasq(lan: Lan) -> Iterator[None]:
    words = [
        "-k", "-C", "/dev/null", "-R", "-h", "-u", "root", "-p", "53", "--log-facility=-",
        "--address=/portal.test/10.77.0.80", "--address=/portal.test/fd77::80",
        "--host-record=both.test,10.77.0.81,fd77::81", "--cname=alias.test,both.test",
        f"--txt-record=note.test,{LONG}", "--mx-host=mail.test,both.test,10",
        "--srv-host=_ldap._tcp.gov.test,both.test,389,5,7", "--local=/test/",
        "--ptr-record=80.0.77.10.in-addr.arpa,portal.test",
        "--caa-record=gov.test,0,issue,ca.test",
        "--dhcp-range=10.77.0.100,10.77.0.120,1h", "--dhcp-authoritative", "--no-ping",
        f"--dhcp-leasefile={lan.folder / 'leases'}", "--domain=office.test",
        "--dhcp-option=option:ntp-server,10.77.0.2",
    ]  # fmt: skip
    with lan.serve(program("dnsmasq", "dnsmasq-base"), *words, udp=53):
        yield


def dig(lan: Lan, *words: str, server: str = SERVER) -> str:
    return lan.run(program("dig", "bind9-dnsutils"), f"@{server}", "+tries=1", "+short", *words)


def answers(event: dict[str, object]) -> list[str]:
    found = event.get("dns.answers.data")
    assert isinstance(found, list), event
    return [str(each) for each in found]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("A", "portal.test"), ("AAAA", "portal.test"), ("PTR", "80.0.77.10.in-addr.arpa"),
        ("MX", "mail.test"), ("SRV", "_ldap._tcp.gov.test"), ("TXT", "note.test"),
    ],
)  # fmt: skip
def test_an_answer(lan: Lan, dnsmasq: None, kind: str, name: str) -> None:
    with lan.watched() as seen:
        said = dig(lan, "-t", kind, name).strip()
    event = seen.one("dns")
    assert event["dns.question.name"] == name
    assert event["dns.question.type"] == kind
    assert event["dns.response_code"] == "NOERROR"
    shown = "".join(answers(event))
    last = said.split()[-1].strip('".')
    assert last in shown, (said, shown)
    assert seen.losses == {}


def test_an_alias_shows_all_answers(lan: Lan, dnsmasq: None) -> None:
    with lan.watched() as seen:
        dig(lan, "alias.test")
    assert answers(seen.one("dns"))[-2:] == ["both.test", "10.77.0.81"]


def test_no_such_name_over_tcp_and_ipv6(lan: Lan, dnsmasq: None) -> None:
    with lan.watched() as seen:
        dig(lan, "+tcp", "nowhere.test", server=SERVER6)
        dig(lan, "+tcp", "+keepopen", "a.nowhere.test", "b.nowhere.test")
    found = seen.of("dns", dns__response_code="NXDOMAIN")
    assert [event["dns.question.name"] for event in found] == [
        "nowhere.test", "a.nowhere.test", "b.nowhere.test"
    ]  # fmt: skip
    assert found[0]["source.ip"] == CLIENT6
    assert {event["network.transport"] for event in found} == {"tcp"}
    assert seen.losses == {}


def test_a_lease(lan: Lan, dnsmasq: None) -> None:
    udhcpc = program("udhcpc", "udhcpc")
    script = lan.folder / "lease.sh"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    with lan.watched() as seen:
        lan.run(
            udhcpc, "-i", lan.near, "-n", "-q", "-f", "-s", str(script), "-t", "3", "-T", "1",
            "-x", "hostname:clerk-pc", "-V", "peer-test",
        )  # fmt: skip
    event = seen.one("dhcp")
    assert event["dhcp.msg_types"] == ["DISCOVER", "OFFER", "REQUEST", "ACK"]
    assert event["dhcp.host_name"] == "clerk-pc"
    assert event["dhcp.vendor_class"] == "peer-test"
    assert event["dhcp.assigned_addr"] == event["dhcp.requested_addr"]
    assert event["source.port"] == 68
    assert event["dhcp.lease_time"] == 3600
    assert event["dhcp.domain"] == "office.test"
    assert seen.losses == {}
