"""Settings, audit trail, users: each for its own administrator (三员)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from console.api.access import Auditor, SecurityAdmin, SystemAdmin
from console.api.parts import Parts
from console.api.schemas.administration import (
    AuditEntry,
    AuditPage,
    NewUser,
    Setting,
    SettingRows,
    UserChange,
    UserRow,
    UserRows,
    UserWithPassword,
)
from console.security.accounts import check_roles, create_user, reset_password
from fengsui.clock import to_iso
from fengsui.errors import ForbiddenError, NotFoundError
from fengsui.hashes import sha256
from fengsui.store.sql.repository import conflict
from fengsui.store.state import AuditRecord, User

router = APIRouter(tags=["administration"])


@router.get("/settings")
def list_settings(visitor: SystemAdmin, parts: Parts) -> SettingRows:
    """All settings with where each value comes from."""
    return SettingRows(
        items=[
            Setting(name=row.name, value=row.value, origin=row.origin, description=row.description)
            for row in parts.settings.origins
        ]
    )


@router.get("/audit")
def read_audit(
    visitor: Auditor,
    parts: Parts,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> AuditPage:
    """The trail, newest first; with the first page, the faults of the whole chain."""
    records = parts.state.audit_records(limit, before)
    return AuditPage(
        items=[_entry(record) for record in records],
        faults=[] if before else parts.state.verify_audit(),
    )


@router.get("/users")
def list_users(visitor: SecurityAdmin, parts: Parts) -> UserRows:
    """All persons."""
    return UserRows(items=[_user(user) for user in parts.state.users()])


@router.post("/users")
def add_user(given: NewUser, visitor: SecurityAdmin, parts: Parts) -> UserWithPassword:
    """Add a person; the answer holds the one-time password, which is shown this once."""
    password = create_user(parts.state, given.name, given.roles, language=given.language)
    parts.state.audit(visitor.name, "user.create", given.name, {"roles": given.roles})
    user = parts.state.user(given.name)
    assert user is not None
    return UserWithPassword(user=_user(user), password=password)


@router.patch("/users/{name}")
def change_user(
    given: UserChange, name: str, visitor: SecurityAdmin, parts: Parts
) -> UserWithPassword:
    """Change roles, disable, or give a new one-time password; never for oneself.

    409 `version_conflict` when somebody else changed the person since it was seen.
    """
    user = seen = parts.state.user(name)
    if user is None:
        raise NotFoundError("There is no such user", where=name, next="See GET /api/users")
    if user_version(user) != given.version:
        raise conflict("user", name, given.version, user_version(user))
    if user.name == visitor.name:
        raise ForbiddenError(
            "Nobody changes their own roles",
            next="Ask another security administrator",
            code="own_account",
        )
    if given.roles is not None:
        check_roles(given.roles)
        user = replace(user, roles=tuple(dict.fromkeys(given.roles)))
    if given.disabled is not None:
        user = replace(user, disabled=given.disabled)
    parts.state.put_user(user, seen=seen)
    if user.disabled:
        parts.state.drop_sessions(user.name)
    password = reset_password(parts.state, user) if given.reset_password else None
    parts.state.audit(visitor.name, "user.change", name, given.model_dump(exclude_none=True))
    return UserWithPassword(user=_user(parts.state.user(name) or user), password=password)


def _user(user: User) -> UserRow:
    return UserRow(
        name=user.name,
        roles=list(user.roles),
        language=user.language,
        must_change=user.must_change,
        disabled=user.disabled,
        version=user_version(user),
    )


def user_version(user: User) -> str:
    """A mark of all that an administrator decides of a person; short, as it only tells change."""
    decided = f"{sorted(user.roles)} {user.disabled} {user.must_change}"
    return sha256(decided.encode())[:16]


def _entry(record: AuditRecord) -> AuditEntry:
    return AuditEntry(
        number=record.number,
        at=to_iso(record.at),
        by=record.by,
        action=record.what,
        target=record.target,
        detail=dict(record.detail),
        sm3=record.sm3,
        sha256=record.sha256,
    )
