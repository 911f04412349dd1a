"""Logging in and out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.schemas.words import Given
from fengsui.store.state import Role


class Login(Given):
    """Name and password."""

    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1024)


class PasswordChange(Given):
    """A new password for oneself."""

    old: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=12, max_length=1024)


class LanguageChoice(Given):
    """The language of the console for oneself."""

    language: Literal["zh", "en"]


class SessionUser(BaseModel):
    """Who is logged in."""

    name: str
    roles: list[Role]
    language: str
    must_change: bool


class Session(BaseModel):
    """The login and the value for the header X-CSRF-Token of every change."""

    user: SessionUser
    csrf: str
