"""Whether the packet decoder is compiled yet, said before it is waited for."""

from __future__ import annotations

from importlib import import_module

from sensors.packet.native import is_cached


def say_if_compiling() -> None:
    """Without the cache the first packets take a minute: say so rather than seem to hang."""
    if not is_cached():
        import_module("console.cli.output").ERR.print(
            "compiling the packet decoder (about a minute, once; `make setup` does it beforehand)"
        )
