"""What one SMB connection knows, whichever version is spoken, and the events that it writes.

Requests wait for their answers, shares and files for being closed; all of them bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import orjson

from fengsui.event import Value
from sensors.protocol import ORIGINATOR, Context, FieldValues, FileSink, Share, WireError
from sensors.wire import ntlm, rpc, spnego
from sensors.wire.smb_files import OpenFile, Transfer, Tree
from sensors.wire.smb_names import MORE_PROCESSING, PENDING, SUCCESS, status_name

_REQUESTS: Final = 256
_FILES: Final = 512
_TREES: Final = 256
_SEEN: Final = 512  # deeds remembered
_SEEN_FOR: Final = 180 * 1_000_000_000
_FINE: Final = frozenset(
    {SUCCESS, MORE_PROCESSING, 0xC000_0120, 0x8000_0005, 0x8000_0006, 0x10C, PENDING}
)
_LOGGED_ON: Final = ("user.name", "user.domain", "ntlm.host", "ntlm.version")

_TOLD: Final = 16  # shares at once

FileId = bytes | int


def _members(fields: Mapping[str, Value | None]) -> bytes:
    """Members of JSON, with a comma in front."""
    return b"," + orjson.dumps(fields)[1:-1]


@lru_cache(maxsize=256)
def _outcome(status: int) -> dict[str, Value | None]:
    """Fields of an answer's status."""
    return {
        "smb.status": status_name(status),
        "smb.status_code": f"0x{status:x}",
        "event.outcome": "success" if status in _FINE else "failure",
    }


class Request:
    """A request that waits for its answer.

    Attributes:
        command: its name; "" for one that is not reported.
        fields: of its event, as far as the request tells.
        file: that it is about.
        offset: in the file, of a read.
    """

    __slots__ = (
        "command", "fields", "file", "key", "offset", "session", "status", "time", "tree", "tree_id",
    )  # fmt: skip

    def __init__(self, command: str, time: int, session: int, tree_id: int, tree: Tree) -> None:
        self.command = command
        self.time = time
        self.session = session
        self.tree_id = tree_id
        self.tree = tree
        self.fields: dict[str, Value | None] = {}
        self.file: OpenFile | None = None
        self.key: FileId = 0
        self.offset = 0
        self.status: int | None = None


class Talk:
    """The state of a connection."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.client = ORIGINATOR
        self.dialect = ""
        # commands that a file's bytes are reported under
        self.words: tuple[str, str] = ("SMB2_COMMAND_READ", "SMB2_COMMAND_WRITE")
        self.requests: dict[int, Request] = {}
        self.files: dict[FileId, OpenFile] = {}
        self.trees: dict[tuple[int, int], Tree] = {}
        self.changed = False  # shares or users, since `new_shares`
        self._quiet: tuple[FileId, ...] = ()
        self._users: dict[int, dict[str, Value | None]] = {}
        self._logon: ntlm.Logon | None = None
        self._seen: dict[tuple[Value | None, ...], int] = {}

    def ask(self, number: int, request: Request) -> None:
        """A request was sent."""
        old = self.requests.pop(number, None)
        if old is not None:
            self.log(old, old.status, 0)
        elif len(self.requests) >= _REQUESTS:
            self.log(self.requests.pop(next(iter(self.requests))), None, 0)
            self.context.lost("requests_dropped")
        self.requests[number] = request

    def log(self, request: Request, status: int | None, time: int, tree_id: int = -1) -> None:
        """Write the event of a request; `status` None where no answer was seen."""
        if not request.command:
            return
        tree = request.tree
        asked = request.time
        fields: dict[str, Value | None] = {
            "smb.command": request.command,
            "smb.version": self.dialect or "unknown",
            "smb.session_id": str(request.session),
            "smb.tree_id": tree_id if tree_id >= 0 else request.tree_id,
            "smb.path": tree.path,
            "smb.share.type": tree.kind,
        }
        if status is not None:
            fields |= _outcome(status)
            if time > asked:
                fields["event.duration"] = time - asked
        fields |= request.fields
        self.context.emit("smb", asked, fields, client=self.client)

    def end(self) -> None:
        """The connection is over."""
        for request in self.requests.values():
            self.log(request, request.status, 0)
        self.requests.clear()
        for file in list(self.files.values()):
            self._finish(file, file.opened, None)
        self.files.clear()
        self._logged_on(0, None)

    # shares

    def tree(self, session: int, number: int) -> Tree:
        """The share of that number; an unknown one where its connection was not seen."""
        found = self.trees.get((session, number))
        if found is None:
            found = Tree()
            if number:
                self.connected(session, number, found)
        return found

    def connected(self, session: int, number: int, tree: Tree) -> None:
        """Remember a share."""
        if len(self.trees) >= _TREES and (session, number) not in self.trees:
            self.trees.pop(next(iter(self.trees)))
            self.context.lost("shares_dropped")
        self.trees[(session, number)] = tree

    def mapped(self, tree: Tree, session: int, time: int) -> None:
        """Report that a share was connected."""
        fields: dict[str, Value | None] = {
            "smb.path": tree.path,
            "smb.share.type": tree.kind,
            "smb.service": tree.service,
            "smb.native_file_system": tree.system,
        }
        self._report("smb_mapping", time, fields | self._users.get(session, {}))

    def new_shares(self) -> list[Share] | None:
        """Shares of disks as the decoder has to know them; None where nothing has changed."""
        if not self.changed:
            return None
        self.changed = False
        named = [(key, tree) for key, tree in self.trees.items() if tree.kind == "DISK"]
        return [Share(*key, self._texts(key[0], tree)) for key, tree in named[-_TOLD:] if tree.path]

    def _texts(self, session: int, tree: Tree) -> tuple[bytes, bytes, bytes]:
        """What a share adds to events: see `Share`."""
        path: dict[str, Value | None] = {"smb.path": tree.path}
        asked = {"smb.version": self.dialect or "unknown", **path, "smb.share.type": tree.kind}
        user = {name: one for name, one in self._users.get(session, {}).items() if one}
        begin = {"file.path": tree.path + "\\"}
        return (_members(asked), _members(path | user), _members(begin)[:-1])

    # files

    def opened(self, key: FileId, file: OpenFile, request: Request) -> None:
        """Remember a file."""
        old = self.files.pop(key, None)
        if old is not None:
            self._finish(old, file.opened, None)
        elif len(self.files) >= _FILES:
            dropped = self.files.pop(next(iter(self.files)))
            self._finish(dropped, file.opened, None)
            self.context.lost("files_dropped")
        file.key, file.session, file.tree_id = key, request.session, request.tree_id
        self.files[key] = file

    def closed(self, key: FileId, file: OpenFile | None, time: int, session: int) -> None:
        """A file is closed."""
        found = self.files.pop(key, file)
        if found is not None:
            if found.tree.kind == "PRINT":
                self.deed("PRINT_CLOSE", found, session)
            self._finish(found, time, SUCCESS)

    def deed(self, action: str, file: OpenFile, session: int) -> None:
        """Report a deed on a file, once for the same in three minutes."""
        fields: dict[str, Value | None] = {
            "event.action": "SMB::" + action,
            "smb.path": file.tree.path,
            "smb.file.name": file.name,
            "smb.file.prev_name": file.previous,
            "file.name": file.name,
            "file.path": file.path,
            "file.size": file.size,
        }
        if file.times:
            fields.update(file.times)
            times = file.times
            key = (
                action, file.name, file.tree.path, file.size, times.get("file.mtime"),
                times.get("file.created"), times.get("file.ctime"),
            )  # fmt: skip
            seen = self._seen.pop(key, None)
            self._seen[key] = file.opened
            if seen is not None and file.opened - seen < _SEEN_FOR:
                return
            if len(self._seen) > _SEEN:
                del self._seen[next(iter(self._seen))]
        self._report("smb_files", file.opened, fields | self._users.get(session, {}))

    def transfer(
        self, file: OpenFile, reading: bool, offset: int, size: int, time: int
    ) -> Transfer:
        """Where the next `size` bytes of a file go."""
        sender = 1 - self.client if reading else self.client

        def open_sink() -> FileSink:
            known = file.size if reading and file.size else None
            return self.context.file(
                time, name=file.name, path=file.path, sender=sender, size=known
            )

        found = file.transfer(reading, offset, open_sink, time)
        found.place(offset, size)
        return found

    def note_quiet(self, key: FileId) -> None:
        """A pipe was read from which nothing is to be learned."""
        if key not in self._quiet:
            self._quiet = (key, *self._quiet[:3])

    @property
    def quiet(self) -> list[bytes]:
        """Ids of the pipes that were read last and still tell nothing."""
        return [key for key in self._quiet if isinstance(key, bytes) and self._is_quiet(key)]

    def _is_quiet(self, key: FileId) -> bool:
        file = self.files.get(key)
        return file is not None and file.silent and (file.is_pipe or file.association is not None)

    def pipe(self, file: OpenFile, answer: bool, data: bytes, time: int) -> bool:
        """Bytes of a pipe; whether they are DCE/RPC."""
        if file.silent or not data:
            return not file.silent and file.association is not None
        if file.association is None:
            if not rpc.is_pdu(data):
                file.silent = file.is_pipe
                return False
            file.association = rpc.Association(
                self._called, self.context.lost, self._listener, file.name
            )
        try:
            file.association.feed(answer, data, time)
        except WireError:
            file.silent = True
            self.context.lost("pipe_malformed")
        return True

    def _finish(self, file: OpenFile, time: int, status: int | None) -> None:
        if file.association:
            file.association.end()
        for transfer, word in ((file.read, self.words[0]), (file.written, self.words[1])):
            if transfer is None:
                continue
            transfer.end(time)
            if file.association or file.is_pipe:
                continue
            request = Request(word, transfer.time, file.session, file.tree_id, file.tree)
            request.fields = {
                "smb.file.name": file.name,
                "smb.fuid": file.number,
                "smb.transferred": transfer.size,
                "file.path": file.path,
            }
            self.log(request, status, 0)

    # log-ons

    def blob(self, blob: bytes, request: Request | None, time: int) -> None:
        """A security token, of the client where `request` is the one that it came with."""
        token = spnego.parse(blob)
        if request is not None and token.mechanism:
            request.fields["smb.auth"] = token.mechanism
            if token.mechanism == "kerberos":
                shown = spnego.ticket(token.inner)
                request.fields["kerberos.realm"] = shown.realm
                request.fields["kerberos.service"] = shown.service
        if token.mechanism != "ntlm":
            return
        kind = ntlm.kind(token.inner)
        if not kind:
            return
        if self._logon is None or kind == ntlm.NEGOTIATE:
            self._logged_on(0, None)
            self._logon = ntlm.Logon(time)
        self._logon.take(token.inner)
        if request is not None and kind == ntlm.AUTHENTICATE:
            for name in _LOGGED_ON:
                request.fields[name] = self._logon.fields.get(name)

    def authenticated(self, session: int, status: int) -> None:
        """The server has answered a log-on."""
        if status != MORE_PROCESSING:
            self._logged_on(session, status == SUCCESS)

    def known_as(self, session: int, name: str, domain: str) -> None:
        """Who a session belongs to."""
        if len(self._users) >= _TREES:
            self._users.pop(next(iter(self._users)))
        self._users[session] = {"user.name": name, "user.domain": domain}

    def _logged_on(self, session: int, success: bool | None) -> None:
        logon, self._logon = self._logon, None
        if logon is None:
            return
        fields = logon.finished(success)
        if success:
            name, domain = fields.get("user.name"), fields.get("user.domain")
            self.known_as(session, str(name or ""), str(domain or ""))
        self._report("ntlm", logon.time, fields)

    def _report(self, dataset: str, time: int, fields: FieldValues) -> None:
        self.context.emit(dataset, time, fields, client=self.client)

    def _called(self, dataset: str, time: int, fields: FieldValues) -> None:
        mine = {**fields, "network.protocol": dataset}
        self.context.emit(dataset, time, mine, client=self.client)

    def _listener(self, transport: str, address: str, port: int) -> None:
        flow = self.context.flow
        if transport == "tcp":
            if address in ("", "0.0.0.0"):  # noqa: S104
                address = flow.destination if self.client == ORIGINATOR else flow.source
            self.context.expect(address, port, "dce_rpc")
