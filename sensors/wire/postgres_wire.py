"""PostgreSQL's messages: their letters, the fields of errors, and how a first one is told.

Defined in the PostgreSQL manual, "Message Formats" and "Error and Notice Message Fields".
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from sensors.protocol import Flow
from sensors.wire.reader import text

SSL, GSS, CANCEL = 80_877_103, 80_877_104, 80_877_102
FRONT: Final = frozenset(b"BCcDdEfFHPpQSX")
BACK: Final = frozenset(b"R K S 1 2 3 C D E G H I N n s t T V W Z A c d v f".replace(b" ", b""))
MAX_STATEMENTS: Final = 256  # prepared statements, or portals, that are remembered
SYNC: Final = "sync"  # only a place in the order of answers, no event of its own
AUTH: Final = {
    2: "KerberosV5", 3: "CleartextPassword", 5: "MD5Password", 7: "GSSAPI", 8: "GSSAPIContinue",
    9: "SSPI", 10: "SASL", 11: "SASLContinue", 12: "SASLFinal",
}  # fmt: skip
_ERROR_FIELDS: Final = {
    "S": "SeverityLocalized", "V": "Severity", "C": "Code", "M": "Message", "D": "Detail",
    "H": "Hint", "P": "Position", "p": "InternalPosition", "q": "InternalQuery", "W": "Where",
    "s": "Schema", "t": "Table", "c": "Column", "d": "Data", "n": "Constraint", "F": "File",
    "L": "Line", "R": "Routine",
}  # fmt: skip


@dataclass(slots=True)
class Deed:
    """Something asked for, and what has come of it so far."""

    frontend: str
    time: int
    arg: str = ""
    backend: str = ""
    backend_args: list[str] = field(default_factory=list[str])
    success: bool | None = None
    rows: int | None = None
    tags: list[str] = field(default_factory=list[str])
    code: str = ""
    size: int = 0
    synced: bool = True  # ends with the server being ready
    over: int = 0  # time of the last answer


def identified(body: bytes) -> list[str]:
    """`Name=value` of an error's or notice's fields, in their order."""
    found: list[str] = []
    for part in body.split(b"\0")[:32]:
        if part:
            name = chr(part[0])
            found.append(
                f"{_ERROR_FIELDS.get(name, 'UnknownErrorId' + name)}={text(part[1:], 512)}"
            )
    return found


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A start-up, a request for TLS, a simple query; or a server's messages up to the last byte."""
    del side
    if len(data) < 8:
        return False
    if data[0] == 0:
        size, code = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        if code in (SSL, GSS):
            return size == 8 == len(data)
        if code == CANCEL:
            return size == 16 == len(data)
        return code in (0x30000, 0x30002) and size == len(data) and b"user\0" in data[8:]
    if data[:1] == b"Q":
        return int.from_bytes(data[1:5], "big") == len(data) - 1 and data[-1] == 0 and _sql(data)
    if data[:1] in (b"P", b"T", b"R", b"1", b"E", b"C"):
        ports = (flow.source_port, flow.destination_port)
        return _walks(data, FRONT if data[:1] == b"P" else BACK, 2 if 5432 in ports else 3)
    return False


def _sql(data: bytes) -> bool:
    words = data[5:-1].lstrip()[:24]
    return words[:3].isalpha() and words.replace(b"\n", b" ").isascii()


def _walks(data: bytes, kinds: frozenset[int], least: int) -> bool:
    """Whether the bytes are at least so many whole messages, and nothing else."""
    at = found = 0
    while at + 5 <= len(data) and data[at] in kinds:
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        if size < 4:
            return False
        at += 1 + size
        found += 1
    return at == len(data) and found >= least


def remember(table: OrderedDict[bytes, str], name: bytes, words: str) -> None:
    """Remember a statement or portal; of too many the oldest is forgotten."""
    table[name[:128]] = words
    table.move_to_end(name[:128])
    if len(table) > MAX_STATEMENTS:
        table.popitem(last=False)
