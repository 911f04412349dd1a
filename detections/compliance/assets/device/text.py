"""From the bytes of a saved terminal session to the lines of one configuration.

Bounded: at most `MOST_BYTES`, `MOST_LINES` and `MOST_WIDTH`; what is beyond makes the text
incomplete, so that nothing is concluded from what is absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_LINES: Final = 120_000
MOST_WIDTH: Final = 2_000

_PAGER: Final = re.compile(r"^\s{0,8}-{1,8}\s?\(?more\)?[^-\n]{0,60}-{1,8}[\s\x08]*", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")
_PROMPT: Final = re.compile(
    r"^(?:<[^<>\s]{1,64}>|\[(?!V\d{3}R)[^\[\]\s]{1,64}\]|[\w.\-]{1,63}(?:\([\w\-]{1,40}\))?[#>])\s{0,4}(\S.{0,200})?$"
)
_WHOLE: Final = re.compile(
    r"^(?:dis\w*\s+(?:cur\S*|sav\S*)|sh\w*\s+(?:run\S*|start\S*|conf\S*)|system\s+config\s+show)(?:\s+(?:all|include-default|no-default))?$",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"^(?:dis\w*\s+(?:cur\S*|sav\S*|this)|sh\w*\s+(?:run\S*|start\S*))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines with their number in the text; `whole` is false when part of the output is missing."""

    rows: tuple[tuple[int, str], ...]
    whole: bool

    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(row for _, row in self.rows)


def decode(data: bytes) -> str | None:
    """Text as UTF-8, UTF-16 with a mark, or GBK; None for anything that is not text."""
    head = data[:MOST_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    if b"\x00" in head:
        return None
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return head.decode(codec)
        except UnicodeDecodeError as error:
            if len(data) > MOST_BYTES and error.start > len(head) - 8:
                return head[: error.start].decode(codec, "replace")
    return None


def lines_of(text: str, *, cut: bool = False) -> Lines:
    """Lines of the configuration without the noise of the terminal.

    Pagers, escape codes and prompts go; output of other commands in the same session goes. A
    command that showed only a part (`| include`, one section) leaves the text incomplete.
    """
    whole = not cut
    rows: list[tuple[int, str]] = []
    active = True
    for number, raw in enumerate(text.splitlines(), 1):
        if len(rows) >= MOST_LINES:
            whole = False
            break
        line = _cleaned(raw[:MOST_WIDTH])
        whole = whole and len(raw) <= MOST_WIDTH
        prompt = _PROMPT.match(line)
        if prompt is not None and not line.startswith(("#", "!")):
            command = (prompt.group(1) or "").strip()
            active, partial = _asked(command) if command else (active, False)
            whole = whole and not partial
        elif active and line.strip():
            rows.append((number, line.rstrip()))
    return Lines(tuple(rows), whole)


def _cleaned(raw: str) -> str:
    line = _ESCAPE.sub("", raw)
    line = _PAGER.sub("", line) if "ore" in line.lower() else line
    return line.replace("\x08", "").replace("\t", " ")


def _asked(command: str) -> tuple[bool, bool]:
    """Whether what follows a prompt is configuration, and whether it is only a part of it."""
    if _WHOLE.match(command):
        return True, False
    return (True, True) if _PART.match(command) else (False, False)
