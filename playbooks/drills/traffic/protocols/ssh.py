"""SSH connections: banners and key exchange in clear, then random bytes (RFC 4253)."""

from __future__ import annotations

import random
import struct

from playbooks.drills.traffic.conversation import Conversation

_KEXINIT, _NEWKEYS, _ECDH_INIT, _ECDH_REPLY = 20, 21, 30, 31
_KEY = b"ssh-ed25519"
_LISTS = (
    b"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256",
    b"ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
    *(b"chacha20-poly1305@openssh.com,aes128-ctr,aes256-gcm@openssh.com",) * 2,
    *(b"umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-256",) * 2,
    *(b"none,zlib@openssh.com",) * 2,
    *(b"",) * 2,
)


def ssh(
    talk: Conversation, rng: random.Random, *, success: bool, client: str, turns: int = 0
) -> None:
    """One connection: a log-on by password, then `turns` commands when it succeeds."""
    talk.connect()
    talk.send(f"SSH-2.0-{client}\r\n".encode())
    talk.receive(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u5\r\n")
    talk.send(_hello(rng))
    talk.receive(_hello(rng))
    talk.send(_packet(_ECDH_INIT, _string(rng.randbytes(32))))
    key = _string(_string(_KEY) + _string(rng.randbytes(32)))
    signature = _string(_string(_KEY) + _string(rng.randbytes(64)))
    reply = _packet(_ECDH_REPLY, key + _string(rng.randbytes(32)) + signature)
    talk.receive(reply + _packet(_NEWKEYS, b""))
    talk.send(_packet(_NEWKEYS, b""))
    talk.send(rng.randbytes(44))
    talk.receive(rng.randbytes(44))
    for _ in range(1 if success else rng.randint(1, 2)):
        talk.send(rng.randbytes(148), think=rng.uniform(0.05, 0.4))
        # A wrong password is answered late, and with more than a right one.
        think = 0.05 if success else rng.uniform(1.2, 2.4)
        talk.receive(rng.randbytes(36 if success else 52), think=think)
    if not success:
        talk.closed_by_server()
        return
    for _ in range(turns):
        talk.send(rng.randbytes(rng.choice((36, 44, 52, 68, 84))), think=rng.expovariate(0.5))
        talk.receive(rng.randbytes(min(int(rng.lognormvariate(5.5, 1.1)) + 36, 9000)))
    talk.close()


def _string(value: bytes) -> bytes:
    return struct.pack("!I", len(value)) + value


def _packet(kind: int, body: bytes) -> bytes:
    pad = 8 - (len(body) + 6) % 8 + 4
    return struct.pack("!IBB", len(body) + 2 + pad, pad, kind) + body + bytes(pad)


def _hello(rng: random.Random) -> bytes:
    lists = b"".join(_string(names) for names in _LISTS)
    return _packet(_KEXINIT, rng.randbytes(16) + lists + bytes(5))
