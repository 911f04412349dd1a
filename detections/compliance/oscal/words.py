"""What all OSCAL 1.2.1 documents have in common: stable ids, metadata, properties."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from fengsui import __version__

OSCAL_VERSION: Final = "1.2.1"
NAMESPACE: Final = "https://fengsui.example/ns/oscal"
_ROOT: Final = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
Document = dict[str, Any]


def uuid_of(*parts: str) -> str:
    """The same thing has the same id in every export."""
    return str(uuid.uuid5(_ROOT, "\x1f".join(parts)))


def metadata(title: str, modified: str) -> Document:
    """`modified`: RFC 3339."""
    return {
        "title": title,
        "last-modified": modified,
        "version": __version__,
        "oscal-version": OSCAL_VERSION,
    }


def props(values: Mapping[str, str]) -> list[Document]:
    """Properties of ours; OSCAL has no place for an empty value."""
    return [
        {"name": name, "ns": NAMESPACE, "value": " ".join(value.split())}
        for name, value in values.items()
        if value.strip()
    ]
