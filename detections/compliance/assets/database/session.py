"""A database asked read-only, within a deadline: rows of a question, or the reason why not.

Drivers are optional: pg8000 (BSD) and PyMySQL (MIT), the extra `databases`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

MOST_ROWS: Final = 5000

Rows = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gave: rows (None: not answered, `why` says it) and their hash."""

    rows: Rows | None
    digest: str = ""
    why: str = ""


class Session(Protocol):
    """Something that answers questions in SQL."""

    def ask(self, sql: str) -> Answer:
        """Rows of a question, by column; what the server refuses is an answer too.

        Raises:
            InputError: the connection is lost, or the deadline is over.
        """
        ...


class Questions:
    """Questions by name: what was not answered is kept with its reason, what was with its hash."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.missing: dict[str, str] = {}
        self.digests: dict[str, str] = {}

    def __call__(self, name: str, *questions: str, needed: bool = True) -> Rows | None:
        """Rows of the first of some questions that is answered."""
        for sql in questions:
            answer = self._session.ask(sql)
            if answer.rows is not None:
                self.digests[name] = answer.digest
                self.missing.pop(name, None)
                return answer.rows
            if needed:
                self.missing[name] = answer.why
        return None


def answer_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Answer:
    """Rows with their hash."""
    if len(rows) > MOST_ROWS:
        return Answer(None, why=f"over {MOST_ROWS} rows")
    made = tuple(
        {name.lower(): _plain(value) for name, value in zip(columns, row, strict=False)}
        for row in rows
    )
    text = orjson.dumps(made, option=orjson.OPT_SORT_KEYS)
    return Answer(made, hashlib.sha256(text).hexdigest())


def _plain(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | bool | None) else str(value)
