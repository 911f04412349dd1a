"""Faults: why a document of a rules folder is not loaded."""

from __future__ import annotations


class WrongRule(ValueError):  # noqa: N818 - named for what it says of the file
    """The file is wrong; `line` (from 1) is where, 0 where it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class Unsupported(Exception):  # noqa: N818 - not an error of the rule
    """A valid rule that asks for something we do not have; `line` as in `WrongRule`."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line
