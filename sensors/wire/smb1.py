"""SMB 1 / CIFS (MS-CIFS, MS-SMB): a message is a command or a chain of them (AndX).

Requests are matched with their answers by process, multiplex id and command.
"""

from __future__ import annotations

import struct
from typing import Final

from sensors.protocol import WireError
from sensors.wire.netbios_session import Bulk
from sensors.wire.smb1_answers import Answers
from sensors.wire.smb1_message import (
    CORE_READ,
    CORE_WRITE,
    CREATE,
    DISCONNECT,
    HEADER,
    LOGOFF,
    OPEN,
    READ,
    SESSION_SETUP,
    TRANS,
    TRANS2,
    TREE_CONNECT,
    WRITE,
    WRITE_CLOSE,
    Command,
    got,
    number_of,
    status_of,
    written,
)
from sensors.wire.smb1_requests import Requests
from sensors.wire.smb_files import NOWHERE
from sensors.wire.smb_names import SMB1_COMMANDS
from sensors.wire.smb_talk import Request, Talk

_ANDX: Final = frozenset({0x24, OPEN, READ, WRITE, SESSION_SETUP, LOGOFF, TREE_CONNECT, CREATE})
_QUIET: Final = frozenset({READ, WRITE, TRANS, TRANS2, CORE_READ, CORE_WRITE, WRITE_CLOSE})
_UNANSWERED: Final = frozenset({0x24, 0x26, 0x33, 0xA1, 0xA4})  # locking, secondaries, cancel
_END: Final = 0xFF
_CHAIN: Final = 8
_UNICODE: Final = 0x8000


class Smb1:
    """Reads the messages of a connection."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._requests = Requests(talk)
        self._answers = Answers(talk, self._requests)

    def decide(self, head: bytes, length: int, time: int) -> tuple[int, Bulk] | None:
        """Where the bulk of a long message goes (`SessionFrames`)."""
        del length
        if len(head) < HEADER + 30:
            return None
        command, answer = head[4], head[9] & 0x80
        if command == WRITE and not answer and head[32] in (12, 14):
            fid, offset, size, start = written(head, HEADER + 1)
            file = self._talk.files.get(fid)
            if file is None or file.is_pipe or file.association or not 59 <= start <= len(head):
                return None
            return start, self._talk.transfer(file, False, offset, size, time)
        if command == READ and answer and head[32] == 12:
            size, start = got(head, HEADER + 1)
            request = self._talk.requests.pop(number_of(head, READ), None)
            if request is None or request.file is None:
                return HEADER, NOWHERE
            file = request.file
            if file.is_pipe or file.association or not 59 <= start <= len(head):
                self._talk.requests[number_of(head, READ)] = request
                return None
            return start, self._talk.transfer(file, True, request.offset, size, time)
        return None

    def message(self, data: bytes, time: int) -> None:
        """One message."""
        if len(data) < HEADER + 3:
            raise WireError("truncated")
        command, at = data[4], HEADER
        answer = bool(data[9] & 0x80)
        (flags,) = struct.unpack_from("<H", data, 10)
        for _ in range(_CHAIN):
            words = data[at] * 2
            start = at + 1
            if start + words > len(data):
                raise WireError("truncated")
            size = int.from_bytes(data[start + words : start + words + 2], "little")
            first = start + words + 2
            end = min(len(data), first + size) if size else len(data)
            one = Command(data, start, words, first, end, bool(flags & _UNICODE), time)
            try:
                self._one(command, one, answer)
            except WireError as error:
                self._talk.context.lost(str(error))
            if command not in _ANDX or words < 4 or data[start] == _END:
                return
            command = data[start]
            (following,) = struct.unpack_from("<H", data, start + 2)
            if following <= at or following + 3 > len(data):
                return
            at = following

    def _one(self, command: int, one: Command, answer: bool) -> None:
        talk = self._talk
        data = one.data
        tree_id, _pid, uid = struct.unpack_from("<HHH", data, 24)
        number = number_of(data, command)
        if answer:
            self._answer(command, one, number, tree_id, uid)
            return
        name = "" if command in _QUIET else SMB1_COMMANDS.get(command, str(command))
        request = Request(name, one.time, uid, tree_id, talk.tree(0, tree_id))
        if command in _UNANSWERED:
            talk.log(request, None, 0)
            return
        talk.ask(number, request)
        read = self._requests.readers.get(command)
        if read:
            read(one, request)
        if command == DISCONNECT:
            talk.trees.pop((0, tree_id), None)

    def _answer(self, command: int, one: Command, number: int, tree_id: int, uid: int) -> None:
        talk = self._talk
        request = talk.requests.pop(number, None)
        if request is None:
            return
        status = status_of(one.data)
        request.session = uid
        read = self._answers.readers.get(command)
        if read and (one.words or command == SESSION_SETUP):
            read(one, request)
        if command == SESSION_SETUP:
            talk.authenticated(uid, status)
        shown = tree_id if command == TREE_CONNECT else -1
        talk.log(request, status, one.time, shown)
