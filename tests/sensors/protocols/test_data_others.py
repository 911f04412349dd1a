"""MongoDB, memcached, NFS, AMQP, CoAP, rsync, git: who, what, result."""

from __future__ import annotations

import struct

from sensors.protocols import amqp, coap, git, memcached, mongodb, nfs, rsync
from tests.sensors.protocols import data_talks as talks
from tests.sensors.protocols.data_talks import C, S, marked, rpc_call, rpc_reply, xdr
from tests.sensors.protocols.playing import a_flow, play


def test_mongodb_commands() -> None:
    events = play(mongodb.PROTOCOL, talks.MONGODB, a_flow(27017)).of("mongodb")
    told = [(e["mongodb.command"], e["mongodb.collection"], e["mongodb.success"]) for e in events]
    assert told == [("find", "people", True), ("drop", "people", False)]
    assert events[1]["mongodb.error_code"] == 13
    assert {e["mongodb.database"] for e in events} == {"grid"}


def test_a_mongodb_log_in() -> None:
    payload = b"n,,n=li,r=abc"
    binary = b"\5payload\0" + struct.pack("<IB", len(payload), 0) + payload
    document = talks.bson(saslStart=1, mechanism="SCRAM-SHA-256", DOLLARdb="admin")
    document = struct.pack("<I", len(document) + len(binary)) + document[4:-1] + binary + b"\0"
    event = play(mongodb.PROTOCOL, [(C, talks.mongo(1, 0, document))], a_flow(27017)).events[0]
    assert event["user.name"] == "li"
    assert event["mongodb.mechanism"] == "SCRAM-SHA-256"


def test_memcached_text_and_binary() -> None:
    events = play(memcached.PROTOCOL, talks.MEMCACHED, a_flow(11211)).of("memcached")
    told = [(e["memcached.command"], e["memcached.status"], e["memcached.hits"]) for e in events]
    assert told == [
        ("set", "STORED", 0),
        ("get", "END", 1),
        ("stats", "END", 2),
        ("get", "0x0001", 0),
    ]
    assert events[1]["memcached.keys"] == 2


def test_memcached_over_udp() -> None:
    flow = a_flow(11211, "udp")
    said = [(C, b"\0\1\0\0\0\1\0\0stats\r\n"), (S, b"\0\1\0\0\0\1\0\0STAT pid 1\r\nEND\r\n")]
    assert memcached.PROTOCOL.recognises(said[0][1], C, flow)
    assert play(memcached.PROTOCOL, said, flow).events[0]["memcached.hits"] == 1


def test_nfs_calls_as_suricata_tells_them() -> None:
    events = play(nfs.PROTOCOL, talks.NFS, a_flow(2049)).of("nfs")
    assert [(e["nfs.procedure"], e["nfs.status"]) for e in events] == [
        ("LOOKUP", "ERR_NOENT"),
        ("RENAME", "OK"),
    ]
    assert events[0]["nfs.filename"] == "plan.doc"
    assert events[0]["nfs.rpc.machine_name"] == "ws7"
    assert (events[0]["nfs.rpc.uid"], events[0]["nfs.rpc.gid"]) == (1000, 100)
    assert (events[1]["nfs.filename"], events[1]["nfs.rename_to"]) == ("a", "b")


def test_nfs_4_a_mount_and_a_port() -> None:
    compound = xdr(b"") + struct.pack(">III", 1, 4, 53) + bytes(32) + struct.pack(">I", 24)
    compound += struct.pack(">I", 15) + xdr(b"plan.doc") + struct.pack(">I", 10)
    said = [
        (C, marked(rpc_call(1, 1, compound, version=4))),
        (S, marked(rpc_reply(1, 0))),
        (C, marked(rpc_call(2, 1, xdr(b"/srv/grid"), program=100005))),
        (S, marked(rpc_reply(2, 13))),
        (
            C,
            marked(
                rpc_call(3, 3, struct.pack(">IIII", 100003, 3, 6, 0), program=100000, version=2)
            ),
        ),
        (S, marked(rpc_reply(3, 2049))),
    ]
    events = play(nfs.PROTOCOL, said, a_flow(2049)).events
    assert [(e["nfs.program"], e["nfs.procedure"], e["nfs.filename"]) for e in events] == [
        ("nfs", "LOOKUP", "plan.doc"),
        ("mount", "MNT", "/srv/grid"),
        ("portmap", "GETPORT", "nfs"),
    ]
    assert events[0]["nfs.operations"] == ["SEQUENCE", "PUTROOTFH", "LOOKUP", "GETFH"]
    assert events[1]["nfs.status"] == "ERR_ACCESS"
    assert events[2]["nfs.mapped_port"] == 2049


def test_amqp() -> None:
    events = play(amqp.PROTOCOL, talks.AMQP, a_flow(5672)).of("amqp")
    assert [e["amqp.method"] for e in events] == ["login", "queue.declare", "transfer"]
    assert events[0]["user.name"] == "li"
    assert events[0]["amqp.vhost"] == "/grid"
    assert events[0]["amqp.server.product"] == "RabbitMQ"
    assert "geheim" not in str(events)
    assert events[1]["amqp.queue"] == "alarms"
    assert (events[2]["amqp.published"], events[2]["amqp.bytes"]) == (1, 5000)


def test_coap() -> None:
    event = play(coap.PROTOCOL, talks.COAP, a_flow(5683, "udp")).of("coap")[0]
    assert (event["coap.method"], event["url.path"], event["url.query"]) == (
        "GET",
        "/sensors/temp",
        "a=1",
    )
    assert event["coap.response.code"] == "2.05"
    assert event["destination.domain"] == "example.org"


def test_rsync() -> None:
    event = play(rsync.PROTOCOL, talks.RSYNC, a_flow(873)).of("rsync")[0]
    assert (event["rsync.module"], event["user.name"]) == ("backup", "li")
    assert event["rsync.direction"] == "download"
    assert event["rsync.success"] is True


def test_a_refused_rsync() -> None:
    said = [*talks.RSYNC[:3], (S, b"@ERROR: Unknown module 'backup'\n")]
    event = play(rsync.PROTOCOL, said, a_flow(873)).events[0]
    assert event["rsync.error"] == "Unknown module 'backup'"
    assert event["event.outcome"] == "failure"


def test_rsync_greetings_cross() -> None:
    """rsync 3 greets at once: the client's greeting may come before the server's."""
    said = [talks.RSYNC[1], talks.RSYNC[0], *talks.RSYNC[2:]]
    assert [side for side, _ in said[:2]] == [C, S]
    event = play(rsync.PROTOCOL, said, a_flow(873)).events[0]
    assert event["rsync.module"] == "backup"
    assert event["rsync.success"] is True


def test_rsync_met_from_its_answer() -> None:
    said = [(1 - side, data) for side, data in talks.RSYNC]
    event = play(rsync.PROTOCOL, said, a_flow(40_000, source_port=873)).events[0]
    assert event["rsync.module"] == "backup"
    assert event["destination.port"] == 873


def test_git() -> None:
    event = play(git.PROTOCOL, talks.GIT, a_flow(9418)).of("git")[0]
    assert (event["git.path"], event["git.host"]) == ("/grid.git", "git.example.org")
    assert event["git.server_agent"] == "git/2.39"
    assert event["event.action"] == "fetch"
