"""SSDP: searches and replies."""

from __future__ import annotations

from sensors.protocols import ssdp
from tests.sensors.protocols.conversations import SSDP
from tests.sensors.protocols.playing import a_flow, play


def test_leaves_repeats_out() -> None:
    search, reply = play(ssdp.PROTOCOL, SSDP, a_flow(1900, "udp")).events
    assert (search["ssdp.method"], search["ssdp.st"], search["ssdp.mx"]) == (
        "M-SEARCH",
        "ssdp:all",
        3,
    )
    assert (reply["ssdp.status_code"], reply["ssdp.server"]) == (200, "Linux UPnP/1.0")
