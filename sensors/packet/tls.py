"""TLS hellos (RFC 8446, 5246) and the event made of both.

JA3 and JA3S as salesforce/ja3 defines them; JA4 (client, TCP) as FoxIO's public specification does.
`tls.next_protocol` is the server's choice; where TLS 1.3 encrypts that, it is left out.
`tls.established` is told by application data after both hellos.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.containers import read16, read32
from sensors.packet.events import TLS, begin_event, end_event, next_ordinal, put_protocol
from sensors.packet.handover import open_record
from sensors.packet.ja import ja3_client, ja3_server, ja4_client, ja4_server
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import (
    copy,
    put,
    put_hex,
    put_string_member,
    put_text_member,
)
from sensors.packet.kinds import (
    TLS_CUT,
    TLS_MALFORMED,
    TLS_NOTES_EXHAUSTED,
)
from sensors.packet.layout import (
    DONE,
    NOTE_SIZE,
    SCRATCH,
    TLS_RECORDS,
    Bytes,
    Record,
    Tables,
    Words,
)
from sensors.packet.notes import free_note, new_note, note_text, queue_note, take_note
from sensors.packet.records import SECURED
from sensors.packet.tls_messages import (
    CERTIFIED,
    CLIENT_CERTIFIED,
    CLIENT_SEEN,
    ESTABLISHED,
    KEYED,
    MAX_HELLO,
    RESUMED,
    SERVER_SEEN,
    put_curve,
    read_messages,
)

# Where parts of a hello were found: offset and end, in the work words.
(
    SNI, GROUPS, FORMATS, SIGNATURES, ALPN, VERSIONS, CIPHERS, EXTENSIONS, SHARE, RESUMPTION, SESSION,
) = range(102, 124, 2)  # fmt: skip
_RETRY: Final = 0xCF21AD74  # begin of the random of a HelloRetryRequest


@compiled
def tls_hello(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """Offset of the record behind what was used; `at` when more bytes are needed, -1 to stop."""
    mem = t.arena
    if end - at < 5:
        return at
    kind = i64(mem[at])
    size = read16(mem, at + 3, 1)
    if kind == 0x80 and mem[at + 2] == 1:
        return -1  # a hello in SSLv2 framing: the server's answer is what tells
    if kind < 20 or kind > 24 or not _is_version(mem, at + 1):
        t.losses[TLS_MALFORMED] += 1
        return -1
    if kind == 21:
        _note_alert(t, t.flows[flow], at, end)
    if kind != 22:
        return at + 5 + size if at + 5 + size <= end else at
    if end - at < 9:
        return at
    message = i64(mem[at + 5])
    length = i64(mem[at + 6]) << 16 | read16(mem, at + 7, 1)
    if message > 2 or length > MAX_HELLO:
        t.losses[TLS_MALFORMED] += 1
        return -1
    body = at + 9
    stop = body + length
    if length + 4 > size:  # spread over several records: gathered in the scratch region
        stop = _gather(mem, at, end, length + 4)
        body = SCRATCH + 4
    if stop < 0 or (stop > end and body == at + 9):
        if not cut:
            return at
        t.losses[TLS_CUT] += 1
        stop = end
        body = at + 9
    whole = 1 if stop - body == length else 0
    f = t.flows[flow]
    if message == 2 and length > 34 and read32(mem, body + 2, 1) == _RETRY and whole:
        return at + 5 + size if at + 5 + size <= end else at
    f.stage[side] = TLS_RECORDS
    if message == 1:
        _client(t, s, f, side, body, stop, whole)
    elif message == 2:
        _server(t, s, f, side, body, stop, whole)
    return at


@compiled
def _is_version(mem: Bytes, at: int) -> bool:
    """SSL 3.0 to TLS 1.3 on the record layer, or TLCP 1.1 (GB/T 38636)."""
    return bool((mem[at] == 3 and mem[at + 1] <= 4) or (mem[at] == 1 and mem[at + 1] == 1))


@compiled
def _note_alert(t: Tables, f: Record, at: int, end: int) -> None:
    """Keep the last alert that was sent in clear."""
    mem = t.arena
    if not f.first_note or end - at < 7 or read16(mem, at + 3, 1) != 2 or mem[at + 5] > 2:
        return
    t.notes[f.first_note - 1].alert = 1 + i64(mem[at + 6])


@compiled
def _gather(mem: Bytes, at: int, end: int, wanted: int) -> int:
    """Handshake bytes of consecutive records, in the scratch region; their end, or -1."""
    have = 0
    while have < wanted:
        if end - at < 5 or mem[at] != 22:
            return -1
        size = read16(mem, at + 3, 1)
        step = min(size, wanted - have)
        if size == 0 or at + 5 + step > end:
            return -1
        copy(mem, SCRATCH + have, at + 5, step)
        have += step
        at += 5 + size
    return SCRATCH + have


@compiled
def _extensions(mem: Bytes, w: Words, at: int, end: int) -> bool:
    """Note where the extensions are; whether the list is whole."""
    for place in range(SNI, SESSION, 2):
        if place != CIPHERS:
            w[place] = 0
            w[place + 1] = 0
    if at == end:
        return True  # no extensions at all is legal
    if at + 2 > end:
        return False
    stop = at + 2 + read16(mem, at, 1)
    at += 2
    w[EXTENSIONS] = at
    while at + 4 <= min(stop, end):
        kind = read16(mem, at, 1)
        size = read16(mem, at + 2, 1)
        if at + 4 + size > min(stop, end):
            break
        place = 0
        if kind == 0:
            place = SNI
        elif kind == 10:
            place = GROUPS
        elif kind == 11:
            place = FORMATS
        elif kind == 13:
            place = SIGNATURES
        elif kind == 16:
            place = ALPN
        elif kind == 43:
            place = VERSIONS
        elif kind == 51:
            place = SHARE
        elif kind == 41:
            place = RESUMPTION
        if place:
            w[place] = at + 4
            w[place + 1] = at + 4 + size
        at += 4 + size
        w[EXTENSIONS + 1] = at
    return at == stop and stop <= end


@compiled
def _client(t: Tables, s: Record, f: Record, side: int, at: int, end: int, whole: int) -> None:
    mem = t.arena
    w = t.work
    if f.tls_seen & CLIENT_SEEN:
        return
    session = at + 34
    if session >= end:
        t.losses[TLS_MALFORMED] += 1
        return
    ciphers = session + 1 + i64(mem[session])
    if ciphers + 2 > end:
        t.losses[TLS_MALFORMED] += 1
        return
    w[CIPHERS] = ciphers + 2
    w[CIPHERS + 1] = min(end, ciphers + 2 + read16(mem, ciphers, 1))
    compression = w[CIPHERS + 1]
    complete = False
    behind = end
    if compression < end:
        behind = min(end, compression + 1 + i64(mem[compression]))
        complete = whole == 1
    complete = _extensions(mem, w, behind, end) and complete
    index = _tls_note(t, s, f, side)
    if index < 0:
        return
    f.tls_seen |= CLIENT_SEEN
    n = t.notes[index]
    start = note_text(index)
    limit = start + NOTE_SIZE // 2
    pos = start + n.size
    name = w[SNI] + 5  # list length, kind, length
    if w[SNI] and name <= w[SNI + 1] and mem[w[SNI] + 2] == 0:
        stop = min(w[SNI + 1], name + read16(mem, w[SNI] + 3, 1))
        pos = put_string_member(mem, pos, limit, t9n.TLS_SNI, name, stop)
        pos = put_string_member(mem, pos, limit, t9n.DESTINATION_DOMAIN, name, stop)
    pos = _put_versions(mem, w, pos)
    if complete:
        pos = put(
            mem, ja3_client(mem, w, put(mem, pos, t9n.TLS_JA3), read16(mem, at, 1)), t9n.QUOTE
        )
        after = ja4_client(mem, w, put(mem, pos, t9n.TLS_JA4), read16(mem, at, 1))
        if after > 0:
            pos = put(mem, after, t9n.QUOTE)
    else:
        pos = put(mem, pos, t9n.PARSE_CUT)
    n.size = pos - start


@compiled
def _put_versions(mem: Bytes, w: Words, pos: int) -> int:
    count = 0
    for at in range(w[VERSIONS] + 1, w[VERSIONS + 1] - 1, 2):
        version = read16(mem, at, 1)
        if _version(version) == 0 or count == 8:
            continue
        pos = put(mem, pos, t9n.COMMA if count else t9n.TLS_VERSIONS)
        pos = put(mem, put(mem, put(mem, pos, t9n.QUOTE), _version(version)), t9n.QUOTE)
        count += 1
    return put(mem, pos, t9n.CLOSE_LIST) if count else pos


@compiled
def _version(number: int) -> int:
    """Text of a protocol version, 0 where unknown (GREASE)."""
    if number == 0x0304 or number >> 8 == 0x7F:
        return t9n.V13
    if number == 0x0303:
        return t9n.V12
    if number == 0x0302:
        return t9n.V11
    if number == 0x0301:
        return t9n.V10
    if number == 0x0101:
        return t9n.V11
    return t9n.V30 if number == 0x0300 else 0


@compiled
def _tls_note(t: Tables, s: Record, f: Record, client: int) -> int:
    if f.first_note:
        return i64(f.first_note - 1)
    index = new_note(t, s)
    if index < 0:
        t.losses[TLS_NOTES_EXHAUSTED] += 1
        return -1
    n = t.notes[index]
    n.time = s.time
    n.ordinal = next_ordinal(f)
    n.client = client
    queue_note(t, f, index)
    return index


@compiled
def _server(t: Tables, s: Record, f: Record, side: int, at: int, end: int, whole: int) -> None:
    mem = t.arena
    w = t.work
    if f.tls_seen & SERVER_SEEN:
        return
    session = at + 34
    # The drafts of TLS 1.3 before the 22nd have neither session id nor compression.
    draft = mem[at] == 0x7F and mem[at + 1] < 22
    chosen = session + 1 + (i64(mem[session]) if session < end else 0)
    if draft:
        chosen = session
    if session >= end or chosen + 3 > end:
        t.losses[TLS_MALFORMED] += 1
        return
    complete = _extensions(mem, w, chosen + (2 if draft else 3), end) and whole == 1
    index = _tls_note(t, s, f, 1 - side)
    if index < 0:
        return
    f.tls_seen |= SERVER_SEEN
    n = t.notes[index]
    start = note_text(index)
    pos = start + n.size
    legacy = read16(mem, at, 1)
    version = legacy
    if w[VERSIONS + 1] - w[VERSIONS] == 2:
        version = read16(mem, w[VERSIONS], 1)
    named = _version(version)
    if named:
        pos = put_text_member(mem, pos, t9n.TLS_VERSION, named)
        protocol = t9n.SSL if version == 0x300 else t9n.TLCP if version == 0x101 else t9n.TLS
        pos = put_text_member(mem, pos, t9n.TLS_PROTOCOL, protocol)
    n.method = 1 if named == t9n.V13 else 0
    if named == t9n.V13 and w[RESUMPTION]:
        f.tls_seen |= RESUMED
    pos = _put_cipher(mem, pos, read16(mem, chosen, 1))
    pos = _put_group(mem, w, pos)
    n.encoded = 0
    if w[ALPN] and w[ALPN] + 3 <= w[ALPN + 1]:
        stop = min(w[ALPN + 1], w[ALPN] + 3 + i64(mem[w[ALPN] + 2]))
        pos = put_string_member(mem, pos, start + NOTE_SIZE, t9n.TLS_NEXT, w[ALPN] + 3, stop)
        n.encoded = 1
    if complete:
        pos = put(mem, ja3_server(mem, w, put(mem, pos, t9n.TLS_JA3S), legacy, chosen), t9n.QUOTE)
        pos = put(mem, pos, t9n.TLS_JA4S)
        pos = put(mem, ja4_server(mem, w, pos, version, chosen), t9n.QUOTE)
    n.size = pos - start


@compiled
def _put_cipher(mem: Bytes, pos: int, suite: int) -> int:
    """IANA name, or 0x and four digits."""
    pos = put(mem, pos, t9n.TLS_CIPHER)
    low = 0
    high = len(t9n.SUITE_CODES)
    while low < high:
        middle = (low + high) >> 1
        if t9n.SUITE_CODES[middle] < suite:
            low = middle + 1
        else:
            high = middle
    if low < len(t9n.SUITE_CODES) and t9n.SUITE_CODES[low] == suite:
        return put(mem, put(mem, pos, t9n.SUITE_TEXTS[low]), t9n.QUOTE)
    mem[pos] = 48
    mem[pos + 1] = 120
    return put(mem, put_hex(mem, pos + 2, suite, 4), t9n.QUOTE)


@compiled
def _put_group(mem: Bytes, w: Words, pos: int) -> int:
    """Group of the server's key share."""
    if w[SHARE + 1] - w[SHARE] < 2:
        return pos
    return put_curve(mem, pos, read16(mem, w[SHARE], 1))


@compiled
def tls_record(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> int:
    """Step over one record behind the hellos; offset behind its head, `at` for more, -1 to stop."""
    mem = t.arena
    f = t.flows[flow]
    if end - at < 5:
        return at
    kind = i64(mem[at])
    if kind < 20 or kind > 24 or not _is_version(mem, at + 1) or not f.first_note:
        return -1
    n = t.notes[f.first_note - 1]
    both = f.tls_seen & 3 == 3
    if kind == 23 and both and (side == n.client or n.method == 0):
        f.tls_seen |= ESTABLISHED
        end_tls(t, s, flow)
        f.stage[0] = DONE
        f.stage[1] = DONE
        return -1
    if kind == 21:
        if end - at < 7:
            return at
        _note_alert(t, f, at, end)
    elif kind == 20 and side != n.client and n.method == 0 and f.tls_seen & SERVER_SEEN:
        if not f.tls_seen & CERTIFIED:
            f.tls_seen |= CERTIFIED | RESUMED
    elif kind == 22 and side != n.client and n.method == 0 and f.tls_seen & SERVER_SEEN:
        if f.tls_seen & (CERTIFIED | KEYED) != CERTIFIED | KEYED and not read_messages(
            t, f, n, at, end, CERTIFIED
        ):
            return at
    elif side == n.client and n.method == 0 and not f.tls_seen & CLIENT_CERTIFIED:
        if kind == 20:
            f.tls_seen |= CLIENT_CERTIFIED
        elif kind == 22 and f.tls_seen & SERVER_SEEN:
            if not read_messages(t, f, n, at, end, CLIENT_CERTIFIED):
                return at
    f.remaining[side] = read16(mem, at + 3, 1)
    return at + 5


@compiled
def end_tls(t: Tables, s: Record, flow: int) -> None:
    """Write the flow's TLS event; with certificates, the rest of it is written by who reads those."""
    mem = t.arena
    f = t.flows[flow]
    index = take_note(t, f)
    if index < 0:
        return
    n = t.notes[index]
    pos = begin_event(t, f, TLS, n.time, n.ordinal, i64(n.client))
    if pos >= 0:
        pos = put_protocol(t, pos, t9n.TLS_PROTOCOL_NUMBER)
        copy(mem, pos, note_text(index), n.size)
        pos += n.size
        if n.alert and t9n.TLS_ALERTS[n.alert - 1]:
            pos = put_text_member(mem, pos, t9n.TLS_ALERT, t9n.TLS_ALERTS[n.alert - 1])
        if f.tls_seen & SERVER_SEEN:
            pos = put(mem, pos, t9n.TLS_ESTABLISHED)
            pos = put(mem, pos, t9n.TRUE if f.tls_seen & ESTABLISHED else t9n.FALSE)
            pos = put(mem, pos, t9n.TLS_RESUMED)
            pos = put(mem, pos, t9n.TRUE if f.tls_seen & RESUMED else t9n.FALSE)
        if n.chain + n.client_chain == 0 or not _with_certificates(t, s, flow, index, pos):
            end_event(t, pos, TLS)
    free_note(t, s, index)


@compiled
def _with_certificates(t: Tables, s: Record, flow: int, index: int, pos: int) -> bool:
    """Hand the line that lies at the output over, with the certificates behind it."""
    mem = t.arena
    n = t.notes[index]
    chain = i64(n.chain) + i64(n.client_chain)
    size = pos - s.out
    to = open_record(t, s, flow, SECURED, 0, size + chain, i64(n.chain) << 16 | i64(n.client_chain))
    if to < 0:
        return False
    copy(mem, to, s.out, size)
    copy(mem, to + size, note_text(index) + NOTE_SIZE - chain, chain)
    t.events[TLS] += 1
    return True
