"""FTP's data channel: the addresses that its commands and replies name, and paths (RFC 959, 2428)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

_NUMBERS: Final = re.compile(rb"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})")
_SLASHES: Final = re.compile(r"/(?:\.?/)+")


@dataclass(slots=True)
class Transfer:
    """What a data channel is for; filled when the command comes, which may be after its opening."""

    command: str = ""
    name: str = ""
    path: str = ""
    size: int | None = None


def numbered(data: bytes) -> tuple[str, int] | None:
    """Address and port of `h1,h2,h3,h4,p1,p2` in PORT and in the reply to PASV."""
    match = _NUMBERS.search(data[:512])
    if match is None:
        return None
    parts = [int(one) for one in match.groups()]
    if any(one > 255 for one in parts):
        return None
    return ".".join(str(one) for one in parts[:4]), parts[4] << 8 | parts[5]


def delimited(data: bytes) -> tuple[str, int] | None:
    """Address ("" where it is left out) and port of `|1|192.0.2.1|6275|`, in EPRT and after EPSV."""
    data = data[data.find(b"(") + 1 :][:128].strip()
    parts = data.split(data[:1]) if data else []
    if len(parts) < 4 or not parts[3].isdigit() or int(parts[3]) > 65_535:
        return None
    if not parts[2]:
        return "", int(parts[3])
    try:
        address = str(ipaddress.ip_address(parts[2].decode("ascii")))
    except (ValueError, UnicodeDecodeError):
        return None
    return address, int(parts[3])


def joined(folder: str, name: str) -> str:
    """Path of a name seen from a folder, with double slashes and `..` taken out."""
    path = name if name.startswith("/") else f"{folder.rstrip('/')}/{name}" if folder else name
    path = _SLASHES.sub("/", path)
    if "/.." not in path:
        return path
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] not in {"", ".", ".."}:
            kept.pop()
        elif part != ".." or kept != [""]:
            kept.append(part)
    return "/".join(kept) or "/"


def quoted(data: bytes) -> bytes:
    """The path between quotes of a reply 257 (RFC 959 appendix II)."""
    first, last = data.find(b'"'), data.rfind(b'"')
    return data[first + 1 : last].replace(b'""', b'"') if 0 <= first < last else b""
