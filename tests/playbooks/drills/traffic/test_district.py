"""The district: enough hosts, both planes, both stacks, no address twice."""

from __future__ import annotations

import ipaddress

import pytest

from playbooks.drills.traffic.district import DATA_VLAN, NETWORKS, VIDEO_VLAN, district


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_hosts(seed: int) -> None:
    made = district(seed)
    assert len(made.hosts) >= 40
    assert {host.vlan for host in made.hosts} == {DATA_VLAN, VIDEO_VLAN}
    assert any(host.ip6 for host in made.cameras)
    assert any(not host.ip6 for host in made.workstations)
    assert len({host.mac for host in made.hosts}) == len(made.hosts)
    for host in made.hosts:
        for text in filter(None, (host.ip4, host.ip6)):
            address = ipaddress.ip_address(text)
            inside = [
                network
                for network in NETWORKS
                if not network.cidr.startswith("vlan:")
                and address.version == ipaddress.ip_network(network.cidr).version
                and address in ipaddress.ip_network(network.cidr)
            ]
            assert len(inside) == 1
            assert inside[0].plane == ("data" if host.vlan == DATA_VLAN else "video")
