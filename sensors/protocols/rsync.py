"""rsync's daemon protocol: who asks a server for which module, and whether it was granted.

One event a connection; what is transferred is not read.
Defined in rsync's `csprotocol.txt` and its daemon's source.
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

_PORT: Final = 873
_HELLO: Final = b"@RSYNCD: "


class RsyncSession(StreamSession):
    """One connection."""

    limit = 4096

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.fields: dict[str, str | int | bool | None] = {}
        self.time = 0
        # Greetings cross: who is the server does not follow from who greets first.
        back = context.flow.source_port == _PORT != context.flow.destination_port
        self.server = ORIGINATOR if back else RESPONDER
        self.greeted = [False, False]
        self.arguments: list[str] = []
        self.granted = False
        self.told = False

    def parse(self, side: int, data: bytes, time: int) -> int:
        """A line; behind the grant the client's arguments, which end with zero bytes."""
        if self.told:
            return 0
        if self.granted:
            return self._argument(side, data)
        end = data.find(b"\n")
        if end < 0:
            return 0
        line = data[:end]
        self.time = self.time or time
        if not self.greeted[side]:
            self._greet(side, line)
        elif side == self.server:
            self._answer(line)
        else:
            self._ask(line)
        return end + 1

    def _greet(self, side: int, line: bytes) -> None:
        if not line.startswith(_HELLO) or not line[9:10].isdigit():
            raise WireError("no_rsync")
        self.greeted[side] = True
        who = "server" if side == self.server else "client"
        self.fields[f"rsync.{who}_version"] = text(line[9:].split()[0], 16)

    def _ask(self, line: bytes) -> None:
        if "rsync.module" not in self.fields:
            self.fields["rsync.module"] = text(line, 256) or "#list"
        elif "rsync.auth_required" in self.fields:
            self.fields["user.name"] = text(line.split(b" ")[0], 128)

    def _answer(self, line: bytes) -> None:
        if line.startswith(b"@RSYNCD: AUTHREQD"):
            self.fields["rsync.auth_required"] = True
        elif line.startswith(b"@RSYNCD: OK"):
            self.fields["rsync.success"] = True
            self.granted = True
        elif line.startswith(b"@ERROR"):
            self.fields["rsync.success"] = False
            self.fields["rsync.error"] = text(line[6:].lstrip(b": "), 256)
            self._tell()
        elif line.startswith(b"@RSYNCD: EXIT"):
            self.fields.setdefault("rsync.success", True)
            self._tell()

    def _argument(self, side: int, data: bytes) -> int:
        """What the client wants of the server: `--server --sender -r . module/path`."""
        if side == self.server:
            return len(data)
        mark = b"\0" if b"\0" in data else b"\n"
        end = data.find(mark)
        if end < 0:
            return 0
        if end == 0 or len(self.arguments) >= 32:
            self._tell()
            return len(data)
        self.arguments.append(text(data[:end], 256))
        return end + 1

    def _tell(self) -> None:
        if self.told:
            return
        self.told = True
        done = self.fields.get("rsync.success")
        sends = "--sender" in self.arguments
        self.context.emit("rsync", self.time, {
            **self.fields,
            "rsync.arguments": self.arguments,
            "rsync.direction": ("download" if sends else "upload") if self.arguments else None,
            "event.action": ("download" if sends else "upload") if self.arguments else "connect",
            "event.outcome": None if done is None else "success" if done else "failure",
        }, client=RESPONDER if self.server == ORIGINATOR else ORIGINATOR)  # fmt: skip
        self.context.done()

    def end(self, time: int) -> None:
        """A session that did not come so far."""
        del time
        if self.time and any(self.greeted):
            self._tell()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The greeting of either side."""
    del side, flow
    return data[:9] == _HELLO and data[9:10].isdigit()


PROTOCOL: Final = Protocol(
    name="rsync",
    title="rsync daemon",
    standard="rsync, csprotocol.txt",
    transports=frozenset({"tcp"}),
    session=RsyncSession,
    recognises=recognises,
    ports=frozenset({_PORT}),
    datasets={
        "rsync": (
            "rsync.server_version", "rsync.client_version", "rsync.module", "rsync.auth_required",
            "rsync.success", "rsync.error", "rsync.arguments", "rsync.direction", "user.name",
            "event.action", "event.outcome",
        )
    },
)  # fmt: skip
