"""Redis (and Valkey, KeyDB): every command, its key and value, and whether it succeeded.

One event a command, stamped with it, as Zeek's redis.log has it. Values are cut; passwords of AUTH,
HELLO and their like are left out. Bulk reads show in the size of the reply and the number of its
values. Publications to a subscriber are no replies, and replication ends the reading.
Defined in the Redis documentation, "Redis serialization protocol specification".
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, Session, WireError
from sensors.wire.reader import text
from sensors.wire.resp import RespReader, RespValue

_MAX_PENDING: Final = 1024
_CUT: Final = 256
_KEY_FIRST: Final = frozenset(
    b"keys append bitcount bitfield bitfield_ro bitpos blpop brpop copy decr decrby del dump exists"
    b" expire expireat expiretime get getbit getdel getex getrange getset hdel hget hset incr"
    b" incrby mget move mset persist rename set strlen ttl type".split()
)
_VALUE_SECOND: Final = frozenset(
    b"set append decrby expire expireat getbit getset hdel hget incrby move mset rename".split()
)
_SUBSCRIBE: Final = frozenset(b"subscribe psubscribe ssubscribe".split())
_NO_REPLY: Final = _SUBSCRIBE | frozenset(b"unsubscribe punsubscribe sunsubscribe".split())
_HIDDEN: Final = "***"
_WORDS_OF_SECRET: Final = frozenset(
    b"auth auth2 requirepass masterauth masteruser tls-key-file-pass".split()
)


@dataclass(slots=True)
class _Command:
    time: int
    fields: dict[str, str | int | bool | list[str] | None] = field(
        default_factory=dict[str, "str | int | bool | list[str] | None"]
    )
    name: bytes = b""


class RedisSession(Session):
    """One connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.client = ORIGINATOR
        self.sides = [RespReader(inline=True), RespReader(inline=False)]
        self.pending: deque[_Command] = deque()
        self.user = ""
        self.resp3 = False
        self.subscribed = False
        self.quiet = 0  # replies that the client does not want: -1 for all
        self.begun = False

    def data(self, side: int, data: bytes, time: int) -> None:
        """Commands of the client, replies of the server."""
        if not self.begun:
            self.begun = True
            if side == RESPONDER and data[:1] == b"*" and _is_command(data):
                self.client = RESPONDER
        reader = self.sides[0 if side == self.client else 1]
        for value in reader.feed(data):
            if side == self.client:
                self._command(value, time)
            elif value.kind != 0x7C:  # an attribute comes before the reply that it is of
                self._reply(value, time)

    def gap(self, side: int, size: int, time: int) -> None:
        """Lost bytes: harmless inside a long string."""
        if self.sides[0 if side == self.client else 1].lose(size):
            self.context.lost("gap_in_body")
        else:
            super().gap(side, size, time)

    def _command(self, value: RespValue, time: int) -> None:
        words = value.words
        if not words or not words[0][:1].isalpha() or not words[0].isascii():
            raise WireError("no_command")
        name = words[0].lower()
        command = _Command(time, {"redis.cmd.name": text(words[0], 64)}, name)
        self._key(command, words)
        if value.count > 1:
            command.fields["redis.args"] = self._arguments(command, name, words[1:])
        if self._unanswered(name, words):
            self._tell(command)
            return
        if len(self.pending) >= _MAX_PENDING:
            self._tell(self.pending.popleft())
            self.context.lost("pending")
        self.pending.append(command)

    def _key(self, command: _Command, words: list[bytes]) -> None:
        """Key and value where Zeek tells them."""
        name, fields = command.name, command.fields
        at = 1 if name in _KEY_FIRST else {b"bitop": 2, b"blmpop": 3}.get(name, 0)
        if at and len(words) > at:
            fields["redis.cmd.key"] = text(words[at], _CUT)
        if name in _VALUE_SECOND and len(words) > 2:
            fields["redis.cmd.value"] = text(words[2], _CUT)

    def _arguments(self, command: _Command, name: bytes, words: list[bytes]) -> list[str]:
        """Arguments in words, cut; what follows a word of secrecy is hidden."""
        shown = [text(word, _CUT) for word in words]
        if name == b"auth":
            self.user = shown[0] if len(shown) > 1 else "default"
            command.fields["redis.password_seen"] = True
            return [*shown[: len(shown) - 1], _HIDDEN]
        for at, word in enumerate(words):
            low = word.lower()
            if low in _WORDS_OF_SECRET and at + 1 < len(words):
                last = at + (2 if low == b"auth2" or (low == b"auth" and name == b"hello") else 1)
                if low == b"auth" and name == b"hello":
                    self.user = shown[at + 1]
                shown[min(last, len(words) - 1)] = _HIDDEN
                command.fields["redis.password_seen"] = True
            elif name == b"acl" and word[:1] in b"><#" and word:
                shown[at] = shown[at][:1] + _HIDDEN
        return shown

    def _unanswered(self, name: bytes, words: list[bytes]) -> bool:
        """Whether no reply to this command is to be expected."""
        if name == b"hello" and len(words) > 1 and words[1] == b"3":
            self.resp3 = True
        if name == b"client" and len(words) == 3 and words[1].lower() == b"reply":
            wish = words[2].lower()
            self.quiet = {b"off": -1, b"skip": 2}.get(wish, 0)
        if self.quiet:
            self.quiet -= self.quiet > 0
            return True
        if name in _NO_REPLY:
            self.subscribed = name in _SUBSCRIBE and not self.resp3
            return True
        if name in (b"reset", b"quit"):
            self.subscribed = False
        return self.subscribed

    def _reply(self, value: RespValue, time: int) -> None:
        if value.kind == 0x3E:
            return  # pushed, no reply
        if not self.pending:
            if not self.subscribed and value.kind == 0x2D and b"DENIED" in value.words[0][:16]:
                self._settle(_Command(time, {"redis.cmd.name": ""}), value, time)
            return
        if self.subscribed and value.kind == 0x2A:
            return
        command = self.pending.popleft()
        self._settle(command, value, time)
        if command.name in (b"psync", b"sync", b"monitor"):
            self.context.done()  # a stream of its own follows

    def _settle(self, command: _Command, value: RespValue, time: int) -> None:
        success = value.kind not in (0x2D, 0x21)
        command.fields |= {
            "redis.success": success,
            "redis.reply.value": _words_of(value),
            "redis.reply.count": value.count,
            "redis.reply.bytes": value.size,
            "event.outcome": "success" if success else "failure",
            "event.duration": time - command.time,
        }
        if command.name == b"hello" and success:
            self.resp3 = value.kind == 0x25
        self._tell(command)

    def _tell(self, command: _Command) -> None:
        fields = command.fields
        fields["event.action"] = str(fields.get("redis.cmd.name", "")).lower()
        fields["user.name"] = self.user
        self.context.emit("redis", command.time, fields, client=self.client)

    def end(self, time: int) -> None:
        """Commands without a reply."""
        del time
        while self.pending:
            self._tell(self.pending.popleft())


def _words_of(value: RespValue) -> str:
    """A reply as text: a value alone, or a list in brackets."""
    if value.null and not value.words:
        return "null"
    words = [text(word, _CUT) for word in value.words]
    if value.kind in b"*~>%|":
        more = ", …" if value.count > len(words) and not value.null else ""
        return f"[{', '.join(words[:8])}{more}]"
    return words[0] if words else ""


def _is_command(data: bytes) -> bool:
    """An array whose first string is a word of letters: `*2` `$3` `GET`."""
    head, _, rest = data[:64].partition(b"\r\n")
    if not head[1:].isdigit() or rest[:1] != b"$":
        return False
    size, _, word = rest[1:].partition(b"\r\n")
    if not size.isdigit() or not 1 <= int(size) <= 32:
        return False
    word = word[: int(size)]
    return word[:1].isalpha() and word.isascii() and word.replace(b".", b"a").replace(
        b"_", b"a"
    ).replace(b"|", b"a").replace(b"-", b"a").isalnum()  # fmt: skip


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A command as an array; an inline one only at Redis's own port."""
    if data[:1] == b"*":
        return side == ORIGINATOR and _is_command(data)
    if flow.destination_port != 6379 or side == RESPONDER or data[-1:] != b"\n":
        return False
    return data[:24].split(None, 1)[:1] in ([b"PING"], [b"INFO"], [b"AUTH"], [b"ping"], [b"info"])


PROTOCOL: Final = Protocol(
    name="redis",
    title="Redis serialization protocol",
    standard="Redis documentation, RESP2 and RESP3",
    transports=frozenset({"tcp"}),
    session=RedisSession,
    recognises=recognises,
    ports=frozenset({6379}),
    datasets={
        "redis": (
            "redis.cmd.name", "redis.cmd.key", "redis.cmd.value", "redis.args", "redis.success",
            "redis.reply.value", "redis.reply.count", "redis.reply.bytes", "redis.password_seen",
            "user.name", "event.action", "event.outcome", "event.duration",
        )
    },
)  # fmt: skip
