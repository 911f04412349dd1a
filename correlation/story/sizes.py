"""Sizes as people read them."""

from __future__ import annotations


def size_text(size: float) -> str:
    """Bytes with an SI prefix: `61 MB`."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} B"
