"""SSH: greetings, what is agreed on, fingerprints, and the guess of the log-in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from sensors.protocols.ssh import PROTOCOL
from tests.sensors.protocols.conversations import HOST_KEY, SSH_OPENING, Said, kexinit, packet
from tests.sensors.protocols.playing import START, Played, a_flow, play, play_capture

FLOW = a_flow(22)
SERVICE: Said = [(0, bytes(52)), (1, bytes(52))]  # ssh-userauth asked for and accepted
REFUSED: Said = [(0, bytes(84)), (1, bytes(84))]
ACCEPTED: Said = [(0, bytes(148)), (1, bytes(36))]


def ssh(said: Said) -> Played:
    return play(PROTOCOL, said, FLOW)


def test_greetings_and_algorithms() -> None:
    (event,) = ssh(SSH_OPENING).events
    assert event["ssh.client.banner"] == "SSH-2.0-libssh2_1.11.0"
    assert event["ssh.server.software_version"] == "OpenSSH_9.6"
    assert event["ssh.version"] == 2
    assert event["ssh.kex_alg"] == "curve25519-sha256"
    assert event["ssh.host_key_alg"] == "ssh-ed25519"
    assert event["ssh.cipher_alg"] == "a"
    assert event["ssh.mac_alg"] == "hmac-sha1"
    assert event["ssh.compression_alg"] == "none"
    assert "ssh.auth_success" not in event
    assert event["ssh.auth_attempts"] == 0


def test_prints() -> None:
    (event,) = ssh(SSH_OPENING).events
    words = "ecdh-sha2-nistp256,curve25519-sha256;a,aes128-ctr;hmac-sha1;none"
    assert event["ssh.client.hassh.string"] == words
    assert event["ssh.client.hassh.hash"] == hashlib.md5(words.encode()).hexdigest()
    assert event["ssh.server.hassh.string"].startswith("curve25519-sha256;aes128-ctr,a;")
    assert event["ssh.host_key"] == hashlib.md5(HOST_KEY).digest().hex(":")


def test_a_refusal_and_then_a_success() -> None:
    (event,) = ssh([*SSH_OPENING, *SERVICE, *REFUSED, *REFUSED, *ACCEPTED]).events
    assert event["event.outcome"] == "success"
    assert event["ssh.auth_success"] is True
    assert event["ssh.auth_attempts"] == 2  # the first refusal answers "none" and is none


def test_only_refusals() -> None:
    (event,) = ssh([*SSH_OPENING, *SERVICE, *REFUSED, *REFUSED, *REFUSED]).events
    assert event["event.outcome"] == "failure"
    assert event["ssh.auth_attempts"] == 2


def test_a_message_of_the_day_is_no_refusal() -> None:
    banner: Said = [(0, bytes(84)), (1, bytes(52 + 300))]
    (event,) = ssh([*SSH_OPENING, *SERVICE, *banner, *REFUSED, *ACCEPTED]).events
    assert event["ssh.auth_success"] is True


def test_compression_hides_the_sizes() -> None:
    said: Said = [
        (1, b"SSH-2.0-x\r\n"), (0, b"SSH-2.0-y\r\n"),
        (0, kexinit("k", "h", "c", "m", "zlib")), (1, kexinit("k", "h", "c", "m", "zlib,none")),
        (1, packet(b"\x15")), (0, packet(b"\x15")),
    ]  # fmt: skip
    (event,) = ssh([*said, *SERVICE, *REFUSED, *ACCEPTED]).events
    assert event["ssh.compression_alg"] == "zlib"
    assert "ssh.auth_success" not in event


def test_directions_that_differ() -> None:
    names = ("k", "h", "up", "down", "m", "m", "none", "none", "", "")
    data = b"\x14" + bytes(16) + b"".join(len(n).to_bytes(4, "big") + n.encode() for n in names)
    offer = packet(data + bytes(5))
    (event,) = ssh([(1, b"SSH-2.0-x\r\n"), (0, b"SSH-2.0-y\r\n"), (0, offer), (1, offer)]).events
    assert event["ssh.cipher_alg"] == "To server: up, to client: down"


def test_the_old_version() -> None:
    def number(data: bytes) -> bytes:
        return (len(data) * 8).to_bytes(2, "big") + data

    keys = b"\0\0\x03\0" + number(b"\x25") + number(b"S" * 96)
    host = b"\0\0\x04\0" + number(b"\x23") + number(b"H" * 128)
    body = b"\x02" + bytes(8) + keys + host + bytes(12) + bytes(4)
    said: Said = [
        (1, b"SSH-1.99-OpenSSH_6.6\r\n"),
        (0, b"SSH-1.5-OpenSSH_6.2\n"),
        (1, len(body).to_bytes(4, "big") + bytes(8 - len(body) % 8) + body),
    ]
    (event,) = ssh(said).events
    assert event["ssh.version"] == 1
    assert event["ssh.host_key"] == hashlib.md5(b"H" * 128 + b"\x23").digest().hex(":")


def test_versions_without_one_in_common() -> None:
    (event,) = ssh([(1, b"SSH-2.0-x\r\n"), (0, b"SSH-1.5-y\r\n")]).events
    assert event["ssh.version"] == 0


def test_lines_before_the_greeting_of_a_server() -> None:
    (event,) = ssh([(1, b"Go away\r\nSSH-2.0-x\r\n")]).events
    assert event["ssh.server.banner"] == "SSH-2.0-x"
    assert "ssh.version" not in event


def test_a_client_that_speaks_something_else() -> None:
    (event,) = ssh(
        [(0, b"GET / HTTP/1.1\r\n\r\n"), (1, b"SSH-2.0-x\r\n"), (1, b"Invalid\r\n")]
    ).events
    assert event["ssh.server.banner"] == "SSH-2.0-x"
    assert "ssh.client.banner" not in event


def test_a_success_ends_the_reading() -> None:
    played = ssh([*SSH_OPENING, *SERVICE, *REFUSED, *ACCEPTED, *[(1, bytes(1400))] * 10])
    assert len(played.events) == 1
    assert (
        played.events[0]["@timestamp"]
        == f"2025-10-09T08:53:20.{START % 10**9 // 1000 + 10_000:06d}Z"
    )


def test_brute_force_of_the_bench(bench: Callable[[str], Path]) -> None:
    played = play_capture(bench("attacks/c2/malicious-ssh-bruteforce.pcap.zst"), [PROTOCOL])
    whole = [event for event in played.events if "ssh.kex_alg" in event]
    assert len(played.events) == 66
    assert len(whole) == 47
    assert {event["ssh.client.software_version"] for event in whole} == {"libssh2_1.11.0"}
    assert {event["ssh.client.hassh.hash"] for event in whole} == {
        "44ac1859818d6cacfb48ec9cb230b3f0"
    }
