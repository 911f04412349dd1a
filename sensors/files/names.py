"""Names of carried files: from Content-Disposition (RFC 6266), else from the URL's path."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from sensors.wire.reader import text

_MOST: Final = 255
_EXTENDED: Final = re.compile(
    r"filename\*\s*=\s*([\w!#$%&+^`{}~-]{0,40})'[\w-]{0,40}'([^\s;\"]{1,1024})", re.I
)
_QUOTED: Final = re.compile(r'filename\s*=\s*"((?:[^"\\\r\n]|\\.){0,1024})"', re.I)
_PLAIN: Final = re.compile(r"filename\s*=\s*([^\s;\"]{1,1024})", re.I)


def disposition_name(header: str) -> str:
    """File name of a Content-Disposition, without folders; "" where it has none."""
    header = header[:4096]
    found = _EXTENDED.search(header)
    if found:
        raw = unquote_to_bytes(found[2])
        try:
            return base_name(raw.decode(found[1] or "utf-8", "replace"))
        except LookupError:
            return base_name(text(raw))
    found = _QUOTED.search(header)
    if found:
        # Browsers send a backslash as it is, so that it escapes a quotation mark only.
        return base_name(found[1].replace('\\"', '"'))
    found = _PLAIN.search(header)
    return base_name(found[1]) if found else ""


def url_name(path: str) -> str:
    """Last segment of a URL's path, its percent signs undone; "" for a folder."""
    path = path[:4096].partition("?")[0].partition("#")[0]
    last = path.rpartition("/")[2] if "/" in path else path
    return base_name(text(unquote_to_bytes(last))) if "%" in last else base_name(last)


def base_name(name: str) -> str:
    """A name without folders, control characters and more than 255 letters."""
    if "/" in name or "\\" in name:
        name = name.replace("\\", "/").rpartition("/")[2]
    if not name.isprintable():
        name = "".join(letter for letter in name if letter.isprintable())
    return name[:_MOST]
