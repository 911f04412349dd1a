"""A district's extranet in small: four units on the data plane, cameras on the video plane.

Inside are RFC 1918 and ULA addresses, outside the blocks reserved for documentation (RFC 5737,
RFC 3849): nothing in a drill's capture can be mistaken for anybody's network.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from fengsui.asset import Asset, Network, System, Unit
from playbooks.drills.traffic.chance import chance
from playbooks.drills.traffic.host import Host, Kind

DATA_VLAN, VIDEO_VLAN = 100, 200

UNITS = (
    Unit("edu", "区教育局", "周敏"),
    Unit("health", "区卫生健康委员会", "韩立新"),
    Unit("service", "区政务服务中心", "孙晓芸"),
    Unit("bigdata", "区大数据中心", "罗志强"),
    Unit("police", "区公安分局视频中心", "杨帆"),
)

SYSTEMS = (
    System("portal", "区政务服务平台", "service", 3, 3, 3, "11010800001-26001"),
    System("oa", "区协同办公系统", "bigdata", 2, 2, 2, "11010800001-26002"),
    System("directory", "政务外网统一身份认证系统", "bigdata", 3, 3, 2, "11010800001-26003"),
    System("video", "区公共视频共享平台", "police", 3, 3, 3, "11010800001-26004"),
)

NETWORKS = (
    Network(f"vlan:{DATA_VLAN}", "政务外网", "data"),
    Network(f"vlan:{VIDEO_VLAN}", "视频专网", "video", "police"),
    Network("10.20.10.0/24", "办公区", "data", "edu"),
    Network("fd20:10::/64", "办公区", "data", "edu"),
    Network("10.20.20.0/24", "办公区", "data", "health"),
    Network("fd20:20::/64", "办公区", "data", "health"),
    Network("10.20.30.0/24", "办公区", "data", "service"),
    Network("10.20.200.0/24", "服务器区", "data", "bigdata"),
    Network("fd20:200::/64", "服务器区", "data", "bigdata"),
    Network("10.60.1.0/24", "前端接入区", "video", "police"),
    Network("fd60:1::/64", "前端接入区", "video", "police"),
    Network("10.60.2.0/24", "视频平台区", "video", "police"),
    Network("fd60:2::/64", "视频平台区", "video", "police"),
)

# Number, name, what it is in the inventory, system of the host, criticality, filed system, logs.
_SERVERS: tuple[tuple[int, str, str, Kind, int, str, tuple[str, ...]], ...] = (
    (10, "dc01", "server", "windows", 4, "directory", ("flow", "dns")),
    (11, "dc02", "server", "windows", 4, "directory", ("flow",)),
    (20, "fs01", "server", "windows", 3, "oa", ("flow",)),
    (25, "mail01", "server", "linux", 3, "oa", ("flow", "tls")),
    (30, "oa01", "server", "linux", 3, "oa", ("flow", "http")),
    (31, "soft01", "server", "linux", 2, "oa", ("flow", "http")),
    (40, "portal01", "server", "linux", 4, "portal", ("flow", "tls")),
    (41, "portal02", "server", "linux", 4, "portal", ("flow", "tls")),
    (45, "db01", "database", "linux", 4, "portal", ("flow",)),
    (53, "dns01", "server", "linux", 3, "", ("flow", "dns")),
    (60, "nms01", "security", "linux", 2, "", ("flow",)),
    (90, "bastion01", "security", "linux", 3, "", ("flow", "tls")),
)

_PC_MAKERS = (b"\xf8\xbc\x12", b"\x54\xbf\x64", b"\xa4\xbb\x6d")
_SERVER_MAKERS = (b"\x00\x50\x56",)
_CAMERA_MAKERS = (b"\x44\x19\xb6", b"\x90\x02\xa9")


@dataclass(slots=True)
class District:
    """Hosts by what they are for, and the inventory that lists them."""

    workstations: list[Host] = field(default_factory=list[Host])
    servers: dict[str, Host] = field(default_factory=dict[str, Host])
    cameras: list[Host] = field(default_factory=list[Host])
    assets: list[Asset] = field(default_factory=list[Asset])
    gateways: dict[int, bytes] = field(default_factory=dict[int, bytes])
    units: dict[str, str] = field(default_factory=dict[str, str])  # unit of each workstation

    @property
    def hosts(self) -> list[Host]:
        """All of ours."""
        return [*self.workstations, *self.servers.values(), *self.cameras]

    def outside(self, name: str, ip4: str, ip6: str = "", vlan: int = DATA_VLAN) -> Host:
        """A host beyond the egress of a plane."""
        return Host(name, self.gateways[vlan], ip4, ip6, 0, "outside", hops=9)


def district(seed: int) -> District:
    """The district of a seed: same seed, same hosts."""
    rng = chance("district", seed)
    made = District()
    for vlan in (DATA_VLAN, VIDEO_VLAN):
        made.gateways[vlan] = b"\x00\x1b\x54" + rng.randbytes(3)
    for unit, net, count, six in (
        ("edu", 10, 10, True),
        ("health", 20, 10, True),
        ("service", 30, 8, False),
    ):
        for number in sorted(rng.sample(range(20, 220), count)):
            _workstation(made, rng, unit, net, number, six)
    for number, name, role, kind, worth, system, logs in _SERVERS:
        mac = rng.choice(_SERVER_MAKERS) + rng.randbytes(3)
        host = Host(name, mac, f"10.20.200.{number}", f"fd20:200::{number}", DATA_VLAN, kind)
        made.servers[name] = host
        _register(made, host, "bigdata", "服务器区", role, worth, system, logs)
    _video(made, rng)
    return made


def _workstation(
    made: District, rng: random.Random, unit: str, net: int, number: int, six: bool
) -> None:
    mac = rng.choice(_PC_MAKERS) + rng.randbytes(3)
    address6 = f"fd20:{net}::{number:x}" if six else ""
    host = Host(
        f"pc-{unit}-{number:03d}", mac, f"10.20.{net}.{number}", address6, DATA_VLAN, "windows"
    )
    made.workstations.append(host)
    made.units[host.name] = unit
    _register(made, host, unit, "办公区", "workstation", 1, "", ("flow",))


def _video(made: District, rng: random.Random) -> None:
    for name, number, role in (
        ("nvr01", 10, "nvr"),
        ("vms01", 5, "server"),
        ("vnms01", 6, "security"),
    ):
        mac = rng.choice(_SERVER_MAKERS) + rng.randbytes(3)
        host = Host(name, mac, f"10.60.2.{number}", f"fd60:2::{number}", VIDEO_VLAN, "linux")
        made.servers[name] = host
        _register(made, host, "police", "视频平台区", role, 3, "video", ("flow",))
    for index, number in enumerate(sorted(rng.sample(range(11, 240), 14))):
        mac = rng.choice(_CAMERA_MAKERS) + rng.randbytes(3)
        address6 = f"fd60:1::{number:x}" if index % 3 == 0 else ""
        host = Host(f"cam-{number:03d}", mac, f"10.60.1.{number}", address6, VIDEO_VLAN, "camera")
        made.cameras.append(host)
        _register(made, host, "police", "前端接入区", "camera", 2, "video", ("flow",))


def _register(
    made: District,
    host: Host,
    unit: str,
    zone: str,
    kind: str,
    worth: int,
    system: str,
    logs: tuple[str, ...],
) -> None:
    responsible = next(one.responsible for one in UNITS if one.id == unit)
    made.assets.append(
        Asset(
            id=host.name,
            name=host.name,
            addresses=tuple(address for address in (host.ip4, host.ip6) if address),
            unit=unit,
            zone=zone,
            plane="video" if host.vlan == VIDEO_VLAN else "data",
            kind=kind,
            criticality=worth,
            system=system,
            responsible=responsible,
            logs=logs,
        )
    )
