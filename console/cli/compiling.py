"""Whether the packet decoder is compiled yet, said before it is waited for."""

from __future__ import annotations

from console.cli.output import ERR
from sensors.packet.native import is_cached


def say_if_compiling() -> None:
    """Without the cache the first packets take a minute: say so rather than seem to hang."""
    if not is_cached():
        ERR.print(
            "compiling the packet decoder (about a minute, once; `make setup` does it beforehand)"
        )
