"""SMB, the file sharing of Windows, versions 1 to 3: MS-SMB2, MS-SMB, MS-CIFS.

Who connected to which share, opened, renamed, deleted, read or wrote which file, with what result;
who logged on by NTLM; and which procedures were called through pipes (`dce_rpc`). Files go by to be
hashed. Of encrypted connections only that they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, Session, Share
from sensors.wire import rpc
from sensors.wire.gss_logons import DATASETS as LOGONS
from sensors.wire.netbios_session import MESSAGE, Bulk, SessionFrames, is_smb
from sensors.wire.smb1 import Smb1
from sensors.wire.smb2 import Smb2
from sensors.wire.smb2_message import open_known
from sensors.wire.smb_talk import Talk

_SMB1: Final = 0xFF
_SMB2: Final = 0xFE
_ENCRYPTED: Final = 0xFD


class SmbSession(Session):
    """One connection."""

    teaches = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._talk = Talk(context)
        self._versions: dict[int, Smb1 | Smb2] = {}  # made when first spoken
        self._smb2: Smb2 | None = None  # once it is spoken and the client is known
        self._known = False
        self._frames = tuple(
            SessionFrames(side, self._decide, self._whole, context.lost) for side in (0, 1)
        )

    def data(self, side: int, data: bytes, time: int) -> None:
        """The next bytes of a direction."""
        frames = self._frames[side]
        spoken = self._smb2
        if spoken is not None and frames.is_one(data):  # the usual case
            frames.stray = 0
            spoken.message(data, time, 4)
        else:
            frames.data(data, time)

    @property
    def quiet_files(self) -> Sequence[bytes]:
        """Pipes that tell nothing."""
        return self._talk.quiet

    def new_shares(self) -> Sequence[Share] | None:
        """Shares of disks, after a change of shares or users."""
        return self._talk.new_shares()

    def opened(self, data: bytes) -> None:
        """A file that the decoder has seen being opened."""
        open_known(self._talk, data)

    def gap(self, side: int, size: int, time: int) -> None:
        """Bytes are lost: a hole in a file, or the next message is searched."""
        del time
        self._talk.changed = True  # the decoder has forgotten the shares
        self._frames[side].gap(size)

    def end(self, time: int) -> None:
        """Report what was not answered or closed."""
        del time
        self._talk.end()

    def _decide(self, side: int, head: bytes, length: int, time: int) -> tuple[int, Bulk] | None:
        self._direction(side, head)
        spoken = self._version(head[0])
        return spoken.decide(head, length, time) if spoken else None

    def _whole(self, side: int, data: bytes, length: int, time: int) -> None:
        del length
        self._direction(side, data)
        spoken = self._version(data[0])
        if spoken:
            spoken.message(data, time)
            if self._smb2 is None and self._known and isinstance(spoken, Smb2):
                self._smb2 = spoken
        elif data[0] == _ENCRYPTED:
            self._encrypted(data, time)
        else:
            self.context.lost("compressed")

    def _version(self, magic: int) -> Smb1 | Smb2 | None:
        """Reader of a version by its first byte; None for what cannot be read."""
        found = self._versions.get(magic)
        if found is None and magic >= _SMB2:
            found = Smb2(self._talk) if magic == _SMB2 else Smb1(self._talk)
            self._versions[magic] = found
        return found

    def _direction(self, side: int, data: bytes) -> None:
        """Which side is the client: told by the first message that says whether it is an answer."""
        if self._known:
            return
        if data[0] == _SMB2 and len(data) > 16:
            answer = data[16] & 1
        elif data[0] == _SMB1 and len(data) > 9:
            answer = data[9] >> 7
        else:
            return
        self._known = True
        self._talk.client = 1 - side if answer else side

    def _encrypted(self, data: bytes, time: int) -> None:
        fields: dict[str, Value | None] = {
            "smb.version": self._talk.dialect,
            "smb.encrypted": True,
            "smb.session_id": str(int.from_bytes(data[44:52], "little")),
        }
        self.context.emit("smb", time, fields, client=self._talk.client)
        self.context.lost("encrypted")
        self.context.done()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """By the header of a session message and SMB's own behind it."""
    del side, flow
    if len(data) < 8 or data[0] != MESSAGE or not is_smb(data, 4):
        return False
    if data[4] == _SMB2:
        return len(data) < 10 or data[8:10] == b"\x40\0"
    return data[4] != _SMB1 or int.from_bytes(data[1:4], "big") >= 35


_TIMES: Final = ("file.created", "file.accessed", "file.mtime", "file.ctime")
_USER: Final = ("user.name", "user.domain")
DATASETS: Final = {
    "smb": (
        "event.duration", "event.outcome", "smb.command", "smb.version", "smb.status",
        "smb.status_code", "smb.session_id", "smb.tree_id", "smb.path", "smb.share.type",
        "smb.file.name", "smb.file.directory", "smb.disposition", "smb.access", "smb.fuid",
        "smb.client_dialects", "smb.client_guid", "smb.server_guid", "smb.max_read_size",
        "smb.max_write_size", "smb.function", "smb.set_info", "smb.rename.from", "smb.rename.to",
        "smb.auth", "smb.client_os", "smb.client_lan_manager", "smb.server_os",
        "smb.server_lan_manager", "smb.service", "smb.requested_service",
        "smb.native_file_system", "smb.encrypted", "smb.transferred", "dce_rpc.named_pipe",
        "file.size", "file.path", "kerberos.realm", "kerberos.service", "ntlm.host",
        "ntlm.version", *_TIMES, *_USER,
    ),
    "smb_mapping": (
        "smb.path", "smb.share.type", "smb.service", "smb.native_file_system", *_USER,
    ),
    "smb_files": (
        "event.action", "smb.path", "smb.file.name", "smb.file.prev_name", "file.name",
        "file.path", "file.size", *_TIMES, *_USER,
    ),
    **LOGONS,
    "dce_rpc": rpc.CALL_FIELDS,
}  # fmt: skip

PROTOCOL = Protocol(
    name="smb",
    title="Server Message Block",
    standard="MS-SMB2, MS-SMB, MS-CIFS",
    transports=frozenset({"tcp"}),
    ports=frozenset({139, 445}),
    session=SmbSession,
    recognises=recognises,
    datasets=DATASETS,
    files=True,
)
