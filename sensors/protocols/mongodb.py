"""MongoDB: every command with its database and collection, who logs in, and what came of it.

One event a command, stamped with it. Documents are not kept; the size of the answer is.
Defined in the MongoDB manual, "MongoDB Wire Protocol", and bsonspec.org.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, WireError
from sensors.wire.frames import FramedSession
from sensors.wire.reader import text

_REPLY, _QUERY, _COMPRESSED, _MSG = 1, 2004, 2012, 2013
_OLD: Final = {2001: "update", 2002: "insert", 2005: "getMore", 2006: "delete", 2007: "killCursors"}
_CODES: Final = frozenset({_REPLY, _QUERY, _COMPRESSED, _MSG, 2010, 2011, *_OLD})
_MAX_PENDING: Final = 256
_SIZES: Final = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8,
                 0x13: 16, 0x7F: 0, 0xFF: 0}  # fmt: skip
_Scalar = str | int | float | bool | bytes
_Fields = dict[str, str | int | bool | None]


class MongoSession(FramedSession):
    """One connection."""

    keep = 4096

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.client: int | None = None
        self.user = ""
        self.application = ""
        self.pending: OrderedDict[int, tuple[int, _Fields]] = OrderedDict()

    def frame(self, side: int, data: bytes, at: int) -> int:
        """A header: length, ids, code."""
        if len(data) - at < 16:
            return 0
        size, _, answers, code = struct.unpack_from("<IIII", data, at)
        if not 16 <= size <= 1 << 26 or code not in _CODES:
            raise WireError("no_mongodb")
        if self.client is None:
            self.client = 1 - side if code == _REPLY or (answers and code == _MSG) else side
        return int(size)

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """One message."""
        _, number, answers, code = struct.unpack_from("<IIII", data)
        if code == _COMPRESSED:
            code = int.from_bytes(data[16:20], "little")
            self.context.lost("compressed")
            if side != self.client:
                self._answered(answers, {}, size, time)
            else:
                self._ask(number, {"mongodb.command": "compressed"}, time)
        elif side != self.client:
            self._answer(answers, code, data, size, time)
        elif code in (_MSG, _QUERY):
            self._command(number, code, data, time)
        elif code in _OLD:
            name = data[20:].partition(b"\0")[0] if code != 2007 else b""
            database, _, collection = text(name, 256).partition(".")
            fields: _Fields = {"mongodb.command": _OLD[code], "mongodb.database": database,
                               "mongodb.collection": collection}  # fmt: skip
            if code == 2005:
                self._ask(number, fields, time)
            else:
                self._tell(time, fields)

    def _command(self, number: int, code: int, data: bytes, time: int) -> None:
        fields: _Fields = {}
        silent = False
        if code == _MSG:
            silent = bool(data[16] & 2)  # moreToCome: no answer is wanted
            if data[20:21] != b"\0":
                raise WireError("section")
            body = data[21:]
        else:
            end = data.find(b"\0", 20, 300)
            database, _, collection = text(data[20:end], 256).partition(".")
            fields["mongodb.database"] = database
            body = data[end + 9 :]
            if collection != "$cmd":
                fields |= {"mongodb.command": "query", "mongodb.collection": collection}
        said = document(body)
        if "mongodb.command" not in fields and said:
            name = next(iter(said))
            value = said[name]
            fields["mongodb.command"] = name
            if isinstance(value, str) and name not in ("saslStart", "hello", "ismaster"):
                fields["mongodb.collection"] = value
            elif isinstance(said.get("collection"), str):
                fields["mongodb.collection"] = str(said["collection"])
        if isinstance(said.get("$db"), str):
            fields["mongodb.database"] = str(said["$db"])
        self._who(said, fields)
        if silent:
            self._tell(time, fields)
        else:
            self._ask(number, fields, time)

    def _who(self, said: dict[str, _Scalar], fields: _Fields) -> None:
        """The user, as the ways to log in tell it."""
        if "mechanism" in said:
            fields["mongodb.mechanism"] = str(said["mechanism"])
            payload = said.get("payload", b"")
            if isinstance(payload, bytes):
                if said["mechanism"] == "PLAIN":
                    fields["mongodb.password_seen"] = True
                    self.user = text(payload.split(b"\0")[1] if payload.count(b"\0") > 1 else b"")
                else:
                    self.user = text(payload.partition(b"n=")[2].partition(b",")[0], 256)
        if isinstance(said.get("user"), str) and "authenticate" in said:
            self.user = str(said["user"])
        name = said.get("client.application.name")
        if isinstance(name, str):
            self.application = name

    def _ask(self, number: int, fields: _Fields, time: int) -> None:
        if len(self.pending) >= _MAX_PENDING:
            _, (when, old) = self.pending.popitem(last=False)
            self._tell(when, old)
            self.context.lost("pending")
        self.pending[number] = (time, fields)

    def _answer(self, answers: int, code: int, data: bytes, size: int, time: int) -> None:
        said: dict[str, _Scalar] = {}
        found: _Fields = {}
        if code == _MSG:
            said = document(data[21:])
        elif code == _REPLY and len(data) >= 36:
            flags = int.from_bytes(data[16:20], "little")
            found["mongodb.documents"] = int.from_bytes(data[32:36], "little")
            said = document(data[36:])
            if flags & 2:
                found["mongodb.success"] = False
        okay = said.get("ok")
        if isinstance(okay, (float, int)):
            found["mongodb.success"] = bool(okay)
        if isinstance(said.get("code"), int):
            found["mongodb.error_code"] = int(said["code"])
        found["mongodb.error_message"] = str(said.get("errmsg") or said.get("$err") or "")[:512]
        if isinstance(said.get("n"), int):
            found["mongodb.documents"] = int(said["n"])
        self._answered(answers, found, size, time)

    def _answered(self, answers: int, found: _Fields, size: int, time: int) -> None:
        asked = self.pending.pop(answers, None)
        if asked is None:
            return
        when, fields = asked
        success = found.get("mongodb.success")
        outcome = None if success is None else "success" if success else "failure"
        self._tell(when, {
            **fields, **found, "mongodb.response_bytes": size, "event.duration": time - when,
            "event.outcome": outcome,
        })  # fmt: skip

    def _tell(self, time: int, fields: _Fields) -> None:
        self.context.emit("mongodb", time, {
            **fields,
            "user.name": self.user,
            "mongodb.application_name": self.application,
            "event.action": fields.get("mongodb.command"),
        }, client=RESPONDER if self.client == RESPONDER else ORIGINATOR)  # fmt: skip

    def end(self, time: int) -> None:
        """Commands without an answer."""
        del time
        for when, fields in self.pending.values():
            self._tell(when, fields)
        self.pending.clear()


def document(data: bytes, prefix: str = "", depth: int = 0) -> dict[str, _Scalar]:
    """The first elements of a BSON document; of inner ones only the client's description.

    A document that is cut off gives what of it is there.
    """
    said: dict[str, _Scalar] = {}
    at = 4
    while at < len(data) and data[at] and len(said) < 48:
        kind = data[at]
        end = data.find(b"\0", at + 1, at + 256)
        if end < 0:
            return said
        name = prefix + text(data[at + 1 : end], 128)
        at = end + 1
        size = _SIZES.get(kind, -1)
        if size < 0:
            if at + 4 > len(data) or kind not in (0x02, 0x03, 0x04, 0x05, 0x0D, 0x0E):
                return said
            size = int.from_bytes(data[at : at + 4], "little")
            size += 0 if kind in (0x03, 0x04) else 5 if kind == 0x05 else 4
            if size < 4:
                return said
        if kind == 0x03 and depth < 2 and name in ("client", "client.application"):
            said.update(document(data[at : at + size], name + ".", depth + 1))
        else:
            said[name] = _scalar(kind, data[at : at + size])
        at += size
    return said


def _scalar(kind: int, value: bytes) -> _Scalar:
    if kind in (0x02, 0x0D, 0x0E):
        return text(value[4:], 256)
    if kind == 0x01 and len(value) == 8:
        return float(struct.unpack("<d", value)[0])
    if kind == 0x08:
        return value != b"\0"
    if kind in (0x10, 0x12):
        return int.from_bytes(value, "little", signed=True)
    if kind == 0x05:
        return value[5:]
    return b""


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A header whose code and length fit."""
    del side, flow
    if len(data) < 26:
        return False
    size, _, _, code = struct.unpack_from("<IIII", data)
    if not 26 <= size <= 1 << 26:
        return False
    if code == _MSG:
        return data[17:20] == b"\0\0\0" and data[16] < 4 and data[20] == 0 and size >= len(data)
    return code == _QUERY and data[18:20] == b"\0\0" and b"." in data[20:148]


PROTOCOL: Final = Protocol(
    name="mongodb",
    title="MongoDB wire protocol",
    standard="MongoDB manual, MongoDB Wire Protocol",
    transports=frozenset({"tcp"}),
    session=MongoSession,
    recognises=recognises,
    ports=frozenset({27017}),
    datasets={
        "mongodb": (
            "mongodb.command", "mongodb.database", "mongodb.collection", "mongodb.success",
            "mongodb.error_code", "mongodb.error_message", "mongodb.documents",
            "mongodb.response_bytes", "mongodb.mechanism", "mongodb.password_seen",
            "mongodb.application_name", "user.name", "event.action", "event.outcome",
            "event.duration",
        )
    },
)  # fmt: skip
