"""HTTP/1 heads (RFC 9112) as the two halves of one event.

A request waits as a note until its response: `sensors.packet.http_body` writes the event at the
first bytes of the response's body, at its head where it has none, or at the end of the flow.
Body lengths are what Content-Length declares.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.http_url import CONNECT, put_url
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import (
    copy,
    put,
    put_member,
    put_string,
    put_string_member,
    put_text_member,
)
from sensors.packet.layout import (
    NOTE_REQUEST,
    NOTE_SIZE,
    SCRATCH,
    Bytes,
    Record,
    Tables,
    Words,
)
from sensors.packet.notes import note_text

# Where header values were found: offset and end, in the work words.
(
    HOST, AGENT, REFERER, LENGTH, TYPE, TRANSFER, ENCODING, DISPOSITION, SERVER, LOCATION, ORIGIN,
    FORWARDED, AUTHORIZATION, LOGON,
) = range(200, 228, 2)  # fmt: skip
_NAMES: Final = 228  # number of headers, then where each begins
_MAX_NAMES: Final = 64
_MAX_TARGET: Final = 3000
_MAX_VALUE: Final = 1024
UNKNOWN_LENGTH: Final = -1
CHUNKED: Final = -2
HEAD: Final = 1


@compiled
def head_end(mem: Bytes, at: int, end: int) -> int:
    """Offset behind the empty line, or -1."""
    for i in range(at, end - 1):
        if mem[i] == 10:
            if mem[i + 1] == 10:
                return i + 2
            if mem[i + 1] == 13 and i + 2 < end and mem[i + 2] == 10:
                return i + 3
    return -1


@compiled
def line_end(mem: Bytes, at: int, end: int) -> int:
    """Offset of the line feed, or `end`."""
    while at < end and mem[at] != 10:
        at += 1
    return at


@compiled
def _same(mem: Bytes, at: int, words: int) -> bool:
    """Whether a name is a text, whatever its case; lengths are equal already."""
    start = words >> 12
    for i in range(words & 4095):
        byte = i64(mem[at + i])
        if byte >= 65 and byte <= 90:
            byte += 32
        if byte != t9n.BLOB[start + i]:
            return False
    return True


@compiled
def _place(mem: Bytes, at: int, size: int) -> int:
    """Where a header's value is noted, 0 for the others."""
    found = 0
    words = 0
    if size == 4:
        found = HOST
        words = t9n.H_HOST
    elif size == 10:
        found = AGENT
        words = t9n.H_AGENT
    elif size == 7:
        found = REFERER
        words = t9n.H_REFERER
    elif size == 14:
        found = LENGTH
        words = t9n.H_LENGTH
    elif size == 12:
        found = TYPE
        words = t9n.H_TYPE
    elif size == 17:
        found = TRANSFER
        words = t9n.H_TRANSFER
    elif size == 16:
        offered = mem[at] | 32 == 119
        found = LOGON if offered else ENCODING
        words = t9n.H_AUTHENTICATE if offered else t9n.H_ENCODING
    elif size == 18:
        found = LOGON
        words = t9n.H_PROXY_AUTHENTICATE
    elif size == 19:
        proxy = mem[at] | 32 == 112
        found = LOGON if proxy else DISPOSITION
        words = t9n.H_PROXY_AUTHORIZATION if proxy else t9n.H_DISPOSITION
    elif size == 6:
        origin = mem[at] | 32 == 111
        found = ORIGIN if origin else SERVER
        words = t9n.H_ORIGIN if origin else t9n.H_SERVER
    elif size == 15:
        found = FORWARDED
        words = t9n.H_FORWARDED
    elif size == 13:
        found = AUTHORIZATION
        words = t9n.H_AUTHORIZATION
    elif size == 8:
        found = LOCATION
        words = t9n.H_LOCATION
    return found if found and _same(mem, at, words) else 0


@compiled
def is_logon(mem: Bytes, at: int, end: int) -> bool:
    """Whether a value is a token of NTLM or of what is negotiated (RFC 4559), and not a mere offer."""
    if end - at < 20 or mem[at] | 32 != 110:
        return False
    return _same(mem, at, t9n.NTLM) or _same(mem, at, t9n.NEGOTIATE)


@compiled
def scan_headers(mem: Bytes, w: Words, at: int, end: int) -> None:
    """Note values and names of the headers between `at` and `end`; the first of each name counts."""
    for place in range(HOST, LOGON + 2):
        w[place] = 0
    w[_NAMES] = 0
    while at < end:
        stop = line_end(mem, at, end)
        last = stop - 1 if stop > at and mem[stop - 1] == 13 else stop
        if last == at:
            return
        colon = at
        while colon < last and mem[colon] != 58:
            colon += 1
        if colon < last and mem[at] != 32 and mem[at] != 9:
            if w[_NAMES] < _MAX_NAMES:
                w[_NAMES] += 1
                w[_NAMES + 2 * w[_NAMES]] = at
                w[_NAMES + 2 * w[_NAMES] + 1] = colon
            named = colon  # RFC 9112, 5.1: white space here is wrong, and read past by many
            while named > at and (mem[named - 1] == 32 or mem[named - 1] == 9):
                named -= 1
            place = _place(mem, at, named - at)
            if place and not w[place]:
                value = colon + 1
                while value < last and (mem[value] == 32 or mem[value] == 9):
                    value += 1
                while last > value and (mem[last - 1] == 32 or mem[last - 1] == 9):
                    last -= 1
                if place != LOGON or is_logon(mem, value, last):
                    w[place] = value
                    w[place + 1] = last
        at = stop + 1


@compiled
def body_length(mem: Bytes, w: Words) -> int:
    """Declared length, CHUNKED or UNKNOWN_LENGTH."""
    if w[TRANSFER]:
        coding = w[TRANSFER + 1]
        while coding > w[TRANSFER] and mem[coding - 1] != 44 and mem[coding - 1] != 32:
            coding -= 1
        alone = coding == w[TRANSFER]
        while coding > w[TRANSFER] and mem[coding - 1] == 32:
            coding -= 1
        listed = coding > w[TRANSFER] and mem[coding - 1] == 44
        at = w[TRANSFER + 1] - 7
        if (alone or listed) and at >= w[TRANSFER] and _same(mem, at, t9n.CHUNKED):
            return CHUNKED
        return UNKNOWN_LENGTH  # a coding that nobody knows: its body ends with the connection
    at = w[LENGTH]
    end = w[LENGTH + 1]
    if at >= end or end - at > 15:
        return UNKNOWN_LENGTH
    length = 0
    for i in range(at, end):
        if mem[i] < 48 or mem[i] > 57:
            return UNKNOWN_LENGTH
        length = length * 10 + i64(mem[i]) - 48
    return length


@compiled
def _put_version(mem: Bytes, pos: int, at: int, end: int) -> int:
    """`1.1` of `HTTP/1.1`."""
    if end - at < 8 or mem[at + 5] < 48 or mem[at + 5] > 57 or mem[at + 7] < 48 or mem[at + 7] > 57:
        return pos
    pos = put(mem, pos, t9n.HTTP_VERSION)
    mem[pos] = mem[at + 5]
    mem[pos + 1] = 46
    mem[pos + 2] = mem[at + 7]
    return put(mem, pos + 3, t9n.QUOTE)


@compiled
def put_request(t: Tables, f: Record, index: int, side: int, at: int, end: int) -> None:
    """The request's half of the event into note `index`; headers must have been scanned."""
    mem = t.arena
    w = t.work
    n = t.notes[index]
    start = note_text(index)
    limit = start + NOTE_REQUEST
    stop = line_end(mem, at, end)
    last = stop - 1 if stop > at and mem[stop - 1] == 13 else stop
    space = at
    while space < last and mem[space] != 32:
        space += 1
    target = min(space + 1, last)
    version = last
    while version > target and mem[version - 1] != 32:
        version -= 1
    behind = version - 1 if version > target else last
    if space - at == 4 and mem[at] == 72:
        n.method = HEAD
    elif space - at == 7 and mem[at] == 67:
        n.method = CONNECT
    pos = put_string_member(mem, start, limit, t9n.HTTP_METHOD, at, space)
    pos = _put_version(mem, pos, version, last)
    pos = put_url(t, f, pos, limit, side, target, min(behind, target + _MAX_TARGET), n.method)
    pos = _put_value(mem, w, pos, limit, t9n.USER_AGENT, AGENT)
    pos = _put_value(mem, w, pos, limit, t9n.HTTP_REFERRER, REFERER)
    pos = _put_value(mem, w, pos, limit, t9n.HTTP_ORIGIN, ORIGIN)
    pos = _put_value(mem, w, pos, limit, t9n.HTTP_FORWARDED, FORWARDED)
    pos = _put_user(mem, w, pos, limit)
    pos = _put_mime(mem, w, pos, limit, t9n.HTTP_REQUEST_MIME)
    pos = _put_header_names(mem, w, pos, limit)
    if behind - target > _MAX_TARGET:
        pos = put(mem, pos, t9n.PARSE_CUT)
    n.size = pos - start


@compiled
def _put_value(mem: Bytes, w: Words, pos: int, limit: int, name: int, place: int) -> int:
    if not w[place]:
        return pos
    end = min(w[place + 1], w[place] + _MAX_VALUE)
    return put_string_member(mem, pos, limit, name, w[place], end)


@compiled
def _sextet(byte: int) -> int:
    """Value of a character of base64, -1 for others."""
    if byte >= 65 and byte <= 90:
        return byte - 65
    if byte >= 97 and byte <= 122:
        return byte - 71
    if byte >= 48 and byte <= 57:
        return byte + 4
    if byte == 43:
        return 62
    return 63 if byte == 47 else -1


@compiled
def _put_user(mem: Bytes, w: Words, pos: int, limit: int) -> int:
    """User of Basic authentication (RFC 7617); the password is left where it is."""
    at = w[AUTHORIZATION]
    end = w[AUTHORIZATION + 1]
    if end - at < 10 or mem[at] | 32 != 98 or mem[at + 5] != 32:
        return pos
    at += 6
    to = SCRATCH
    bits = 0
    value = 0
    while at < end and to - SCRATCH < 256:
        sextet = _sextet(i64(mem[at]))
        if sextet < 0:
            break
        value = (value << 6 | sextet) & 0xFFFFFF
        bits += 6
        at += 1
        if bits >= 8:
            bits -= 8
            byte = (value >> bits) & 255
            if byte == 58:
                return put_string_member(mem, pos, limit, t9n.USER_NAME, SCRATCH, to)
            mem[to] = byte
            to += 1
    return pos


@compiled
def _put_mime(mem: Bytes, w: Words, pos: int, limit: int, name: int) -> int:
    """Content type without parameters, in lower case."""
    at = w[TYPE]
    end = at
    while end < w[TYPE + 1] and mem[end] != 59 and mem[end] != 32 and mem[end] != 44:
        end += 1
    if not at or end == at or pos + 300 > limit:
        return pos
    pos = put_string(mem, put(mem, pos, name), limit - 1, at, min(end, at + 128), 1)
    return put(mem, pos, t9n.QUOTE)


@compiled
def _put_header_names(mem: Bytes, w: Words, pos: int, limit: int) -> int:
    if w[_NAMES] == 0 or pos + 64 > limit:
        return pos
    pos = put(mem, pos, t9n.HTTP_HEADERS)
    for i in range(1, w[_NAMES] + 1):
        at = w[_NAMES + 2 * i]
        size = min(w[_NAMES + 2 * i + 1] - at, 64)
        if pos + 6 * size + 16 > limit:
            break
        if i > 1:
            pos = put(mem, pos, t9n.COMMA)
        pos = put(mem, pos, t9n.QUOTE)
        pos = put_string(mem, pos, limit, at, at + size, 0)
        pos = put(mem, pos, t9n.QUOTE)
    return put(mem, pos, t9n.CLOSE_LIST)


@compiled
def put_interim(t: Tables, index: int, status: int, at: int, end: int) -> None:
    """Code and phrase of an interim answer (100 Continue) into the request's half."""
    mem = t.arena
    n = t.notes[index]
    start = note_text(index)
    if n.size + 256 > NOTE_REQUEST:
        return
    stop = line_end(mem, at, end)
    last = stop - 1 if stop > at and mem[stop - 1] == 13 else stop
    phrase = min(last, at + 13)  # behind `HTTP/1.1 100 `
    pos = put_member(mem, start + n.size, t9n.HTTP_INTERIM, status)
    phrase_end = min(last, phrase + 20)
    pos = put_string_member(
        mem, pos, start + NOTE_REQUEST, t9n.HTTP_INTERIM_PHRASE, phrase, phrase_end
    )
    n.size = pos - start


@compiled
def put_response(t: Tables, index: int, at: int, end: int) -> int:
    """The response's half behind what the note has; the status code."""
    mem = t.arena
    w = t.work
    n = t.notes[index]
    start = note_text(index)
    limit = start + NOTE_SIZE - 256  # the media type and the end still have to fit
    pos = start + n.size
    stop = line_end(mem, at, end)
    last = stop - 1 if stop > at and mem[stop - 1] == 13 else stop
    status = status_code(mem, at, last)
    if n.size == 0:
        pos = _put_version(mem, pos, at, last)
    if status:
        pos = put_member(mem, pos, t9n.HTTP_STATUS, status)
    code = at
    while code < last and mem[code] != 32:
        code += 1
    phrase = min(last, code + 5)
    pos = put_string_member(mem, pos, limit, t9n.HTTP_PHRASE, phrase, min(last, phrase + 128))
    pos = _put_value(mem, w, pos, limit, t9n.HTTP_CONTENT_TYPE, TYPE)
    pos = _put_value(mem, w, pos, limit, t9n.HTTP_SERVER, SERVER)
    pos = _put_value(mem, w, pos, limit, t9n.HTTP_LOCATION, LOCATION)
    pos = _put_file_name(mem, w, pos, limit)
    n.mime = pos - start
    pos = _put_mime(mem, w, pos, start + NOTE_SIZE, t9n.HTTP_MIME)
    n.encoded = 1 if w[ENCODING] else 0
    n.size = pos - start
    return status


@compiled
def status_code(mem: Bytes, at: int, end: int) -> int:
    """100 … 999 of a status line, else 0."""
    while at < end and mem[at] != 32:
        at += 1
    if end - at < 4:
        return 0
    status = 0
    for i in range(at + 1, at + 4):
        if mem[i] < 48 or mem[i] > 57:
            return 0
        status = status * 10 + i64(mem[i]) - 48
    return status


@compiled
def _put_file_name(mem: Bytes, w: Words, pos: int, limit: int) -> int:
    """filename= of Content-Disposition, quoted or not."""
    at = w[DISPOSITION]
    end = w[DISPOSITION + 1]
    while at + 9 < end:
        if _same(mem, at, t9n.FILENAME) and (mem[at + 8] == 61 or mem[at + 9] == 61):
            break
        at += 1
    if at + 9 >= end:
        return pos
    at += 9 if mem[at + 8] == 61 else 10
    stop = at
    if at < end and mem[at] == 34:
        at += 1
        stop = at
        while stop < end and mem[stop] != 34:
            stop += 1
    else:
        while stop < end and mem[stop] != 59 and mem[stop] != 32:
            stop += 1
        for i in range(at, stop - 1):  # RFC 5987: charset''name
            if mem[i] == 39 and mem[i + 1] == 39:
                at = i + 2
                break
    return put_string_member(mem, pos, limit, t9n.FILE_NAME, at, min(stop, at + 255))


@compiled
def replace_mime(t: Tables, index: int, mime: int) -> None:
    """Put the media type that the body's bytes told in the place of the header's."""
    mem = t.arena
    n = t.notes[index]
    start = note_text(index)
    pos = put_text_member(mem, start + n.mime, t9n.HTTP_MIME, t9n.MIME_TEXT[mime])
    n.size = pos - start


@compiled
def put_note(t: Tables, pos: int, index: int) -> int:
    """Copy a note's text to the output."""
    size = i64(t.notes[index].size)
    copy(t.arena, pos, note_text(index), size)
    return pos + size
