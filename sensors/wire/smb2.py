"""SMB 2 and 3 (MS-SMB2): messages and compounds of them, requests matched with their answers."""

from __future__ import annotations

import struct
from typing import Final

from sensors.protocol import WireError
from sensors.wire.netbios_session import Bulk
from sensors.wire.smb2_answers import Answers
from sensors.wire.smb2_message import (
    ASYNC,
    CANCEL,
    CHANGE_NOTIFY,
    FIND,
    GET_INFO,
    HEADER,
    LAYOUT,
    NEGOTIATE,
    READ,
    RELATED,
    RESPONSE,
    SESSION_SETUP,
    SET_INFO,
    TREE_DISCONNECT,
    WRITE,
    Message,
)
from sensors.wire.smb2_requests import Requests
from sensors.wire.smb_files import NOWHERE
from sensors.wire.smb_names import BUFFER_OVERFLOW, PENDING, SUCCESS, command_name
from sensors.wire.smb_talk import Request, Talk

_COMPOUND: Final = 64  # messages in one
_BESIDE: Final = RELATED | ASYNC
_READ_BODY: Final = struct.Struct("<Q16s")  # offset and file of a request, behind its size
_QUIET: Final = frozenset({READ, WRITE, GET_INFO, SET_INFO})
_GOOD: Final = frozenset({SUCCESS, BUFFER_OVERFLOW})
_UNPACK: Final = LAYOUT.unpack_from
_LONG_ANSWERS: Final = frozenset({FIND, GET_INFO, CHANGE_NOTIFY})


class Smb2:
    """Reads the messages of a connection."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._requests = Requests(talk)
        self._answers = Answers(talk)

    def decide(self, head: bytes, length: int, time: int) -> tuple[int, Bulk] | None:
        """Where the bulk of a long message goes (`SessionFrames`)."""
        if len(head) < HEADER + 48:
            return None
        command, flags, following = _head(head)
        if following:
            return None
        answer = flags & RESPONSE
        if command == WRITE and not answer:
            return self._write_bulk(head, time)
        if command == READ and answer:
            return self._read_bulk(head, time)
        if answer and command in _LONG_ANSWERS:
            self.message(head, time)
            return HEADER, NOWHERE
        return None

    def message(self, data: bytes, time: int, at: int = 0) -> None:
        """One message or a compound of them, from `at` on."""
        first, last = at, len(data)
        self._requests.before = None
        for _ in range(_COMPOUND):
            if last - at < HEADER:
                if at == first:
                    raise WireError("truncated")
                return
            magic, size, _ch, status, command, _cr, flags, following, mid, _low, tree, session = (
                _UNPACK(data, at)
            )
            if magic != b"\xfeSMB" or size != HEADER:
                if at != first:
                    return
                raise WireError("not_smb")
            end = last
            if following >= HEADER:
                end = min(at + following, last)
            elif command == READ and at == first:
                plain = self._is_read if flags & RESPONSE else self._asks_read
                if plain(data, at, time, status, flags, mid, tree, session):
                    return
            head = (status, command, flags, mid, tree, session)
            one = Message(data, at + HEADER, end, time, head)
            try:
                if flags & RESPONSE:
                    self._answer(one)
                else:
                    self._request(one)
            except WireError as error:
                self._talk.context.lost(str(error))
            if following < HEADER:
                return
            at += following

    def _answers_smb1(self) -> None:
        """The first SMB2 answer may be that to an SMB1 negotiation: then it has the number 0."""
        requests = self._talk.requests
        if 0 in requests:
            return
        for number, request in requests.items():
            if request.command.startswith("SMB1_COMMAND_NEG"):
                requests[0] = requests.pop(number)
                return

    def _asks_read(
        self, data: bytes, at: int, time: int, _status: int, flags: int, mid: int, tree: int,
        session: int,
    ) -> bool:  # fmt: skip
        """Take a request to read, alone in its message, the short way: there are the most of these."""
        talk = self._talk
        share = talk.trees.get((session, tree))
        if share is None or flags & _BESIDE or len(data) - at < HEADER + 32:
            return False
        request = Request("", time, session, tree, share)
        request.offset, key = _READ_BODY.unpack_from(data, at + HEADER + 8)
        request.key = key
        request.file = talk.files.get(key)
        talk.ask(mid, request)
        return True

    def _is_read(
        self, data: bytes, at: int, _time: int, status: int, _flags: int, mid: int, _tree: int,
        _session: int,
    ) -> bool:  # fmt: skip
        """Take the answer to one, where nothing is to be learned from it: likewise."""
        requests = self._talk.requests
        request = requests.get(mid)
        if request is None:
            return True
        if request.command or status == PENDING:
            return False
        if status in (SUCCESS, BUFFER_OVERFLOW):
            file = request.file
            if file is None or not file.silent or len(data) - at < HEADER + 16:
                return False
            if file.tree.kind != "PIPE" and file.association is None:
                return False
            self._talk.note_quiet(request.key)
        del requests[mid]
        return True

    def _request(self, one: Message) -> None:
        talk = self._talk
        if one.command <= TREE_DISCONNECT:
            talk.changed = True
        before = self._requests.before
        command, tree, session = one.command, one.tree, one.session
        if one.flags & RELATED and before is not None:
            tree, session = before.tree_id, before.session
        elif one.flags & ASYNC:
            tree = 0
        name = "" if command in _QUIET else command_name(command)
        share = talk.trees.get((session, tree)) or talk.tree(session, tree)
        request = Request(name, one.time, session, tree, share)
        if command == CANCEL:
            talk.log(request, None, 0)
            return
        talk.ask(one.mid, request)
        read = self._requests.readers.get(command)
        if read:
            read(one, request)
        if command == TREE_DISCONNECT:
            talk.trees.pop((session, tree), None)
        self._requests.before = request

    def _answer(self, one: Message) -> None:
        talk = self._talk
        mid, status = one.mid, one.status
        if one.command <= TREE_DISCONNECT:
            talk.changed = True
        if one.command == NEGOTIATE:
            self._answers_smb1()
        request = talk.requests.get(mid)
        if request is None:
            return
        if status == PENDING:
            request.status = PENDING
            return
        del talk.requests[mid]
        read = self._answers.readers.get(one.command)
        if read and (status in _GOOD or one.command == SESSION_SETUP):
            read(one, request)
        if one.session:
            request.session = one.session
        if request.command:
            talk.log(request, status, one.time)

    def _write_bulk(self, head: bytes, time: int) -> tuple[int, Bulk] | None:
        at = HEADER
        start, size, offset = struct.unpack_from("<HIQ", head, at + 2)
        file = self._talk.files.get(head[at + 16 : at + 32])
        if (
            file is None
            or file.is_pipe
            or file.association
            or not HEADER + 48 <= start <= len(head)
        ):
            return None
        (_m, _s, _c, _st, _cmd, _cr, _f, _n, mid, _low, tree, session) = LAYOUT.unpack_from(head)
        self._talk.ask(mid, Request("", time, session, tree, file.tree))
        return start, self._talk.transfer(file, False, offset, size, time)

    def _read_bulk(self, head: bytes, time: int) -> tuple[int, Bulk] | None:
        (_m, _s, _c, status, _cmd, _cr, _f, _n, mid, _low, _tree, _session) = LAYOUT.unpack_from(
            head
        )
        request = self._talk.requests.get(mid)
        if request is None or status not in (SUCCESS, BUFFER_OVERFLOW):
            return HEADER, NOWHERE
        file = request.file
        start = head[HEADER + 2]
        if (
            file is None
            or file.is_pipe
            or file.association
            or not HEADER + 16 <= start <= len(head)
        ):
            return None
        del self._talk.requests[mid]
        (size,) = struct.unpack_from("<I", head, HEADER + 4)
        return start, self._talk.transfer(file, True, request.offset, size, time)


def _head(data: bytes) -> tuple[int, int, int]:
    """Command, flags and offset of the next message."""
    command, _credit, flags, following = struct.unpack_from("<HHII", data, 12)
    return command, flags, following
