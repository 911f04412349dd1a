"""SMB 3.0.2 over TCP 445 as scapy's layers, with NTLM log-on ([MS-SMB2])."""

from __future__ import annotations

import random
import uuid
from typing import Any, Final

from scapy.layers.smb2 import (
    SMB2_FILEID,
    SMB2_Close_Request,
    SMB2_Close_Response,
    SMB2_Create_Request,
    SMB2_Create_Response,
    SMB2_Header,
    SMB2_Negotiate_Protocol_Request,
    SMB2_Negotiate_Protocol_Response,
    SMB2_Read_Request,
    SMB2_Read_Response,
    SMB2_Session_Setup_Request,
    SMB2_Session_Setup_Response,
    SMB2_Tree_Connect_Request,
    SMB2_Tree_Connect_Response,
    SMB2_Write_Request,
    SMB2_Write_Response,
)

from playbooks.drills.traffic.conversation import Conversation
from playbooks.drills.traffic.protocols import ntlm

_NEGOTIATE, _SETUP, _TREE, _CREATE, _CLOSE, _READ, _WRITE = 0, 1, 3, 5, 6, 8, 9
_Header: Any = SMB2_Header  # scapy leaves its constructor without types
_MORE: Final = 0xC0000016
_DENIED: Final = 0xC000006D
_DISK, _PIPE = 1, 2


class SmbSession:
    """One client on one server: log on, open shares, read and write.

    Args:
        talk: a connected conversation on port 445.
        server: the server's NetBIOS name.
        user: domain, user name and workstation.
    """

    def __init__(
        self, talk: Conversation, rng: random.Random, server: str, user: tuple[str, str, str]
    ) -> None:
        self._talk = talk
        self._rng = rng
        self._server = server
        self._user = user
        self._mid = 0
        self._tree = 0
        self._id = rng.getrandbits(40) | 1

    def log_on(self, *, success: bool = True) -> None:
        """Negotiate the dialect and authenticate."""
        rng, stamp = self._rng, _file_time(self._talk.now)
        guid = uuid.UUID(int=rng.getrandbits(128))
        self._exchange(
            _NEGOTIATE,
            SMB2_Negotiate_Protocol_Request(
                Dialects=[0x0202, 0x0210, 0x0300, 0x0302],
                SecurityMode=1,
                Capabilities=0x7F,
                ClientGUID=guid,
            ),
            SMB2_Negotiate_Protocol_Response(
                SecurityMode=1,
                DialectRevision=0x0302,
                GUID=uuid.UUID(int=rng.getrandbits(128)),
                Capabilities=0x07,
                MaxTransactionSize=1 << 20,
                MaxReadSize=1 << 20,
                MaxWriteSize=1 << 20,
                ServerTime=stamp,
                ServerStartTime=0,
                Buffer=[("SecurityBlob", ntlm.hint())],
            ),
        )
        domain, user, workstation = self._user
        first = ntlm.challenge(rng, domain, self._server)
        self._setup(ntlm.negotiate(), first, _MORE)
        proof = ntlm.authenticate(rng, domain, user, workstation)
        self._setup(proof, ntlm.accepted() if success else b"", 0 if success else _DENIED)

    def _setup(self, token: bytes, answer: bytes, status: int) -> None:
        self._exchange(
            _SETUP,
            SMB2_Session_Setup_Request(SecurityMode=1, Buffer=[("SecurityBlob", token)]),
            SMB2_Session_Setup_Response(Buffer=[("Security", answer)] if answer else []),
            status,
        )

    def tree(self, share: str) -> None:
        """Connect to a share; `IPC$` is the one of pipes."""
        path = f"\\\\{self._server}\\{share}"
        self._tree = 0
        fresh = self._rng.randrange(1, 64)
        self._exchange(
            _TREE,
            SMB2_Tree_Connect_Request(Buffer=[("Path", path)]),
            SMB2_Tree_Connect_Response(
                ShareType=_PIPE if share == "IPC$" else _DISK, MaximalAccess=0x001F01FF
            ),
            tree=fresh,
        )
        self._tree = fresh

    def open(self, name: str, size: int = 0, *, create: bool = False) -> Any:
        """Open or create a file or pipe; returns its id for `read`, `write` and `close`."""
        stamp = _file_time(self._talk.now)
        file = SMB2_FILEID(Persistent=self._rng.getrandbits(40), Volatile=self._rng.getrandbits(40))
        self._exchange(
            _CREATE,
            SMB2_Create_Request(
                ImpersonationLevel=2,
                DesiredAccess=0x0012019F,
                ShareAccess=7,
                CreateDisposition=5 if create else 1,
                CreateOptions=0x40,
                Buffer=[("Name", name)],
            ),
            SMB2_Create_Response(
                CreateAction=2 if create else 1,
                CreationTime=stamp,
                LastAccessTime=stamp,
                LastWriteTime=stamp,
                ChangeTime=stamp,
                EndOfFile=size,
                AllocationSize=-(-size // 4096) * 4096,
                FileId=file,
            ),
        )
        return file

    def write(self, file: Any, data: bytes) -> None:
        """Write from the file's beginning, 64 KiB a message."""
        for at in range(0, len(data), 65_536):
            piece = data[at : at + 65_536]
            self._exchange(
                _WRITE,
                SMB2_Write_Request(FileId=file, Offset=at, Buffer=[("Data", piece)]),
                SMB2_Write_Response(Count=len(piece)),
            )

    def read(self, file: Any, data: bytes) -> None:
        """Read what the server holds."""
        for at in range(0, len(data), 65_536):
            piece = data[at : at + 65_536]
            self._exchange(
                _READ,
                SMB2_Read_Request(FileId=file, Offset=at, Length=len(piece)),
                SMB2_Read_Response(Buffer=[("Data", piece)]),
            )

    def close(self, file: Any) -> None:
        """Close a file or pipe."""
        self._exchange(_CLOSE, SMB2_Close_Request(FileId=file), SMB2_Close_Response())

    def _exchange(
        self, command: int, request: Any, response: Any, status: int = 0, tree: int = 0
    ) -> None:
        session = 0 if self._mid == 0 else self._id
        head = {
            "Command": command,
            "MID": self._mid,
            "PID": 0xFEFF,
            "CreditRequest": 33,
            "CreditCharge": 1,
        }
        asked = _Header(
            **head,
            TID=self._tree,
            SessionId=0 if self._mid <= 1 else session,
        )
        told = _Header(
            **head,
            Flags=1,
            Status=status,
            TID=tree or self._tree,
            SessionId=session,
        )
        self._mid += 1
        self._talk.send(_framed(asked / request), rate=2e7)
        self._talk.receive(_framed(told / response), rate=2e7, think=0.0008)


def _file_time(ns: int) -> int:
    """Hundreds of nanoseconds since 1601."""
    return ns // 100 + 116_444_736_000_000_000


def _framed(message: Any) -> bytes:
    data = bytes(message)
    return len(data).to_bytes(4, "big") + data
