"""Dissecting a small pcap with tshark, for the packets page of the console.

tshark reads hostile bytes with a very large amount of C: so it runs on a bounded slice only, without
name resolution, without the user's own configuration, with limits on time and output, and its XML
is read by expat with document types refused.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from fengsui.clock import SECOND
from fengsui.errors import InputError, MissingToolError, NotFoundError

MAX_PCAP: Final = 8_000_000
_MAX_OUTPUT: Final = 32_000_000
_SECONDS: Final = 30.0
_MAX_NODES: Final = 20_000
_COLUMNS: Final = 7  # number, time, source, destination, protocol, length, info
_ROW: Final = 16
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it


@dataclass(frozen=True, slots=True)
class PacketRow:
    """One line of the packet list; `time` in ns since the epoch."""

    number: int
    time: int
    source: str
    destination: str
    protocol: str
    length: int
    info: str


@dataclass(slots=True)
class Node:
    """A layer or field: the label that Wireshark shows, its filter name, and what is in it."""

    label: str
    name: str
    value: str = ""
    children: list[Node] = field(default_factory=list["Node"])


@dataclass(frozen=True, slots=True)
class HexRow:
    """16 bytes of the packet: offset, hexadecimal, printable characters."""

    offset: int
    hex: str
    text: str


def available() -> bool:
    """Whether tshark is installed."""
    return shutil.which("tshark") is not None


def packet_list(pcap: bytes) -> list[PacketRow]:
    """One row a packet.

    Raises:
        MissingToolError: tshark is not installed.
        InputError: the pcap is too large, or tshark cannot read it or takes too long.
    """
    reader = _ListReader()
    _parse(_tshark(pcap, ["-T", "psml", "-t", "e"]), reader)
    return reader.rows


def packet_detail(pcap: bytes, number: int) -> tuple[list[Node], list[HexRow]]:
    """Layers of packet `number` (from 1), and its bytes.

    Raises:
        NotFoundError: there is no such packet.
        MissingToolError, InputError: as for `packet_list`.
    """
    data = _record(pcap, number)
    reader = _DetailReader()
    _parse(_tshark(pcap, ["-T", "pdml", "-Y", f"frame.number=={number}"]), reader)
    return reader.layers, hex_rows(data)


def hex_rows(data: bytes) -> list[HexRow]:
    """Bytes in rows of 16."""
    rows: list[HexRow] = []
    for offset in range(0, len(data), _ROW):
        part = data[offset : offset + _ROW]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        rows.append(HexRow(offset, part.hex(" "), text))
    return rows


def _record(pcap: bytes, number: int) -> bytes:
    """Bytes of one packet of a little-endian pcap, as `sensors.packet.slice` writes it."""
    at = 24
    for _ in range(number - 1):
        if at + 16 > len(pcap):
            break
        at += 16 + struct.unpack_from("<I", pcap, at + 8)[0]
    if number < 1 or at + 16 > len(pcap):
        raise NotFoundError(
            f"the slice has no packet {number}", next="choose a number of the packet list"
        )
    return pcap[at + 16 : at + 16 + struct.unpack_from("<I", pcap, at + 8)[0]]


def _tshark(pcap: bytes, arguments: list[str]) -> bytes:
    program = shutil.which("tshark")
    if program is None:
        raise MissingToolError(
            "tshark is not installed, so packets cannot be dissected",
            next="Debian: apt-get install tshark; macOS: brew install wireshark",
            code="missing_tshark",
        )
    if len(pcap) > MAX_PCAP:
        raise InputError(
            f"the slice is too large to dissect: {len(pcap)} bytes",
            next=f"take at most {MAX_PCAP} bytes",
            code="too_large",
        )
    # Packets that are sealed at rest are not to lie on a disk in the clear meanwhile.
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="fengsui-", dir=memory) as folder:
        path = Path(folder, "slice.pcap")
        path.write_bytes(pcap)
        command = [program, "-n", "-r", str(path), "-t", "r", *arguments]
        return _bounded_output(command, folder)


def _bounded_output(command: list[str], home: str) -> bytes:
    """Standard output of a command that may be neither slow nor talkative."""
    environment = {"HOME": home, "XDG_CONFIG_HOME": home, "LC_ALL": "C.UTF-8"}
    with (
        Path(home, "errors").open("w+b") as errors,
        subprocess.Popen(  # noqa: S603 - a list of our own, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        timer = threading.Timer(_SECONDS, process.kill)
        timer.start()
        try:
            output = process.stdout.read(_MAX_OUTPUT + 1)
            if len(output) > _MAX_OUTPUT:
                process.kill()
        finally:
            in_time = timer.is_alive()
            timer.cancel()
        status = process.wait()
        errors.seek(0)
        said = errors.read(500).decode("utf-8", "replace").strip()
    if len(output) > _MAX_OUTPUT or not in_time:
        what = "gives too much" if in_time else "takes too long"
        raise InputError(
            f"dissecting the slice {what}", next="take fewer packets", code="dissect_limit"
        )
    if status != 0:
        raise InputError(f"tshark cannot read the slice: {said}", code="dissect_failed")
    return output


class _Reader:
    """What expat calls; the two forms differ in what they collect."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters between."""


class _ListReader(_Reader):
    """PSML: a `packet` with a `section` for each column."""

    def __init__(self) -> None:
        self.rows: list[PacketRow] = []
        self._cells: list[str] = []
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        if name == "packet":
            self._cells = []
        self._inside = name == "section"
        if self._inside:
            self._cells.append("")

    def text(self, data: str) -> None:
        if self._inside and self._cells:
            self._cells[-1] += data

    def end(self, name: str) -> None:
        self._inside = False
        if name == "packet" and len(self._cells) >= _COLUMNS:
            number, time, source, destination, protocol, length, info = self._cells[:_COLUMNS]
            self.rows.append(
                PacketRow(
                    int(number),
                    _nanoseconds(time),
                    source,
                    destination,
                    protocol,
                    int(length),
                    info,
                )
            )


def _nanoseconds(seconds: str) -> int:
    whole, _, fraction = seconds.partition(".")
    return int(whole) * SECOND + int(fraction[:9].ljust(9, "0"))


class _DetailReader(_Reader):
    """PDML: `proto` with nested `field`s; hidden ones are left out."""

    def __init__(self) -> None:
        self.layers: list[Node] = []
        self._open: list[Node | None] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name not in {"proto", "field"}:
            return
        self._count += 1
        hidden = attributes.get("hide") == "yes" or attributes.get("name") == "geninfo"
        inside_hidden = bool(self._open) and self._open[-1] is None
        if hidden or inside_hidden or self._count > _MAX_NODES:
            self._open.append(None)
            return
        label = attributes.get("showname") or attributes.get("show") or attributes.get("name", "")
        node = Node(label, attributes.get("name", ""), attributes.get("show", ""))
        above = self._open[-1] if self._open else None
        (above.children if above is not None else self.layers).append(node)
        self._open.append(node)

    def end(self, name: str) -> None:
        if name in {"proto", "field"}:
            self._open.pop()


def _parse(document: bytes, reader: _Reader) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise InputError(f"tshark gave no proper XML: {error}", code="dissect_failed") from error


def _refuse(*_: Any) -> None:
    raise InputError("tshark gave XML with a document type", code="dissect_failed")
