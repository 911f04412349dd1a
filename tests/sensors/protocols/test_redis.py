"""Redis: commands with keys, values and replies; passwords hidden; subscriptions."""

from __future__ import annotations

import pytest

from sensors.protocols import redis
from tests.sensors.protocols import data_talks as talks
from tests.sensors.protocols.data_talks import C, S, resp
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(6379)


def test_commands_and_their_replies() -> None:
    events = play(redis.PROTOCOL, talks.REDIS, FLOW).of("redis")
    told = [(e["redis.cmd.name"], e.get("redis.success")) for e in events]
    assert told == [
        ("AUTH", True), ("SET", True), ("GET", True), ("LRANGE", True), ("NOPE", False),
        ("PING", True), ("SUBSCRIBE", None),
    ]  # fmt: skip
    assert events[0]["user.name"] == "li"
    assert events[0]["redis.args"] == ["li", "***"]
    assert "geheim" not in str(events)
    assert events[1]["redis.cmd.key"] == "k"
    assert events[1]["redis.cmd.value"] == "v" * 256
    assert events[2]["redis.reply.bytes"] == 3009
    assert events[3]["redis.reply.value"] == "[a, 7]"
    assert events[4]["redis.reply.value"] == "ERR unknown"


@pytest.mark.parametrize(
    "command",
    [
        (b"AUTH", b"geheim"),
        (b"HELLO", b"3", b"AUTH", b"li", b"geheim"),
        (b"CONFIG", b"SET", b"requirepass", b"geheim"),
        (b"ACL", b"SETUSER", b"li", b">geheim"),
        (b"MIGRATE", b"h", b"6379", b"", b"0", b"9", b"AUTH", b"geheim"),
        (b"MIGRATE", b"h", b"6379", b"", b"0", b"9", b"AUTH2", b"li", b"geheim"),
    ],
)
def test_passwords_are_hidden(command: tuple[bytes, ...]) -> None:
    events = play(redis.PROTOCOL, [(C, resp(*command)), (S, b"+OK\r\n")], FLOW).events
    assert len(events) == 1
    assert "geheim" not in str(events)


def test_pushes_and_attributes_are_no_replies() -> None:
    said = [
        (C, resp(b"HELLO", b"3")),
        (S, b"%1\r\n$5\r\nproto\r\n:3\r\n"),
        (C, resp(b"GET", b"k")),
        (S, b">2\r\n$7\r\nmessage\r\n$1\r\nx\r\n|1\r\n+ttl\r\n:3\r\n_\r\n"),
    ]
    events = play(redis.PROTOCOL, said, FLOW).events
    assert [e.get("redis.reply.count") for e in events] == [2, 1]


def test_replies_that_the_client_does_not_want() -> None:
    said = [
        (C, resp(b"CLIENT", b"REPLY", b"SKIP") + resp(b"SET", b"a", b"1") + resp(b"GET", b"a")),
        (S, b"$1\r\n1\r\n"),
    ]
    events = play(redis.PROTOCOL, said, FLOW).events
    assert [(e["redis.cmd.name"], e.get("redis.reply.value")) for e in events] == [
        ("CLIENT", None), ("SET", None), ("GET", "1"),
    ]  # fmt: skip


def test_words_without_an_answer_are_told_at_the_end() -> None:
    events = play(redis.PROTOCOL, [(C, resp(b"FLUSHALL"))], FLOW).events
    assert [e["redis.cmd.name"] for e in events] == ["FLUSHALL"]


def test_replication_ends_the_reading() -> None:
    said = [
        (C, resp(b"PSYNC", b"?", b"-1")),
        (S, b"+FULLRESYNC 1234 0\r\n"),
        (S, b"$9\r\nREDIS0011\xff\xff"),
    ]
    found = play(redis.PROTOCOL, said, FLOW)
    assert [e["redis.cmd.name"] for e in found.events] == ["PSYNC"]
    assert not found.losses


def test_values_nested_too_deep_end_the_parser() -> None:
    found = play(redis.PROTOCOL, [(C, resp(b"EVAL", b"x")), (S, b"*1\r\n" * 1000)], FLOW)
    assert found.losses == {"redis.too_deep": 1}
