"""Interfaces of DCE/RPC and their operations by name, out of `rpc_interfaces.csv`.

A row: the interface's UUID, its name, where it is defined, and the names of its operations in the
order of their numbers; `@n` goes on with number n. Names are those that Zeek's users know.
"""

from __future__ import annotations

import csv
import uuid
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("rpc_interfaces.csv")

# Calls that only prepare others: Zeek leaves them out, and so do we.
PREPARING: Final = frozenset(
    {("winreg", name) for name in (
        "BaseRegCloseKey", "BaseRegGetVersion", "BaseRegOpenKey", "BaseRegQueryValue",
        "BaseRegDeleteKeyEx", "OpenLocalMachine", "BaseRegEnumKey", "OpenClassesRoot",
    )}
    | {("spoolss", "RpcSplOpenPrinter"), ("spoolss", "RpcClosePrinter")}
    | {("wkssvc", "NetrWkstaGetInfo")}
)  # fmt: skip

# Interface that a pipe usually carries, for where the bind was not seen.
_PIPES: Final = {
    "winreg": "338cd001-2244-31f1-aaaa-900038001003",
    "spoolss": "12345678-1234-abcd-ef00-0123456789ab",
    "srvsvc": "4b324fc8-1670-01d3-1278-5a47bf6ee188",
    "wkssvc": "6bffd098-a112-3610-9833-46c3f87e345a",
    "svcctl": "367abb81-9844-35f1-ad32-98f038001003",
    "samr": "12345778-1234-abcd-ef00-0123456789ac",
    "netlogon": "12345678-1234-abcd-ef00-01234567cffb",
    "netdfs": "4fc742e0-4a10-11cf-8273-00aa004ae673",
    "eventlog": "82273fdc-e32a-18c3-3f78-827929dc23ea",
    "efsrpc": "df1941c5-fe89-4e79-bf10-463657acf44d",
}


@cache
def _table() -> dict[str, tuple[str, dict[int, str]]]:
    found: dict[str, tuple[str, dict[int, str]]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names: dict[int, str] = {}
            number = 0
            for word in row["operations"].split():
                if word[0] == "@":
                    number = int(word[1:])
                    continue
                names[number] = word
                number += 1
            found[row["uuid"]] = (row["endpoint"], names)
    return found


def endpoint(interface: str) -> str:
    """Name of an interface; `unknown-` and its UUID for one that is not in the table."""
    known = _table().get(interface)
    return known[0] if known else f"unknown-{interface}"


def operation(interface: str, number: int) -> str:
    """Name of an interface's operation; `unknown-` and its number for one that is not."""
    known = _table().get(interface)
    return known[1].get(number, f"unknown-{number}") if known else f"unknown-{number}"


def of_pipe(name: str) -> str:
    """UUID of the interface that a pipe usually carries, or ""."""
    return _PIPES.get(name.lower().rpartition("\\")[2], "")


@lru_cache(maxsize=512)
def uuid_text(data: bytes, order: str) -> str:
    """A UUID of 16 bytes as text; its first three parts are in `order` (`little` or `big`)."""
    one = uuid.UUID(bytes_le=data) if order == "little" else uuid.UUID(bytes=data)
    return str(one)
