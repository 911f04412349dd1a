"""Requests of SMB2 (MS-SMB2 §2.2): what a client asks for. Offsets count from the message's body on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from sensors.wire.reader import utf16
from sensors.wire.rpc_names import uuid_text
from sensors.wire.smb2_message import (
    CLOSE,
    CREATE,
    IOCTL,
    NEGOTIATE,
    READ,
    ROOT,
    SAME,
    SESSION_SETUP,
    SET_INFO,
    TRANSCEIVE,
    TREE_CONNECT,
    WRITE,
    Message,
    unknown_file,
)
from sensors.wire.smb_files import OpenFile, Tree, is_pipe_name
from sensors.wire.smb_names import DISPOSITIONS, command_name, control_name, dialect_name
from sensors.wire.smb_talk import Request, Talk

_DELETE_ON_CLOSE: Final = 0x1000
_DIRECTORY: Final = 0x1
_RENAME, _DISPOSITION, _DISPOSITION_EX, _RENAME_EX = 10, 13, 64, 65
_MOST_NAME: Final = 1024


class Requests:
    """Reads the bodies of requests.

    Attributes:
        before: the request before in the same compound.
        readers: by command.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.before: Request | None = None
        self.readers: dict[int, Callable[[Message, Request], None]] = {
            NEGOTIATE: self._negotiate,
            SESSION_SETUP: self._session_setup,
            TREE_CONNECT: self._tree_connect,
            CREATE: self._create,
            CLOSE: self._close,
            READ: self._read,
            WRITE: self._write,
            IOCTL: self._ioctl,
            SET_INFO: self._set_info,
        }

    def _file(self, one: Message, request: Request, at: int) -> OpenFile | None:
        """The file whose id stands at `at`; in a compound perhaps the one before."""
        key = one.data[at : at + 16]
        request.key = key
        if key == SAME and self.before is not None:
            request.file = self.before.file
            request.key = self.before.key
            return request.file
        request.file = self._talk.files.get(key)
        return request.file

    def _negotiate(self, one: Message, request: Request) -> None:
        at = one.need(36)
        (count,) = struct.unpack_from("<H", one.data, at + 2)
        count = min(count, 32, (one.end - at - 36) // 2)
        offered = struct.unpack_from(f"<{count}H", one.data, at + 36)
        request.fields["smb.client_dialects"] = [dialect_name(code) for code in offered]
        request.fields["smb.client_guid"] = uuid_text(one.data[at + 12 : at + 28], "little")

    def _session_setup(self, one: Message, request: Request) -> None:
        at = one.need(16)
        offset, size = struct.unpack_from("<HH", one.data, at + 12)
        self._talk.blob(one.part(offset, size), request, one.time)

    def _tree_connect(self, one: Message, request: Request) -> None:
        at = one.need(8)
        offset, size = struct.unpack_from("<HH", one.data, at + 4)
        request.tree = Tree(utf16(one.part(offset, size), _MOST_NAME))

    def _create(self, one: Message, request: Request) -> None:
        at = one.need(48)
        disposition, options, offset, size = struct.unpack_from("<IIHH", one.data, at + 36)
        name = utf16(one.part(offset, size), _MOST_NAME) if size else ""
        tree = request.tree
        if not tree.kind and not tree.path and is_pipe_name(name):
            tree.kind, tree.path = "PIPE", "<unknown>"
        file = OpenFile(name or ROOT, tree, one.time)
        request.file = file
        fields = request.fields
        fields["smb.file.name"] = file.name
        if options & _DIRECTORY:
            fields["smb.file.directory"] = True
        fields["smb.disposition"] = (
            DISPOSITIONS[disposition] if disposition < len(DISPOSITIONS) else "UNKNOWN"
        )
        fields["smb.access"] = "delete on close" if options & _DELETE_ON_CLOSE else "normal"
        if tree.kind == "PIPE":
            fields["dce_rpc.named_pipe"] = file.name

    def _close(self, one: Message, request: Request) -> None:
        at = one.need(24)
        file = self._file(one, request, at + 8)
        if request.key != SAME and (file is None or file.number):
            self._talk.closed(request.key, None, one.time, request.session)

    def _read(self, one: Message, request: Request) -> None:
        at = one.need(32)
        _size, request.offset = struct.unpack_from("<IQ", one.data, at + 4)
        self._file(one, request, at + 16)

    def _write(self, one: Message, request: Request) -> None:
        at = one.need(32)
        start, size, offset = struct.unpack_from("<HIQ", one.data, at + 2)
        file = self._file(one, request, at + 16)
        data = one.part(start, size)
        if file is None:
            file = unknown_file(self._talk, request, data)
        if file.is_pipe or file.association:
            self._talk.pipe(file, False, data, one.time)
            return
        transfer = self._talk.transfer(file, False, offset, size, one.time)
        transfer.write(data)
        transfer.over()

    def _ioctl(self, one: Message, request: Request) -> None:
        at = one.need(36)
        (code,) = struct.unpack_from("<I", one.data, at + 4)
        offset, size = struct.unpack_from("<II", one.data, at + 24)
        file = self._file(one, request, at + 8)
        if code == TRANSCEIVE:
            data = one.part(offset, size)
            if file is None:
                file = unknown_file(self._talk, request, data)
            if self._talk.pipe(file, False, data, one.time):
                request.command = ""  # its events are those of the calls
                return
        request.fields["smb.function"] = control_name(code)

    def _set_info(self, one: Message, request: Request) -> None:
        at = one.need(32)
        kind, level, size, offset = struct.unpack_from("<BBIH", one.data, at + 2)
        if kind != 1:
            return
        file = self._file(one, request, at + 16)
        data = one.part(offset, size)
        if level in (_RENAME, _RENAME_EX) and len(data) >= 20:
            self._rename(request, file, data)
        elif level in (_DISPOSITION, _DISPOSITION_EX) and data:
            self._dispose(request, file, bool(data[0] & 1), level)

    def _rename(self, request: Request, file: OpenFile | None, data: bytes) -> None:
        size = int.from_bytes(data[16:20], "little")
        name = utf16(data[20 : 20 + size], _MOST_NAME)
        if file is None:
            file = OpenFile("", request.tree, request.time)
        file.previous, file.name = file.name, name
        self._told(request, file, "SMB2_FILE_RENAME_INFO")
        request.fields["smb.rename.from"] = file.previous or "<unknown>"
        request.fields["smb.rename.to"] = name
        self._talk.deed("FILE_RENAME", file, request.session)

    def _dispose(self, request: Request, file: OpenFile | None, delete: bool, level: int) -> None:
        self._told(request, file, f"SMB2_FILE_DISPOSITION_INFO{'_EX' if level > 13 else ''}")
        request.fields["smb.access"] = "delete on close" if delete else "normal"
        if file is not None and delete:
            self._talk.deed("FILE_DELETE", file, request.session)

    @staticmethod
    def _told(request: Request, file: OpenFile | None, level: str) -> None:
        request.command = command_name(SET_INFO)
        request.fields["smb.set_info"] = level
        request.fields["smb.file.name"] = file.name if file else "<unknown>"
        request.fields["smb.fuid"] = file.number if file else None
