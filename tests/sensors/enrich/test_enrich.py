from __future__ import annotations

from fengsui.asset import Network
from fengsui.ecs import faults
from fengsui.event import make_event
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan
from sensors.enrich.domains import domain_parts
from sensors.enrich.enrich import enrich

PLAN = AddressPlan(
    Plan(
        networks=(
            Network("10.3.0.0/16", "office", "data", "edu"),
            Network("vlan:200", "v", "video"),
        )
    )
)


def enriched(**fields: object) -> dict[str, object]:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    event = make_event(id="0" * 32, time=0, dataset="flow", fields=named)  # type: ignore[arg-type]
    done = enrich(event, PLAN).fields
    assert faults(done) == []
    return dict(done)


def test_direction_by_the_address_plan() -> None:
    def direction(source: str, destination: str) -> object:
        return enriched(source__ip=source, destination__ip=destination)["network.direction"]

    assert direction("10.3.0.1", "8.8.8.8") == "outbound"
    assert direction("8.8.8.8", "10.3.0.1") == "inbound"
    assert direction("10.3.0.1", "192.168.1.1") == "internal"
    assert direction("8.8.8.8", "9.9.9.9") == "external"
    assert direction("fe80::1", "ff02::fb") == "internal"


def test_our_side_gives_unit_zone_and_plane_and_the_tag_wins() -> None:
    done = enriched(source__ip="8.8.8.8", destination__ip="10.3.0.1")
    assert (done["cn.unit"], done["cn.zone"], done["cn.plane"]) == ("edu", "office", "data")
    assert done["cn.destination.unit"] == "edu"
    assert "cn.source.unit" not in done
    tagged = enriched(source__ip="10.3.0.1", destination__ip="10.3.0.2", network__vlan__id="200")
    assert tagged["cn.plane"] == "video"


def test_names_are_split_at_the_public_suffix() -> None:
    done = enriched(dns__question__name="a.b.example.com.cn")
    assert done["dns.question.registered_domain"] == "example.com.cn"
    assert done["dns.question.subdomain"] == "a.b"
    assert done["dns.question.top_level_domain"] == "com.cn"
    for name in ("localhost", "10.0.0.1", "", "com", "::1"):
        assert domain_parts(name).registered == ""
