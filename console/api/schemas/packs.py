"""Rule packs: what is installed, and what an upload would change."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.schemas.rules import Refused, RuleName
from console.api.schemas.words import Given, Time


class Pack(BaseModel):
    """A set of rules with one origin; `local`: rules that were changed here."""

    name: str
    kind: Literal["builtin", "folder", "pack"]
    version: str
    author: str
    licence: str
    source: str
    signed: bool
    key: str
    digest: str
    rules: int
    refused: int
    by: str
    at: Time | None
    local: int
    upstream_changed: int
    removable: bool


class Packs(BaseModel):
    """In order of loading."""

    items: list[Pack]


class PackPage(Pack):
    """A pack with what did not load and what waits for a decision."""

    refused_items: list[Refused]
    upstream_changed_items: list[RuleName]


class PackChange(BaseModel):
    """A rule file that an update touches."""

    rule: str
    title: str
    path: str
    diff: str


class PackCounts(BaseModel):
    """How many of each."""

    added: int
    changed: int
    removed: int
    merged: int
    conflicts: int
    refused: int
    unchanged: int


class PackPreview(BaseModel):
    """What installing an upload would do; lists are bounded, counts are not."""

    upload: str
    name: str
    version: str
    author: str
    licence: str
    signed: bool
    key: str
    digest: str
    installed: Pack | None
    same: bool
    added: list[PackChange]
    changed: list[PackChange]
    removed: list[PackChange]
    merged: list[PackChange]
    conflicts: list[PackChange]
    refused: list[Refused]
    counts: PackCounts


class InstallPack(Given):
    """An upload that was looked at, to be installed."""

    upload: str = Field(pattern="^[0-9a-f]{16,64}$")
    name: str = Field(default="", max_length=64)
    allow_unsigned: bool = False
    reason: str = Field(default="", max_length=2000)


class PackInstalled(BaseModel):
    """What is there now."""

    pack: Pack
    counts: PackCounts


class RemovePack(Given):
    """Why a pack goes."""

    reason: str = Field(default="", max_length=2000)
