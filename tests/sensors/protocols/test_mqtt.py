"""MQTT: connections, subscriptions, publications."""

from __future__ import annotations

from sensors.protocols import mqtt
from tests.sensors.protocols.conversations import MQTT
from tests.sensors.protocols.playing import a_flow, play


def test_as_zeek_tells_it() -> None:
    connect, subscribe, first, second, third = play(mqtt.PROTOCOL, MQTT, a_flow(1883)).events
    assert (connect["mqtt.client_id"], connect["user.name"]) == ("dev1", "user")
    assert connect["mqtt.connect_status"] == "Connection Accepted"
    assert (subscribe["mqtt.topics"], subscribe["mqtt.qos_levels"]) == (["a/b", "c/#"], [1, 0])
    assert (subscribe["mqtt.granted_qos_level"], subscribe["mqtt.ack"]) == (1, True)
    assert (first["mqtt.status"], first["mqtt.payload_len"]) == ("ok", 6000)
    assert (second["mqtt.from_client"], second["mqtt.retain"]) == (False, True)
    assert third["mqtt.status"] == "incomplete_qos"
    assert "hunter2" not in str(connect)
