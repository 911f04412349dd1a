"""DNS messages (RFC 1035 and the types since): names, records, and the events made of them."""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.containers import read16, read32
from sensors.packet.events import DNS, begin_event, end_event, put_protocol
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import (
    put,
    put_address,
    put_escaped,
    put_hex_bytes,
    put_member,
    put_number,
    put_string,
    put_text_member,
    utf8_size,
)
from sensors.packet.kinds import DNS_CUT, DNS_MALFORMED
from sensors.packet.layout import EVENT_ROOM, Bytes, Record, Tables, Words

MAX_ANSWERS: Final = 256  # kept of one reply
_MAX_DATA: Final = 1024  # bytes of one record's data that are kept
_ROOM: Final = EVENT_ROOM // 2  # for what comes from the wire
_ANSWERS: Final = 128  # where offsets of answers begin in the work words


@compiled
def skip_name(mem: Bytes, at: int, end: int) -> int:
    """Offset behind a name, or -1 where it runs out of the message."""
    while at < end:
        size = i64(mem[at])
        if size == 0:
            return at + 1
        if size >= 0xC0:
            return at + 2 if at + 2 <= end else -1
        if size > 63:
            return -1
        at += size + 1
    return -1


@compiled
def put_name(mem: Bytes, pos: int, limit: int, start: int, at: int, end: int) -> int:
    r"""A name in lower case without the final dot, `.` for the root; -1 where it is malformed.

    A dot inside a label is written `\.`; bytes above ASCII as in `json_writer`.
    """
    written = 0
    jumps = 0
    while at < end:
        size = i64(mem[at])
        if size == 0:
            if written == 0:
                mem[pos] = 46
                pos += 1
            return pos
        if size >= 0xC0:
            jumps += 1
            if at + 2 > end or jumps > 32:
                return -1
            at = start + (read16(mem, at, 1) & 0x3FFF)
            continue
        if size > 63 or at + 1 + size > end or written + size > 254:
            return -1
        if pos + 6 * size + 8 > limit:
            return -1
        if size == 32 and written == 0 and _is_netbios(mem, at + 1):
            written += 33
            pos = _put_netbios(mem, pos, at + 1)
            at += 33
            continue
        if written:
            mem[pos] = 46
            pos += 1
        written += size + 1
        pos = _put_label(mem, pos, at + 1, at + 1 + size)
        at += size + 1
    return -1


@compiled
def _is_netbios(mem: Bytes, at: int) -> bool:
    """Thirty-two letters A to P: a NetBIOS name, half a byte a letter (RFC 1001, 14.1)."""
    for i in range(32):
        if mem[at + i] < 65 or mem[at + i] > 80:
            return False
    return True


@compiled
def _put_netbios(mem: Bytes, pos: int, at: int) -> int:
    """Its name without the filling and without the byte that tells the service."""
    count = 15
    while count > 1 and mem[at + 2 * count - 2] == 67 and mem[at + 2 * count - 1] == 65:
        count -= 1
    for i in range(count):
        byte = (i64(mem[at + 2 * i]) - 65) << 4 | (i64(mem[at + 2 * i + 1]) - 65)
        if byte < 32 or byte == 34 or byte == 92 or byte >= 0x80:
            pos = put_escaped(mem, pos, byte)
        else:
            mem[pos] = byte + 32 if byte >= 65 and byte <= 90 else byte
            pos += 1
    return pos


@compiled
def _put_label(mem: Bytes, pos: int, at: int, end: int) -> int:
    while at < end:
        byte = i64(mem[at])
        if byte >= 0x80:
            size = utf8_size(mem, at, end)
            for i in range(size):
                mem[pos + i] = mem[at + i]
            pos += size
            at += size
            if size:
                continue
            pos = put_escaped(mem, pos, byte)
        elif byte == 46:
            mem[pos] = 92
            mem[pos + 1] = 92
            mem[pos + 2] = 46
            pos += 3
        elif byte < 32 or byte == 34 or byte == 92:
            pos = put_escaped(mem, pos, byte)
        else:
            mem[pos] = byte + 32 if byte >= 65 and byte <= 90 else byte
            pos += 1
        at += 1
    return pos


@compiled
def put_type(mem: Bytes, pos: int, number: int) -> int:
    """`A`, `TXT`, …, or `TYPE123`."""
    name = t9n.DNS_TYPES[number] if number < 300 else 0
    if name:
        return put(mem, pos, name)
    return put_number(mem, put(mem, pos, t9n.TYPE), number)


@compiled
def put_code(mem: Bytes, pos: int, name: int, prefix: int, number: int) -> int:
    """A code's name, or its prefix and number where it has none."""
    if name:
        return put(mem, pos, name)
    return put_number(mem, put(mem, pos, prefix), number)


@compiled
def _put_question(
    mem: Bytes, pos: int, start: int, at: int, end: int, qtype: int, qclass: int
) -> int:
    """Name, type and class; the name is left out where it is malformed."""
    named = put_name(mem, put(mem, pos, t9n.DNS_NAME), pos + _ROOM, start, at, end)
    if named >= 0:
        pos = put(mem, named, t9n.QUOTE)
    pos = put_type(mem, put(mem, pos, t9n.DNS_QTYPE), qtype)
    pos = put(mem, put(mem, pos, t9n.QUOTE), t9n.DNS_QCLASS)
    name = t9n.CLASSES[qclass] if qclass < 256 else 0
    return put(mem, put_code(mem, pos, name, t9n.CLASS, qclass), t9n.QUOTE)


@compiled
def _put_flags(mem: Bytes, pos: int, flags: int) -> int:
    """AA, TC, RD, RA, AD, CD."""
    if flags & 0x07B0 == 0:
        return pos
    pos = put(mem, pos, t9n.DNS_FLAGS)
    first = True
    for i in range(6):
        bit = 0x0400 >> i if i < 4 else 0x0020 >> (i - 4)
        if flags & bit:
            if not first:
                pos = put(mem, pos, t9n.COMMA)
            pos = put(mem, pos, t9n.FLAG_NAMES[i])
            first = False
    return put(mem, pos, t9n.CLOSE_LIST)


@compiled
def write_dns(
    t: Tables, f: Record, q: Record, matched: int, start: int, end: int, cut: int
) -> None:
    """One event: query `q` alone (`end == start`), or the reply at `start`, with its query if any.

    `matched`: `q` came from a query; else it only carries time, ordinal and sides.
    `cut`: the reply is longer than what was captured.
    """
    mem = t.arena
    pos = begin_event(t, f, DNS, q.time, q.ordinal, i64(q.client))
    if pos < 0:
        return
    answered = end > start
    pos = put_protocol(t, pos, i64(f.protocol))
    pos = put_member(mem, pos, t9n.DNS_ID, i64(q.id))
    pos = put_text_member(mem, pos, t9n.DNS_TYPE, t9n.ANSWER if answered else t9n.QUERY)
    flags = read16(mem, start + 2, 1) if answered else i64(q.flags)
    opcode = (flags >> 11) & 15
    pos = put(mem, pos, t9n.DNS_OPCODE)
    pos = put(mem, put_code(mem, pos, t9n.OPCODES[opcode], t9n.OPCODE, opcode), t9n.QUOTE)
    pos = _put_flags(mem, pos, flags)
    size = i64(q.size)
    asked = answered and read16(mem, start + 4, 1) > 0
    at = start + 12
    if asked:
        behind = skip_name(mem, at, end)
        asked = behind >= 0 and behind + 4 <= end
        if asked:
            qclass = read16(mem, behind + 2, 1)
            qtype = read16(mem, behind, 1)
            pos = _put_question(mem, pos, start, at, end, qtype, _plain_class(f, qclass))
    if not asked and matched:
        name = q.name_at
        pos = _put_question(
            mem, pos, name, name, name + q.name, i64(q.type), _plain_class(f, i64(q.qclass))
        )
    if answered:
        rcode = flags & 15
        pos = put(mem, pos, t9n.DNS_RCODE)
        pos = put(mem, put_code(mem, pos, t9n.RCODES[rcode], t9n.RCODE, rcode), t9n.QUOTE)
        pos = _put_reply(t, pos, start, end, cut)
    pos = put_member(mem, pos, t9n.DNS_BYTES, size)
    end_event(t, pos, DNS)


@compiled
def _plain_class(f: Record, number: int) -> int:
    """Without the top bit that mDNS uses for other things (RFC 6762)."""
    if f.port[0] == 5353 or f.port[1] == 5353:
        return number & 0x7FFF
    return number


@compiled
def _put_reply(t: Tables, pos: int, start: int, end: int, cut: int) -> int:
    """Answers of the reply at `start`; each list is written in a pass of its own."""
    mem = t.arena
    w = t.work
    declared = read16(mem, start + 6, 1)
    at = start + 12
    for _ in range(read16(mem, start + 4, 1)):
        at = skip_name(mem, at, end)
        if at < 0 or at + 4 > end:
            at = -1
            break
        at += 4
    kept = 0
    while at >= 0 and kept < min(declared, MAX_ANSWERS):
        head = skip_name(mem, at, end)
        if head < 0 or head + 10 > end:
            at = -1
            break
        size = read16(mem, head + 8, 1)
        if head + 10 + size > end:
            at = -1
            break
        w[_ANSWERS + kept] = at
        kept += 1
        at = head + 10 + size
    pos = put_member(mem, pos, t9n.DNS_COUNT, declared)
    limit = pos + _ROOM
    if kept:
        pos = _put_names(mem, w, pos, limit, start, end, kept)
        pos = _put_types(mem, w, pos, end, kept)
        pos = _put_data(mem, w, pos, limit, start, end, kept)
        pos = _put_ttls(mem, w, pos, end, kept)
        pos = _put_resolved(mem, w, pos, end, kept)
    if at >= 0 and declared <= MAX_ANSWERS:
        pos = _put_extension(mem, pos, start, at, end)
    if at < 0:
        t.losses[DNS_CUT if cut else DNS_MALFORMED] += 1
        pos = put(mem, pos, t9n.PARSE_CUT if cut else t9n.PARSE_PARTIAL)
    return pos


@compiled
def _put_extension(mem: Bytes, pos: int, start: int, at: int, end: int) -> int:
    """What the OPT record of a reply says (RFC 6891): size of datagrams, DNSSEC, extended code."""
    records = read16(mem, start + 8, 1) + read16(mem, start + 10, 1)
    for _ in range(min(records, MAX_ANSWERS)):
        head = skip_name(mem, at, end)
        if head < 0 or head + 10 > end:
            return pos
        if read16(mem, head, 1) == 41:
            pos = put_member(mem, pos, t9n.DNS_EDNS_SIZE, read16(mem, head + 2, 1))
            pos = put_member(mem, pos, t9n.DNS_EDNS_VERSION, i64(mem[head + 5]))
            pos = put(mem, pos, t9n.DNS_EDNS_DNSSEC)
            return put(mem, pos, t9n.TRUE if mem[head + 6] & 0x80 else t9n.FALSE)
        at = head + 10 + read16(mem, head + 8, 1)
    return pos


@compiled
def _put_names(mem: Bytes, w: Words, pos: int, limit: int, start: int, end: int, kept: int) -> int:
    pos = put(mem, pos, t9n.DNS_ANSWER_NAMES)
    for i in range(kept):
        if i:
            pos = put(mem, pos, t9n.COMMA)
        pos = put(mem, pos, t9n.QUOTE)
        named = put_name(mem, pos, limit, start, w[_ANSWERS + i], end)
        pos = put(mem, max(named, pos), t9n.QUOTE)
    return put(mem, pos, t9n.CLOSE_LIST)


@compiled
def _put_types(mem: Bytes, w: Words, pos: int, end: int, kept: int) -> int:
    pos = put(mem, pos, t9n.DNS_ANSWER_TYPES)
    for i in range(kept):
        if i:
            pos = put(mem, pos, t9n.COMMA)
        pos = put(mem, pos, t9n.QUOTE)
        pos = put_type(mem, pos, read16(mem, skip_name(mem, w[_ANSWERS + i], end), 1))
        pos = put(mem, pos, t9n.QUOTE)
    return put(mem, pos, t9n.CLOSE_LIST)


@compiled
def _put_ttls(mem: Bytes, w: Words, pos: int, end: int, kept: int) -> int:
    pos = put(mem, pos, t9n.DNS_ANSWER_TTLS)
    for i in range(kept):
        if i:
            pos = put(mem, pos, t9n.COMMA)
        pos = put_number(mem, pos, read32(mem, skip_name(mem, w[_ANSWERS + i], end) + 4, 1))
    return put(mem, pos, t9n.CLOSE_LIST)


@compiled
def _put_data(mem: Bytes, w: Words, pos: int, limit: int, start: int, end: int, kept: int) -> int:
    pos = put(mem, pos, t9n.DNS_ANSWER_DATA)
    for i in range(kept):
        if i:
            pos = put(mem, pos, t9n.COMMA)
        pos = put(mem, pos, t9n.QUOTE)
        head = skip_name(mem, w[_ANSWERS + i], end)
        at = head + 10
        stop = min(at + read16(mem, head + 8, 1), at + _MAX_DATA)
        kind = read16(mem, head, 1)
        written = _put_record(mem, pos, min(limit, pos + 6 * _MAX_DATA), start, at, stop, kind)
        pos = put(mem, max(written, pos), t9n.QUOTE)
    return put(mem, pos, t9n.CLOSE_LIST)


@compiled
def _put_resolved(mem: Bytes, w: Words, pos: int, end: int, kept: int) -> int:
    count = 0
    for i in range(kept):
        head = skip_name(mem, w[_ANSWERS + i], end)
        kind = read16(mem, head, 1)
        size = read16(mem, head + 8, 1)
        if not ((kind == 1 and size == 4) or (kind == 28 and size == 16)):
            continue
        pos = put(mem, pos, t9n.COMMA if count else t9n.DNS_RESOLVED)
        pos = put(mem, pos, t9n.QUOTE)
        pos = put(mem, _put_ip(mem, pos, head + 10, size), t9n.QUOTE)
        count += 1
    return put(mem, pos, t9n.CLOSE_LIST) if count else pos


@compiled
def _put_ip(mem: Bytes, pos: int, at: int, size: int) -> int:
    if size == 4:
        return put_address(mem, pos, 4, 0, read32(mem, at, 1))
    high = read32(mem, at, 1) << 32 | read32(mem, at + 4, 1)
    low = read32(mem, at + 8, 1) << 32 | read32(mem, at + 12, 1)
    return put_address(mem, pos, 6, high, low)


@compiled
def _put_record(mem: Bytes, pos: int, limit: int, start: int, at: int, end: int, kind: int) -> int:
    """Data of one record as text where its type has one, else in hexadecimal; -1 if malformed."""
    size = end - at
    if pos + 1024 > limit:
        return pos
    if (kind == 1 and size == 4) or (kind == 28 and size == 16):
        return _put_ip(mem, pos, at, size)
    if kind == 2 or kind == 5 or kind == 12 or kind == 39:
        return put_name(mem, pos, limit, start, at, end)
    numbers = 1 if kind == 15 or kind == 18 else 3 if kind == 33 else 0
    if kind == 64 or kind == 65:
        numbers = 1
    if numbers and size > 2 * numbers:
        for i in range(numbers):
            pos = put_number(mem, pos, read16(mem, at + 2 * i, 1))
            mem[pos] = 32
            pos += 1
        name = at + 2 * numbers
        pos = put_name(mem, pos, limit, start, name, end)
        behind = skip_name(mem, name, end)
        if pos >= 0 and (kind == 64 or kind == 65) and behind > 0 and behind < end:
            mem[pos] = 32
            pos = put_hex_bytes(mem, pos + 1, limit, behind, end)
        return pos
    if kind == 32 and size >= 6 and size % 6 == 0:  # NetBIOS: flags and address
        return _put_ip(mem, pos, at + 2, 4)
    if kind == 16 or kind == 99:
        return _put_strings(mem, pos, limit, at, end)
    if kind == 6:
        return _put_soa(mem, pos, limit, start, at, end)
    return put_hex_bytes(mem, pos, limit, at, end)


@compiled
def _put_strings(mem: Bytes, pos: int, limit: int, at: int, end: int) -> int:
    """Character strings of a TXT record, a space between them."""
    first = True
    while at < end and pos + 16 < limit:
        size = i64(mem[at])
        if not first:
            mem[pos] = 32
            pos += 1
        first = False
        pos = put_string(mem, pos, limit, at + 1, min(at + 1 + size, end), 0)
        at += 1 + size
    return pos


@compiled
def _put_soa(mem: Bytes, pos: int, limit: int, start: int, at: int, end: int) -> int:
    for _ in range(2):
        pos = put_name(mem, pos, limit, start, at, end)
        at = skip_name(mem, at, end)
        if pos < 0 or at < 0:
            return -1
        mem[pos] = 32
        pos += 1
    if at + 20 > end:
        return -1
    for i in range(5):
        pos = put_number(mem, pos, read32(mem, at + 4 * i, 1))
        if i < 4:
            mem[pos] = 32
            pos += 1
    return pos
