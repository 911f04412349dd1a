"""Laws that all parsers of databases, tunnels and peers keep: pieces, one side, hostile bytes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sensors.protocol import Flow, Protocol
from sensors.protocols import (
    amqp,
    bittorrent,
    coap,
    git,
    ike,
    memcached,
    mongodb,
    mysql,
    nfs,
    openvpn,
    postgresql,
    redis,
    rsync,
    socks,
    stun,
    tds,
    vnc,
    wireguard,
)
from tests.sensors.protocols import data_talks as talks
from tests.sensors.protocols import tunnel_talks as tunnels
from tests.sensors.protocols.playing import a_flow, play

STREAMS: list[tuple[Protocol, talks.Said, int]] = [
    (mysql.PROTOCOL, talks.MYSQL, 3306),
    (postgresql.PROTOCOL, talks.POSTGRESQL, 5432),
    (tds.PROTOCOL, talks.TDS, 1433),
    (redis.PROTOCOL, talks.REDIS, 6379),
    (socks.PROTOCOL, tunnels.SOCKS5, 1080),
    (socks.PROTOCOL, tunnels.SOCKS4, 1080),
    (openvpn.PROTOCOL, tunnels.in_stream(tunnels.OPENVPN), 1194),
    (stun.PROTOCOL, tunnels.STUN, 3478),
    (bittorrent.PROTOCOL, tunnels.PEERS, 6881),
    (vnc.PROTOCOL, tunnels.VNC, 5900),
    (mongodb.PROTOCOL, talks.MONGODB, 27017),
    (nfs.PROTOCOL, talks.NFS, 2049),
    (amqp.PROTOCOL, talks.AMQP, 5672),
    (memcached.PROTOCOL, talks.MEMCACHED, 11211),
    (rsync.PROTOCOL, talks.RSYNC, 873),
    (git.PROTOCOL, talks.GIT, 9418),
]
DATAGRAMS: list[tuple[Protocol, talks.Said, int]] = [
    (wireguard.PROTOCOL, tunnels.WIREGUARD, 51820),
    (openvpn.PROTOCOL, tunnels.OPENVPN, 1194),
    (ike.PROTOCOL, tunnels.IKE1, 500),
    (ike.PROTOCOL, tunnels.IKE2, 500),
    (stun.PROTOCOL, tunnels.STUN, 3478),
    (bittorrent.PROTOCOL, tunnels.DHT, 6881),
    (nfs.PROTOCOL, [(side, data[4:]) for side, data in talks.NFS], 2049),
    (coap.PROTOCOL, talks.COAP, 5683),
]
ALL = [(*one, "tcp") for one in STREAMS] + [(*one, "udp") for one in DATAGRAMS]
TIMED = {"event.id", "@timestamp", "event.duration"}


def ids(value: object) -> str | None:
    return value.name if isinstance(value, Protocol) else None


def timeless(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in event.items() if k not in TIMED} for event in events]


def flow_to(port: int, transport: str) -> Flow:
    return a_flow(port, transport)


@pytest.mark.parametrize(("protocol", "said", "port"), STREAMS, ids=ids)
def test_pieces_of_any_size_give_the_same_events(
    protocol: Protocol, said: talks.Said, port: int
) -> None:
    whole = play(protocol, said, flow_to(port, "tcp"))
    assert whole.events
    assert "parser_error" not in str(whole.losses)
    for piece in (1, 2, 7, 100):
        cut = play(protocol, said, flow_to(port, "tcp"), piece=piece)
        assert timeless(cut.events) == timeless(whole.events)


@pytest.mark.parametrize(("protocol", "said", "port", "transport"), ALL, ids=ids)
def test_first_bytes_are_recognised(
    protocol: Protocol, said: talks.Said, port: int, transport: str
) -> None:
    side, data = said[0]
    assert protocol.recognises(data, side, flow_to(port, transport))


@pytest.mark.parametrize(("protocol", "said", "port", "transport"), ALL, ids=ids)
def test_foreign_bytes_are_not_recognised(
    protocol: Protocol, said: talks.Said, port: int, transport: str
) -> None:
    del said
    chance = random.Random(5)
    flow = flow_to(port, transport)
    foreign = [chance.randbytes(chance.randint(1, 300)) for _ in range(400)]
    foreign += [
        b"",
        b"\0" * 60,
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\3\1\0\x50\1" + bytes(75),
    ]
    foreign += [b"SSH-2.0-x\r\n", b"220 mail ESMTP\r\n", bytes(range(256))]
    assert not any(protocol.recognises(data, 0, flow) for data in foreign)


@pytest.mark.parametrize(("protocol", "said", "port", "transport"), ALL, ids=ids)
@pytest.mark.parametrize("side", [0, 1])
def test_one_side_alone_raises_nothing(
    protocol: Protocol, said: talks.Said, port: int, transport: str, side: int
) -> None:
    part = [(who, data) for who, data in said if who == side]
    found = play(protocol, part, flow_to(port, transport))
    assert not any(name.endswith("parser_error") for name in found.losses)


@pytest.mark.parametrize(("protocol", "said", "port", "transport"), ALL, ids=ids)
def test_mutants_raise_nothing_and_keep_to_the_registry(
    protocol: Protocol, said: talks.Said, port: int, transport: str
) -> None:
    chance = random.Random(protocol.name)
    mistakes: dict[str, int] = {}
    for _ in range(60):
        mutant: talks.Said = []
        for side, data in said:
            changed = bytearray(data)
            for _ in range(chance.choice((0, 1, 3))):
                if changed:
                    changed[chance.randrange(len(changed))] = chance.choice(
                        (0, 255, chance.randrange(256))
                    )
            if chance.random() < 0.1:
                changed = changed[: chance.randrange(len(changed) + 1)]
            mutant.append((side, bytes(changed)))
        if chance.random() < 0.2:
            chance.shuffle(mutant)
        piece = chance.choice((0, 0, 9)) if transport == "tcp" else 0
        for name, count in play(
            protocol, mutant, flow_to(port, transport), piece=piece
        ).losses.items():
            mistakes[name] = mistakes.get(name, 0) + count
    assert not [name for name in mistakes if name.endswith("parser_error")]


@pytest.mark.parametrize(("protocol", "said", "port", "transport"), ALL, ids=ids)
def test_random_bytes_raise_nothing(
    protocol: Protocol, said: talks.Said, port: int, transport: str
) -> None:
    del said
    chance = random.Random(11)
    for _ in range(40):
        noise = [(chance.randrange(2), chance.randbytes(chance.randrange(200))) for _ in range(6)]
        found = play(protocol, noise, flow_to(port, transport))
        assert not any(name.endswith("parser_error") for name in found.losses)
