"""A configuration as blocks: lines under the line they are indented below, with negations applied.

One reader for VRP, Comware, IOS and RGOS: `undo X` and `no X` take away what began with X before
them and stay as a statement of their own; a later X takes that statement away. Banner texts are
skipped: what stands in them is no configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from detections.compliance.assets.device.text import Lines

_DEEPEST: Final = 8  # levels, and words of a negation
_NEGATIONS: Final = frozenset({"undo", "no"})
_QUOTED_BANNER: Final = re.compile(r"^header \S{1,20} information\s+(\S)", re.IGNORECASE)
_BANNER: Final = re.compile(r"^(?:banner|header) \S{1,20}\s+(\^C|\S)", re.IGNORECASE)


@dataclass(slots=True)
class Node:
    """One line: `words` as written without the negation, `low` in lower case, `children` below it."""

    number: int
    words: tuple[str, ...]
    low: tuple[str, ...]
    negated: bool
    children: list[Node] = field(default_factory=list["Node"])

    def starts(self, *prefix: str) -> bool:
        """Whether the line begins with these words, negated or not."""
        return self.low[: len(prefix)] == prefix

    def all(self, *prefix: str) -> list[Node]:
        """Lines below that say so (not negated)."""
        return [one for one in self.children if one.starts(*prefix) and not one.negated]

    def last(self, *prefix: str) -> Node | None:
        """The line below that counts: the last that begins so, said or negated."""
        return next((one for one in reversed(self.children) if one.starts(*prefix)), None)

    def state(self, *prefix: str) -> bool | None:
        """Said, negated, or not mentioned."""
        found = self.last(*prefix)
        return None if found is None else not found.negated

    def after(self, *prefix: str) -> str:
        """The word after a prefix on the line that counts, in lower case; "" when there is none."""
        found = self.last(*prefix)
        if found is None or found.negated or len(found.low) <= len(prefix):
            return ""
        return found.low[len(prefix)]

    def walk(self) -> Iterator[Node]:
        """Every line below, in order."""
        for child in self.children:
            yield child
            yield from child.walk()


def tree(lines: Lines) -> Node:
    """The root, whose children are the lines of the system view."""
    root = Node(0, (), (), negated=False)
    stack: list[tuple[int, Node]] = [(-1, root)]
    for number, line in _without_banners(lines.rows):
        content = line.strip()
        if content[0] in "#!":
            if line[0] in "#!":
                del stack[1:]
            continue
        indent = len(line) - len(line.lstrip())
        while len(stack) > 1 and (stack[-1][0] >= indent or len(stack) > _DEEPEST):
            stack.pop()
        node = _node(number, content)
        stack[-1][1].children.append(node)
        stack.append((indent, node))
    _settle(root)
    return root


def _node(number: int, content: str) -> Node:
    words = tuple(content.split())
    negated = len(words) > 1 and words[0].lower() in _NEGATIONS
    words = words[1:] if negated else words
    return Node(number, words, tuple(word.lower() for word in words), negated)


def _without_banners(rows: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    closing = ""
    for number, line in rows:
        if closing:
            if closing in line:
                closing = ""
            continue
        found = _QUOTED_BANNER.match(line) or _BANNER.match(line)
        if found is None:
            yield number, line
            continue
        yield number, line[: found.start(1)].rstrip()
        mark = found.group(1)
        if mark not in line[found.end(1) :] and not mark.isalnum():
            closing = mark


def _settle(node: Node) -> None:
    """Apply negations and join blocks that were opened again, at every level."""
    node.children = _settled(node.children)
    for child in node.children:
        if child.children:
            _settle(child)


def _settled(children: list[Node]) -> list[Node]:
    if len(children) < 2:
        return children
    kept: dict[int, Node] = {}
    index: dict[tuple[str, ...], list[int]] = {}
    headers: dict[tuple[str, ...], int] = {}
    denied: dict[tuple[str, ...], int] = {}
    indexed = any(child.negated for child in children)
    for place, child in enumerate(children):
        if child.negated:
            for gone in index.pop(child.low[:_DEEPEST], []):
                removed = kept.pop(gone, None)
                if removed is not None:
                    headers.pop(removed.low, None)
            kept.pop(denied.get(child.low, -1), None)
            denied[child.low] = place
            kept[place] = child
            continue
        again = headers.get(child.low)
        if again is not None and (child.children or kept[again].children):
            kept[again].children += child.children
            continue
        for length in range(1, min(len(child.low), _DEEPEST) + 1):
            prefix = child.low[:length]
            kept.pop(denied.pop(prefix, -1), None)
            if indexed:
                index.setdefault(prefix, []).append(place)
        headers[child.low] = place
        kept[place] = child
    return [kept[place] for place in sorted(kept)]
