"""BitTorrent: peers that exchange a torrent, and nodes of the distributed hash table.

One event a handshake of peers, with the torrent's hash and both peers' ids; and one a flow of DHT
queries, with the first torrents that were asked for. Pieces are not looked at.
Defined in BEP 3 (peers), BEP 5 (DHT), BEP 15 (UDP trackers).
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import text

_HELLO: Final = b"\x13BitTorrent protocol"
_CONNECT: Final = b"\0\0\x04\x17\x27\x10\x19\x80\0\0\0\0"
_MOST: Final = 16
_ENOUGH: Final = 2000
_CLIENTS: Final = {
    "UT": "µTorrent", "TR": "Transmission", "qB": "qBittorrent", "DE": "Deluge", "AZ": "Vuze",
    "LT": "libtorrent", "lt": "libTorrent", "XL": "Xunlei", "SD": "Xunlei", "BC": "BitComet",
    "BT": "BitTorrent", "KT": "KTorrent", "UM": "µTorrent for Mac", "UW": "µTorrent Web",
}  # fmt: skip


class BitTorrentSession(StreamSession):
    """One flow: of peers over TCP, or of datagrams."""

    limit = 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.udp = context.flow.transport == "udp"
        self.time = 0
        self.hash = ""
        self.peers = ["", ""]
        self.queries: dict[str, int] = {}
        self.hashes: list[str] = []
        self.ids: list[str] = ["", ""]
        self.versions: list[str] = []
        self.seen = 0
        self.replies = 0
        self.told = False

    def data(self, side: int, data: bytes, time: int) -> None:
        """Datagrams are messages of the DHT or of a tracker."""
        if self.udp:
            self._datagram(side, data, time)
        else:
            super().data(side, data, time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """The handshake of a side."""
        if self.told or self.peers[side]:
            return 0
        if not _HELLO.startswith(data[:20]):
            raise WireError("no_handshake")
        if len(data) < 68:
            return 0
        self.time = self.time or time
        self.hash = self.hash or data[28:48].hex()
        self.peers[side] = _peer(data[48:68])
        if all(self.peers):
            self._tell_peers(time)
            self.context.done()
        return 68

    def _tell_peers(self, time: int) -> None:
        self.told = True
        names = [_CLIENTS.get(peer[1:3]) if peer[:1] == "-" else None for peer in self.peers]
        self.context.emit("bittorrent", self.time, {
            "bittorrent.type": "handshake",
            "bittorrent.info_hash": [self.hash],
            "bittorrent.peer_id": self.peers[0],
            "bittorrent.peer_id_reply": self.peers[1],
            "bittorrent.client": names[0],
            "bittorrent.client_reply": names[1],
            "event.action": "handshake",
            "event.duration": time - self.time if all(self.peers) else None,
        })  # fmt: skip

    def _datagram(self, side: int, data: bytes, time: int) -> None:
        known = self._dht(side, data) if data[:1] == b"d" else self._tracker(data)
        if not known:
            if not self.seen:
                raise WireError("no_bittorrent")
            return
        self.time = self.time or time
        self.seen += 1
        if self.seen > _ENOUGH:
            self.context.done()

    def _dht(self, side: int, data: bytes) -> bool:
        kind = _value(data, b"1:y")
        if kind == b"q":
            name = text(_value(data, b"1:q"), 32)
            if name not in self.queries and len(self.queries) >= _MOST:
                return True
            self.queries[name] = self.queries.get(name, 0) + 1
            wanted = _value(data, b"9:info_hash")
            if len(wanted) == 20 and wanted.hex() not in self.hashes and len(self.hashes) < _MOST:
                self.hashes.append(wanted.hex())
        elif kind in (b"r", b"e"):
            self.replies += 1
        else:
            return False
        number = _value(data, b"2:id")
        if len(number) == 20 and not self.ids[side]:
            self.ids[side] = number.hex()
        version = _value(data, b"1:v")
        if version and len(self.versions) < 4:
            shown = text(version[:2], 2) if version[:2].isalpha() else version[:4].hex()
            if shown not in self.versions:
                self.versions.append(shown)
        return True

    def _tracker(self, data: bytes) -> bool:
        """BEP 15: connect, announce, scrape."""
        if data[:12] == _CONNECT and len(data) >= 16:
            self.queries["tracker_connect"] = self.queries.get("tracker_connect", 0) + 1
            return True
        if not self.queries:
            return False
        if len(data) >= 98 and data[8:12] == b"\0\0\0\1":
            self.queries["tracker_announce"] = self.queries.get("tracker_announce", 0) + 1
            if data[16:36].hex() not in self.hashes and len(self.hashes) < _MOST:
                self.hashes.append(data[16:36].hex())
            self.peers[0] = self.peers[0] or _peer(data[36:56])
        elif data[:4] in (b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\2", b"\0\0\0\3"):
            self.replies += 1
        return True

    def end(self, time: int) -> None:
        """A handshake that nobody answered; or the sum of a flow of datagrams."""
        if self.told or not self.time:
            return
        if not self.udp:
            self._tell_peers(time)
            return
        tracker = "tracker_connect" in self.queries
        self.context.emit("bittorrent", self.time, {
            "bittorrent.type": "tracker" if tracker else "dht",
            "bittorrent.info_hash": self.hashes,
            "bittorrent.queries": list(self.queries),
            "bittorrent.query_count": sum(self.queries.values()),
            "bittorrent.reply_count": self.replies,
            "bittorrent.peer_id": self.peers[0],
            "bittorrent.node_id": self.ids[0],
            "bittorrent.node_id_reply": self.ids[1],
            "bittorrent.versions": self.versions,
            "event.action": next(iter(self.queries), None),
            "event.duration": time - self.time,
        })  # fmt: skip


def _peer(number: bytes) -> str:
    """A peer's id: letters where it begins with a client's, else hexadecimal."""
    shown = number.decode("latin-1")
    return shown if shown.isascii() and shown.isprintable() else _mixed(number)


def _mixed(number: bytes) -> str:
    head = number[:8]
    if head[:1] == b"-" and head[7:] == b"-" and head.isascii():
        return head.decode() + number[8:].hex()
    return number.hex()


def _value(data: bytes, key: bytes) -> bytes:
    """The string behind a key of a bencoded dictionary; b"" where there is none."""
    at = data.find(key)
    if at < 0:
        return b""
    at += len(key)
    colon = data.find(b":", at, at + 4)
    if colon < 0 or not data[at:colon].isdigit():
        return b""
    return data[colon + 1 : colon + 1 + int(data[at:colon])]


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The handshake of peers, a message of the DHT, or the first word to a tracker."""
    del side
    if flow.transport == "tcp":
        return data[:20] == _HELLO
    if data[:1] == b"d" and data[-1:] == b"e":
        return data[:4] in (b"d1:a", b"d1:r", b"d1:e", b"d2:i") and b"1:y1:" in data
    return len(data) == 16 and data[:12] == _CONNECT


PROTOCOL: Final = Protocol(
    name="bittorrent",
    title="BitTorrent",
    standard="BEP 3, BEP 5, BEP 15",
    transports=frozenset({"tcp", "udp"}),
    session=BitTorrentSession,
    recognises=recognises,
    ports=frozenset({6881}),
    datasets={
        "bittorrent": (
            "bittorrent.type", "bittorrent.info_hash", "bittorrent.peer_id",
            "bittorrent.peer_id_reply", "bittorrent.client", "bittorrent.client_reply",
            "bittorrent.queries", "bittorrent.query_count", "bittorrent.reply_count",
            "bittorrent.node_id", "bittorrent.node_id_reply", "bittorrent.versions",
            "event.action", "event.duration",
        )
    },
)  # fmt: skip
