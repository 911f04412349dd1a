"""The URL of an HTTP request: url.*, and the host as destination.domain."""

from __future__ import annotations

from sensors.packet import texts as t9n
from sensors.packet.jit import compiled
from sensors.packet.json_writer import (
    put,
    put_address,
    put_string,
    put_string_member,
    put_text_member,
)
from sensors.packet.layout import Bytes, Record, Tables

HOST = 200  # the place of the header's value, as in sensors.packet.http
CONNECT = 2  # the method, as there


@compiled
def _host_end(mem: Bytes, at: int, end: int) -> int:
    """Where the name ends and a port begins; brackets of an IPv6 address stay."""
    closed = at
    for i in range(at, end):
        if mem[i] == 93:
            closed = i
    for i in range(closed, end):
        if mem[i] == 58:
            return i
    return end


@compiled
def put_url(
    t: Tables, f: Record, pos: int, limit: int, side: int, at: int, end: int, method: int
) -> int:
    """url.*, destination.domain; of an absolute target or of Host and an absolute path."""
    mem = t.arena
    w = t.work
    pos = put_string_member(mem, pos, limit, t9n.URL_ORIGINAL, at, end)
    host = w[HOST]
    host_stop = w[HOST + 1]
    path = at
    absolute = at < end and mem[at] != 47
    scheme = 0
    if absolute and method == CONNECT:
        host = at
        host_stop = end
        path = end
    elif absolute:
        i = at
        while i < end and i - at < 10 and mem[i] != 58:
            i += 1
        if i + 2 < end and mem[i] == 58 and mem[i + 1] == 47 and mem[i + 2] == 47:
            scheme = i
            host = i + 3
            host_stop = host
            while host_stop < end and mem[host_stop] != 47 and mem[host_stop] != 63:
                host_stop += 1
            path = host_stop
    host_stop = min(host_stop, host + 255)
    name_stop = _host_end(mem, host, host_stop)
    pos = put_string_member(mem, pos, limit, t9n.URL_DOMAIN, host, name_stop)
    pos = put_string_member(mem, pos, limit, t9n.DESTINATION_DOMAIN, host, name_stop)
    if method == CONNECT:
        return pos
    pos = put_text_member(mem, pos, t9n.URL_SCHEME, t9n.HTTP)
    pos = put(mem, put(mem, pos, t9n.URL_FULL), t9n.EMPTY if scheme else t9n.HTTP_SCHEME)
    if not scheme and host_stop > host:
        pos = put_string(mem, pos, limit - 1, host, host_stop, 0)
    elif not scheme:
        pos = _put_server(t, f, pos, side)
    pos = put(mem, put_string(mem, pos, limit - 1, at, end, 0), t9n.QUOTE)
    return _put_path(mem, pos, limit, path, end)


@compiled
def _put_server(t: Tables, f: Record, pos: int, side: int) -> int:
    """The responder's address, where a request names no host."""
    mem = t.arena
    server = 1 - side
    if f.family == 6:
        mem[pos] = 91
        pos += 1
    pos = put_address(mem, pos, f.family, f.address[2 * server], f.address[2 * server + 1])
    if f.family == 6:
        mem[pos] = 93
        pos += 1
    return pos


@compiled
def _put_path(mem: Bytes, pos: int, limit: int, at: int, end: int) -> int:
    """url.path, url.query, url.extension."""
    mark = at
    while mark < end and mem[mark] != 63:
        mark += 1
    pos = put_string_member(mem, pos, limit, t9n.URL_PATH, at, mark)
    pos = put_string_member(mem, pos, limit, t9n.URL_QUERY, mark + 1, end)
    dot = mark - 1
    while dot >= at and mark - dot <= 12 and mem[dot] != 46 and mem[dot] != 47:
        dot -= 1
    if dot < at or mem[dot] != 46 or dot + 1 >= mark:
        return pos
    for i in range(dot + 1, mark):
        byte = mem[i]
        if not ((byte >= 48 and byte <= 57) or (byte | 32 >= 97 and byte | 32 <= 122)):
            return pos
    return put_string_member(mem, pos, limit, t9n.URL_EXTENSION, dot + 1, mark)
