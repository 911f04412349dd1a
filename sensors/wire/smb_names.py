"""Words of SMB: commands, dialects, status codes (MS-ERREF), control codes (MS-FSCC), as EVE spells them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("smb_codes.csv")

SMB2_COMMANDS: Final = (
    "SMB2_COMMAND_NEGOTIATE_PROTOCOL", "SMB2_COMMAND_SESSION_SETUP", "SMB2_COMMAND_SESSION_LOGOFF",
    "SMB2_COMMAND_TREE_CONNECT", "SMB2_COMMAND_TREE_DISCONNECT", "SMB2_COMMAND_CREATE",
    "SMB2_COMMAND_CLOSE", "SMB2_COMMAND_FLUSH", "SMB2_COMMAND_READ", "SMB2_COMMAND_WRITE",
    "SMB2_COMMAND_LOCK", "SMB2_COMMAND_IOCTL", "SMB2_COMMAND_CANCEL", "SMB2_COMMAND_KEEPALIVE",
    "SMB2_COMMAND_FIND", "SMB2_COMMAND_CHANGE_NOTIFY", "SMB2_COMMAND_GET_INFO",
    "SMB2_COMMAND_SET_INFO", "SMB2_COMMAND_OPLOCK_BREAK",
)  # fmt: skip
SMB1_COMMANDS: Final = {
    number: "SMB1_COMMAND_" + word
    for number, word in {
        0x00: "CREATE_DIRECTORY", 0x01: "DELETE_DIRECTORY", 0x02: "OPEN", 0x03: "CREATE",
        0x04: "CLOSE", 0x05: "FLUSH", 0x06: "DELETE", 0x07: "RENAME", 0x08: "QUERY_INFORMATION",
        0x09: "SET_INFORMATION", 0x0A: "READ", 0x0B: "WRITE", 0x0C: "LOCK_BYTE_RANGE",
        0x0D: "UNLOCK_BYTE_RANGE", 0x0E: "CREATE_TEMPORARY", 0x0F: "CREATE_NEW",
        0x10: "CHECK_DIRECTORY", 0x11: "PROCESS_EXIT", 0x12: "SEEK", 0x13: "LOCK_AND_READ",
        0x14: "WRITE_AND_UNLOCK", 0x24: "LOCKING_ANDX", 0x25: "TRANS", 0x2B: "ECHO",
        0x2C: "WRITE_AND_CLOSE", 0x2D: "OPEN_ANDX", 0x2E: "READ_ANDX", 0x2F: "WRITE_ANDX",
        0x32: "TRANS2", 0x33: "TRANS2_SECONDARY", 0x34: "FIND_CLOSE2", 0x71: "TREE_DISCONNECT",
        0x72: "NEGOTIATE_PROTOCOL", 0x73: "SESSION_SETUP_ANDX", 0x74: "LOGOFF_ANDX",
        0x75: "TREE_CONNECT_ANDX", 0x80: "QUERY_INFO_DISK", 0xA0: "NT_TRANS",
        0xA1: "NT_TRANS_SECONDARY", 0xA2: "NT_CREATE_ANDX", 0xA4: "NT_CANCEL",
    }.items()
}  # fmt: skip
DIALECTS: Final = {
    0x0202: "2.02", 0x0210: "2.10", 0x0222: "2.22", 0x0224: "2.24", 0x02FF: "2.??", 0x0300: "3.00",
    0x0302: "3.02", 0x0310: "3.10", 0x0311: "3.11",
}  # fmt: skip
DISPOSITIONS: Final = (
    "FILE_SUPERSEDE", "FILE_OPEN", "FILE_CREATE", "FILE_OPEN_IF", "FILE_OVERWRITE",
    "FILE_OVERWRITE_IF",
)  # fmt: skip
SHARES: Final = {1: "DISK", 2: "PIPE", 3: "PRINT"}

SUCCESS: Final = 0
PENDING: Final = 0x103
BUFFER_OVERFLOW: Final = 0x8000_0005
MORE_PROCESSING: Final = 0xC000_0016


@cache
def _codes() -> dict[tuple[str, int], str]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["kind"], int(row["code"], 16)): row["name"] for row in csv.DictReader(file)}


def status_names() -> dict[int, str]:
    """Names by NTSTATUS."""
    return {code: name for (kind, code), name in _codes().items() if kind == "status"}


def status_name(code: int) -> str:
    """Name of an NTSTATUS; its number where it has none."""
    return _codes().get(("status", code)) or str(code)


def control_name(code: int) -> str:
    """Name of a file system control code; 0x… where it has none."""
    return _codes().get(("fsctl", code)) or f"0x{code:08x}"


def dialect_name(code: int) -> str:
    """Name of an SMB2 dialect."""
    return DIALECTS.get(code) or str(code)


def command_name(code: int) -> str:
    """Name of an SMB2 command."""
    return SMB2_COMMANDS[code] if code < len(SMB2_COMMANDS) else str(code)
