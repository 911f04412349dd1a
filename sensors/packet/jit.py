"""How the functions of this folder are compiled.

Only the two entry points are cached on disk; what they call is linked into them, so a warm start
loads one object each. All of them work on absolute offsets into one byte arena
(`sensors.packet.layout`), so each has exactly one signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

import llvmlite.binding as llvm
import numpy as np
from numba import njit
from numba.core.codegen import CPUCodeLibrary

# The decoder is a deep tree of small functions: with LLVM's usual generosity (225) inlining makes
# compiling take minutes and a gigabyte.
llvm.set_option("fengsui", "-inline-threshold=40")

# numba makes uint64 of int(a byte), and a float of that and an int64: so bytes pass through i64.
if TYPE_CHECKING:
    i64 = int
else:
    i64 = np.int64

P = ParamSpec("P")
R = TypeVar("R")
# No objects are made, so nothing needs reference counts.
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_entries: set[str] = set()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function that only compiled code calls."""
    return cast("Callable[P, R]", njit(**_OPTIONS)(function))


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """A function that Python calls; its object code, with all it calls, is kept on disk."""
    _entries.add(function.__qualname__)
    return cast("Callable[P, R]", njit(cache=True, **_OPTIONS)(function))


@contextmanager
def optimising_once() -> Iterator[None]:
    """Compile inside this with LLVM's optimiser run on entry points only.

    numba optimises each function together with everything it calls, so what lies deep is optimised
    once for each level above it: minutes instead of seconds here. Where numba's insides differ
    from what is expected this changes nothing but the time.
    """
    name = "_optimize_final_module"
    original = getattr(CPUCodeLibrary, name, None)
    if original is None:
        yield
        return

    def optimise(library: Any) -> None:
        if library.name in _entries:
            original(library)

    setattr(CPUCodeLibrary, name, optimise)
    try:
        yield
    finally:
        setattr(CPUCodeLibrary, name, original)
