"""SOCKS 4, 4a and 5: who asks a proxy to connect where, and whether it did.

One event a connection, as Zeek's socks.log has it, stamped with the first thing the client says of
itself. What is tunnelled afterwards is recognised by its own bytes.
Defined in RFC 1928, RFC 1929 and the SOCKS 4A note.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sensors.protocol import (
    ORIGINATOR,
    RESPONDER,
    Context,
    Flow,
    Protocol,
    StreamSession,
    WireError,
)
from sensors.wire.reader import text

_COMMANDS: Final = {1: "connect", 2: "bind", 3: "udp_associate", 0xF0: "resolve",
                    0xF1: "resolve_ptr"}  # fmt: skip
_STATUS4: Final = {
    0x5A: "succeeded",
    0x5B: "general SOCKS server failure",
    0x5C: "request failed because client is not running identd",
    0x5D: "request failed because client's identd could not confirm the user ID string in the"
    " request",
}
_STATUS5: Final = {
    0: "succeeded", 1: "general SOCKS server failure", 2: "connection not allowed by ruleset",
    3: "Network unreachable", 4: "Host unreachable", 5: "Connection refused", 6: "TTL expired",
    7: "Command not supported", 8: "Address type not supported",
}  # fmt: skip
_METHODS: Final = {
    0: "No Authentication Required", 1: "GSSAPI", 2: "Username/Password",
    3: "Challenge-Handshake Authentication Protocol", 5: "Challenge-Response Authentication Method",
    6: "Secure Sockets Layer", 7: "NDS Authentication", 8: "Multi-Authentication Framework",
    9: "JSON Parameter Block", 0xFF: "No Acceptable Methods",
}  # fmt: skip


class SocksSession(StreamSession):
    """One connection to a proxy."""

    limit = 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.client: int | None = None
        self.version = 0
        self.fields: dict[str, str | int | bool | None] = {}
        self.time = 0
        self.method = -1  # chosen by the server
        self.state = ["", ""]  # what comes next from client and server
        self.over = False

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message."""
        if self.over:
            return 0
        if self.client is None:
            self._begin(side, data)
        part = 0 if side == self.client else 1
        step = {
            "hello": self._hello, "login": self._login, "request": self._request5,
            "request4": self._request4, "method": self._method, "admitted": self._admitted,
            "reply": self._reply5, "reply4": self._reply4,
        }.get(self.state[part])  # fmt: skip
        return step(data, time) if step else 0

    def _begin(self, side: int, data: bytes) -> None:
        """Who is the client, and which version."""
        first = data[0]
        if first not in (0, 4, 5):
            raise WireError("version")
        # A server's first message: 05 and a method, or 00 and a code of version 4.
        serves = first == 0 or (first == 5 and len(data) == 2 and side == RESPONDER)
        self.client = 1 - side if serves else side
        self.version = 4 if first in (0, 4) else 5
        if self.version == 4:
            self.state = ["request4", "reply4"]
        else:
            self.state = ["hello", "method"]

    # What the client says.

    def _hello(self, data: bytes, time: int) -> int:
        if len(data) < 2 or len(data) < 2 + data[1]:
            return 0
        if data[0] != 5 or not data[1]:
            raise WireError("hello")
        self.state[0] = "request"
        if 2 in data[2 : 2 + data[1]] and self.method in (-1, 2):
            self.state[0] = "login"
        del time
        return 2 + data[1]

    def _login(self, data: bytes, time: int) -> int:
        if data[0] == 5:  # the server wanted no log-in
            self.state[0] = "request"
            return self._request5(data, time)
        if len(data) < 2 or len(data) < 3 + data[1] or len(data) < 3 + data[1] + data[2 + data[1]]:
            return 0
        self._stamp(time)
        self.fields["user.name"] = text(data[2 : 2 + data[1]])
        self.fields["socks.password_seen"] = True
        self.state[0] = "request"
        if self.state[1] != "method":
            self.state[1] = "admitted"
        return 3 + data[1] + data[2 + data[1]]

    def _request5(self, data: bytes, time: int) -> int:
        if data[0] != 5:
            raise WireError("request")
        size = _address_size(data)
        if not size:
            return 0
        self._stamp(time)
        self.fields["socks.command"] = _COMMANDS.get(data[1], str(data[1]))
        self.fields |= _address(data, "request")
        self.state[0] = ""
        if self.state[1] not in ("method", "admitted"):
            self.state[1] = "reply"
        return size

    def _request4(self, data: bytes, time: int) -> int:
        if data[0] != 4:
            raise WireError("request")
        if len(data) < 9:
            return 0
        end = data.find(b"\0", 8)
        named = data[4:7] == b"\0\0\0" and data[7]
        last = data.find(b"\0", end + 1) if named and end >= 0 else end
        if last < 0:
            return 0
        self._stamp(time)
        self.fields |= {
            "socks.command": _COMMANDS.get(data[1], str(data[1])),
            "socks.request_p": int.from_bytes(data[2:4], "big"),
            "user.name": text(data[8:end], 256),
        }
        if named:
            self.fields["socks.request.name"] = text(data[end + 1 : last], 256)
        else:
            self.fields["socks.request.host"] = str(IPv4Address(data[4:8]))
        self.state[0] = ""
        return last + 1

    # What the server says.

    def _method(self, data: bytes, time: int) -> int:
        if len(data) < 2:
            return 0
        if data[0] != 5:
            raise WireError("method")
        del time
        self.method = data[1]
        self.fields["socks.auth_method"] = _METHODS.get(data[1], f"unknown-{data[1]}")
        self.state[1] = "admitted" if self.method == 2 else "reply"
        if self.method not in (0, 2):  # refused, or a method that hides what follows
            self._stamp(self.context.flow.start)
            self._finish()
        elif self.state[0] == "login" and self.method == 0:
            self.state[0] = "request"
        return 2

    def _admitted(self, data: bytes, time: int) -> int:
        if len(data) < 2:
            return 0
        self._stamp(time)
        self.fields["socks.status"] = _STATUS5.get(data[1], f"unknown-{data[1]}")
        self.state[1] = "reply"
        if data[1]:
            self._finish()
        return 2

    def _reply5(self, data: bytes, time: int) -> int:
        if data[0] != 5:
            raise WireError("reply")
        size = _address_size(data)
        if not size:
            return 0
        self._stamp(time)
        self.fields["socks.status"] = _STATUS5.get(data[1], f"unknown-{data[1]}")
        self.fields |= _address(data, "bound")
        self._finish(granted=data[1] == 0)
        return size

    def _reply4(self, data: bytes, time: int) -> int:
        if len(data) < 8:
            return 0
        if data[0] or not 0x5A <= data[1] <= 0x5D:
            raise WireError("reply")
        self._stamp(time)
        self.fields |= {
            "socks.status": _STATUS4[data[1]],
            "socks.bound.host": str(IPv4Address(data[4:8])),
            "socks.bound_p": int.from_bytes(data[2:4], "big"),
        }
        self._finish(granted=data[1] == 0x5A)
        return 8

    def _stamp(self, time: int) -> None:
        self.time = self.time or time

    def _finish(self, *, granted: bool = False) -> None:
        self.over = True
        self._tell()
        if granted:
            self.context.switch("")
        else:
            self.context.done()

    def _tell(self) -> None:
        status = self.fields.get("socks.status")
        command = self.fields.get("socks.command")
        self.context.emit("socks", self.time, {
            "socks.version": self.version,
            **self.fields,
            "event.action": command,
            "event.outcome": None if status is None
            else "success" if status == "succeeded" else "failure",
            "destination.domain": self.fields.get("socks.request.name"),
        }, client=RESPONDER if self.client == RESPONDER else ORIGINATOR)  # fmt: skip
        self.time = 0

    def end(self, time: int) -> None:
        """A request without a reply."""
        del time
        if self.time and not self.over:
            self._tell()


def _address_size(data: bytes) -> int:
    """Size of a request or reply of version 5; 0 where more is needed."""
    if len(data) < 5:
        return 0
    size = {1: 4, 4: 16, 3: 1 + data[4]}.get(data[3])
    if size is None:
        raise WireError("address_type")
    return 6 + size if len(data) >= 6 + size else 0


def _address(data: bytes, what: str) -> dict[str, str | int | bool | None]:
    kind = data[3]
    end = {1: 8, 4: 20}.get(kind, 5 + data[4])
    fields: dict[str, str | int | bool | None] = {
        f"socks.{what}_p": int.from_bytes(data[end : end + 2], "big")
    }
    if kind == 3:
        fields[f"socks.{what}.name"] = text(data[5:end])
    else:
        host = IPv4Address(data[4:8]) if kind == 1 else IPv6Address(data[4:20])
        fields[f"socks.{what}.host"] = str(host)
    return fields


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A list of methods that fits, or a request of version 4 that ends with its zero byte."""
    if side != ORIGINATOR or len(data) < 3 or len(data) > 300:
        return False
    if data[0] == 5:
        return len(data) == 2 + data[1] and all(method in _METHODS for method in data[2:])
    if data[0] != 4 or data[1] not in (1, 2) or len(data) < 9 or data[-1]:
        return False
    zeros = data.count(b"\0", 8)
    named = data[4:7] == b"\0\0\0" and data[7] != 0
    words = data[8:].replace(b"\0", b"")
    return zeros == (2 if named else 1) and words.isascii() and flow.destination_port != 53


PROTOCOL: Final = Protocol(
    name="socks",
    title="SOCKS proxy",
    standard="RFC 1928, RFC 1929, SOCKS 4A",
    transports=frozenset({"tcp"}),
    session=SocksSession,
    recognises=recognises,
    ports=frozenset({1080}),
    datasets={
        "socks": (
            "socks.version", "socks.command", "socks.auth_method", "socks.status",
            "socks.request.host", "socks.request.name", "socks.request_p", "socks.bound.host",
            "socks.bound.name", "socks.bound_p", "socks.password_seen", "user.name",
            "destination.domain", "event.action", "event.outcome",
        )
    },
    tunnels=True,
)  # fmt: skip
