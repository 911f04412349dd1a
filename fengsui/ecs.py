"""Registry of the fields that events may carry: ECS names where ECS has one, Zeek's or ours where not.

The tables are `fields/*.csv`, one a family: name, type, whether it is a list, description. A test
holds every emitted field against them.
"""

from __future__ import annotations

import csv
import ipaddress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from fengsui.event import Fields, Value

FieldType = Literal["keyword", "text", "ip", "long", "float", "boolean", "date"]

DATASETS: tuple[str, ...] = (
    "flow",
    "flow_open",
    "dns",
    "http",
    "tls",
    "ids",
    "ssh",
    "smb_files",
    "smb_mapping",
    "smb",
    "dce_rpc",
    "kerberos",
    "ntlm",
    "files",
    "notice",
    "quic",
    "ldap",
    "rdp",
    "smtp",
    "imap",
    "pop3",
    "ftp",
    "tftp",
    "telnet",
    "irc",
    "snmp",
    "dhcp",
    "ntp",
    "radius",
    "syslog",
    "mysql",
    "postgresql",
    "tds",
    "redis",
    "mongodb",
    "memcached",
    "mqtt",
    "amqp",
    "coap",
    "sip",
    "rtsp",
    "ws_discovery",
    "ssdp",
    "modbus",
    "s7comm",
    "dnp3",
    "iec104",
    "bacnet",
    "opcua",
    "enip",
    "xmpp",
    "socks",
    "wireguard",
    "openvpn",
    "ike",
    "stun",
    "bittorrent",
    "vnc",
    "nfs",
    "rsync",
    "git",
    "other",
)


TABLES: tuple[Path, ...] = tuple(sorted((Path(__file__).parent / "fields").glob("*.csv")))


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table."""

    name: str
    type: FieldType
    is_list: bool
    description: str


@cache
def registry() -> dict[str, Field]:
    """All fields by name, in the order of the tables."""
    found: dict[str, Field] = {}
    for path in TABLES:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                kind = cast("FieldType", row["type"])
                found[row["name"]] = Field(
                    row["name"], kind, row["list"] == "yes", row["description"]
                )
    return found


def faults(fields: Fields) -> list[str]:
    """What the registry objects to in an event's fields: unknown names and values of another type."""
    found: list[str] = []
    known = registry()
    for name, value in fields.items():
        field = known.get(name)
        if field is None:
            found.append(f"{name}: not in the registry")
        elif isinstance(value, list) and not field.is_list:
            found.append(f"{name}: a list where one value is expected")
        elif field.is_list and not isinstance(value, list):
            found.append(f"{name}: one value where a list is expected")
        else:
            values = cast("list[Value]", value if isinstance(value, list) else [value])
            found += [
                f"{name}: {one!r} is no {field.type}"
                for one in values
                if not _fits(one, field.type)
            ]
    return found


def _fits(value: object, kind: FieldType) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in {"long", "float"}:
        return isinstance(value, int if kind == "long" else float | int) and not isinstance(
            value, bool
        )
    if not isinstance(value, str):
        return False
    if kind == "ip":
        try:
            ipaddress.ip_address(value)
        except ValueError:
            return False
    return True
