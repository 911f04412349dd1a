"""Answers of SMB2 (MS-SMB2 §2.2): what a server says. Offsets count from the message's body on."""

from __future__ import annotations

import struct
from collections.abc import Callable

from sensors.wire.rpc_names import uuid_text
from sensors.wire.smb2_message import (
    CLOSE,
    CREATE,
    IOCTL,
    NEGOTIATE,
    READ,
    SESSION_SETUP,
    TRANSCEIVE,
    TREE_CONNECT,
    Message,
    handle_text,
    times_of,
    unknown_file,
)
from sensors.wire.smb_names import SHARES, dialect_name
from sensors.wire.smb_talk import Request, Talk


class Answers:
    """Reads the bodies of answers.

    Attributes:
        readers: by command.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.readers: dict[int, Callable[[Message, Request], None]] = {
            NEGOTIATE: self._negotiated,
            SESSION_SETUP: self._session_set_up,
            TREE_CONNECT: self._tree_connected,
            CREATE: self._created,
            READ: self._was_read,
            IOCTL: self._ioctl_done,
            CLOSE: self._was_closed,
        }

    def _negotiated(self, one: Message, request: Request) -> None:
        at = one.need(64)
        (code,) = struct.unpack_from("<H", one.data, at + 4)
        self._talk.dialect = dialect_name(code)
        _transact, most_read, most_write = struct.unpack_from("<III", one.data, at + 28)
        request.fields["smb.server_guid"] = uuid_text(one.data[at + 8 : at + 24], "little")
        request.fields["smb.max_read_size"] = most_read
        request.fields["smb.max_write_size"] = most_write

    def _session_set_up(self, one: Message, request: Request) -> None:
        if one.end - one.at >= 8:
            offset, size = struct.unpack_from("<HH", one.data, one.at + 4)
            if size:
                self._talk.blob(one.part(offset, size), None, one.time)
        self._talk.authenticated(one.session, one.status)

    def _tree_connected(self, one: Message, request: Request) -> None:
        at = one.need(16)
        tree = request.tree
        tree.kind = SHARES.get(one.data[at + 2], "UNKNOWN")
        request.tree_id = one.tree
        self._talk.connected(one.session, one.tree, tree)
        if tree.kind == "PIPE":
            request.fields["dce_rpc.named_pipe"] = tree.path
        self._talk.mapped(tree, one.session, request.time)

    def _created(self, one: Message, request: Request) -> None:
        at = one.need(80)
        file = request.file
        if file is None:
            return
        created, accessed, written, changed, _space, size = struct.unpack_from(
            "<6Q", one.data, at + 8
        )
        key = one.data[at + 64 : at + 80]
        file.size = min(size, 0x7FFF_FFFF_FFFF_FFFF)
        file.number = handle_text(key)
        if written:
            file.times = times_of(created, accessed, written, changed)
        request.fields.update(file.times)
        request.fields["file.size"] = file.size
        request.fields["smb.fuid"] = file.number
        self._talk.opened(key, file, request)
        kind = file.tree.kind
        if kind != "PIPE":
            self._talk.deed("PRINT_OPEN" if kind == "PRINT" else "FILE_OPEN", file, request.session)

    def _was_closed(self, one: Message, request: Request) -> None:
        """In a compound the file had no number yet when it was asked to be closed."""
        file = request.file
        if file is not None and self._talk.files.get(file.key) is file:
            self._talk.closed(file.key, None, one.time, request.session)

    def _was_read(self, one: Message, request: Request) -> None:
        at = one.need(16)
        start = one.data[at + 2]
        (size,) = struct.unpack_from("<I", one.data, at + 4)
        data = one.part(start, size)
        file = request.file or unknown_file(self._talk, request, data)
        if file.is_pipe or file.association:
            self._talk.pipe(file, True, data, one.time)
            return
        transfer = self._talk.transfer(file, True, request.offset, size, one.time)
        transfer.write(data)
        transfer.over()

    def _ioctl_done(self, one: Message, request: Request) -> None:
        at = one.need(40)
        (code,) = struct.unpack_from("<I", one.data, at + 4)
        offset, size = struct.unpack_from("<II", one.data, at + 32)
        if code == TRANSCEIVE and request.file is not None:
            self._talk.pipe(request.file, True, one.part(offset, size), one.time)
