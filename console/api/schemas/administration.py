"""Hunts, settings, audit, users."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from console.api.schemas.words import Given, Time
from fengsui.store.state import Role


class Hunt(BaseModel):
    """A saved query."""

    id: str
    name: str
    query: str
    by: str
    at: Time


class Hunts(BaseModel):
    """By name."""

    items: list[Hunt]


class SaveHunt(Given):
    """Keep a query under a name."""

    name: str = Field(min_length=1, max_length=120)
    query: str = Field(max_length=10_000)


class Setting(BaseModel):
    """A setting, where its value comes from, and what it means."""

    name: str
    value: Any
    origin: str
    description: str


class SettingRows(BaseModel):
    """All settings."""

    items: list[Setting]


class AuditEntry(BaseModel):
    """One link of the audit chain."""

    number: int
    at: Time
    by: str
    action: str
    target: str
    detail: dict[str, Any]
    sm3: str
    sha256: str


class AuditPage(BaseModel):
    """Newest first, and the faults of the whole chain (none when it is whole)."""

    items: list[AuditEntry]
    faults: list[str]


class UserRow(BaseModel):
    """A person."""

    name: str
    roles: list[Role]
    language: str
    must_change: bool
    disabled: bool
    version: str = Field(description="Changes with the rest; a change names the one it saw")


class UserRows(BaseModel):
    """By name."""

    items: list[UserRow]


class NewUser(Given):
    """A person to be added."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^[\w.@-]+$")
    roles: list[Role] = Field(min_length=1, max_length=7)
    language: Literal["zh", "en"] = "zh"


class UserChange(Given):
    """What to change; members left out stay as they are, but 409 when `version` is not the newest."""

    version: str = Field(max_length=64)
    roles: list[Role] | None = Field(default=None, min_length=1, max_length=7)
    disabled: bool | None = None
    reset_password: bool = False


class UserWithPassword(BaseModel):
    """A person and, once only, the one-time password that was made; null where none was."""

    user: UserRow
    password: str | None
