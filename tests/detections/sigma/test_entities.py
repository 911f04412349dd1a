import pytest

from detections.sigma.entities import direction_of, domain_of, entities_of
from fengsui.alert import Entity
from fengsui.event import Event, make_event


def event(**fields: str) -> Event:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return make_event(id="0" * 32, time=0, dataset="http", fields=named)


def ours(address: str) -> bool:
    return address.startswith("10.")


@pytest.mark.parametrize(
    ("source", "destination", "direction", "roles"),
    [
        ("10.1.1.1", "203.0.113.1", "outbound", ("source", "c2")),
        ("203.0.113.1", "10.1.1.1", "inbound", ("attacker", "victim")),
        ("10.1.1.1", "10.1.1.2", "internal", ("source", "target")),
        ("203.0.113.1", "203.0.113.2", "external", ("source", "c2")),
    ],
)
def test_roles_follow_direction_and_tactic(
    source: str, destination: str, direction: str, roles: tuple[str, str]
) -> None:
    one = event(source__ip=source, destination__ip=destination)
    assert direction_of(one, ours) == direction
    found = entities_of(one, ("command-and-control",), ours)
    assert tuple(entity.role for entity in found) == roles
    assert [entity.internal for entity in found] == [ours(source), ours(destination)]


def test_without_an_outward_tactic_the_far_end_is_a_peer() -> None:
    one = event(source__ip="10.1.1.1", destination__ip="203.0.113.1", url__domain="x.example")
    assert entities_of(one, ("discovery",), ours)[1:] == (
        Entity("host", "203.0.113.1", "peer"),
        Entity("domain", "x.example", "peer"),
    )


def test_the_name_asked_for() -> None:
    assert domain_of(event(url__domain="A.Example.")) == "a.example"
    assert domain_of(event(url__domain="203.0.113.1")) == ""
    assert domain_of(event(url__domain="2001:db8::1")) == ""
    assert domain_of(event()) == ""
    assert direction_of(event(source__ip="10.1.1.1"), ours) == ""
