"""Registers of a system, as forms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from console.api.schemas.words import Given, Time

Cell = Annotated[str, Field(max_length=1000)]
Sha256 = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class RegisterColumn(BaseModel):
    """One column: what it takes, whether each row has it; `choices` of a kind."""

    name: str
    takes: Literal["text", "time", "number", "choice"]
    must: bool
    choices: list[str]


class RegisterVersion(BaseModel):
    """One version as it was brought."""

    sha256: str
    brought: Time
    by: str


class SystemRegister(BaseModel):
    """One register; `rows` are those of the newest version, up to what a form takes; `count` all."""

    name: str
    columns: list[RegisterColumn]
    rows: list[dict[str, str]]
    count: int
    problems: list[str]
    fresh: bool
    versions: list[RegisterVersion]


class SystemRegisters(BaseModel):
    """All registers of a system."""

    items: list[SystemRegister]


class RegisterRows(Given):
    """The rows of a register; `seen`: the version that was looked at."""

    rows: Annotated[list[dict[Cell, Cell]], Field(max_length=2000)]
    seen: Sha256 = ""


class RegisterBack(Given):
    """A version to be taken again."""

    sha256: Sha256
