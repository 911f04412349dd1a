"""The user data of RDP's MCS connect (MS-RDPBCGR 2.2.1.3 and 2.2.1.4): what client and server are.

T.124 wraps the blocks in packed encoding; they are found by the H.221 key in front of them
(`Duca` of the client, `McDn` of the server), as its optional parts differ between clients.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import WireError
from sensors.wire.reader import Reader, text, utf16
from sensors.wire.windows_locales import keyboard

BUILDS: Final = {
    419: "RDP 4.0", 2195: "RDP 5.0", 2221: "RDP 5.0", 2600: "RDP 5.1", 3790: "RDP 5.2",
    6000: "RDP 6.0", 6001: "RDP 6.1", 6002: "RDP 6.2", 7600: "RDP 7.0", 7601: "RDP 7.1",
    9200: "RDP 8.0", 9600: "RDP 8.1", 25189: "RDP 8.0 (Mac)", 25282: "RDP 8.0 (Mac)",
}  # fmt: skip
_DEPTHS: Final = {4: "4bit", 8: "8bit", 15: "15bit", 16: "16bit", 24: "24bit"}
_METHODS: Final = {0: "None", 1: "40bit", 2: "128bit", 8: "56bit", 16: "FIPS"}
_LEVELS: Final = {0: "None", 1: "Low", 2: "Client compatible", 3: "High", 4: "FIPS"}
_RESULTS: Final = {
    0: "Success", 1: "User rejected", 2: "Resources not available",
    3: "Rejected for symmetry breaking", 4: "Locked conference",
}  # fmt: skip
_MOST_CHANNELS: Final = 31

Fields = dict[str, Value | None]


def client(data: bytes) -> Fields:
    """Fields of the blocks of a connect-initial.

    Raises:
        WireError: there are none.
    """
    fields: Fields = {}
    for kind, block in _blocks(data, b"Duca"):
        if kind == 0xC001:
            _core(block, fields)
        elif kind == 0xC003:
            count = min(block.le32(), _MOST_CHANNELS)
            names = [text(block.take(12)[:8].split(b"\0")[0]) for _ in range(count)]
            fields["rdp.client_channels"] = [name for name in names if name]
    return fields


def server(data: bytes) -> Fields:
    """Fields of the blocks of a connect-response.

    Raises:
        WireError: there are none.
    """
    fields: Fields = {}
    place = data.find(b"McDn")
    if place >= 4 and data[place - 4] < 5:
        fields["rdp.result"] = _RESULTS[data[place - 4]]
    for kind, block in _blocks(data, b"McDn"):
        if kind == 0x0C02:
            _security(block, fields)
    return fields


def _blocks(data: bytes, key: bytes) -> list[tuple[int, Reader]]:
    place = data.find(key)
    if place < 0:
        raise WireError("no_user_data")
    reader = Reader(data, place + 4)
    size = reader.u8()
    if size & 0x80:
        reader.u8()
    found: list[tuple[int, Reader]] = []
    while reader.left >= 4 and len(found) < 16:
        kind, size = reader.le16(), reader.le16()
        if size < 4:
            break
        found.append((kind, reader.part(min(size - 4, reader.left))))
    return found


def _core(block: Reader, fields: Fields) -> None:
    block.skip(4)
    fields["rdp.desktop_width"], fields["rdp.desktop_height"] = block.le16(), block.le16()
    block.skip(4)
    fields["rdp.keyboard_layout"] = keyboard(block.le32())
    build = block.le32()
    fields["rdp.client_build"] = BUILDS.get(build, f"client_build-{build}")
    fields["rdp.client_name"] = _letters(block.take(32))
    if block.left < 76 + 14:
        return
    block.skip(12 + 64 + 8)
    depth = block.le16()
    block.skip(2)
    flags = block.le16()
    fields["rdp.requested_color_depth"] = (
        "32bit" if flags & 2 else _DEPTHS.get(depth, f"high_color_depth-{depth}")
    )
    if block.left >= 64:
        fields["rdp.client_dig_product_id"] = _letters(block.take(64))


def _letters(data: bytes) -> str:
    return utf16(data).partition("\0")[0]


def _security(block: Reader, fields: Fields) -> None:
    method, level = block.le32(), block.le32()
    fields["rdp.encryption_method"] = _METHODS.get(method, f"encryption_method-{method}")
    fields["rdp.encryption_level"] = _LEVELS.get(level, f"encryption_level-{level}")
    if block.left < 8:
        return
    random, size = block.le32(), block.le32()
    block.skip(random)
    if size < 8 or block.left < 8:
        return
    version = block.le32()
    kind = version & 0x7FFFFFFF
    fields["rdp.cert_type"] = {1: "RSA", 2: "X.509"}.get(kind, f"cert_type-{kind}")
    fields["rdp.cert_permanent"] = not version & 0x80000000
    fields["rdp.cert_count"] = min(block.le32(), 16) if kind == 2 else 1
