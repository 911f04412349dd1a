"""Mosquitto, snmpd, chrony and OpenSSL's DTLS with their clients."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.peers.keys import Keys
from tests.peers.lan import SERVER, Lan, program

pytestmark = pytest.mark.peers


def test_mqtt(lan: Lan) -> None:
    server = program("mosquitto", "mosquitto")
    publish = program("mosquitto_pub", "mosquitto-clients")
    subscribe = program("mosquitto_sub", "mosquitto-clients")
    settings = lan.folder / "mosquitto.conf"
    settings.write_text(f"listener 1883 {SERVER}\nallow_anonymous true\npersistence false\n")
    at = ("-h", SERVER, "-t", "village/1/水位")
    with lan.serve(server, "-c", str(settings), tcp=1883), lan.watched() as seen:
        lan.run(
            publish,
            *at,
            "-i",
            "gauge-1",
            "-u",
            "gauge",
            "-P",
            "secret9",
            "-q",
            "2",
            "-r",
            "-m",
            "4.2",
        )
        lan.run(subscribe, *at, "-i", "desk", "-C", "1", "-W", "5", "-V", "mqttv5")

    def of(kind: str) -> list[dict[str, Any]]:
        return seen.of("mqtt", mqtt__message_type=kind)

    connected = {e["mqtt.client_id"]: e for e in of("connect")}
    assert connected["gauge-1"]["user.name"] == "gauge", seen.tell()
    assert connected["desk"]["mqtt.proto_version"] in {"5", "5.0"}
    published = of("publish")
    assert {event["mqtt.topic"] for event in published} == {"village/1/水位"}
    assert {event["mqtt.payload"] for event in published} == {"4.2"}
    assert of("subscribe")[0]["mqtt.topics"] == ["village/1/水位"]
    assert "secret9" not in seen.tell()
    assert seen.losses == {}


def test_snmp(lan: Lan) -> None:
    server = program("snmpd", "snmpd")
    client = program("snmpget", "snmp")
    walk = program("snmpbulkwalk", "snmp")
    settings = lan.folder / "snmpd.conf"
    settings.write_text(
        "rocommunity office 10.77.0.0/24\nsysName core-switch\n"
        "createUser keeper SHA secret-ten AES secret-ten\nrouser keeper\n"
    )
    here = ("env", f"SNMP_PERSISTENT_DIR={lan.folder}/snmp", "MIBS=")
    where = ("-f", "-Lo", "-C", "-c", str(settings), f"udp:{SERVER}:161")
    name = "1.3.6.1.2.1.1.5.0"
    with lan.serve(*here, server, *where, udp=161), lan.watched() as seen:
        lan.run(*here, client, "-v1", "-c", "office", SERVER, name)
        lan.run(*here, walk, "-v2c", "-c", "office", SERVER, "1.3.6.1.2.1.1")
        v3 = ("-v3", "-u", "keeper", "-l", "authPriv", "-a", "SHA", "-A", "secret-ten")
        said = lan.run(*here, client, *v3, "-x", "AES", "-X", "secret-ten", SERVER, name)
    assert "core-switch" in said
    events = seen.of("snmp")
    assert {event["snmp.version"] for event in events} == {"1", "2c", "3"}
    clear = [event for event in events if event["snmp.version"] != "3"]
    assert {event["snmp.community"] for event in clear} == {"office"}
    assert "get_bulk_request" in {event["snmp.pdu_type"] for event in clear}
    assert "core-switch" in {event.get("snmp.system_name") for event in events}
    secret = seen.of("snmp", snmp__encrypted=True)
    assert {event["user.name"] for event in secret} == {"keeper"}
    assert seen.losses == {}


def test_ntp(lan: Lan) -> None:
    chronyd = program("chronyd", "chrony")
    settings = lan.folder / "chrony.conf"
    settings.write_text(
        f"local stratum 5\nallow 10.77.0.0/24\nbindaddress {SERVER}\nuser root\n"
        f"pidfile {lan.folder}/chronyd.pid\nbindcmdaddress /\ncmdport 0\n"
        f"driftfile {lan.folder}/drift\n"
    )
    with lan.serve(chronyd, "-d", "-x", "-f", str(settings), udp=123), lan.watched() as seen:
        lan.run(
            chronyd, "-Q", "-t", "4", "-f", "/dev/null", "cmdport 0", "user root",
            f"pidfile {lan.folder}/once.pid", f"server {SERVER} iburst maxsamples 1",
            fails=True,
        )  # fmt: skip
    events = seen.of("ntp")
    assert {event["ntp.mode"] for event in events} == {3, 4}, seen.tell("ntp")
    assert {event["ntp.stratum"] for event in events if event["ntp.mode"] == 4} == {5}
    assert seen.losses == {}


def test_dtls(lan: Lan, keys: Keys) -> None:
    openssl = program("openssl", "openssl")
    words = ("s_server", "-dtls1_2", "-accept", "5684", "-cert", str(keys.certificate))
    words += ("-key", str(keys.key), "-quiet")
    with lan.serve(openssl, *words, udp=5684), lan.watched() as seen:
        lan.run(
            openssl, "s_client", "-dtls1_2", "-connect", f"{SERVER}:5684", "-servername",
            "portal.test", data="Q\n", fails=True,
        )  # fmt: skip
        time.sleep(0.1)
    event = seen.one("tls", network__transport="udp")
    assert event["tls.version"].endswith("1.2")
    assert event["tls.client.server_name"] == "portal.test"
    assert event["tls.server.hash.sha256"].lower() == keys.fingerprint()
    assert event["tls.client.ja4"].startswith("d")
    assert seen.losses == {}
