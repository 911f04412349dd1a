"""BitTorrent: handshakes of peers, queries of the hash table, trackers over UDP."""

from __future__ import annotations

from sensors.protocols import bittorrent
from tests.sensors.protocols import tunnel_talks as talks
from tests.sensors.protocols.data_talks import C, S
from tests.sensors.protocols.playing import a_flow, play


def test_a_handshake_tells_the_torrent_and_both_peers() -> None:
    events = play(bittorrent.PROTOCOL, talks.PEERS, a_flow(6881)).of("bittorrent")
    assert len(events) == 1
    assert events[0]["bittorrent.info_hash"] == [b"h".hex() * 20]
    assert events[0]["bittorrent.client"] == "Transmission"
    assert events[0]["bittorrent.client_reply"] == "qBittorrent"


def test_a_handshake_without_an_answer() -> None:
    events = play(bittorrent.PROTOCOL, talks.PEERS[:1], a_flow(6881)).events
    assert events[0]["bittorrent.peer_id"] == "-TR3000-abcdefghijkl"
    assert "bittorrent.peer_id_reply" not in events[0]


def test_a_flow_of_the_hash_table_is_one_event() -> None:
    events = play(bittorrent.PROTOCOL, talks.DHT * 3, a_flow(6881, "udp")).events
    assert len(events) == 1
    assert events[0]["bittorrent.queries"] == ["get_peers"]
    assert events[0]["bittorrent.query_count"] == events[0]["bittorrent.reply_count"] == 3
    assert events[0]["bittorrent.info_hash"] == [b"h".hex() * 20]


def test_a_tracker_over_udp() -> None:
    connect = b"\0\0\x04\x17\x27\x10\x19\x80\0\0\0\0abcd"
    announce = b"12345678\0\0\0\1abce" + b"h" * 20 + b"-TR3000-abcdefghijkl" + bytes(42)
    said = [(C, connect), (S, b"\0\0\0\0abcd12345678"), (C, announce)]
    events = play(bittorrent.PROTOCOL, said, a_flow(6969, "udp")).events
    assert [e["bittorrent.type"] for e in events] == ["tracker"]
    assert events[0]["bittorrent.info_hash"] == [b"h".hex() * 20]
    assert events[0]["bittorrent.peer_id"] == "-TR3000-abcdefghijkl"
