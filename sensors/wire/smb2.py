"""SMB 2 and 3 (MS-SMB2): messages and compounds of them, requests matched with their answers."""

from __future__ import annotations

import struct
from typing import Final

from sensors.protocol import WireError
from sensors.wire.netbios_session import Bulk
from sensors.wire.smb2_answers import Answers
from sensors.wire.smb2_message import (
    CANCEL,
    CHANGE_NOTIFY,
    FIND,
    GET_INFO,
    HEADER,
    LAYOUT,
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
_QUIET: Final = frozenset({READ, WRITE, GET_INFO, SET_INFO})
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

    def message(self, data: bytes, time: int) -> None:
        """One message or a compound of them."""
        at = 0
        self._requests.before = None
        for _ in range(_COMPOUND):
            if len(data) - at < HEADER:
                if not at:
                    raise WireError("truncated")
                return
            found = LAYOUT.unpack_from(data, at)
            magic, size, _charge, status, command, _credit, flags, following, mid = found[:9]
            if magic != b"\xfeSMB" or size != HEADER:
                if at:
                    return
                raise WireError("not_smb")
            end = at + following if following >= HEADER else len(data)
            head = (status, command, flags, mid, *found[10:])
            self._one(Message(data, at + HEADER, min(end, len(data)), time, head))
            if following < HEADER:
                return
            at = end

    def _one(self, one: Message) -> None:
        try:
            if one.flags & RESPONSE:
                self._answer(one)
            else:
                self._request(one)
        except WireError as error:
            self._talk.context.lost(str(error))

    def _request(self, one: Message) -> None:
        talk = self._talk
        before = self._requests.before
        tree, session = one.tree, one.session
        if one.flags & RELATED and before is not None:
            tree, session = before.tree_id, before.session
        elif one.async_:
            tree = 0
        name = "" if one.command in _QUIET else command_name(one.command)
        request = Request(name, one.time, session, tree, talk.tree(session, tree))
        if one.command == CANCEL:
            talk.log(request, None, 0)
            return
        talk.ask(one.mid, request)
        read = self._requests.readers.get(one.command)
        if read:
            read(one, request)
        if one.command == TREE_DISCONNECT:
            talk.trees.pop((session, tree), None)
        self._requests.before = request

    def _answer(self, one: Message) -> None:
        talk = self._talk
        request = talk.requests.get(one.mid)
        if one.status == PENDING:
            if request is not None:
                request.status = PENDING
            return
        if request is None:
            return
        del talk.requests[one.mid]
        read = self._answers.readers.get(one.command)
        if read and (one.status in (SUCCESS, BUFFER_OVERFLOW) or one.command == SESSION_SETUP):
            read(one, request)
        if one.session:
            request.session = one.session
        talk.log(request, one.status, one.time)

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
