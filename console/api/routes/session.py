"""Logging in and out, one's own password and language."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from console.api.access import COOKIE, Newcomer, check_origin
from console.api.parts import Parts
from console.api.problems import TooManyError
from console.api.schemas.sessions import (
    LanguageChoice,
    Login,
    PasswordChange,
    Session,
    SessionUser,
)
from console.api.schemas.words import Done
from console.security.limiter import Limiter
from console.security.passwords import check_new, hash_password, is_password
from console.security.tokens import csrf_value, new_token, token_digest
from fengsui.clock import HOUR
from fengsui.errors import FengsuiError, ForbiddenError
from fengsui.store.state import User

router = APIRouter(prefix="/session", tags=["session"])


class BadLoginError(FengsuiError):
    """Name and password do not belong together; which of them is wrong is not told."""

    exit_status = 15
    default_code = "bad_login"
    http_status = 401


@router.post("")
def log_in(given: Login, request: Request, response: Response, parts: Parts) -> Session:
    """Log in. After 5 failures in 5 minutes a name has to wait (429)."""
    check_origin(request)
    address = request.client.host if request.client else ""
    names: Limiter = request.app.state.logins
    addresses: Limiter = request.app.state.addresses
    key = f"{address}\n{given.name}"
    seconds = max(names.wait_seconds(key), addresses.wait_seconds(address))
    if seconds:
        raise TooManyError("Too many failed logins", seconds=seconds, next=f"Wait {seconds} s")
    user = parts.state.user(given.name)
    if not is_password(given.password, user.password_hash if user else "") or _is_out(user):
        names.failed(key)
        addresses.failed(address)
        parts.state.audit("", "session.refused", given.name, {"address": address})
        raise BadLoginError(
            "Name or password is wrong", next="Try again, or ask for a new password"
        )
    assert user is not None
    names.succeeded(key)
    token = new_token()
    hours = parts.settings.settings.console.session_hours
    parts.state.put_session(token_digest(token), user.name, parts.clock.now() + hours * HOUR)
    parts.state.audit(user.name, "session.begin", user.name, {"address": address})
    response.set_cookie(
        COOKIE,
        token,
        max_age=hours * 3600,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return _session(user, token)


@router.get("")
def read_session(visitor: Newcomer) -> Session:
    """Who is logged in, and the CSRF value."""
    return _session(visitor.user, visitor.token)


@router.delete("")
def log_out(visitor: Newcomer, response: Response, parts: Parts) -> Done:
    """Log out."""
    parts.state.drop_session(token_digest(visitor.token))
    parts.state.audit(visitor.name, "session.end", visitor.name)
    response.delete_cookie(COOKIE, path="/")
    return Done()


@router.post("/password")
def change_password(
    given: PasswordChange, visitor: Newcomer, request: Request, parts: Parts
) -> Session:
    """A new password for oneself; all other logins of the person end."""
    names: Limiter = request.app.state.logins
    key = f"password\n{visitor.name}"
    seconds = names.wait_seconds(key)
    if seconds:
        raise TooManyError("Too many wrong passwords", seconds=seconds, next=f"Wait {seconds} s")
    if not is_password(given.old, visitor.user.password_hash):
        names.failed(key)
        parts.state.audit(visitor.name, "password.refused", visitor.name)
        raise ForbiddenError(
            "The old password is wrong", where="old", next="Try again", code="wrong_password"
        )
    check_new(given.new, visitor.name)
    user = replace(visitor.user, password_hash=hash_password(given.new), must_change=False)
    parts.state.put_user(user, seen=visitor.user)
    parts.state.drop_sessions(user.name, keep=token_digest(visitor.token))
    parts.state.audit(user.name, "password.change", user.name)
    return _session(user, visitor.token)


@router.put("/language")
def choose_language(given: LanguageChoice, visitor: Newcomer, parts: Parts) -> Session:
    """The language of the console for oneself."""
    user = replace(visitor.user, language=given.language)
    parts.state.put_user(user, seen=visitor.user)
    parts.state.audit(user.name, "language.choose", user.name, {"language": given.language})
    return _session(user, visitor.token)


def _is_out(user: User | None) -> bool:
    return user is None or user.disabled


def _session(user: User, token: str) -> Session:
    return Session(
        user=SessionUser(
            name=user.name,
            roles=list(user.roles),
            language=user.language,
            must_change=user.must_change,
        ),
        csrf=csrf_value(token),
    )
