r"""Lucene text, as analysts type it, to a query tree.

Terms beside each other are ANDed: that is what Kibana and EveBox users expect of a hunt, although
Lucene's own default is OR. AND binds closer than OR; `+x` is x, `-x` and `!x` are NOT x.

    dns.question.name:*.example.cn AND NOT source.ip:10.0.0.0/8
    destination.port:(80 OR 443) bytes:>=1000 @timestamp:[2026-11-20 TO 2026-11-21}
    url.path:/\/cgi-bin\/.*/ _exists_:user.name "cmd=whoami"

Values after a colon may hold colons (IPv6, times); a free word that is an address, a MAC address, a
time or a URL is a word, not a field. Boosts (`^2`), fuzzy (`~`) and proximity are refused, not ignored.
"""

from __future__ import annotations

import re
from typing import Final, cast

import re2

from fengsui.query.pattern import as_pattern, compiled, escape, has_wildcards, unescaped, whole
from fengsui.query.scanner import QueryError, Scanner
from fengsui.query.tree import (
    All,
    Any,
    Anywhere,
    Everything,
    Exists,
    Not,
    Query,
    Range,
    Regex,
    Term,
)
from fengsui.query.values import address

__all__ = ["QueryError", "parse_lucene"]

LONGEST: Final = 10_000  # characters
DEEPEST: Final = 60  # nested groups
_WORD_WITH_COLONS: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://.|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$|\d\d:\d\d", re.ASCII
)


def parse_lucene(text: str) -> Query:
    """The tree of a Lucene text; empty text is everything.

    Raises:
        QueryError: code `bad_query`, with the position of the character at fault.
    """
    if len(text) > LONGEST:
        raise QueryError("The query is too long", LONGEST, next=f"Use at most {LONGEST} characters")
    return _Parser(text).whole()


class _Parser(Scanner):
    """Recursive descent."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def whole(self) -> Query:
        self._skip()
        if self._at == len(self._text):
            return Everything()
        query = self._or("")
        if self._at < len(self._text):
            self._fail("This closes nothing", next="Remove it, or write a backslash before it")
        return query

    def _or(self, field: str) -> Query:
        parts = [self._and(field)]
        while self._conjunction() == "OR":
            self._take_word()
            parts.append(self._and(field))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _and(self, field: str) -> Query:
        parts = [self._clause(field)]
        while True:
            word = self._conjunction()
            if word == "AND":
                self._take_word()
            elif word == "OR" or self._peek() in {"", ")", "]", "}"}:
                break
            parts.append(self._clause(field))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _clause(self, field: str) -> Query:
        self._skip()
        start = self._at
        word = self._conjunction()
        if word in {"AND", "OR"}:
            self._fail(f"{word} stands where a term belongs", next="Write a term before it")
        sign = self._peek()
        if word == "NOT":
            self._take_word()
        elif sign in {"-", "!", "+"} and sign:
            self._at += 1
        else:
            return self._primary(field)
        self._deeper(start)
        if word == "NOT":
            self._skip()
        if not self._peek() or self._peek().isspace():
            self._fail("A term is missing here", next="Write what is to be searched for")
        inner = self._clause(field)
        self._depth -= 1
        return inner if sign == "+" else Not(inner)

    def _primary(self, field: str) -> Query:
        char = self._peek()
        if not char:
            self._fail("A term is missing here", next="Write what is to be searched for")
        if char == "(":
            return self._group(field)
        if field:
            return self._value(field)
        name = self._field_name()
        if name is None:
            return self._free()
        if name == "_exists_":
            return Exists(self._literal_word("a field name"))
        if self._peek() == "(":
            return self._group(name)
        return self._value(name)

    def _group(self, field: str) -> Query:
        start = self._at
        self._deeper(start)
        self._at += 1
        query = self._or(field)
        self._skip()
        if self._peek() != ")":
            if self._peek():
                self._fail("This closes nothing", next="Close the group with )")
            self._fail("This group is not closed", at=start, next="Add )")
        self._at += 1
        self._depth -= 1
        return query

    def _deeper(self, start: int) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail("Groups are nested too deeply", at=start, next=f"At most {DEEPEST} levels")

    def _field_name(self) -> str | None:
        """The field before a colon, and past it; None when a free word stands here."""
        end = self._word_end(self._at, also=":")
        raw = self._text[self._at : end]
        if self._text[end : end + 1] != ":" or (raw != "*" and self._is_word_with_colons(self._at)):
            return None
        if not raw:
            self._fail("A field name is missing before the colon", next="Write field:value")
        if "*" in raw and raw != "*":
            self._fail("A field name takes no wildcard", next="Name the field, or leave it out")
        self._at = end + 1
        if not self._peek() or self._peek().isspace():
            self._fail("A value is missing after the colon", next="Write field:value")
        return unescaped(raw)

    def _is_word_with_colons(self, start: int) -> bool:
        word = self._text[start : self._word_end(start)]
        return address(word.partition("/")[0]) is not None or bool(_WORD_WITH_COLONS.match(word))

    def _free(self) -> Query:
        if self._peek() == '"':
            return Anywhere(escape(self._quoted()))
        if self._peek() == "/":
            self._fail("An expression needs a field", next='Write field:/…/, or quote it: "/…"')
        word = self._word()
        return Everything() if word == "*" else Anywhere(as_pattern(word))

    def _value(self, field: str) -> Query:
        char = self._peek()
        if char == '"':
            return Term(field, self._quoted())
        if char == "/":
            return self._regex(field)
        if char in {"[", "{"} and char:
            return self._range(field)
        if char in {"<", ">"} and char:
            return self._comparison(field)
        word = self._word()
        if word == "*":
            return Everything() if field == "*" else Exists(field)
        pattern = as_pattern(word)
        if field == "*":
            return Anywhere(pattern)
        return (
            Term(field, pattern, True) if has_wildcards(pattern) else Term(field, unescaped(word))
        )

    def _comparison(self, field: str) -> Query:
        above = self._peek() == ">"
        self._at += 1
        included = self._peek() == "="
        self._at += included
        bound = self._literal_word("a value")
        return Range(field, bound, None, included) if above else Range(
            field, None, bound, True, included
        )  # fmt: skip

    def _range(self, field: str) -> Query:
        start = self._at
        low_included = self._peek() == "["
        self._at += 1
        low = self._bound(start)
        self._skip()
        if self._word_here() != "TO":
            self._fail("TO is missing in this range", next="Write [low TO high]")
        self._at += 2
        high = self._bound(start)
        self._skip()
        closing = self._peek()
        if closing not in {"]", "}"} or not closing:
            self._fail("This range is not closed", at=start, next="Add ] or }")
        self._at += 1
        return Range(field, low, high, low_included, closing == "]")

    def _bound(self, start: int) -> str | None:
        self._skip()
        if not self._peek():
            self._fail("This range is not closed", at=start, next="Write [low TO high]")
        quoted = self._peek() == '"'
        text = self._literal_word("a bound (or *)")
        return None if text == "*" and not quoted else text

    def _regex(self, field: str) -> Query:
        start = self._at
        regex = self._slashed()
        try:
            compiled(regex)
            compiled(whole(regex))
        except re2.error as error:
            why = cast("bytes", error.args[0]).decode("utf-8", "replace")
            self._fail(f"Not a regular expression: {why}", at=start, next="Use RE2 syntax")
        return Regex(field, regex)
