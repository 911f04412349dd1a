"""Quick documents: the YAML that most rule files are written in, read line by line.

One map in block style: keys that are words, scalars of one line, literal blocks, comments. Most rule files
hold nothing else, and reading them so takes a third of the time. Whatever else stands in a text (flow
style, anchors, tags, escapes, tabs, scalars over several lines, anything wrong) makes it none of ours:
`documents` reads it event by event, and tells what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from detections.sigma.containers import Items, Map, read_plain

_LARGEST: Final = 200_000  # characters
_DEEPEST: Final = 30  # maps and lists inside each other
_ODD: Final = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff]")
# A plain scalar does not begin with an indicator, and holds no `: ` and no ` #`. Nothing here goes back
# over a line (`+` after a quantifier), so that a long one is read once.
_PLAIN: Final = (
    r"(?:[^ \-?:,\[\]{}#&*!|>'\"%@`]|-(?=[^ ]))[^:#]*+(?:(?::(?=[^ ])|(?<! )#)[^:#]*+)*+"
)
_LINE: Final = re.compile(
    r"( *+)(- ++)?+"  # indent, dash
    r"(?:([A-Za-z_][A-Za-z0-9_.|-]{0,127}+):(?: ++|$))?"  # key
    rf"(?:({_PLAIN})|'([^']*+(?:''[^']*+)*+)'|\"([^\"\\]*+)\"|(\|-?))?"  # plain, single, double, block
    r" *+(?:(?<![^ ])#.*+)?"  # comment
)


def quick_document(text: str) -> Map | None:
    """The map that is the one document of a text; None where its lines alone do not tell."""
    if len(text) > _LARGEST or text[-1:] != "\n" or _ODD.search(text):
        return None
    lines = text.split("\n")
    tree = _Tree()
    number = 0
    while number < len(lines):
        found = _LINE.fullmatch(lines[number])
        if found is None:
            return None
        number = line = number + 1
        indent, dash, key, plain, single, double, block = found.groups()
        if found.lastindex == 1:
            continue  # nothing, or a comment
        if not tree.find(len(indent), dash, key, line):
            return None
        written = None
        if single is not None:
            value = single.replace("''", "'")
        elif plain is not None:
            value, written = read_plain(plain.rstrip(" "))
        elif double is not None:
            value = double
        elif block is not None:
            value, number = _literal(lines, number, tree.column, block)
            if not number:
                return None
        elif key is not None:
            continue  # its value may follow
        else:
            return None
        tree.put(value, written, line)
    return tree.root()


def _literal(lines: Sequence[str], first: int, column: int, style: str) -> tuple[str, int]:
    """A literal block deeper than a column: its text, and the number of the line behind it; 0 where that
    is not clear.
    """
    begin = lines[first]
    start = begin[: len(begin) - len(begin.lstrip(" "))]
    if len(start) <= column:
        return "", 0
    number = first + 1
    while number < len(lines) and (lines[number].startswith(start) or not lines[number]):
        number += 1
    if not all(line.strip(" ") for line in lines[first : number + 1] if line):
        return "", 0  # spaces alone, which may be text
    text = "\n".join([line[len(start) :] for line in lines[first:number]]).rstrip("\n")
    return text if style == "|-" else text + "\n", number


class _Tree:
    """Maps and lists by the columns in which their keys and dashes stand."""

    __slots__ = ("_is_list", "_key", "_outer", "_top", "column")

    def __init__(self) -> None:
        self._top: Any = Map(0)  # the innermost container that is open …
        self._is_list = False
        self.column = -1  # … where its keys or dashes stand …
        self._key: str | None = ""  # … and the key in it that has no value yet
        self._outer: list[tuple[Any, bool, int]] = []

    def find(self, column: int, dash: str | None, key: str | None, line: int) -> bool:
        """Go where the value of a line belongs; False where that is not clear."""
        if self._key is not None:
            if column > self.column or (dash and column == self.column):
                self._open(Items(line) if dash else Map(line), column)
            else:
                self.put(None, None, line)
        if column != self.column or (not dash) is self._is_list:
            while column < self.column or (column == self.column and self._is_list and not dash):
                self._top, self._is_list, self.column = self._outer.pop()
            if column != self.column or (not dash) is self._is_list:
                return False
        if key is None:
            return dash is not None
        if dash:
            self._open(Map(line), column + len(dash))
        known: dict[str, int] = self._top.lines
        if key in known:
            return False
        known[key] = line
        self._key = key
        return len(self._outer) < _DEEPEST

    def _open(self, container: Map | Items, column: int) -> None:
        self.put(container, None, container.line)
        self._outer.append((self._top, self._is_list, self.column))
        self._top, self._is_list, self.column = container, container.__class__ is Items, column

    def put(self, value: object, written: str | None, line: int) -> None:
        """The value of the key, or one more of the list."""
        top = self._top
        if self._is_list:
            if written is not None:
                top.written[len(top)] = written
            top.append(value)
            top.lines.append(line)
            return
        top[self._key] = value
        if written is not None:
            top.written[self._key] = written
        self._key = None

    def root(self) -> Map | None:
        """The outermost map, when all lines are read."""
        if self._key is not None:
            self.put(None, None, 0)
        outermost = self._outer[0][0] if self._outer else self._top
        root = outermost[""]
        return root if isinstance(root, Map) else None
