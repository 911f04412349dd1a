"""Answers of SMB1 (MS-CIFS §2.2.4): what a server says. Offsets count from a command's words on."""

from __future__ import annotations

import struct
from collections.abc import Callable

from sensors.wire.rpc_names import uuid_text
from sensors.wire.smb1_message import (
    CORE_READ,
    CREATE,
    NEGOTIATE,
    OPEN,
    READ,
    SESSION_SETUP,
    TRANS,
    TREE_CONNECT,
    WRITE,
    Command,
    got,
    status_of,
    unknown_file,
)
from sensors.wire.smb1_requests import Requests
from sensors.wire.smb2_message import times_of
from sensors.wire.smb_files import OpenFile
from sensors.wire.smb_names import SMB1_COMMANDS, SUCCESS
from sensors.wire.smb_talk import Request, Talk


class Answers:
    """Reads answers.

    Attributes:
        readers: by command.
    """

    def __init__(self, talk: Talk, requests: Requests) -> None:
        self._talk = talk
        self._asked = requests
        self.readers: dict[int, Callable[[Command, Request], None]] = {
            NEGOTIATE: self._negotiated,
            SESSION_SETUP: self._session_set_up,
            TREE_CONNECT: self._tree_connected,
            CREATE: self._created,
            OPEN: self._opened,
            READ: self._was_read,
            TRANS: self._transacted,
            CORE_READ: self._core_was_read,
        }

    def _negotiated(self, one: Command, request: Request) -> None:
        at = one.need(2)
        (index,) = struct.unpack_from("<H", one.data, at)
        if index < len(self._asked.dialects):
            self._talk.dialect = self._asked.dialects[index]
        self._talk.words = (SMB1_COMMANDS[READ], SMB1_COMMANDS[WRITE])
        if one.words >= 34:
            (able,) = struct.unpack_from("<I", one.data, at + 19)
            guid = one.data[one.bytes : one.bytes + 16]
            if able & 0x8000_0000 and len(guid) == 16:
                request.fields["smb.server_guid"] = uuid_text(guid, "little")

    def _session_set_up(self, one: Command, request: Request) -> None:
        offset = one.bytes
        if one.words == 8:
            (size,) = struct.unpack_from("<H", one.data, one.at + 6)
            self._talk.blob(one.data[offset : min(offset + size, one.end)], None, one.time)
            offset += size
        if not one.words:
            return
        request.fields["smb.server_os"], offset = one.string(offset)
        request.fields["smb.server_lan_manager"], offset = one.string(offset)
        if request.fields.get("user.name") and status_of(one.data) == SUCCESS:
            name, domain = request.fields["user.name"], request.fields.get("user.domain")
            self._talk.known_as(request.session, str(name), str(domain or ""))

    def _tree_connected(self, one: Command, request: Request) -> None:
        tree = request.tree
        tree.service, offset = one.string(one.bytes, ascii_only=True)
        tree.system, _ = one.string(offset) if offset < one.end else ("", 0)
        kinds = {"IPC": "PIPE", "LPT1:": "PRINT"}
        tree.kind = kinds.get(tree.service, "DISK")
        (tree_id,) = struct.unpack_from("<H", one.data, 24)
        self._talk.connected(0, tree_id, tree)
        request.fields["smb.service"] = tree.service
        request.fields["smb.native_file_system"] = tree.system
        if tree.kind == "PIPE":
            request.fields["dce_rpc.named_pipe"] = tree.path
        self._talk.mapped(tree, request.session, request.time)

    def _created(self, one: Command, request: Request) -> None:
        at = one.need(66)
        (fid,) = struct.unpack_from("<H", one.data, at + 5)
        created, accessed, written, changed = struct.unpack_from("<4Q", one.data, at + 11)
        (size,) = struct.unpack_from("<Q", one.data, at + 55)
        if request.file is not None:
            if written:
                request.file.times = times_of(created, accessed, written, changed)
            self._known(request, request.file, fid, size)

    def _opened(self, one: Command, request: Request) -> None:
        at = one.need(16)
        (fid,) = struct.unpack_from("<H", one.data, at + 4)
        (size,) = struct.unpack_from("<I", one.data, at + 12)
        if request.file is not None:
            self._known(request, request.file, fid, size)

    def _known(self, request: Request, file: OpenFile, fid: int, size: int) -> None:
        file.size = min(size, 0x7FFF_FFFF_FFFF_FFFF)
        file.number = f"{fid:04x}"
        request.fields.update(file.times)
        request.fields["file.size"] = file.size
        request.fields["smb.fuid"] = file.number
        self._talk.opened(fid, file, request)
        self._talk.deed("FILE_OPEN", file, request.session)

    def _was_read(self, one: Command, request: Request) -> None:
        one.need(24)
        size, start = got(one.data, one.at)
        self._out_of(one, request, one.data[start : start + size])

    def _core_was_read(self, one: Command, request: Request) -> None:
        self._out_of(one, request, one.data[one.bytes + 3 : one.end])

    def _out_of(self, one: Command, request: Request, data: bytes) -> None:
        file = request.file
        if file is None:
            key = request.key
            file = unknown_file(self._talk, request, key if isinstance(key, int) else 0)
        if self._talk.pipe(file, True, data, one.time) or file.is_pipe:
            return
        transfer = self._talk.transfer(file, True, request.offset, len(data), one.time)
        transfer.write(data)
        transfer.over()

    def _transacted(self, one: Command, request: Request) -> None:
        at = one.need(20)
        size, start = struct.unpack_from("<HH", one.data, at + 12)
        if request.file is not None:
            self._talk.pipe(request.file, True, one.data[start : start + size], one.time)
