"""`fengsui events CAPTURE…` without Typer and Rich, whose start takes a third of that of the command.

It takes the usual options in their usual spelling; all else (help, an unknown option) is left to Typer.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from console.cli.quick_words import values_of

OPTIONS: Final[dict[str, tuple[str, type]]] = {  # name → parameter of `events`, kind of value
    "--output": ("output", str),
    "-o": ("output", str),
    "--protocols": ("protocols", str),
    "--unordered": ("unordered", bool),
    "--sensor": ("sensor", str),
    "--json": ("as_json", bool),
}


def ran(words: Sequence[str]) -> bool:
    """Write the events that these words of the command line ask for; whether they were understood.

    Raises:
        FengsuiError: as the command does.
    """
    asked = understood(words)
    if asked is None:
        return False
    # Threads for numpy's matrices, of which there are none here, would spin while they start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - no setting of ours
    writing = import_module("console.cli.events_writing")
    # What events are made of is free at once: Python need not look so often for what is not.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    writing.write_events(**asked)
    return True


def understood(words: Sequence[str]) -> dict[str, Any] | None:
    """The values by parameter; None where Typer must read the words."""
    found = values_of(words, OPTIONS, "paths")
    return found if found and "paths" in found else None
