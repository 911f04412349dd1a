"""git's own protocol (git://): who fetches or pushes which repository.

One event a connection, stamped with the request; objects are not read.
Defined in git's `gitprotocol-pack`.
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

_SERVICES: Final = (b"git-upload-pack ", b"git-receive-pack ", b"git-upload-archive ")
_ACTIONS: Final = {"git-upload-pack": "fetch", "git-receive-pack": "push",
                   "git-upload-archive": "archive"}  # fmt: skip
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")


class GitSession(StreamSession):
    """One connection."""

    limit = 66_000

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.fields: dict[str, str | int | bool | None] = {}
        self.time = 0
        self.client: int | None = None
        self.refs = 0
        self.told = False

    def parse(self, side: int, data: bytes, time: int) -> int:
        """A pkt-line: four hexadecimal digits of length, then the line."""
        if self.told:
            return 0
        if len(data) < 4:
            return 0
        if not _HEX.issuperset(data[:4]):
            raise WireError("no_line")
        size = int(data[:4], 16)
        if size < 4:  # flush, delimiter, end of response
            if self.client is not None and side != self.client:
                self._tell("success")
            return 4
        if len(data) < size:
            return 0
        line = data[4:size]
        if self.client is None:
            self._request(side, line, time)
        elif side != self.client:
            self._answer(line)
        return size

    def _request(self, side: int, line: bytes, time: int) -> None:
        service = next((one for one in _SERVICES if line.startswith(one)), None)
        if service is None:
            raise WireError("no_service")
        self.client = side
        self.time = time
        path, *rest = line[len(service) :].split(b"\0")
        name = service.decode().strip()
        self.fields = {"git.service": name, "git.path": text(path, 512).rstrip("\n")}
        for word in rest:
            key, _, value = word.partition(b"=")
            if key == b"host":
                host = text(value, 256)
                self.fields["git.host"] = host
                if not host.replace(".", "").replace(":", "").isdigit() and "[" not in host:
                    self.fields["destination.domain"] = host.partition(":")[0].lower()
            elif key == b"version" and value.isdigit():
                self.fields["git.version"] = int(value[:4])

    def _answer(self, line: bytes) -> None:
        if line.startswith(b"ERR "):
            self.fields["git.error"] = text(line[4:], 256).strip()
            self._tell("failure")
            return
        self.refs += 1
        _, _, said = line.partition(b"\0")
        for word in said.split():
            if word.startswith(b"agent="):
                self.fields["git.server_agent"] = text(word[6:], 128)
        if line.startswith(b"agent="):
            self.fields["git.server_agent"] = text(line[6:], 128).strip()

    def _tell(self, outcome: str | None = None) -> None:
        self.told = True
        self.context.emit("git", self.time, {
            **self.fields,
            "git.refs": self.refs or None,
            "event.action": _ACTIONS.get(str(self.fields.get("git.service"))),
            "event.outcome": outcome,
        }, client=RESPONDER if self.client == RESPONDER else ORIGINATOR)  # fmt: skip
        self.context.done()

    def end(self, time: int) -> None:
        """A request that was not answered in full."""
        del time
        if self.time and not self.told:
            self._tell()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A request for one of the services, with its length in front."""
    del side, flow
    return _HEX.issuperset(data[:4]) and len(data) > 20 and data[4:24].startswith(_SERVICES)


PROTOCOL: Final = Protocol(
    name="git",
    title="git transport",
    standard="git, gitprotocol-pack",
    transports=frozenset({"tcp"}),
    session=GitSession,
    recognises=recognises,
    ports=frozenset({9418}),
    datasets={
        "git": (
            "git.service", "git.path", "git.host", "git.version", "git.refs", "git.server_agent",
            "git.error", "destination.domain", "event.action", "event.outcome",
        )
    },
)  # fmt: skip
