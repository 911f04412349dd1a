"""What went wrong, where, and what to do next.

    FengsuiError (1)
    ├── UsageError (2)        the words of a command
    ├── InputError (10)       a capture, log, upload or request body
    ├── SettingsError (11)    settings files and environment
    ├── RuleError (12)        rules, playbooks, scenarios and other files people write
    ├── StoreError (13)       event store or state
    ├── NotFoundError (14)    a name that leads to nothing
    ├── ForbiddenError (15)   roles, files without permission
    ├── MissingToolError (16) a program or part that is not installed
    └── BusyError (17)        a lock or a full queue

The number is the exit status of the command line. Branch on the class or on `code`, never on words.
"""

from __future__ import annotations


class FengsuiError(Exception):
    """An error that people can act upon.

    Args:
        what: what happened, one sentence.
        where: file, line, offset, setting or address; empty when there is no place.
        next: what to do now.
        code: stable word for programs, such as `not_a_capture`; the class's own when not given.
    """

    exit_status = 1
    default_code = "error"
    http_status = 500

    def __init__(self, what: str, *, where: str = "", next: str = "", code: str = "") -> None:  # noqa: A002
        super().__init__(what)
        self.what = what
        self.where = where
        self.next = next
        self.code = code or self.default_code

    def __str__(self) -> str:
        """Three lines at most: what, where, next."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.next:
            lines.append(f"  next:  {self.next}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, str]:
        """The document of `--json` and the body of a problem report."""
        return {"code": self.code, "what": self.what, "where": self.where, "next": self.next}


class UsageError(FengsuiError):
    """A command was called with words that it does not take."""

    exit_status = 2
    default_code = "usage"
    http_status = 400


class InputError(FengsuiError):
    """Something that arrived cannot be read."""

    exit_status = 10
    default_code = "bad_input"
    http_status = 422


class SettingsError(FengsuiError):
    """A setting is missing, misspelt or out of range."""

    exit_status = 11
    default_code = "bad_settings"


class RuleError(FengsuiError):
    """A file that people write (rule, playbook, scenario, indicator list) does not load."""

    exit_status = 12
    default_code = "bad_rule"
    http_status = 422


class StoreError(FengsuiError):
    """The event store or the state cannot be used."""

    exit_status = 13
    default_code = "store"
    http_status = 503


class NotFoundError(FengsuiError):
    """A name or id that leads to nothing."""

    exit_status = 14
    default_code = "not_found"
    http_status = 404


class ForbiddenError(FengsuiError):
    """Not allowed: by role, or by the permissions of a file."""

    exit_status = 15
    default_code = "forbidden"
    http_status = 403


class MissingToolError(FengsuiError):
    """A program or an optional part is not installed."""

    exit_status = 16
    default_code = "missing_tool"
    http_status = 503


class BusyError(FengsuiError):
    """A lock is held or a bounded queue is full."""

    exit_status = 17
    default_code = "busy"
    http_status = 409
