"""Texts of the standards that the user brought: kept beside the state, never shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson

from detections.compliance.oscal.reading import OscalRead, read_oscal
from fengsui.errors import InputError
from fengsui.settings import Settings

FILE: Final = "requirements.json"


def import_texts(settings: Settings, path: Path) -> OscalRead:
    """Take the texts of an OSCAL catalogue in.

    Raises:
        InputError: not readable, or no OSCAL catalogue.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The catalogue cannot be read: {error.strerror}", where=str(path), next="Name a file"
        ) from error
    read = read_oscal(data)
    texts = {**_texts(settings), **{unit: text for unit, text in read.texts.items() if text}}
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = settings.home / FILE
    part = target.with_suffix(".part")
    part.write_bytes(orjson.dumps(texts, option=orjson.OPT_INDENT_2))
    part.replace(target)
    return read


def text_of(settings: Settings, unit: str) -> str:
    """The text of a unit; "" where none was brought."""
    return _texts(settings).get(unit, "")


def _texts(settings: Settings) -> dict[str, str]:
    path = settings.home / FILE
    try:
        found: dict[str, str] = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found
