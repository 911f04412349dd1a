"""The scenario's capture: the same for a seed, whole, and as its ground truth says."""

from __future__ import annotations

import hashlib
import ipaddress
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from scapy.layers.dns import DNS
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import RawPcapReader

from fengsui.clock import MINUTE
from fengsui.drill import Drill
from fengsui.errors import InputError
from playbooks.drills.scenarios.first_intrusion import SCENARIO, FirstIntrusion

SHORT = FirstIntrusion(minutes=6)


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    return SHORT.make(7, tmp_path_factory.mktemp("drill"), lambda done, total: None)


def test_same_seed_same_bytes_other_seed_other_story(drill: Drill, tmp_path: Path) -> None:
    again = SHORT.make(7, tmp_path / "again", lambda done, total: None)
    other = SHORT.make(8, tmp_path / "other", lambda done, total: None)
    assert Path(again.capture).read_bytes() == Path(drill.capture).read_bytes()
    assert again.capture_sha256 == drill.capture_sha256
    assert again.steps == drill.steps
    assert other.capture_sha256 != drill.capture_sha256
    assert other.start != drill.start
    assert SHORT.plan(7).assets != SHORT.plan(8).assets


def test_the_digest_is_the_files(drill: Drill) -> None:
    data = Path(drill.capture).read_bytes()
    assert hashlib.sha256(data).hexdigest() == drill.capture_sha256


def test_ground_truth_lies_inside_the_capture(drill: Drill) -> None:
    assert [step.name for step in drill.steps] == [
        *("lure", "download", "beacon", "scan", "guessing", "lateral", "tunnel", "upload")
    ]
    assert len(drill.steps) == SHORT.steps == 8
    for step in drill.steps:
        assert drill.start < step.start < step.end
        assert step.expect.within <= 20 * MINUTE
        assert step.expect.entities
        assert step.title.render("zh") != step.title.key != step.title.render("en")
    starts = [step.start for step in drill.steps]
    assert starts == sorted(starts)


@dataclass(frozen=True, slots=True)
class Frame:
    time: int  # microseconds
    data: bytes

    @property
    def tag(self) -> int:
        return int.from_bytes(self.data[14:16], "big")

    @property
    def addresses(self) -> tuple[str, str]:
        six = self.data[16:18] == b"\x86\xdd"
        size, at = (16, 26) if six else (4, 30)
        places = self.data[at : at + size], self.data[at + size : at + 2 * size]
        return str(ipaddress.ip_address(places[0])), str(ipaddress.ip_address(places[1]))


@pytest.fixture(scope="module")
def frames(drill: Drill) -> list[Frame]:
    with RawPcapReader(drill.capture) as reader:
        return [Frame(meta.sec * 1_000_000 + meta.usec, data) for data, meta in reader]


def test_frames_are_in_order_and_of_both_planes_and_stacks(
    drill: Drill, frames: list[Frame]
) -> None:
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    assert drill.start // 1000 <= times[0] < times[-1] < drill.end // 1000
    assert min(len(frame.data) for frame in frames) == 60
    assert {frame.data[12:14] for frame in frames} == {b"\x81\x00"}
    assert {frame.tag for frame in frames} == {100, 200}
    assert {frame.data[16:18] for frame in frames} == {b"\x08\x00", b"\x86\xdd"}
    seen = {address for frame in frames for address in frame.addresses}
    known = {one for asset in SHORT.plan(7).assets for one in asset.addresses}
    assert len(known & seen) >= 40


def test_outside_are_documentation_addresses_only(frames: list[Frame]) -> None:
    blocks = [
        ipaddress.ip_network(text)
        for text in (
            *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"),
            *("10.0.0.0/8", "fd00::/8", "224.0.0.0/4", "239.0.0.0/8"),
        )
    ]
    for text in {address for frame in frames for address in frame.addresses}:
        address = ipaddress.ip_address(text)
        assert any(address.version == block.version and address in block for block in blocks), text


def test_checksums_are_right(frames: list[Frame]) -> None:
    for frame in frames[::211]:
        packet = Ether(frame.data)
        transport = packet.getlayer(TCP) or packet.getlayer(UDP)
        if transport is None:
            continue
        sums = [transport.chksum]
        del transport.chksum
        if IP in packet:
            sums.append(packet[IP].chksum)
            del packet[IP].chksum
        built = Ether(bytes(packet))
        rebuilt = built.getlayer(TCP) or built.getlayer(UDP)
        assert sums == [rebuilt.chksum, *([built[IP].chksum] if IP in built else [])]


def test_the_tunnel_asks_for_many_long_names_of_one_domain(
    drill: Drill, frames: list[Frame]
) -> None:
    tunnel = next(step for step in drill.steps if step.name == "tunnel")
    domain = next(one for one in tunnel.expect.entities if one.endswith(".example"))
    packets = [Ether(one.data) for one in frames if domain.split(".")[0].encode() in one.data]
    names = {one[DNS].qd[0].qname for one in packets if DNS in one and one[DNS].qr == 0}
    assert len(names) > 20
    assert max(len(name) for name in names) > 100


def test_plan_names_units_planes_and_unique_addresses() -> None:
    plan = SCENARIO.plan(1)
    units = {unit.id for unit in plan.units}
    addresses = [one for asset in plan.assets for one in asset.addresses]
    assert len(addresses) == len(set(addresses))
    assert {asset.plane for asset in plan.assets} == {"data", "video"}
    assert all(asset.unit in units and asset.logs for asset in plan.assets)
    assert {asset.system for asset in plan.assets} - {""} == {one.id for one in plan.systems}
    assert len(plan.assets) >= 50


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError):
        SHORT.make(7, blocked / "in", lambda done, total: None)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_finds_nothing_malformed(drill: Drill) -> None:
    def rows(shown: str, field: str) -> list[str]:
        command = ["tshark", "-r", drill.capture, "-Y", shown, "-T", "fields", "-e", field]
        command += ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.split("\n")[:-1]

    # The download may be a program that calls itself a picture: that body is meant to be wrong.
    disguise = '!(http.content_type contains "image")'
    wrong = f"(_ws.malformed && {disguise}) || tcp.checksum.status==0 || udp.checksum.status==0"
    assert rows(wrong, "frame.number") == []
    kinds = set(
        rows(
            "smb2 || kerberos || ldap || rtsp || sip || dns || snmp || ntp || tls",
            "_ws.col.Protocol",
        )
    )
    assert {"SMB2", "KRB5", "LDAP", "RTSP", "DNS", "SNMP", "NTP", "TLSv1.3", "TLSv1.2"} <= kinds
    assert any(kind.startswith("SIP") for kind in kinds)
