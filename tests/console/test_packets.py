"""From a flow's record to its packets: the store first, captures where they have more."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.packets import FlowPackets, flow_key, make_keeper, make_packet_store, packet_keys
from fengsui.clock import to_iso
from fengsui.errors import InputError, SettingsError
from fengsui.event import Fields
from fengsui.settings import Settings, load_settings
from sensors.packet import dissect
from tests.sensors.packet.frames import CLIENT, SERVER, START, Connection, pcap

WEB = Connection(443, 40_000).open().close().packets


def a_flow(**more: object) -> Fields:
    return {
        "@timestamp": to_iso(START),
        "event.start": to_iso(START),
        "event.end": to_iso(WEB[-1][0]),
        "source.ip": CLIENT,
        "source.port": 40_000,
        "destination.ip": SERVER,
        "destination.port": 443,
        "network.transport": "tcp",
        "network.packets": len(WEB),
        **more,
    }  # type: ignore[dict-item]


def settings_of(home: Path, **variables: str) -> Settings:
    given = {f"FENGSUI_PACKETS_{name.upper()}": value for name, value in variables.items()}
    return load_settings({"FENGSUI_PACKETS_RESERVE_GIGABYTES": "0", **given}, home=home).settings


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    given = {"keep": "true"}
    if request.param:
        key = tmp_path / "packets.key"
        key.write_bytes(bytes(range(32)))
        key.chmod(0o600)
        given["key_file"] = str(key)
    return settings_of(tmp_path / "home", **given)


def keep(settings: Settings, packets: list[tuple[int, bytes]]) -> FlowPackets:
    keeper = make_keeper(settings, "sensor-1")
    assert keeper is not None
    keeper.block(pcap(packets, nano=True)[24:])
    keeper.close()
    return FlowPackets(make_packet_store(settings), *packet_keys(settings))


def test_out_of_the_store(settings: Settings, tmp_path: Path) -> None:
    packets = keep(settings, WEB)
    assert packets.held(a_flow()) is None
    target = tmp_path / "slice"
    cut = packets.slice_flow([], a_flow(), target)
    assert (cut.packets, cut.bounded, cut.origin) == (len(WEB), False, "store")
    assert packets.pcap(target) == pcap(WEB, nano=True)
    assert (SERVER in str(target.read_bytes())) is False
    assert (target.read_bytes() == pcap(WEB, nano=True)) is (settings.packets.key_file == "")
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not dissect.available(), reason="tshark is not installed")
def test_dissected(settings: Settings, tmp_path: Path) -> None:
    packets = keep(settings, WEB)
    target = tmp_path / "slice"
    packets.slice_flow([], a_flow(), target)
    rows, total = packets.packet_list(target, 2)
    assert (len(rows), total, rows[0].protocol) == (2, len(WEB), "TCP")
    assert packets.packet_detail(target, 1).data == WEB[0][1]


def test_a_drills_flow_is_not_looked_for_on_the_wire(settings: Settings, tmp_path: Path) -> None:
    packets = keep(settings, WEB)
    why = packets.held(a_flow(**{"fengsui.run": "d1"}))
    assert why is not None
    assert why.key == "console.packets.no_capture"
    assert packets.slice_flow([], a_flow(**{"fengsui.run": "d1"}), tmp_path / "x").packets == 0


def test_captures_where_they_have_more(settings: Settings, tmp_path: Path) -> None:
    packets = keep(settings, WEB[2:])
    capture = tmp_path / "a.pcap"
    capture.write_bytes(pcap(WEB))
    cut = packets.slice_flow([capture], a_flow(), tmp_path / "slice")
    assert (cut.packets, cut.origin) == (len(WEB), "captures")
    capture.write_bytes(pcap(WEB[:1]))
    cut = packets.slice_flow([capture], a_flow(), tmp_path / "slice")
    assert (cut.packets, cut.origin) == (len(WEB) - 2, "store")


def test_without_the_key_the_page_says_so(tmp_path: Path) -> None:
    key = tmp_path / "packets.key"
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    keep(settings_of(tmp_path / "home", keep="true", key_file=str(key)), WEB)
    packets = FlowPackets(make_packet_store(settings_of(tmp_path / "home")))
    why = packets.held(a_flow())
    assert why is not None
    assert why.key == "console.packets.wrong_key"
    with pytest.raises(InputError):
        packets.slice_flow([], a_flow(), tmp_path / "slice")
    key.chmod(0o644)
    with pytest.raises(SettingsError):
        make_keeper(settings_of(tmp_path / "home", keep="true", key_file=str(key)), "s")


def test_off_by_default(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert make_keeper(settings, "sensor-1") is None
    assert settings.packets_folder == tmp_path / "packets"
    assert flow_key(a_flow()).transport == 6
