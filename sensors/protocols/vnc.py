"""VNC (the Remote Framebuffer protocol): versions, how the viewer logged in, and what it sees.

One event a connection, as Zeek's rfb.log has it, stamped with the first version that is told.
Defined in RFC 6143; further ways to log in: the community's "RFB protocol" text.
"""

from __future__ import annotations

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

_METHODS: Final = {
    0: "Invalid", 1: "None", 2: "VNC", 16: "Tight", 17: "Ultra", 18: "TLS", 19: "VeNCrypt",
    20: "GTK-VNC SASL", 21: "MD5 hash authentication", 22: "Colin Dean xvp",
    30: "Apple Remote Desktop",
}  # fmt: skip


class VncSession(StreamSession):
    """One connection."""

    limit = 4096

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.server: int | None = None
        self.time = 0
        self.fields: dict[str, str | int | bool | None] = {}
        self.minor = 0
        self.method = -1
        self.state = ["version", "version"]  # of client and server
        self.told = False

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message; who speaks first serves."""
        if self.told:
            return 0
        if self.server is None:
            # Who speaks first serves (a listening viewer is called by its server); at VNC's own
            # ports the responder does, also where only its client was seen.
            usual = 5800 <= self.context.flow.destination_port < 6000
            self.server = RESPONDER if usual else side
        part = 1 if side == self.server else 0
        step = {
            "version": self._version, "types": self._types, "type": self._type,
            "choice": self._choice, "challenge": self._challenge, "response": self._response,
            "result": self._result, "reason": self._reason, "share": self._share,
            "screen": self._screen, "apple": self._apple, "apple_reply": self._apple_reply,
        }.get(self.state[part])  # fmt: skip
        return step(part, data, time) if step else 0

    def _version(self, part: int, data: bytes, time: int) -> int:
        if not b"RFB ".startswith(data[:4]):
            raise WireError("version")
        if len(data) < 12:
            return 0
        major, minor = data[4:7], data[8:11]
        if not major.isdigit() or not minor.isdigit() or data[7] != 0x2E:
            raise WireError("version")
        self.time = self.time or time
        who = "server" if part else "client"
        self.fields[f"vnc.{who}_major_version"] = major.decode()
        self.fields[f"vnc.{who}_minor_version"] = minor.decode()
        if part:
            self.state[1] = "waits"
            self.minor = int(minor)
            if self.state[0] != "version":
                self._agreed()
        else:
            self.minor = min(int(minor), self.minor or 999)
            self.state[0] = "waits"
            if self.state[1] != "version":
                self._agreed()
        return 12

    def _agreed(self) -> None:
        """Both have told their version: from 3.7 on the client chooses how to log in."""
        self.state = ["choice", "types"] if self.minor >= 7 else ["waits", "type"]

    def _types(self, part: int, data: bytes, time: int) -> int:
        if not data[0]:  # refused, with a reason
            self.state[part] = "reason"
            self.fields["vnc.auth"] = False
            return 1
        del time
        if len(data) < 1 + data[0]:
            return 0
        self.state[part] = "waits"
        return 1 + data[0]

    def _type(self, part: int, data: bytes, time: int) -> int:
        """Version 3.3: the server says which."""
        if len(data) < 4:
            return 0
        del time
        self._chosen(int.from_bytes(data[:4], "big"))
        if self.method == 0:
            self.state[part] = "reason"
            self.fields["vnc.auth"] = False
        return 4

    def _choice(self, part: int, data: bytes, time: int) -> int:
        del part, time
        self._chosen(data[0])
        return 1

    def _chosen(self, method: int) -> None:
        self.method = method
        self.fields["vnc.authentication_method"] = _METHODS.get(method, "RealVNC")
        if method == 1:
            told = self.minor >= 8
            self.state = ["share", "result" if told else "screen"]
        elif method == 2:
            self.state = ["response", "challenge"]
        elif method == 30:
            self.state = ["apple_reply", "apple"]
        elif method:
            self._tell()  # what follows is encrypted, or not documented
            self.context.done()

    def _challenge(self, part: int, data: bytes, time: int) -> int:
        del time
        if len(data) < 16:
            return 0
        self.state[part] = "result"
        return 16

    def _response(self, part: int, data: bytes, time: int) -> int:
        del time
        if len(data) < 16:
            return 0
        self.state[part] = "share"
        return 16

    def _apple(self, part: int, data: bytes, time: int) -> int:
        """Diffie-Hellman: generator, length of the key, prime, public key."""
        del time
        if len(data) < 4:
            return 0
        size = 4 + 2 * int.from_bytes(data[2:4], "big")
        if size > 2100:
            raise WireError("key")
        if len(data) < size:
            return 0
        self.state[part] = "result"
        self.fields["vnc.key_length"] = (size - 4) // 2
        return size

    def _apple_reply(self, part: int, data: bytes, time: int) -> int:
        """128 bytes of credentials, encrypted, and a public key as long as the server's."""
        del time
        size = 128 + int(self.fields.get("vnc.key_length") or 128)
        if len(data) < size:
            return 0
        self.state[part] = "share"
        return size

    def _result(self, part: int, data: bytes, time: int) -> int:
        if len(data) < 4:
            return 0
        del time
        failed = data[:4] != b"\0\0\0\0"
        self.fields["vnc.auth"] = not failed
        self.state[part] = "screen"
        if failed:
            self.state[part] = "reason" if self.minor >= 8 else "waits"
        return 4

    def _reason(self, part: int, data: bytes, time: int) -> int:
        if len(data) < 4:
            return 0
        del time
        size = int.from_bytes(data[:4], "big")
        if size > 2048:
            raise WireError("reason")
        if len(data) < 4 + size:
            return 0
        self.fields["vnc.reason"] = text(data[4 : 4 + size])
        self.state[part] = "waits"
        return 4 + size

    def _share(self, part: int, data: bytes, time: int) -> int:
        del time
        self.fields["vnc.share_flag"] = data[0] != 0
        self.state[part] = "waits"
        return 1

    def _screen(self, part: int, data: bytes, time: int) -> int:
        del time, part
        if len(data) < 24:
            return 0
        size = int.from_bytes(data[20:24], "big")
        if size > 2048:
            raise WireError("name")
        if len(data) < 24 + size:
            return 0
        self.fields |= {
            "vnc.width": int.from_bytes(data[:2], "big"),
            "vnc.height": int.from_bytes(data[2:4], "big"),
            "vnc.desktop_name": text(data[24 : 24 + size]),
        }
        self._tell()
        self.context.done()
        return 24 + size

    def _tell(self) -> None:
        self.told = True
        self.fields.pop("vnc.key_length", None)
        done = self.fields.get("vnc.auth")
        self.context.emit("vnc", self.time, {
            **self.fields,
            "event.outcome": None if done is None else "success" if done else "failure",
        }, client=RESPONDER if self.server == ORIGINATOR else ORIGINATOR)  # fmt: skip

    def end(self, time: int) -> None:
        """A session that did not come to show a screen."""
        del time
        if self.time and not self.told:
            self._tell()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The twelve bytes of a version."""
    del side, flow
    return (
        data[:4] == b"RFB " and data[7:8] == b"." and data[11:12] == b"\n" and data[4:7].isdigit()
    )


PROTOCOL: Final = Protocol(
    name="vnc",
    title="Virtual Network Computing (Remote Framebuffer)",
    standard="RFC 6143",
    transports=frozenset({"tcp"}),
    session=VncSession,
    recognises=recognises,
    ports=frozenset({5900, 5901}),
    datasets={
        "vnc": (
            "vnc.client_major_version", "vnc.client_minor_version", "vnc.server_major_version",
            "vnc.server_minor_version", "vnc.authentication_method", "vnc.auth", "vnc.reason",
            "vnc.share_flag", "vnc.desktop_name", "vnc.width", "vnc.height", "event.outcome",
        )
    },
)  # fmt: skip
