"""IRC: who joined which channels under what name, and what was offered by DCC (RFC 1459, RFC 2812).

One event a NICK, USER and JOIN (each channel) of the client, and a DCC SEND: what Zeek logs.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, WireError
from sensors.wire.ftp_channel import Transfer
from sensors.wire.lines import LineSession, word_set
from sensors.wire.reader import text

_COMMANDS: Final = word_set(
    "PASS NICK USER OPER MODE SERVICE QUIT SQUIT JOIN PART TOPIC NAMES LIST INVITE KICK PRIVMSG "
    "NOTICE MOTD LUSERS VERSION STATS LINKS TIME CONNECT TRACE ADMIN INFO SERVLIST SQUERY WHO WHOIS "
    "WHOWAS KILL PING PONG ERROR AWAY REHASH DIE RESTART SUMMON USERS WALLOPS USERHOST ISON CAP "
    "AUTHENTICATE ACCOUNT MONITOR TAGMSG PROTOCTL SETNAME CHATHISTORY WEBIRC STARTTLS"
)
_BAD_LINES: Final = 32


class IrcSession(LineSession):
    """One connection to a server."""

    longest = 8704  # RFC 2812's 512 and IRCv3's tags

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._client = -1
        self._nick = ""
        self._user = ""
        self._tls_asked = False
        self._bad = 0
        self._good = 0

    def line(self, side: int, line: bytes, time: int) -> None:
        """One message."""
        if line[:1] == b"@":  # tags
            line = line.partition(b" ")[2].lstrip()
        prefixed = line[:1] == b":"
        if prefixed:
            line = line.partition(b" ")[2].lstrip()
        command, parameters = _split(line)
        if self._client < 0:
            self._client = (
                1 - side if prefixed or command.isdigit() or command == "NOTICE" else side
            )
        if command not in _COMMANDS and not (command.isdigit() and len(command) == 3):
            self._bad += line != b""
            if self._bad > _BAD_LINES and self._bad > self._good:
                raise WireError("no_commands")
            return
        self._good += 1
        if command == "PRIVMSG" and len(parameters) > 1 and parameters[1][:5] == b"\x01DCC ":
            self._offer(parameters[1], time)
        elif side == self._client:
            self._said(command, parameters, time)
        elif command == "670" and self._tls_asked:
            self.switch("tls")

    def _said(self, command: str, parameters: list[bytes], time: int) -> None:
        first = text(parameters[0], 256) if parameters else ""
        if command == "NICK" and first:
            self._emit(time, {"irc.command": "NICK", "irc.value": first})
            self._nick = first
        elif command == "USER" and first:
            more = " ".join(text(one, 256) for one in parameters[1:4])
            self._emit(time, {"irc.command": "USER", "irc.value": first, "irc.addl": more})
            self._user = first
        elif command == "JOIN" and first:
            keys = parameters[1].split(b",") if len(parameters) > 1 else []
            for place, channel in enumerate(parameters[0].split(b",")[:64]):
                key = place < len(keys) and keys[place] != b""
                fields: dict[str, Value | None] = {
                    "irc.command": "JOIN",
                    "irc.value": text(channel, 256),
                    "irc.password_seen": True if key else None,
                }
                self._emit(time, fields)
        elif command == "STARTTLS":
            self._tls_asked = True

    def _offer(self, words: bytes, time: int) -> None:
        """DCC SEND name address port size: a file waits at the sender."""
        parts = words.strip(b"\x01").split(b" ")
        if len(parts) < 5 or parts[1].upper() != b"SEND":
            return
        size = parts[-1] if len(parts) > 5 else b""
        place = parts[-3:-1] if size else parts[-2:]
        name = b" ".join(parts[2:-3] if size else parts[2:-2]).strip(b'"')
        address = _address(place[0])
        port = int(place[1]) if place[1].isdigit() and len(place[1]) < 6 else 0
        self._emit(
            time,
            {
                "irc.command": "DCC",
                "irc.dcc_file_name": text(name, 512),
                "irc.dcc_file_size": int(size) if size.isdigit() and len(size) < 19 else None,
                "irc.dcc_address": address,
                "irc.dcc_port": port if port < 65_536 else None,
                "file.name": text(name, 512),
            },
        )
        if address and 0 < port < 65_536:
            self.context.expect(address, port, "irc_data", Transfer("DCC", text(name, 512)))

    def _emit(self, time: int, fields: dict[str, Value | None]) -> None:
        fields["irc.nick"] = self._nick
        fields["irc.user"] = fields["user.name"] = self._user
        self.context.emit("irc", time, fields, client=max(self._client, 0))


def _split(line: bytes) -> tuple[str, list[bytes]]:
    """Command in upper case, and parameters; the last may have blanks behind a colon."""
    head, mark, last = line.partition(b" :")
    words = head.split(b" ", 16)
    parameters = [word for word in words[1:] if word]
    if mark:
        parameters.append(last)
    elif parameters and parameters[-1][:1] == b":":
        parameters[-1] = parameters[-1][1:]
    return text(words[0], 32).upper(), parameters


def _address(word: bytes) -> str | None:
    """Address of a DCC offer: a number, or an address as text."""
    try:
        if word.isdigit():
            return str(ipaddress.IPv4Address(int(word[:12])))
        return str(ipaddress.ip_address(word[:64].decode("ascii")))
    except ValueError:
        return None


_FIRST: Final = frozenset({b"N", b"J", b"C", b"U", b"P", b":"})  # of all those words


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A client's first words, or a server's first notice; USER and PASS belong to others too."""
    del side
    head = data[:512]
    if head[:1] not in _FIRST or b"\n" not in head:
        return False
    if head[:5] in {b"NICK ", b"JOIN "} or head[:7] in {b"CAP LS\r", b"CAP LS ", b"CAP LS\n"}:
        return True
    if head[:12] == b"NOTICE AUTH ":
        return True
    first = head.partition(b"\n")[0]
    if head[:1] == b":":
        return b" NOTICE " in first or b" 001 " in first or b" 020 " in first
    if head[:5] in {b"USER ", b"PASS "}:
        return b"\nNICK " in head or b" :" in first or 6660 <= flow.destination_port <= 6669
    return False


PROTOCOL = Protocol(
    name="irc",
    title="Internet Relay Chat",
    standard="RFC 1459, RFC 2812",
    transports=frozenset({"tcp"}),
    ports=frozenset({6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 7000}),
    session=IrcSession,
    recognises=recognises,
    datasets={
        "irc": (
            "user.name", "file.name", "irc.nick", "irc.user", "irc.command", "irc.value",
            "irc.addl", "irc.password_seen", "irc.dcc_file_name", "irc.dcc_file_size",
            "irc.dcc_address", "irc.dcc_port",
        )
    },
    upgrades=True,
)  # fmt: skip
