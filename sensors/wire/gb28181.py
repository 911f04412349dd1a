"""What GB/T 28181 puts into SIP: device ids, MANSCDP commands, and what a call is for.

The bodies are small XML documents, mostly in GB 2312; they are searched for the few elements that
matter and never parsed as XML.
"""

from __future__ import annotations

import re
from typing import Final

from fengsui.event import Value
from sensors.wire.reader import text

FIELDS: Final = (
    "gb28181.message_type", "gb28181.command", "gb28181.sn", "gb28181.device_id",
    "gb28181.from_id", "gb28181.to_id", "gb28181.status", "gb28181.result", "gb28181.ptz_command",
    "gb28181.session", "gb28181.ssrc", "gb28181.item_ids",
)  # fmt: skip
_LONGEST: Final = 16 * 1024
_ID: Final = re.compile(r"sips?:(\d{18,20})(?:@|$)", re.I)
_ROOT: Final = re.compile(rb"<(Query|Control|Notify|Response)\b")
_ELEMENT: Final = re.compile(
    rb"<(CmdType|SN|DeviceID|Status|Result|PTZCmd)\s*>\s*([^<]{0,256}?)\s*</"
)
_NAMES: Final = {
    b"CmdType": "gb28181.command", b"SN": "gb28181.sn", b"DeviceID": "gb28181.device_id",
    b"Status": "gb28181.status", b"Result": "gb28181.result", b"PTZCmd": "gb28181.ptz_command",
}  # fmt: skip


def device_id(uri: str) -> str:
    """The 20 (in older systems 18) digits of a device in a SIP URI, or ""."""
    match = _ID.search(uri[:512])
    return match.group(1) if match else ""


def is_manscdp(content_type: str) -> bool:
    """Whether a body is a MANSCDP document."""
    return "manscdp" in content_type.lower()


def manscdp(body: bytes) -> dict[str, Value | None]:
    """Fields of a MANSCDP document; the first of each element is that of the message itself."""
    body = body[:_LONGEST]
    found: dict[str, Value | None] = {}
    items: list[str] = []
    root = _ROOT.search(body)
    if root:
        found["gb28181.message_type"] = root.group(1).decode("ascii").lower()
    for match in _ELEMENT.finditer(body):
        name = _NAMES[match.group(1)]
        value = text(match.group(2), 256)
        if name not in found:
            found[name] = value
        elif name == "gb28181.device_id" and len(items) < 64:
            items.append(value)
    found["gb28181.item_ids"] = items
    return found


def session_of(body: bytes) -> dict[str, Value | None]:
    """What an SDP body asks for: `s=` Play, Playback, Download, Talk; `y=` the SSRC."""
    found: dict[str, Value | None] = {}
    for raw in body[:4096].split(b"\n", 64):
        if raw[:2] == b"s=":
            found["gb28181.session"] = text(raw[2:].strip(), 64)
        elif raw[:2] == b"y=":
            found["gb28181.ssrc"] = text(raw[2:].strip(), 32)
    return found if "gb28181.ssrc" in found else {}
