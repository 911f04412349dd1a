"""What a body is, by its first bytes. Numbers are places in `sensors.packet.texts.MIMES`."""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes
from sensors.packet.texts import BLOB, MIME_NUMBER, TEXT_MAGIC, TEXT_MAGIC_MIMES

_N = MIME_NUMBER
EXE, ZIP, PDF, GIF, PNG = (
    _N["application/x-dosexec"], _N["application/zip"], _N["application/pdf"], _N["image/gif"],
    _N["image/png"],
)  # fmt: skip
JPEG, CAB, RAR, SEVEN, GZIP = (
    _N["image/jpeg"], _N["application/vnd.ms-cab-compressed"], _N["application/x-rar"],
    _N["application/x-7z-compressed"], _N["application/x-gzip"],
)  # fmt: skip
ELF, FLASH, OLE, JAVA, WEBP = (
    _N["application/x-executable"], _N["application/x-shockwave-flash"], _N["application/msword"],
    _N["application/x-java-applet"], _N["image/webp"],
)  # fmt: skip
ICON, MACH, XZ, BZIP2, MP4, MP3, LNK = (
    _N["image/x-icon"], _N["application/x-mach-o-executable"], _N["application/x-xz"],
    _N["application/x-bzip2"], _N["video/mp4"], _N["audio/mpeg"], _N["application/x-ms-shortcut"],
)  # fmt: skip
JSON: Final = _N["text/json"]
SCRIPT: Final = _N["text/x-shellscript"]
RTF: Final = _N["text/rtf"]


@compiled
def sniff(mem: Bytes, at: int, end: int) -> int:
    """Number of the media type, 0 where the bytes do not tell."""
    size = end - at
    if size < 4:
        return 0
    word = read32(mem, at, 1)
    found = _binary(mem, at, end, word)
    if found:
        return found
    return _textual(mem, at, end)


@compiled
def _binary(mem: Bytes, at: int, end: int, word: int) -> int:
    half = word >> 16
    if half == 0x4D5A:  # MZ; a program has zeros in its header, a word that begins so has not
        for i in range(at + 2, min(end, at + 64)):
            if mem[i] == 0:
                return EXE
        return 0
    if word == 0x504B0304 or word == 0x504B0506:
        return ZIP
    if word == 0x25504446:
        return PDF
    if word == 0x47494638:
        return GIF
    if word == 0x89504E47:
        return PNG
    if word >> 8 == 0xFFD8FF:
        return JPEG
    if word == 0x4D534346:
        return CAB
    if word == 0x52617221:
        return RAR
    if word == 0x377ABCAF:
        return SEVEN
    if word >> 8 == 0x1F8B08:
        return GZIP
    if word == 0x7F454C46:
        return ELF
    first = word >> 24
    if (first == 70 or first == 67 or first == 90) and (word >> 8) & 0xFFFF == 0x5753:
        return FLASH if word & 255 < 64 else 0
    if word == 0xD0CF11E0:
        return OLE
    return _binary_more(mem, at, end, word)


@compiled
def _binary_more(mem: Bytes, at: int, end: int, word: int) -> int:
    if word == 0xCAFEBABE:
        return JAVA
    if word == 0xFEEDFACE or word == 0xFEEDFACF or word == 0xCFFAEDFE or word == 0xCEFAEDFE:
        return MACH
    if word == 0xFD377A58:
        return XZ
    if word >> 8 == 0x425A68:
        return BZIP2
    if word >> 8 == 0x494433:
        return MP3
    if word == 0x4C000000 and end - at >= 8 and read32(mem, at + 4, 1) == 0x01140200:
        return LNK
    if end - at >= 12:
        if word == 0x52494646 and read32(mem, at + 8, 1) == 0x57454250:
            return WEBP
        if read32(mem, at + 4, 1) == 0x66747970:
            return MP4
        if word == 0x00000100 and read16(mem, at + 4, 0) < 32 and mem[at + 9] == 0:
            return ICON
    return 0


@compiled
def _textual(mem: Bytes, at: int, end: int) -> int:
    if end - at >= 3 and mem[at] == 0xEF and mem[at + 1] == 0xBB and mem[at + 2] == 0xBF:
        at += 3
    while at < end and (mem[at] == 32 or (mem[at] >= 9 and mem[at] <= 13)):
        at += 1
    if at >= end:
        return 0
    if mem[at] == 123:  # {
        i = at + 1
        while i < end and (mem[i] == 32 or (mem[i] >= 9 and mem[i] <= 13)):
            i += 1
        if i < end and mem[i] == 34:
            return JSON
        return RTF if end - at > 5 and read32(mem, at + 1, 1) == 0x5C727466 else 0
    for i in range(len(TEXT_MAGIC)):
        if _begins(mem, at, end, TEXT_MAGIC[i]):
            return i64(TEXT_MAGIC_MIMES[i])
    return 0


@compiled
def _begins(mem: Bytes, at: int, end: int, words: int) -> bool:
    """Whether the bytes begin with a text, whatever the case."""
    start = words >> 12
    size = words & 4095
    if end - at < size:
        return False
    for i in range(size):
        byte = i64(mem[at + i])
        if byte >= 65 and byte <= 90:
            byte += 32
        if byte != BLOB[start + i]:
            return False
    return True
