"""Tables: our TOML files, kept as JSON beside the cached rules: reading TOML takes twenty times as long."""

from __future__ import annotations

import contextlib
import hashlib
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

FOLDER = "~/.cache/fengsui/sigma"


def table(path: Path, folder: Path | None = None) -> dict[str, Any]:
    """The document of a TOML file.

    Args:
        path: of the file.
        folder: of the copy, which is named by the content; the user's own cache where none is given.
    """
    data = path.read_bytes()
    name = f"table-{path.stem}-{hashlib.sha256(data).hexdigest()[:40]}.json"
    copy = (folder or Path(FOLDER).expanduser()) / name
    with contextlib.suppress(OSError, ValueError):
        found = orjson.loads(copy.read_bytes())
        if isinstance(found, dict):
            return found
    # Imported here: only the first start reads TOML.
    document: dict[str, Any] = import_module("tomllib").loads(data.decode())
    with contextlib.suppress(OSError):
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = copy.with_name(f".{copy.name}.{os.getpid()}")
        part.write_bytes(orjson.dumps(document))
        part.replace(copy)
    return document
