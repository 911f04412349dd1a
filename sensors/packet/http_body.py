"""Transactions on one HTTP/1 connection: heads in turn with bodies, requests with responses."""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.events import HTTP, begin_event, end_event, next_ordinal, put_protocol
from sensors.packet.handover import hand_over, hand_over_body, open_record
from sensors.packet.http import (
    AUTHORIZATION,
    CHUNKED,
    ENCODING,
    HEAD,
    LOGON,
    TYPE,
    body_length,
    head_end,
    is_logon,
    line_end,
    put_interim,
    put_note,
    put_request,
    put_response,
    replace_mime,
    scan_headers,
    status_code,
)
from sensors.packet.http_url import CONNECT
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy, put, put_member
from sensors.packet.kinds import (
    HTTP_CUT,
    HTTP_MALFORMED,
    NOTES_EXHAUSTED,
    PIPELINE_TOO_LONG,
)
from sensors.packet.layout import (
    DONE,
    HTTP_BODY,
    HTTP_CHUNK,
    HTTP_HEAD,
    HTTP_TAIL,
    NEW,
    NOTE_SIZE,
    WANT_BODIES,
    WANT_LOGONS,
    Record,
    Tables,
)
from sensors.packet.mime import sniff
from sensors.packet.notes import free_note, new_note, note_text, queue_note, take_note
from sensors.packet.protocols import is_http_request, starts_with
from sensors.packet.records import BODY_BEGIN, BODY_END, BODY_LOST
from sensors.packet.records import LOGON as LOGON_RECORD
from sensors.packet.session import begin_session

_MAX_PIPELINE: Final = 32
_MAX_MISSES: Final = 4096  # segments without a head that are passed over
# Where in a chunked body: f.chunk
SIZE_LINE: Final = 0
DATA: Final = 1
DATA_END: Final = 2
TRAILER: Final = 3


@compiled
def write_http(t: Tables, s: Record, flow: int, index: int, cut: int) -> None:
    """Write the event of a note and hand the note back."""
    f = t.flows[flow]
    n = t.notes[index]
    pos = begin_event(t, f, HTTP, n.time, n.ordinal, i64(n.client))
    if pos >= 0:
        pos = put_protocol(t, pos, t9n.HTTP_PROTOCOL)
        pos = put_note(t, pos, index)
        if n.depth:
            pos = put_member(t.arena, pos, t9n.HTTP_DEPTH, i64(n.depth))
        if n.bytes[0]:
            pos = put_member(t.arena, pos, t9n.HTTP_REQUEST_BYTES, n.bytes[0])
        if n.mime:
            pos = put_member(t.arena, pos, t9n.HTTP_BYTES, n.bytes[1])
        if cut:
            pos = put(t.arena, pos, t9n.PARSE_CUT)
        end_event(t, pos, HTTP)
    free_note(t, s, index)


@compiled
def end_http(t: Tables, s: Record, flow: int) -> None:
    """Write what waits: a response whose body did not end, requests without response."""
    f = t.flows[flow]
    for side in range(2):
        if f.body[side]:
            body_end(t, s, flow, side, 0 if f.stage[side] == HTTP_TAIL else 1)
    if f.waiting_note:
        index = i64(f.waiting_note - 1)
        f.waiting_note = 0
        write_http(t, s, flow, index, 0)
    while f.first_note:
        write_http(t, s, flow, take_note(t, f), 0)


@compiled
def http_head(t: Tables, s: Record, flow: int, side: int, at: int, end: int, cut: int) -> int:
    """Offset behind the head; `at` when more bytes are needed, -1 when this is no HTTP."""
    mem = t.arena
    f = t.flows[flow]
    while at < end and (mem[at] == 13 or mem[at] == 10):
        at += 1
    if at >= end:
        return at
    response = starts_with(mem, at, end, t9n.MAGIC_HTTP) or starts_with(mem, at, end, t9n.MAGIC_ICY)
    if not response and not is_http_request(mem, at, end):
        if end - at < 16 and not cut and not f.resync[side]:
            return at
        if f.misses < _MAX_MISSES:  # the rest of a body whose head was not seen: heads will come
            f.misses += 1
            f.resync[side] = 1
        elif f.resync[side]:
            f.resync[side] = 0
        return -1
    behind = head_end(mem, at, end)
    short = 0
    if behind < 0:
        if not cut:
            return at
        t.losses[HTTP_CUT] += 1
        short = 1
        behind = end
    f.resync[side] = 0
    scan_headers(mem, t.work, line_end(mem, at, behind) + 1, behind)
    if response:
        _response(t, s, flow, side, at, behind, short)
    else:
        _request(t, s, flow, side, at, behind, short)
    return behind


@compiled
def _request(t: Tables, s: Record, flow: int, side: int, at: int, end: int, short: int) -> None:
    f = t.flows[flow]
    if f.notes >= _MAX_PIPELINE:
        t.losses[PIPELINE_TOO_LONG] += 1
        write_http(t, s, flow, take_note(t, f), 0)
    index = new_note(t, s)
    if index < 0:
        t.losses[NOTES_EXHAUSTED] += 1
        return
    n = t.notes[index]
    n.time = s.time
    n.ordinal = next_ordinal(f)
    n.client = side
    f.depth += 1
    n.depth = f.depth
    put_request(t, f, index, side, at, end)
    _mark_short(t, index, short)
    queue_note(t, f, index)
    n.logon = 0
    if t.work[LOGON] or t.work[AUTHORIZATION]:
        n.logon = _logon(t, s, flow, side, 0)
    length = body_length(t.arena, t.work)
    if length > 0 or length == CHUNKED:
        _body_begin(t, s, flow, side, index, length)
    f.stage[side] = HTTP_HEAD
    if n.method == CONNECT:
        f.stage[side] = DONE  # until the proxy agrees
    elif length == CHUNKED:
        f.stage[side] = HTTP_CHUNK
        f.chunk[side] = SIZE_LINE
    elif length > 0:
        f.stage[side] = HTTP_BODY
        f.remaining[side] = length


@compiled
def _logon(t: Tables, s: Record, flow: int, side: int, status: int) -> int:
    """Hand the head's token over, of an answer to one the status too; whether there was any."""
    mem = t.arena
    w = t.work
    place = LOGON if w[LOGON] else AUTHORIZATION
    at = i64(w[place])
    end = i64(w[place + 1])
    if not is_logon(mem, at, end):
        end = at
    if (end == at and not status) or not s.wanted & WANT_LOGONS or not begin_session(t, s, flow):
        return 0
    hand_over(t, s, flow, LOGON_RECORD, side, at, end, max(status, 0))
    return 1


@compiled
def _mark_short(t: Tables, index: int, short: int) -> None:
    n = t.notes[index]
    if short and n.size + 64 < NOTE_SIZE:
        start = note_text(index)
        n.size = put(t.arena, start + n.size, t9n.PARSE_CUT) - start


@compiled
def _response(t: Tables, s: Record, flow: int, side: int, at: int, end: int, short: int) -> None:
    mem = t.arena
    f = t.flows[flow]
    status = status_code(mem, at, end)
    if status >= 100 and status < 200 and status != 101:
        if f.first_note:
            put_interim(t, i64(f.first_note - 1), status, at, end)
        return  # the real response follows
    body_end(t, s, flow, side, 1)
    if f.waiting_note:  # both sides answer
        body_end(t, s, flow, 1 - side, 1)
    index = take_note(t, f)
    if index < 0:
        index = new_note(t, s)
        if index < 0:
            t.losses[NOTES_EXHAUSTED] += 1
            _after_response(f, side, status, 0, body_length(mem, t.work))
            return
        n = t.notes[index]
        n.time = s.time
        n.ordinal = next_ordinal(f)
        n.client = 1 - side
    put_response(t, index, at, end)
    method = i64(t.notes[index].method)
    if t.work[LOGON] or t.notes[index].logon:
        _logon(t, s, flow, side, status)
    _mark_short(t, index, short)
    length = body_length(mem, t.work)
    bare = _after_response(f, side, status, method, length)
    if bare:
        write_http(t, s, flow, index, 0)
        if f.stage[side] == NEW:  # a tunnel begins: what was asked before is done
            end_http(t, s, flow)
    else:
        f.waiting_note = index + 1
        _body_begin(t, s, flow, side, index, length)


@compiled
def _body_begin(t: Tables, s: Record, flow: int, side: int, index: int, length: int) -> None:
    """Hand a body over from here on, where somebody wants it: its encoding and what the head said."""
    mem = t.arena
    w = t.work
    f = t.flows[flow]
    n = t.notes[index]
    if not s.wanted & WANT_BODIES or not begin_session(t, s, flow):
        return
    encoding = min(w[ENCODING + 1] - w[ENCODING], 64) if w[ENCODING] else 0
    kind = min(w[TYPE + 1] - w[TYPE], 256) if w[TYPE] else 0
    size = i64(n.size)
    to = open_record(t, s, flow, BODY_BEGIN, side, encoding + kind + 2 + size, max(length, -1))
    if to < 0:
        return
    copy(mem, to, w[ENCODING], encoding)
    to += encoding
    mem[to] = 0
    copy(mem, to + 1, w[TYPE], kind)
    to += kind + 1
    mem[to] = 0
    copy(mem, to + 1, note_text(index), size)
    f.body[side] = n.ordinal


@compiled
def body_end(t: Tables, s: Record, flow: int, side: int, cut: int) -> None:
    """A body is over, or `cut` before its end: hand that on, and write the event of a response."""
    f = t.flows[flow]
    if f.body[side]:
        hand_over(t, s, flow, BODY_END, side, 0, 0, cut)
        f.body[side] = 0
    if f.waiting_note and t.notes[f.waiting_note - 1].client != side:
        index = i64(f.waiting_note - 1)
        f.waiting_note = 0
        write_http(t, s, flow, index, 0)


@compiled
def body_lost(t: Tables, s: Record, flow: int, side: int, count: int) -> None:
    """`count` bytes of the stream are lost inside a body; those beyond its end are not of it."""
    f = t.flows[flow]
    if f.stage[side] != HTTP_TAIL:
        count = min(count, f.remaining[side])
    index = _note_of_body(t, f, side)
    if index >= 0:
        t.notes[index].bytes[1 if t.notes[index].client != side else 0] += count
    if f.body[side]:
        hand_over(t, s, flow, BODY_LOST, side, 0, 0, count)


@compiled
def _note_of_body(t: Tables, f: Record, side: int) -> int:
    """The note that a side's body belongs to, or -1."""
    if f.waiting_note and t.notes[f.waiting_note - 1].client != side:
        return i64(f.waiting_note - 1)
    if f.last_note and t.notes[f.last_note - 1].client == side:
        return i64(f.last_note - 1)
    return -1


@compiled
def _after_response(f: Record, side: int, status: int, method: int, length: int) -> bool:
    """Set the stage behind a response's head; whether it has no body."""
    f.stage[side] = HTTP_HEAD
    if method == CONNECT and status >= 200 and status < 300:
        f.stage[0] = NEW
        f.stage[1] = NEW
        f.tried = 0
        return True
    if status == 101:  # what follows is recognised anew: HTTP/2, WebSocket, anything
        f.stage[0] = NEW
        f.stage[1] = NEW
        f.tried = 0
        return True
    if method == HEAD or status == 204 or status == 304 or length == 0:
        return True
    if length == CHUNKED:
        f.stage[side] = HTTP_CHUNK
        f.chunk[side] = SIZE_LINE
    elif length > 0:
        f.stage[side] = HTTP_BODY
        f.remaining[side] = length
    else:
        f.stage[side] = HTTP_TAIL
    return False


@compiled
def _body_bytes(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> None:
    """Count bytes of a body, and look at the first of a response."""
    f = t.flows[flow]
    index = _note_of_body(t, f, side)
    if index >= 0:
        n = t.notes[index]
        if n.client == side:
            n.bytes[0] += end - at
        else:
            if n.bytes[1] == 0 and not n.encoded:
                mime = sniff(t.arena, at, end)
                if mime:
                    replace_mime(t, index, mime)
            n.bytes[1] += end - at
    if f.body[side]:
        hand_over_body(t, s, flow, side, at, end)


@compiled
def http_body(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> int:
    """Step over body bytes; the offset behind."""
    f = t.flows[flow]
    stage = f.stage[side]
    if stage == HTTP_TAIL:
        _body_bytes(t, s, flow, side, at, end)
        return end
    step = min(f.remaining[side], end - at)
    _body_bytes(t, s, flow, side, at, at + step)
    f.remaining[side] -= step
    if f.remaining[side] == 0:
        if stage == HTTP_CHUNK:
            f.chunk[side] = DATA_END
        else:
            f.stage[side] = HTTP_HEAD
            body_end(t, s, flow, side, 0)
    return i64(at + step)


@compiled
def http_chunk(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> int:
    """One step through a chunked body; `at` when more bytes are needed, -1 when it is malformed."""
    mem = t.arena
    f = t.flows[flow]
    where = f.chunk[side]
    if where == DATA:
        return http_body(t, s, flow, side, at, end)
    stop = line_end(mem, at, end)
    if stop >= end:
        return at if end - at < 1024 else -1
    if where == DATA_END:
        f.chunk[side] = SIZE_LINE
        return stop + 1
    if where == TRAILER:
        if stop - at <= 1:
            f.stage[side] = HTTP_HEAD
        return stop + 1
    size = 0
    digits = 0
    for i in range(at, stop):
        byte = i64(mem[i]) | 32
        if byte >= 48 and byte <= 57:
            value = byte - 48
        elif byte >= 97 and byte <= 102:
            value = byte - 87
        else:
            break
        size = size * 16 + value
        digits += 1
        if digits > 12:
            return -1
    if digits == 0:
        t.losses[HTTP_MALFORMED] += 1
        return -1
    f.remaining[side] = size
    f.chunk[side] = DATA if size else TRAILER
    if size == 0:
        body_end(t, s, flow, side, 0)
    return stop + 1
