"""Words, quotes and expressions of Lucene text, with the place of every fault."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from fengsui.errors import InputError
from fengsui.query.pattern import unescaped

_ENDS: Final = frozenset('()[]{}"')
_MODIFIER: Final = re.compile(r"(?<!\\)(~\d*(\.\d+)?|\^\d+(\.\d+)?)$", re.ASCII)
_CONJUNCTIONS: Final = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT"}


class QueryError(InputError):
    """A query that cannot be read; `position` is the character, from 0."""

    default_code = "bad_query"

    def __init__(self, what: str, position: int, *, next: str = "") -> None:  # noqa: A002
        super().__init__(what, where=f"character {position + 1}", next=next)
        self.position = position


class Scanner:
    """A text and a place in it; each method starts at its first character and ends behind its last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def _quoted(self) -> str:
        start = self._at
        at = start + 1
        while at < len(self._text) and self._text[at] != '"':
            at += 2 if self._text[at] == "\\" else 1
        if at >= len(self._text):
            self._fail("This quote is not closed", next='Add " at its end')
        self._at = at + 1
        if self._peek() == "~":
            self._fail("Proximity is not supported", next="Search for the words one by one")
        return unescaped(self._text[start + 1 : at])

    def _word(self) -> str:
        start = self._at
        end = self._word_end(start)
        if end == start:
            self._fail("This cannot begin a term", next="Write a backslash before it, or quote it")
        word = self._text[start:end]
        modifier = _MODIFIER.search(word)
        if modifier:
            self._fail(
                "Boosts and fuzzy terms are not supported",
                at=start + modifier.start(),
                next="Remove it, or write a backslash before it",
            )
        if word.endswith("\\") and len(word) - len(word.rstrip("\\")) & 1:
            self._fail("Nothing follows this backslash", at=end - 1, next="Write two of them")
        self._at = end
        return word

    def _word_end(self, at: int, also: str = "") -> int:
        text = self._text
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 1
            elif char in _ENDS or char.isspace() or (also and char in also):
                break
            at += 1
        return min(at, len(text))

    def _conjunction(self) -> str:
        self._skip()
        word = self._word_here()
        if word[:2] in {"&&", "||"}:
            word = word[:2]
        return _CONJUNCTIONS.get(word, "")

    def _take_word(self) -> None:
        pair = self._text[self._at : self._at + 2]
        self._at += 2 if pair in {"&&", "||"} else len(self._word_here())

    def _word_here(self) -> str:
        return self._text[self._at : self._word_end(self._at)]

    def _skip(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _fail(self, what: str, *, next: str, at: int | None = None) -> NoReturn:  # noqa: A002
        raise QueryError(what, self._at if at is None else at, next=next)

    def _literal_word(self, what: str) -> str:
        """A word or a quoted text, without wildcards."""
        if self._peek() == '"':
            return self._quoted()
        if not self._peek() or self._peek().isspace() or self._peek() in _ENDS:
            self._fail(f"Here {what} is missing", next="Write it without a space before it")
        return unescaped(self._word())

    def _slashed(self) -> str:
        """The expression between two slashes, an escaped slash as a slash."""
        start = self._at
        at = start + 1
        while at < len(self._text) and self._text[at] != "/":
            at += 2 if self._text[at] == "\\" else 1
        if at >= len(self._text):
            self._fail(
                "This expression is not closed", next="Add /, or quote a value that starts with /"
            )
        self._at = at + 1
        if self._peek() not in {"", ")"} and not self._peek().isspace():
            self._fail(
                "Something follows this expression",
                next="Quote a value that starts with /, or put a space after the expression",
            )
        return re.sub(r"\\(.)", _slash, self._text[start + 1 : at], flags=re.DOTALL)


def _slash(escape: re.Match[str]) -> str:
    return "/" if escape[1] == "/" else escape[0]
