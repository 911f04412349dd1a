"""Conversations of databases and the like, built from the specifications for their tests."""

from __future__ import annotations

import struct

C, S = 0, 1
Said = list[tuple[int, bytes]]


# MySQL


def my(sequence: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([sequence]) + body


def my_greeting(version: bytes = b"8.0.36") -> bytes:
    caps = 0x01FFFFFF & ~0x20
    return my(0, b"\x0a" + version + b"\0" + b"\x07\0\0\0" + b"abcdefgh" + b"\0"
              + struct.pack("<HBHH", caps & 0xFFFF, 45, 2, caps >> 16) + b"\x15" + bytes(10)
              + b"ijklmnopqrst\0" + b"mysql_native_password\0")  # fmt: skip


def my_login(
    user: bytes = b"li", database: bytes = b"grid", caps: int = 0x0008820D | 0x200
) -> bytes:
    return my(1, struct.pack("<IIB", caps, 1 << 24, 45) + bytes(23) + user + b"\0" + b"\x14"
              + b"h" * 20 + database + b"\0" + b"mysql_native_password\0")  # fmt: skip


MY_OK = b"\0\0\0\2\0\0\0"
MY_EOF = b"\xfe\0\0\2\0"


def my_rows(count: int, first: int = 1) -> bytes:
    parts = [b"\1", b"\3def\0\0\0\1a\0\x0c\x3f\0\1\0\0\0\3\0\0\0\0\0", MY_EOF]
    parts += [b"\x05" + str(n).zfill(5).encode() for n in range(count)] + [MY_EOF]
    return b"".join(my(first + at & 255, part) for at, part in enumerate(parts))


def my_error(sequence: int, code: int, words: bytes) -> bytes:
    return my(sequence, b"\xff" + struct.pack("<H", code) + b"#42S02" + words)


MYSQL: Said = [
    (S, my_greeting()),
    (C, my_login()),
    (S, my(2, MY_OK)),
    (C, my(0, b"\3select a from t")),
    (S, my_rows(300)),
    (C, my(0, b"\3drop table x")),
    (S, my_error(1, 1051, b"Unknown table 'grid.x'")),
    (C, my(0, b"\3update t set a=1")),
    (S, my(1, b"\0\7\0\2\0\0\0")),
    (C, my(0, b"\1")),
]

# PostgreSQL


def pg(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def pg_start(**words: str) -> bytes:
    body = struct.pack(">I", 196608)
    body += b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in words.items()) + b"\0"
    return struct.pack(">I", len(body) + 4) + body


PG_READY = pg(b"Z", b"I")
PG_ERROR = pg(b"E", b"SERROR\0VERROR\0C42P01\0Mno such table\0\0")
POSTGRESQL: Said = [
    (C, struct.pack(">II", 8, 80877103)),
    (S, b"N"),
    (C, pg_start(user="li", database="grid", application_name="psql")),
    (S, pg(b"R", struct.pack(">I", 5) + b"salt")),
    (C, pg(b"p", b"md5abc\0")),
    (S, pg(b"R", bytes(4)) + pg(b"S", b"server_version\x0015.4\0") + PG_READY),
    (C, pg(b"Q", b"select * from t\0")),
    (S, pg(b"T", b"\0\0") + pg(b"D", b"\0\1\0\0\0\1x") * 40 + pg(b"C", b"SELECT 40\0") + PG_READY),
    (C, pg(b"Q", b"select * from nosuch\0")),
    (S, PG_ERROR + PG_READY),
    (C, pg(b"P", b"s1\0update t set a=$1\0\0\0") + pg(b"B", b"\0s1\0\0\0\0\0\0\0")
     + pg(b"E", b"\0\0\0\0\0") + pg(b"S", b"")),
    (S, pg(b"1", b"") + pg(b"2", b"") + pg(b"C", b"UPDATE 7\0") + PG_READY),
    (C, pg(b"X", b"")),
]  # fmt: skip

# TDS


def tds(kind: int, body: bytes, *, last: bool = True) -> bytes:
    return struct.pack(">BBHHBB", kind, int(last), len(body) + 8, 0, 1, 0) + body


def tds_login() -> bytes:
    words = ("WS-07", "sa", "geheim", "sqlcmd", "db1", "", "ODBC", "", "grid")
    at, table, heap = 36 + 9 * 4 + 22, b"", b""
    for word in words:
        table += struct.pack("<HH", at + len(heap), len(word))
        heap += word.encode("utf-16-le")
    body = struct.pack("<IIIIIIBBBBiI", 0, 0x74000004, 4096, 7, 1, 0, 0, 0, 0, 0, 0, 0) + table
    body = (body + bytes(22) + heap).ljust(at, b"\0")
    return tds(0x10, struct.pack("<I", len(body)) + body[4:])


def tds_prelogin(kind: int, encryption: int) -> bytes:
    return tds(kind, b"\0\0\x0b\0\6\1\0\x11\0\1\xff" + b"\x0f\0\x07\xd0\0\0" + bytes([encryption]))


def tds_done(token: int, status: int, rows: int) -> bytes:
    return struct.pack("<BHHQ", token, status, 0xC1, rows)


def tds_token(token: int, body: bytes) -> bytes:
    return bytes([token]) + struct.pack("<H", len(body)) + body


def u16(words: str) -> bytes:
    return words.encode("utf-16-le")


TDS_HEADERS = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
TDS_ACCEPTED = (
    tds_token(0xE3, b"\1\4" + u16("grid") + b"\6" + u16("master"))
    + tds_token(0xAD, b"\1\x74\0\0\4" + b"\x14" + u16("Microsoft SQL Server") + b"\x0f\0\x07\xd0")
    + tds_done(0xFD, 0, 0)
)
TDS_ERROR = tds_token(
    0xAA, struct.pack("<iBBH", 208, 1, 16, 8) + u16("No table") + b"\0\0" + bytes(4)
)
TDS: Said = [
    (C, tds_prelogin(0x12, 2)),
    (S, tds_prelogin(4, 2)),
    (C, tds_login()),
    (S, tds(4, TDS_ACCEPTED)),
    (C, tds(1, TDS_HEADERS + u16("select * "), last=False) + tds(1, u16("from t"))),
    (S, tds(4, b"\x81\1\0" + bytes(600), last=False) + tds(4, bytes(50) + tds_done(0xFD, 0x10, 42))),
    (C, tds(1, TDS_HEADERS + u16("select * from x"))),
    (S, tds(4, TDS_ERROR + tds_done(0xFD, 2, 0))),
    (C, tds(3, TDS_HEADERS + b"\xff\xff\x0a\0\0\0" + b"\0\0\xe7\x40\x1f" + bytes(5)
            + struct.pack("<H", 16) + u16("select 1"))),
    (S, tds(4, tds_done(0xFF, 0x11, 5) + b"\x79\0\0\0\0" + tds_done(0xFE, 0, 0))),
]  # fmt: skip

# Redis


def resp(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


REDIS: Said = [
    (C, resp(b"AUTH", b"li", b"geheim")),
    (S, b"+OK\r\n"),
    (C, resp(b"SET", b"k", b"v" * 3000)),
    (S, b"+OK\r\n"),
    (C, resp(b"GET", b"k") + resp(b"LRANGE", b"l", b"0", b"-1") + resp(b"NOPE")),
    (S, b"$3000\r\n" + b"v" * 3000 + b"\r\n*2\r\n$1\r\na\r\n:7\r\n-ERR unknown\r\n"),
    (C, b"PING\r\n"),
    (S, b"+PONG\r\n"),
    (C, resp(b"SUBSCRIBE", b"ch")),
    (S, b"*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n"),
]

# MongoDB


def bson(**values: str | int | float) -> bytes:
    body = b""
    for name, value in values.items():
        key = name.replace("DOLLAR", "$").encode() + b"\0"
        if isinstance(value, str):
            data = value.encode() + b"\0"
            body += b"\2" + key + struct.pack("<I", len(data)) + data
        elif isinstance(value, float):
            body += b"\1" + key + struct.pack("<d", value)
        else:
            body += b"\x10" + key + struct.pack("<i", value)
    return struct.pack("<I", len(body) + 5) + body + b"\0"


def mongo(number: int, answers: int, document: bytes) -> bytes:
    body = b"\0\0\0\0\0" + document
    return struct.pack("<IIII", 16 + len(body), number, answers, 2013) + body


MONGODB: Said = [
    (C, mongo(7, 0, bson(find="people", limit=5, DOLLARdb="grid"))),
    (S, mongo(8, 7, bson(ok=1.0))),
    (C, mongo(9, 0, bson(drop="people", DOLLARdb="grid"))),
    (S, mongo(10, 9, bson(ok=0.0, errmsg="not allowed", code=13))),
]

# NFS


def xdr(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


def rpc_call(
    xid: int, procedure: int, arguments: bytes, program: int = 100003, version: int = 3
) -> bytes:
    unix = struct.pack(">I", 1) + xdr(b"ws7") + struct.pack(">III", 1000, 100, 0)
    return struct.pack(">IIIIII", xid, 0, 2, program, version, procedure) + struct.pack(
        ">I", 1
    ) + xdr(unix) + bytes(8) + arguments  # fmt: skip


def rpc_reply(xid: int, *words: int) -> bytes:
    return struct.pack(">IIIIII", xid, 1, 0, 0, 0, 0) + b"".join(
        struct.pack(">I", w) for w in words
    )


def marked(data: bytes) -> bytes:
    return struct.pack(">I", len(data) | 1 << 31) + data


NFS: Said = [
    (C, marked(rpc_call(1, 3, xdr(b"h" * 32) + xdr(b"plan.doc")))),
    (S, marked(rpc_reply(1, 2))),
    (C, marked(rpc_call(2, 1, xdr(b"h" * 32)))),
    (S, marked(rpc_reply(2, 0))),
    (C, marked(rpc_call(3, 14, xdr(b"h" * 32) + xdr(b"a") + xdr(b"h" * 32) + xdr(b"b")))),
    (S, marked(rpc_reply(3, 0, *range(40)))),
]

# AMQP


def amqp(kind: int, channel: int, body: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(body)) + body + b"\xce"


def amqp_method(channel: int, number: tuple[int, int], body: bytes) -> bytes:
    return amqp(1, channel, struct.pack(">HH", *number) + body)


def short(words: bytes) -> bytes:
    return bytes([len(words)]) + words


_PRODUCT = short(b"product") + b"S" + xdr(b"RabbitMQ")[:12] + short(b"more") + b"t\1"
AMQP: Said = [
    (C, b"AMQP\0\0\x09\1"),
    (S, amqp_method(0, (10, 10), b"\0\x09" + struct.pack(">I", len(_PRODUCT)) + _PRODUCT
                    + struct.pack(">I", 5) + b"PLAIN" + struct.pack(">I", 5) + b"en_US")),
    (C, amqp_method(0, (10, 11), bytes(4) + short(b"PLAIN") + struct.pack(">I", 10)
                    + b"\0li\0geheim" + short(b"en_US"))),
    (C, amqp_method(0, (10, 40), short(b"/grid") + b"\0\0")),
    (S, amqp_method(0, (10, 41), b"\0")),
    (C, amqp_method(1, (50, 10), b"\0\0" + short(b"alarms") + b"\0" + bytes(4))),
    (C, amqp_method(1, (60, 40), b"\0\0" + short(b"") + short(b"alarms") + b"\0")
     + amqp(2, 1, bytes(14)) + amqp(3, 1, bytes(5000))),
]  # fmt: skip

# The others

MEMCACHED: Said = [
    (C, b"set k 0 60 5\r\nhello\r\n"),
    (S, b"STORED\r\n"),
    (C, b"get k nokey\r\n"),
    (S, b"VALUE k 0 5\r\nhello\r\nEND\r\n"),
    (C, b"bogus_stats\r\n".replace(b"bogus_", b"")),
    (S, b"STAT pid 1\r\nSTAT uptime 5\r\nEND\r\n"),
    (C, struct.pack(">BBHBBHIIQ", 0x80, 0, 3, 0, 0, 0, 3, 0, 0) + b"key"),
    (S, struct.pack(">BBHBBHIIQ", 0x81, 0, 0, 4, 0, 1, 9, 0, 0) + b"\0\0\0\0Nope!"),
]
COAP: Said = [
    (C, b"\x41\x01\x12\x34T" + b"\x3bexample.org" + b"\x87sensors" + b"\x04temp" + b"\x43a=1"),
    (S, b"\x61\x45\x12\x34T" + b"\xc1\x32" + b"\xff" + b"{}"),
]
RSYNC: Said = [
    (S, b"@RSYNCD: 31.0 sha512 md5\n"),
    (C, b"@RSYNCD: 31.0 md5\n"),
    (C, b"backup\n"),
    (S, b"@RSYNCD: AUTHREQD abc\n"),
    (C, b"li hash\n"),
    (S, b"@RSYNCD: OK\n"),
    (C, b"--server\0--sender\0-r\0.\0backup/x\0\0"),
]
GIT: Said = [
    (C, b"0034git-upload-pack /grid.git\0host=git.example.org\0"),
    (S, b"003f" + b"a" * 40 + b" HEAD\0agent=git/2.39" + b"0000"),
]
GIT[0] = (C, b"%04x" % len(GIT[0][1]) + GIT[0][1][4:])
GIT[1] = (S, b"%04x" % (len(GIT[1][1]) - 4) + GIT[1][1][4:])
