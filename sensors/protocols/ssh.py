"""SSH: who greets whom with what software, what they agreed on, and whether the log-in went well.

One event a connection. Behind the key exchange everything is encrypted; the outcome is guessed
from sizes: the first answer of the server accepts the service `ssh-userauth` (17 bytes of payload),
a success has one byte and so is 16 bytes smaller whatever the cipher, every refusal has the same
size. RFC 4253, RFC 4252; SSH 1 by draft-ylonen-ssh-protocol-00; fingerprints by salesforce/hassh.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, Session, WireError
from sensors.wire.reader import Reader, text
from sensors.wire.ssh_kex import (
    CIPHER_UP,
    HOST_KEY,
    KEX,
    MAC_UP,
    PACKED_UP,
    KeyExchange,
    agreed,
    agreed_both_ways,
    fingerprint,
    fingerprint_sha256,
    is_key_reply,
    key_exchange,
    spoken,
)

_KEXINIT: Final = 20
_NEWKEYS: Final = 21
_KEY_REPLIES: Final = frozenset({31, 33})  # KEXDH/ECDH reply, DH group exchange reply
_LONGEST_PACKET: Final = 65_536
_LONGEST_GREETING: Final = 8192
_COMPRESSED: Final = frozenset({"zlib", "zlib@openssh.com"})
_ACCEPT_LESS_SUCCESS: Final = 16
_BANNER_MORE: Final = 256  # an answer this much longer is a message of the day, not a refusal
_MOST_PIECES: Final = 256  # of encrypted bytes; a log-in needs fewer, what comes later is bulk
_SIDES: Final = ("client", "server")
_SSH1_CIPHERS: Final = {
    0: "none", 1: "idea", 2: "des", 3: "3des", 4: "tss", 5: "rc4", 6: "blowfish",
}  # fmt: skip


class SshSession(Session):
    """One SSH connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._waiting = [b"", b""]
        self._banners = ["", ""]
        self._offers: list[KeyExchange | None] = [None, None]
        self._encrypted = [False, False]
        self._sealed = 0  # encrypted bytes of the piece at hand
        self._fields: dict[str, str | int | bool] = {}
        self._start = 0
        self._emitted = False
        self._client_spoke = False
        self._accept_size = 0
        self._refusal_size = 0
        self._banner_passed = False
        self._pieces = 0
        self._stranger = False  # the client does not speak SSH
        self._outcome: bool | None = None
        self._attempts = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """Greeting, key exchange, then only sizes."""
        self._start = self._start or time
        if self._encrypted[side]:
            self._guess(side, len(data), time)
            return
        if self._stranger and (side == ORIGINATOR or self._banners[RESPONDER]):
            self.context.lost("no_greeting")
            self._finish(time)
            return
        data = self._waiting[side] + data
        self._sealed = 0
        at = 0
        while at < len(data):
            used = self._part(side, data[at:])
            if not used:
                break
            at += used
        self._waiting[side] = b"" if self._encrypted[side] else data[at:]
        if len(self._waiting[side]) > _LONGEST_PACKET + 4:
            raise WireError("too_long")
        if self._sealed:
            self._guess(side, self._sealed, time)

    def _part(self, side: int, data: bytes) -> int:
        if self._encrypted[side]:
            self._sealed = len(data)
            return len(data)
        if not self._banners[side]:
            return self._greeting(side, data)
        if self.version == 1:
            return self._old_packet(side, data)
        return self._packet(side, data)

    def _greeting(self, side: int, data: bytes) -> int:
        end = data.find(b"\n")
        if end < 0:
            if len(data) > _LONGEST_GREETING:
                raise WireError("no_greeting")
            return 0
        line = data[:end].rstrip(b"\r")
        if line.startswith(b"SSH-"):
            self._banners[side] = text(line, 512)
        elif (
            side == ORIGINATOR
        ):  # only a server may send other lines before; what it is, it may say
            self._stranger = True
            return len(data)
        return end + 1

    @property
    def version(self) -> int | None:
        """Protocol that both speak: 1 or 2, 0 where they have none in common."""
        client, server = self._banners
        if not client or not server:
            return None
        speaks = [spoken(banner) for banner in (client, server)]
        common = speaks[0] & speaks[1]
        return max(common, default=0)

    def _packet(self, side: int, data: bytes) -> int:
        if len(data) < 6:
            return 0
        size = int.from_bytes(data[:4], "big")
        if not 2 <= size <= _LONGEST_PACKET or data[4] >= size:
            raise WireError("bad_packet")
        if len(data) < 4 + size:
            return 0
        self._message(side, data[5 : 4 + size - data[4]])
        return 4 + size

    def _message(self, side: int, payload: bytes) -> None:
        number = payload[0] if payload else 0
        if number == _KEXINIT:
            self._offer(side, payload)
        elif number in _KEY_REPLIES and side == RESPONDER and "ssh.host_key" not in self._fields:
            reader = Reader(payload, 1)
            size = reader.u32()
            # The group of a group exchange has the number of the plain reply: a key begins otherwise.
            if size <= reader.left and is_key_reply(payload):
                self._key(reader.take(size))
        elif number == _NEWKEYS:
            self._encrypted[side] = True

    def _offer(self, side: int, payload: bytes) -> None:
        offer = key_exchange(payload)
        self._offers[side] = offer
        name = _SIDES[side]
        digest, words = offer.hassh(server=side == RESPONDER)
        self._fields[f"ssh.{name}.hassh.hash"] = digest
        self._fields[f"ssh.{name}.hassh.string"] = words
        client, server = self._offers
        if client is None or server is None:
            return
        self._fields["ssh.cipher_alg"] = agreed_both_ways(client, server, CIPHER_UP)
        self._fields["ssh.mac_alg"] = agreed_both_ways(client, server, MAC_UP)
        self._fields["ssh.compression_alg"] = agreed_both_ways(client, server, PACKED_UP)
        self._fields["ssh.kex_alg"] = agreed(client.lists[KEX], server.lists[KEX])
        self._fields["ssh.host_key_alg"] = agreed(client.lists[HOST_KEY], server.lists[HOST_KEY])

    def _old_packet(self, side: int, data: bytes) -> int:
        """SSH 1: length, padding, type, data, CRC. Encrypted from the session key on."""
        if len(data) < 4:
            return 0
        size = int.from_bytes(data[:4], "big")
        whole = 4 + size + 8 - size % 8
        if not 5 <= size <= _LONGEST_PACKET:
            raise WireError("bad_packet")
        if len(data) < whole:
            return 0
        payload = data[4 + 8 - size % 8 : whole - 4]
        if payload[0] == 2 and side == RESPONDER:  # SSH_SMSG_PUBLIC_KEY
            self._old_key(payload)
            self._encrypted[RESPONDER] = True
        elif payload[0] == 3 and side == ORIGINATOR:  # SSH_CMSG_SESSION_KEY
            cipher = payload[1] if len(payload) > 1 else 0
            self._fields["ssh.cipher_alg"] = _SSH1_CIPHERS.get(cipher, str(cipher))
            self._encrypted[ORIGINATOR] = True
        return whole

    def _old_key(self, payload: bytes) -> None:
        reader = Reader(payload, 9)  # type and cookie
        numbers: list[bytes] = []
        for _ in range(
            2
        ):  # the server's hourly key, then the host's; each: bits, exponent, modulus
            reader.u32()
            numbers += [reader.take((reader.u16() + 7) // 8) for _ in range(2)]
        self._key(numbers[3] + numbers[2])

    def _key(self, blob: bytes) -> None:
        self._fields["ssh.host_key"] = fingerprint(blob)
        self._fields["ssh.host_key_fingerprint"] = fingerprint_sha256(blob)

    def _guess(self, side: int, size: int, time: int) -> None:
        """What the size of an encrypted piece says of the log-in."""
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            self._finish(time)
            return
        if self.version != 2:
            if all(self._encrypted) or self.version == 0:
                self._finish(time)
            return
        if side == ORIGINATOR:
            self._client_spoke = True
        elif self._client_spoke:
            self._answer(size, time)

    def _answer(self, size: int, time: int) -> None:
        if not self._accept_size:
            self._accept_size = size
            if self._fields.get("ssh.compression_alg") in _COMPRESSED:
                self._finish(time)  # sizes say nothing
        elif size + _ACCEPT_LESS_SUCCESS == self._accept_size:
            self._outcome = True
            self._attempts += 1
            self._finish(time)
        elif not self._refusal_size:
            # The client's first try is with "none", to learn the methods: refused, and no attempt.
            if not self._banner_passed and size - self._accept_size > _BANNER_MORE:
                self._banner_passed = True
            else:
                self._refusal_size = size
        elif size == self._refusal_size:
            self._outcome = False
            self._attempts += 1

    def gap(self, side: int, size: int, time: int) -> None:
        """Sizes cannot be trusted any more: what is known is said."""
        self.context.lost("gap")
        del side, size
        self._finish(time)

    def end(self, time: int) -> None:
        """Say what is known, unless it was said."""
        self._finish(time)

    def _finish(self, time: int) -> None:
        del time
        self.context.done()
        if self._emitted or not any(self._banners):
            return
        self._emitted = True
        fields = dict(self._fields)
        for name, banner in zip(_SIDES, self._banners, strict=True):
            if banner:
                fields[f"ssh.{name}.banner"] = banner
                version, _, software = banner[4:].partition("-")
                fields[f"ssh.{name}.proto_version"] = version
                fields[f"ssh.{name}.software_version"] = software
        if self.version is not None:
            fields["ssh.version"] = self.version
        if self._outcome is not None:
            fields["ssh.auth_success"] = self._outcome
            fields["event.outcome"] = "success" if self._outcome else "failure"
        fields["ssh.auth_attempts"] = self._attempts
        self.context.emit("ssh", self._start, fields)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting."""
    del side, flow
    return data[:4] == b"SSH-" and data[4:6] in {b"2.", b"1."}


PROTOCOL = Protocol(
    name="ssh",
    title="Secure Shell",
    standard="RFC 4253, RFC 4252",
    transports=frozenset({"tcp"}),
    ports=frozenset({22}),
    session=SshSession,
    recognises=recognises,
    datasets={
        "ssh": (
            "event.outcome", "ssh.version", "ssh.auth_success", "ssh.auth_attempts",
            "ssh.client.banner", "ssh.server.banner", "ssh.client.proto_version",
            "ssh.server.proto_version", "ssh.client.software_version",
            "ssh.server.software_version", "ssh.cipher_alg", "ssh.mac_alg",
            "ssh.compression_alg", "ssh.kex_alg", "ssh.host_key_alg", "ssh.host_key",
            "ssh.host_key_fingerprint",
            "ssh.client.hassh.hash", "ssh.client.hassh.string", "ssh.server.hassh.hash",
            "ssh.server.hassh.string",
        )
    },
)  # fmt: skip
