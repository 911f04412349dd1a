"""Who had an address at a time, by leases, hardware addresses, names and log-ons."""

from __future__ import annotations

from correlation.identities import Identities, hardware_of
from fengsui.clock import HOUR, SECOND
from fengsui.event import Event, make_event

T = 1_790_000_000 * SECOND


def event(dataset: str, at: int, **fields: object) -> Event:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return make_event(id=f"{at:032x}", time=at, dataset=dataset, fields=named)  # type: ignore[arg-type]


def lease(mac: str, address: str, at: int, lasts: int = 3600) -> Event:
    return event(
        "dhcp",
        at,
        dhcp__mac=mac,
        dhcp__assigned_addr=address,
        dhcp__lease_time=lasts,
        dhcp__msg_types=["REQUEST", "ACK"],
    )


def known(**kept: int) -> Identities:
    registered = {"10.0.0.9": "asset:db"}
    return Identities(
        lambda address: registered.get(address, address), lambda a: a.startswith("10."), **kept
    )


def test_an_address_belongs_to_who_had_it_then_in_any_order() -> None:
    leases = [
        lease("02:00:00:00:00:01", "10.0.0.5", T),
        lease("02:00:00:00:00:02", "10.0.0.5", T + HOUR),
        lease("02:00:00:00:00:01", "10.0.0.6", T + HOUR),
    ]
    for order in (leases, leases[::-1]):
        identities = known()
        for one in order:
            identities.see(one)
        assert identities.resolve("10.0.0.5", T + 60 * SECOND) == "mac:02:00:00:00:00:01"
        assert identities.resolve("10.0.0.5", T + HOUR + SECOND * 60) == "mac:02:00:00:00:00:02"
        assert identities.resolve("10.0.0.6", T + HOUR + SECOND * 60) == "mac:02:00:00:00:00:01"
        assert identities.resolve("10.0.0.5", T - HOUR) == "10.0.0.5"
        assert identities.resolve("10.0.0.5", T + 3 * HOUR) == "10.0.0.5"  # the lease ran out


def test_both_stacks_of_a_machine_are_one_and_the_register_comes_first() -> None:
    identities = known()
    identities.see(lease("02:11:22:33:44:55", "10.0.0.7", T))
    assert hardware_of("fe80::11:22ff:fe33:4455%eth0") == "02:11:22:33:44:55"
    assert identities.resolve("2001:db8::11:22ff:fe33:4455", T) == identities.resolve("10.0.0.7", T)
    identities.see(lease("02:11:22:33:44:55", "10.0.0.9", T))
    assert identities.resolve("10.0.0.9", T) == "asset:db"
    assert hardware_of("2001:db8::1") == hardware_of("10.0.0.7") == hardware_of("::x") == ""


def test_names_of_an_address_join_and_those_of_a_content_network_do_not() -> None:
    identities = known()
    for number, name in enumerate(("evil.example", "EVIL.example.")):
        answer = event(
            "dns", T + number, dns__question__name=name, dns__resolved_ip=["198.51.100.7"]
        )
        identities.see(answer)
    assert identities.names("198.51.100.7", T) == ("evil.example",)
    assert identities.names("198.51.100.7", T - HOUR) == ()
    for number in range(9):
        name = f"site{number}.example"
        identities.see(event("dns", T, dns__question__name=name, dns__resolved_ip=["198.51.100.8"]))
    assert identities.names("198.51.100.8", T) == ()


def test_people_are_where_they_logged_on_and_machines_and_failures_do_not_count() -> None:
    identities = known()
    identities.see(event("ssh", T, user__name="Li", source__ip="10.0.0.5"))
    identities.see(
        event("ssh", T, user__name="li", source__ip="10.0.0.6", event__outcome="failure")
    )
    identities.see(event("kerberos", T, kerberos__client="PC1$/X", source__ip="10.0.0.7"))
    assert identities.logons("LI", T + HOUR) == ("10.0.0.5",)
    assert identities.logons("li", T + 9 * HOUR) == ()
    assert identities.logons("pc1$", T) == ()


def test_memory_is_bounded_and_what_is_let_go_is_counted() -> None:
    identities = known(kept=10)
    for number in range(50):
        identities.see(lease("02:00:00:00:00:01", f"10.1.0.{number}", T + number))
    assert identities.losses.as_json() == {"correlation.identities.leases_let_go": 40}
    identities.see(event("dhcp", T))  # says nothing
