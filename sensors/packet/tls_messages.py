"""Handshake messages behind the hellos: certificates of both sides, and the group of the key exchange.

They are in clear up to TLS 1.2 and in TLCP. Certificates are kept at the end of the flow's note, the
client's before the server's, and read by `sensors.wire.certificate`.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.containers import read16
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy, put_text_member
from sensors.packet.kinds import CERTIFICATES_TOO_LONG
from sensors.packet.layout import NOTE_SIZE, SCRATCH, Bytes, Record, Tables
from sensors.packet.notes import note_text

MAX_HELLO: Final = 12 * 1024
# What was met of a handshake: bits of the flow's tls_seen.
CLIENT_SEEN: Final = 1
SERVER_SEEN: Final = 2
ESTABLISHED: Final = 4
CERTIFIED: Final = 8  # certificates were met, or will not come any more
RESUMED: Final = 16
CLIENT_CERTIFIED: Final = 64
KEYED: Final = 32  # the server's key exchange was met
_CERTIFICATE: Final = 11
_KEY_EXCHANGE: Final = 12
_LAST_CLEAR: Final = 24  # no handshake message in clear has a higher type


@compiled
def put_curve(mem: Bytes, pos: int, group: int) -> int:
    """Name of a group, where it has one."""
    for i in range(len(t9n.GROUP_CODES)):
        if t9n.GROUP_CODES[i] == group:
            return put_text_member(mem, pos, t9n.TLS_CURVE, t9n.GROUP_TEXTS[i])
    return pos


@compiled
def read_messages(t: Tables, f: Record, n: Record, at: int, end: int, whose: int) -> bool:
    """Read a side's messages that begin in a record; False where more bytes are needed.

    `whose`: CERTIFIED for the server's, CLIENT_CERTIFIED for the client's.
    """
    mem = t.arena
    stop = at + 5 + read16(mem, at + 3, 1)
    message = at + 5
    while message + 4 <= stop:
        if message + 4 > end:
            return False
        kind = i64(mem[message])
        length = i64(mem[message + 1]) << 16 | read16(mem, message + 2, 1)
        if kind > _LAST_CLEAR:  # encrypted
            f.tls_seen |= whose | KEYED
            return True
        if kind == _CERTIFICATE and not f.tls_seen & whose:
            if not _take_certificates(t, f, n, message, stop, end, length, whose):
                return False
        elif kind == _KEY_EXCHANGE and not f.tls_seen & KEYED:
            if message + 7 > end:
                return False
            _take_curve(t, f, n, message + 4)
        message += 4 + length
    return True


@compiled
def _take_curve(t: Tables, f: Record, n: Record, at: int) -> None:
    """Group of the server's key exchange where it is a named curve (RFC 8422, 5.4)."""
    f.tls_seen |= KEYED
    if t.arena[at] != 3 or n.size + n.chain + n.client_chain + 128 > NOTE_SIZE:
        return
    start = note_text(f.first_note - 1)
    n.size = put_curve(t.arena, start + n.size, read16(t.arena, at + 1, 1)) - start


@compiled
def _take_certificates(
    t: Tables, f: Record, n: Record, message: int, stop: int, end: int, length: int, whose: int
) -> bool:
    """Keep the body of a Certificate message at the end of the note; False to wait for more."""
    mem = t.arena
    if length > MAX_HELLO:
        t.losses[CERTIFICATES_TOO_LONG] += 1
        f.tls_seen |= whose
        return True
    body = message + 4
    if body + length > stop:  # it goes on in the next records
        have = min(stop, end) - message
        if stop > end:
            return False
        copy(mem, SCRATCH, message, have)
        while have < length + 4:
            if end - stop < 5:
                return False
            if mem[stop] != 22:
                f.tls_seen |= whose
                return True
            size = read16(mem, stop + 3, 1)
            step = min(size, length + 4 - have)
            if size == 0 or stop + 5 + step > end:
                return False
            copy(mem, SCRATCH + have, stop + 5, step)
            have += step
            stop += 5 + size
        body = SCRATCH + 4
    elif body + length > end:
        return False
    f.tls_seen |= whose
    if length > NOTE_SIZE - n.size - n.chain - n.client_chain - 256:
        t.losses[CERTIFICATES_TOO_LONG] += 1
        return True
    if whose == CERTIFIED and n.client_chain == 0:
        n.chain = length
    elif whose == CLIENT_CERTIFIED:
        n.client_chain = length
    else:
        return True
    behind = note_text(f.first_note - 1) + NOTE_SIZE
    copy(mem, behind - n.chain - n.client_chain, body, length)
    return True
