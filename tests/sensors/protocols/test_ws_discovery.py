"""WS-Discovery: probes and matches."""

from __future__ import annotations

from sensors.protocols import ws_discovery
from tests.sensors.protocols.conversations import WS_DISCOVERY
from tests.sensors.protocols.playing import a_flow, play


def test_discovery_of_cameras() -> None:
    probe, match = play(ws_discovery.PROTOCOL, WS_DISCOVERY, a_flow(3702, "udp")).events
    assert probe["ws_discovery.types"] == ["dn:NetworkVideoTransmitter", "tds:Device"]
    assert match["ws_discovery.action"] == "ProbeMatches"
    assert match["ws_discovery.xaddrs"] == ["http://192.0.2.1/onvif/device_service"]
    assert match["ws_discovery.endpoints"] == ["urn:uuid:cam"]
