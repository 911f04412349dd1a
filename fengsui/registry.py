"""Shelves: the plural folder beside an interface holds its parts, found by listing the folder.

A part that does not load stops the start with its name: a detector that is silently absent is a
hole that nobody sees.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from fengsui.errors import RuleError


def parts(shelf: ModuleType) -> Iterator[ModuleType]:
    """Modules of a package in order of name, except those that begin with an underscore.

    Raises:
        RuleError: a module of the shelf fails to import; names it and the cause.
    """
    for info in sorted(pkgutil.iter_modules(shelf.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        name = f"{shelf.__name__}.{info.name}"
        try:
            yield importlib.import_module(name)
        except Exception as error:
            raise RuleError(
                f"The part {name} does not load: {error}",
                where=name.replace(".", "/") + ".py",
                next="Mend it or take the file away; nothing starts with a part missing",
                code="part_does_not_load",
            ) from error
