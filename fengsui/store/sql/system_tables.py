"""Tables of filed systems, as migration v0005 makes them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from fengsui.store.sql.tables import metadata


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _document() -> Column[str]:
    return Column("document", Text, nullable=False)


filed_system: Final = Table(
    "filed_system", metadata, _key("id"), _text("name"), _number("version"), _document()
)

attestation: Final = Table(
    "attestation",
    metadata,
    _key("id"),
    _text("system"),
    _number("at"),
    _document(),
    Index(None, "system", "at"),
)

evidence_file: Final = Table(
    "evidence_file",
    metadata,
    _key("system"),
    _key("sha256"),
    _number("brought"),
    _document(),
)

assessment_run: Final = Table(
    "assessment_run",
    metadata,
    _key("id"),
    _text("system"),
    _number("started"),
    _document(),
    Index(None, "system", "started"),
)

item_verdict: Final = Table(
    "item_verdict",
    metadata,
    _key("run"),
    _key("unit"),
    _text("system"),
    _number("time"),
    _document(),
    Index(None, "system", "unit", "time"),
)

asset_verdict: Final = Table(
    "asset_verdict",
    metadata,
    _key("system"),
    _key("unit"),
    _key("asset"),
    _key("check"),
    _document(),
)

repair_task: Final = Table(
    "repair_task",
    metadata,
    _key("id"),
    _text("system"),
    _text("due"),
    _number("version"),
    _document(),
    Index(None, "system", "due"),
)
