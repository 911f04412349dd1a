"""Requests of SMB1 (MS-CIFS §2.2.4): what a client asks for. Offsets count from a command's words on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from sensors.wire.reader import text, utf16
from sensors.wire.smb1_message import (
    CLOSE,
    CORE_READ,
    CORE_WRITE,
    CREATE,
    DELETE,
    MOST_NAME,
    NEGOTIATE,
    OPEN,
    READ,
    RENAME,
    SESSION_SETUP,
    TRANS,
    TRANS2,
    TREE_CONNECT,
    WRITE,
    WRITE_CLOSE,
    Command,
    unknown_file,
    written,
)
from sensors.wire.smb_files import OpenFile, Tree
from sensors.wire.smb_names import DISPOSITIONS, SMB1_COMMANDS
from sensors.wire.smb_talk import Request, Talk

_TRANSACT: Final = 0x26
_DISPOSE: Final = frozenset({0x102, 1013})
_RENAME_LEVEL: Final = 1010


class Requests:
    """Reads requests.

    Attributes:
        dialects: that the client offered.
        readers: by command.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.dialects: list[str] = []
        self.readers: dict[int, Callable[[Command, Request], None]] = {
            NEGOTIATE: self._negotiate,
            SESSION_SETUP: self._session_setup,
            TREE_CONNECT: self._tree_connect,
            CREATE: self._create,
            OPEN: self._open,
            CLOSE: self._close,
            DELETE: self._delete,
            RENAME: self._rename,
            READ: self._read,
            WRITE: self._write,
            TRANS: self._transaction,
            TRANS2: self._transaction2,
            CORE_READ: self._core_read,
            CORE_WRITE: self._core_write,
            WRITE_CLOSE: self._core_write,
        }

    def _negotiate(self, one: Command, request: Request) -> None:
        words = one.data[one.bytes : one.end].split(b"\x02")[1:33]
        self.dialects = [text(word.partition(b"\0")[0], 64) for word in words]
        request.fields["smb.client_dialects"] = list(self.dialects)

    def _session_setup(self, one: Command, request: Request) -> None:
        at = one.need(20)
        offset = one.bytes
        if one.words == 24:
            (size,) = struct.unpack_from("<H", one.data, at + 14)
            self._talk.blob(one.data[offset : min(offset + size, one.end)], request, one.time)
            offset += size
        elif one.words == 26:
            ansi, wide = struct.unpack_from("<HH", one.data, at + 14)
            offset += ansi + wide
            name, offset = one.string(offset)
            domain, offset = one.string(offset)
            request.fields["user.name"], request.fields["user.domain"] = name, domain
            request.fields["smb.auth"] = "ntlm" if ansi + wide else None
        request.fields["smb.client_os"], offset = one.string(offset)
        request.fields["smb.client_lan_manager"], offset = one.string(offset)

    def _tree_connect(self, one: Command, request: Request) -> None:
        at = one.need(8)
        (size,) = struct.unpack_from("<H", one.data, at + 6)
        path, offset = one.string(one.bytes + size)
        service, _ = one.string(offset, ascii_only=True)
        request.tree = Tree(path)
        request.fields["smb.requested_service"] = service

    def _create(self, one: Command, request: Request) -> None:
        at = one.need(47)
        disposition, options = struct.unpack_from("<II", one.data, at + 35)
        (size,) = struct.unpack_from("<H", one.data, at + 5)
        start = one.bytes + (one.bytes & 1 if one.unicode else 0)
        raw = one.data[start : min(start + min(size, MOST_NAME), one.end)]
        name = utf16(raw) if one.unicode else text(raw)
        self._named(name, request)
        fields = request.fields
        fields["smb.disposition"] = (
            DISPOSITIONS[disposition] if disposition < len(DISPOSITIONS) else "UNKNOWN"
        )
        fields["smb.file.directory"] = True if options & 1 else None
        fields["smb.access"] = "delete on close" if options & 0x1000 else "normal"

    def _open(self, one: Command, request: Request) -> None:
        name, _ = one.string(one.bytes)
        self._named(name, request)

    def _named(self, name: str, request: Request) -> None:
        request.file = OpenFile(name or "<share_root>", request.tree, request.time)
        request.fields["smb.file.name"] = request.file.name

    def _close(self, one: Command, request: Request) -> None:
        at = one.need(2)
        (fid,) = struct.unpack_from("<H", one.data, at)
        self._talk.closed(fid, None, one.time, request.session)

    def _delete(self, one: Command, request: Request) -> None:
        name, _ = one.string(one.bytes + 1)
        self._named(name, request)
        if request.file:
            self._talk.deed("FILE_DELETE", request.file, request.session)

    def _rename(self, one: Command, request: Request) -> None:
        old, offset = one.string(one.bytes + 1)
        new, _ = one.string(offset + 1)
        self._moved(request, OpenFile(old, request.tree, request.time), new)

    def _moved(self, request: Request, file: OpenFile, name: str) -> None:
        file.previous, file.name = file.name, name
        request.file = file
        request.fields["smb.rename.from"] = file.previous or "<unknown>"
        request.fields["smb.rename.to"] = name
        self._talk.deed("FILE_RENAME", file, request.session)

    def _read(self, one: Command, request: Request) -> None:
        at = one.need(20)
        fid, low = struct.unpack_from("<HI", one.data, at + 4)
        high = int.from_bytes(one.data[at + 20 : at + 24], "little") if one.words >= 24 else 0
        request.offset = low | high << 32
        request.file = self._talk.files.get(fid)
        request.key = fid

    def _write(self, one: Command, request: Request) -> None:
        at = one.need(24)
        fid, offset, size, start = written(one.data, at)
        self._into(one, request, fid, offset, one.data[start : start + size])

    def _core_read(self, one: Command, request: Request) -> None:
        at = one.need(10)
        fid, _count, request.offset = struct.unpack_from("<HHI", one.data, at)
        request.file = self._talk.files.get(fid)
        request.key = fid

    def _core_write(self, one: Command, request: Request) -> None:
        at = one.need(10)
        fid, size, offset = struct.unpack_from("<HHI", one.data, at)
        # WRITE has a kind and a length in front of the bytes, WRITE_AND_CLOSE one byte of padding.
        start = one.bytes + (3 if one.data[4] == CORE_WRITE else 1)
        self._into(one, request, fid, offset, one.data[start : min(start + size, one.end)])

    def _into(self, one: Command, request: Request, fid: int, offset: int, data: bytes) -> None:
        file = self._talk.files.get(fid) or unknown_file(self._talk, request, fid)
        request.file = file
        if self._talk.pipe(file, False, data, one.time) or file.is_pipe:
            return
        transfer = self._talk.transfer(file, False, offset, len(data), one.time)
        transfer.write(data)
        transfer.over()

    def _transaction(self, one: Command, request: Request) -> None:
        at = one.need(32)
        size, start, count = struct.unpack_from("<HHB", one.data, at + 22)
        deed, fid = struct.unpack_from("<HH", one.data, at + 28)
        if deed == _TRANSACT and count >= 2:
            request.file = self._talk.files.get(fid) or unknown_file(self._talk, request, fid)
            self._talk.pipe(request.file, False, one.data[start : start + size], one.time)

    def _transaction2(self, one: Command, request: Request) -> None:
        at = one.need(30)
        some, first, size, start = struct.unpack_from("<4H", one.data, at + 18)
        (deed,) = struct.unpack_from("<H", one.data, at + 28)
        asked = one.data[first : first + some]
        data = one.data[start : start + size]
        if deed == 8 and len(asked) >= 4:  # SET_FILE_INFORMATION
            fid, level = struct.unpack_from("<HH", asked)
            file = self._talk.files.get(fid)
        elif deed == 6 and len(asked) > 6:  # SET_PATH_INFORMATION
            (level,) = struct.unpack_from("<H", asked)
            name = utf16(asked[6:]) if one.unicode else text(asked[6:])
            file = OpenFile(name, request.tree, request.time)
        else:
            return
        if level in _DISPOSE and data:
            self._dispose(request, file, deed, bool(data[0] & 1))
        elif level == _RENAME_LEVEL and len(data) > 12:
            request.command = SMB1_COMMANDS[TRANS2]
            raw = data[12 : 12 + int.from_bytes(data[8:12], "little")]
            name = utf16(raw, MOST_NAME) if one.unicode else text(raw, MOST_NAME)
            self._moved(request, file or OpenFile("", request.tree, request.time), name)

    def _dispose(self, request: Request, file: OpenFile | None, deed: int, delete: bool) -> None:
        request.command = SMB1_COMMANDS[TRANS2]
        request.fields["smb.set_info"] = "SET_FILE_INFO" if deed == 8 else "SET_PATH_INFO"
        request.fields["smb.file.name"] = file.name if file else "<unknown>"
        request.fields["smb.access"] = "delete on close" if delete else "normal"
        if file and delete:
            self._talk.deed("FILE_DELETE", file, request.session)
