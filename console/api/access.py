"""Who asks, and may they? Every route says so through `needs` (or is one of the open ones).

A session is a random token in a cookie that scripts cannot read and other sites cannot send; a
change also needs the header X-CSRF-Token, and comes from our own origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request

from console.api.parts import ApiParts, Parts
from console.security.tokens import is_csrf_value, token_digest
from fengsui.errors import FengsuiError, ForbiddenError
from fengsui.store.state import Role, User

COOKIE: Final = "fengsui_session"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
READERS: Final[tuple[Role, ...]] = ("viewer", "analyst", "responder", "compliance")


class NotLoggedInError(FengsuiError):
    """Nobody is logged in, or the session ended."""

    exit_status = 15
    default_code = "not_logged_in"
    http_status = 401


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, and the session's token."""

    user: User
    token: str

    @property
    def name(self) -> str:
        """For acts and audit."""
        return self.user.name

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of these roles."""
        return bool(set(roles) & set(self.user.roles))


def visitor_of(request: Request, parts: ApiParts) -> Visitor:
    """Who asks.

    Raises:
        NotLoggedInError: no session, an ended one, or a person who was disabled.
        ForbiddenError: a change without the right CSRF header or from another origin.
    """
    token = request.cookies.get(COOKIE, "")
    name = parts.state.session(token_digest(token), parts.clock.now()) if token else None
    user = parts.state.user(name) if name else None
    if user is None or user.disabled:
        raise NotLoggedInError("Nobody is logged in", next="Log in")
    if request.method not in SAFE_METHODS:
        check_origin(request)
        if not is_csrf_value(request.headers.get(CSRF_HEADER, ""), token):
            raise ForbiddenError(
                f"The header {CSRF_HEADER} is missing or wrong",
                next="Take its value from GET /api/session",
                code="bad_csrf",
            )
    return Visitor(user, token)


def check_origin(request: Request) -> None:
    """A browser names the page that asks; it must be one of ours.

    Raises:
        ForbiddenError: another site asks (code `bad_origin`).
    """
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        raise ForbiddenError("Another site asks", next="Open the console itself", code="bad_origin")


class Needs:
    """Dependency: a visitor who holds one of `roles`; with none, anybody logged in.

    Who has a one-time password may do nothing but change it: only routes that are `open_first`
    let such a visitor in.
    """

    def __init__(self, roles: tuple[Role, ...], *, open_first: bool = False) -> None:
        self.roles = roles
        self._open_first = open_first

    def __call__(self, request: Request, parts: Parts) -> Visitor:
        """Who asks.

        Raises:
            NotLoggedInError: nobody.
            ForbiddenError: somebody else.
        """
        visitor = visitor_of(request, parts)
        if visitor.user.must_change and not self._open_first:
            raise ForbiddenError(
                "The one-time password must be changed first",
                next="POST /api/session/password",
                code="password_change_needed",
            )
        if self.roles and not visitor.has(*self.roles):
            raise ForbiddenError(
                "Your roles do not allow this",
                where=", ".join(visitor.user.roles),
                next=f"It needs one of: {', '.join(self.roles)}",
            )
        return visitor


def needs(*roles: Role, open_first: bool = False) -> Any:
    """How a route says who may use it, as the annotation of its visitor (see below)."""
    return Depends(Needs(roles, open_first=open_first))


Reader = Annotated[Visitor, needs(*READERS)]
Analyst = Annotated[Visitor, needs("analyst")]
Responder = Annotated[Visitor, needs("responder")]
Assessor = Annotated[Visitor, needs("compliance")]
SystemAdmin = Annotated[Visitor, needs("system_admin")]
SecurityAdmin = Annotated[Visitor, needs("security_admin")]
Auditor = Annotated[Visitor, needs("auditor")]
Operator = Annotated[Visitor, needs(*READERS, "system_admin")]
Anyone = Annotated[Visitor, needs()]
Newcomer = Annotated[Visitor, needs(open_first=True)]
