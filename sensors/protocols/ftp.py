"""FTP: who logged in, which files went which way, what the server said of it.

One event a command that logs in, opens a data channel, or reads, writes or changes something, with
the last reply to it (RFC 959, 2228, 2428). The data itself goes over flows of their own, announced
to `ftp_data`. Zeek logs the same commands without the log-ins and listings.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, WireError
from sensors.wire.ftp_channel import Transfer, delimited, joined, numbered, quoted
from sensors.wire.lines import LineSession, reply_of, word_set, words_of
from sensors.wire.reader import text

_COMMANDS: Final = word_set(
    "ABOR ACCT ADAT ALLO APPE AUTH AVBL CCC CDUP CLNT CONF CSID CWD DELE DSIZ ENC EPRT EPSV FEAT "
    "HASH HELP HOST LANG LIST LPRT LPSV MDTM MFCT MFF MFMT MIC MKD MLSD MLST MODE NLST NOOP OPTS "
    "PASS PASV PBSZ PORT PROT PWD QUIT RANG REIN REST RETR RMD RMDA RNFR RNTO SITE SIZE SMNT SPSV "
    "STAT STOR STOU STRU SYST TYPE USER XCUP XCWD XCRC XMKD XPWD XRMD XSHA1 XSHA256 XMD5"
)
_TOLD: Final = word_set(
    "APPE DELE RETR STOR STOU ACCT PORT PASV EPRT EPSV PASS LIST NLST MLSD MKD XMKD RMD XRMD RNFR "
    "RNTO SITE AUTH"
)
_OF_FILES: Final = word_set(
    "APPE CWD DELE MKD XMKD RETR RMD XRMD RNFR RNTO STOR STOU REST SIZE MDTM"
)
_SECRET: Final = frozenset({"PASS", "ACCT"})
_MOVES: Final = frozenset({"RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD"})
_ALSO_LISTS: Final = frozenset({"LIST", "NLST", "MLSD"})
_MOST_WAITING: Final = 64
_BAD_LINES: Final = 64
_COUNT: Final = re.compile(r"\d{1,18}")


class _Command:
    __slots__ = ("arg", "channel", "code", "message", "name", "size", "time")

    def __init__(self, name: str, arg: str, time: int) -> None:
        self.name = name
        self.arg = arg
        self.time = time
        self.code = 0
        self.message = ""
        self.size: int | None = None
        self.channel: tuple[bool, str, int] | None = None  # passive, address, port


class FtpSession(LineSession):
    """One control connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._client = -1
        self._asked: deque[_Command] = deque([_Command("<init>", "", 0)])
        self._user = ""
        self._folder = "."
        self._transfer: Transfer | None = None
        self._more = 0  # code of a reply of several lines that is not over
        self._bad = 0

    def line(self, side: int, line: bytes, time: int) -> None:
        """A command or a reply."""
        if self._client < 0:
            greeted = reply_of(line) is not None
            self._client = 1 - side if greeted else side
            if not greeted:  # met in the middle
                self._asked.clear()
        if side == self._client:
            self._command(line, time)
        else:
            self._reply(line)

    def _command(self, line: bytes, time: int) -> None:
        # A client may put telnet's interrupt before ABOR (RFC 959 section 4.1.3).
        word, rest = words_of(line.lstrip(b"\xff\xf4\xf2"))
        if word not in _COMMANDS:
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_commands")
            return
        if self._asked and self._asked[0].code:
            self._write(self._asked.popleft())
        if len(self._asked) >= _MOST_WAITING:
            self._write(self._asked.popleft())
            self.context.lost("commands_waiting")
        command = _Command(word, "" if word in _SECRET else text(rest, 4096), time)
        self._asked.append(command)
        if word == "USER":
            self._user = text(rest, 128)
        elif word in {"PORT", "EPRT"}:
            place = numbered(rest) if word == "PORT" else delimited(rest)
            if place:
                self._expect(command, place, passive=False)
        elif word in _MOVES and self._transfer:
            self._transfer.command = word
            if word not in _ALSO_LISTS:
                self._transfer.path = joined(self._folder, command.arg)
                self._transfer.name = command.arg.rpartition("/")[2]
            if word != "RETR":
                self._transfer = None

    def _expect(self, command: _Command, place: tuple[str, int], *, passive: bool) -> None:
        address, port = place
        flow = self.context.flow
        server = flow.destination if self._client == 0 else flow.source
        client = flow.source if self._client == 0 else flow.destination
        address = address or (server if passive else client)
        command.channel = (passive, address, port)
        self._transfer = Transfer()
        self.context.expect(address, port, "ftp_data", self._transfer)
        if passive and address != server:  # the server does not know its address as clients see it
            self.context.expect(server, port, "ftp_data", self._transfer)

    def _reply(self, line: bytes) -> None:
        reply = reply_of(line)
        if self._more and (reply is None or reply[1] or reply[0] != self._more):
            return
        if reply is None or not 100 <= reply[0] <= 699:
            self._bad += 1
            if self._bad > _BAD_LINES:
                raise WireError("no_replies")
            return
        code, more, words = reply
        self._more = code if more else 0
        if not self._asked:
            return
        command = self._asked[0]
        command.code = code
        command.message = text(words.strip(), 1024)
        if more:
            return
        self._learn(command, code, words)
        if command.name == "AUTH" and code in {234, 334}:
            self._write(self._asked.popleft())
            self.switch(
                "tls" if "TLS" in command.arg.upper() or "SSL" in command.arg.upper() else ""
            )
        elif code >= 200 and len(self._asked) > 1:
            self._write(self._asked.popleft())
        elif command.name == "<init>" and code >= 200:
            self._asked.popleft()

    def _learn(self, command: _Command, code: int, words: bytes) -> None:
        name = command.name
        if code in {227, 229}:
            place = numbered(words) if code == 227 else delimited(words)
            if place and name in {"PASV", "EPSV"}:
                self._expect(command, place, passive=True)
        elif (code == 150 and name == "RETR") or (code == 213 and name == "SIZE"):
            counts = _COUNT.findall(command.message)
            command.size = int(counts[-1]) if counts else None
            if name == "RETR" and self._transfer:
                self._transfer.size = command.size
        elif name in {"CWD", "XCWD"} and code == 250:
            self._folder = joined(self._folder, command.arg)
        elif name in {"CDUP", "XCUP"} and code in {200, 250}:
            self._folder = joined(self._folder, "..")
        elif name in {"PWD", "XPWD"} and code == 257:
            self._folder = text(quoted(words), 1024) or self._folder

    def end(self, time: int) -> None:
        """Commands whose successor did not come."""
        del time
        if not self.stopped:
            for command in self._asked:
                self._write(command)
            self._asked.clear()

    def _write(self, command: _Command) -> None:
        if command.name not in _TOLD:
            return
        flow = self.context.flow
        swapped = self._client == 1
        arg = command.arg
        path = ""
        if command.name in _OF_FILES and arg:
            server = flow.source if swapped else flow.destination
            path = joined(self._folder, arg)
            host = f"[{server}]" if ":" in server else server
            arg = f"ftp://{host}{'' if path.startswith('/') else '/'}{path}"
        fields: dict[str, Value | None] = {
            "user.name": self._user,
            "ftp.command": command.name,
            "ftp.arg": arg[:4096],
            "ftp.reply_code": command.code or None,
            "ftp.reply_msg": command.message,
            "ftp.file_size": command.size,
            "file.path": path,
            "event.outcome": _outcome(command.code),
        }
        if command.name == "PASS":
            fields["ftp.password_seen"] = True
        if command.channel:
            passive, address, port = command.channel
            client = flow.destination if swapped else flow.source
            server = flow.source if swapped else flow.destination
            fields["ftp.data_channel.passive"] = passive
            fields["ftp.data_channel.orig_h"] = client if passive else server
            fields["ftp.data_channel.resp_h"] = address
            fields["ftp.data_channel.resp_p"] = port
        self.context.emit("ftp", command.time, fields, client=max(self._client, 0))


def _outcome(code: int) -> str | None:
    if code < 200:
        return None
    return "success" if code < 400 else "failure"


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A greeting that names the protocol, or the greeting or first commands at its usual port."""
    del side
    head = data[:300]
    if head[:4] in {b"220 ", b"220-"}:
        upper = head.upper()
        return b"FTP" in upper or (flow.destination_port == 21 and b"SMTP" not in upper)
    if 21 not in (flow.destination_port, flow.source_port) or b"\n" not in head:
        return False
    return head[:5].upper() in {b"USER ", b"AUTH "} or (head[:3].isdigit() and head[3:4] in b" -")


PROTOCOL = Protocol(
    name="ftp",
    title="File Transfer Protocol",
    standard="RFC 959, RFC 2228, RFC 2428",
    transports=frozenset({"tcp"}),
    ports=frozenset({21, 2811}),
    session=FtpSession,
    recognises=recognises,
    datasets={
        "ftp": (
            "user.name", "ftp.command", "ftp.arg", "ftp.reply_code", "ftp.reply_msg",
            "ftp.file_size", "file.path", "event.outcome", "ftp.password_seen",
            "ftp.data_channel.passive", "ftp.data_channel.orig_h", "ftp.data_channel.resp_h",
            "ftp.data_channel.resp_p",
        )
    },
    upgrades=True,
)  # fmt: skip
