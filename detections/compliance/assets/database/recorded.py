"""A live database as a file: the questions that were asked, each with its answer, to be asked again.

The questions are of the reader, the answers of the server: a record holds what was answered then, and a
question that is asked only today is one that was not answered. Nothing secret is asked: see the readers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.address import Address, address_of
from detections.compliance.assets.database.connection import connected
from detections.compliance.assets.database.reader import asked
from detections.compliance.assets.database.session import Answer, Session
from detections.compliance.assets.recorded import head_of, malformed, read_record, record_of
from fengsui.errors import InputError

KIND: Final = "database"
_NOT_ASKED: Final = "not asked when it was recorded"
Answers = dict[str, dict[str, Any]]  # by database ("" the first), by question
Opening = Callable[[str], AbstractContextManager[Session]]


class _Recording:
    """Keeps what another session answers."""

    def __init__(self, session: Session, kept: dict[str, Any]) -> None:
        self._session = session
        self._kept = kept

    def ask(self, sql: str) -> Answer:
        """As the session."""
        answer = self._session.ask(sql)
        self._kept[sql] = {"rows": answer.rows, "why": answer.why}
        return answer


class _Recorded:
    """Answers as they were kept."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._kept = kept

    def ask(self, sql: str) -> Answer:
        """What was answered to this very question."""
        found = self._kept.get(sql)
        if found is None:
            return Answer(None, why=_NOT_ASKED)
        if found["rows"] is None:
            return Answer(None, why=str(found["why"])[:300])
        rows = tuple(found["rows"])
        text = orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)
        return Answer(rows, hashlib.sha256(text).hexdigest())


def record_database(url: str, password: str = "", name: str = "") -> bytes:
    """Ask a database and give the record.

    Args:
        url: as `check run --evidence` takes it.
        password: instead of one that the URL names.
        name: of the asset; by default host and port.

    Raises:
        InputError, MissingToolError: as `read_database`.
    """
    address = address_of(url)
    if password:
        address = replace(address, password=password)
    answers: Answers = {"": {}}

    @contextmanager
    def elsewhere(base: str) -> Generator[Session]:
        try:
            with connected(replace(address, database=base)) as other:
                answers[base] = {}
                yield _Recording(other, answers[base])
        except InputError:
            answers.pop(base, None)
            raise

    with connected(address) as session:
        asked(
            address, _Recording(session, answers[""]), elsewhere
        )  # refuses what is not judged here
    shown = {
        key: getattr(address, key)
        for key in ("engine", "host", "port", "user", "database", "socket")
    }
    return record_of(KIND, {"asset": name or address.name, "of": shown, "answers": answers})


def is_recorded(head: bytes) -> bool:
    """Whether a file begins as a record of a database does."""
    return head.startswith(head_of(KIND))


def read_recorded(path: Path) -> AssetEvidence:
    """A record of a database as evidence: the findings are those of the day it was taken.

    Raises:
        InputError: cut, changed, or not what a collector writes.
    """
    body, digest = read_record(KIND, path)
    try:
        answers: Answers = body["answers"]
        address = Address(**body["of"], mode="prefer", password="")
        found = asked(address, _Recorded(answers[""]), _opening(answers))
        name = str(body["asset"])[:200]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise malformed(path, error) from error
    return replace(found, name=name, source=path.name, digest=digest)


def _opening(answers: Answers) -> Opening:
    @contextmanager
    def opened(base: str) -> Generator[Session]:
        if base not in answers:
            raise InputError("This database was not recorded", where=base[:60])
        yield _Recorded(answers[base])

    return opened
