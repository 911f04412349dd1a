"""The five severities, ordered, and how numbers become one."""

from __future__ import annotations

from enum import IntEnum


class Severity(IntEnum):
    """Order matters: a larger one is worse. Written in lower case (`severity.word`)."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The spelling of Sigma levels, except that `informational` is `info`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """Severity of a word such as `high` or Sigma's `informational`.

        Raises:
            ValueError: the word is not a severity.
        """
        upper = word.upper()
        if upper == "INFORMATIONAL":
            return cls.INFO
        if upper not in cls.__members__:
            raise ValueError(f"{word!r} is not a severity; use info, low, medium, high or critical")
        return cls[upper]

    @classmethod
    def of_score(cls, score: float) -> Severity:
        """Severity of an incident's score of 0 to 100."""
        for floor, severity in (
            (90, cls.CRITICAL),
            (70, cls.HIGH),
            (40, cls.MEDIUM),
            (20, cls.LOW),
        ):
            if score >= floor:
                return severity
        return cls.INFO
