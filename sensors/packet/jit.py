"""How the functions of this folder are compiled.

Only the two entry points are cached on disk; what they call is linked into them, so a warm start
loads one object each. All of them work on absolute offsets into one byte arena
(`sensors.packet.layout`), so each has exactly one signature.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core.codegen import CPUCodeLibrary
from numba.core.cpu import CPUContext

# numba makes uint64 of int(a byte), and a float of that and an int64: so bytes pass through i64.
if TYPE_CHECKING:
    i64 = int
else:
    i64 = np.int64

P = ParamSpec("P")
R = TypeVar("R")
_njit: Any = numba.njit
_unliteral: Any = types.unliteral
_dynfunc: Any = importlib.import_module("numba._dynfunc")  # a C module without stubs
# No objects are made, so nothing needs reference counts.
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_entries: set[str] = set()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function that only compiled code calls."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True} | _OPTIONS
    dispatcher = _njit(**options)(function)
    resolve = dispatcher.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return resolve(tuple(_plain(kind) for kind in args), kws)

    dispatcher.get_call_template = get_call_template
    return cast("Callable[P, R]", dispatcher)


def _plain(kind: Any) -> Any:
    """int64 for constants, bytes, booleans and every other width, so one signature serves them all."""
    kind = _unliteral(kind)
    if isinstance(kind, types.Integer | types.Boolean) and kind != types.uint64:
        return types.int64
    return kind


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """A function that Python calls; its object code, with all it calls, is kept on disk."""
    _entries.add(function.__qualname__)
    return cast("Callable[P, R]", _njit(cache=True, **_OPTIONS)(function))


@contextmanager
def compiling_once() -> Generator[None]:
    """Compile inside this with every function turned into machine code once, at its entry point.

    numba links, optimises and emits each function together with everything that it calls, so what
    lies deep is done again for each level above it: minutes and a gigabyte for this folder. Here
    a function that only compiled code calls is left as it is, and the entry point links them all.
    Such a function must not be called from Python afterwards.
    """
    finalize: Any = CPUCodeLibrary.finalize
    executable: Any = CPUContext.get_executable

    def finalize_once(library: Any) -> None:
        if library.name in _entries:
            library._linking_libraries = _all_below(library)  # noqa: SLF001
            finalize(library)
        else:
            library._finalized = True  # noqa: SLF001

    def no_executable(context: Any, library: Any, fndesc: Any, env: Any) -> Any:
        if library.name in _entries:
            return executable(context, library, fndesc, env)
        name = fndesc.qualname.split(".")[-1]
        return _dynfunc.make_function(fndesc.lookup_module(), name, "", 0, env, (library,))

    setattr(CPUCodeLibrary, "finalize", finalize_once)  # noqa: B010 - replaced on purpose
    setattr(CPUContext, "get_executable", no_executable)  # noqa: B010
    try:
        yield
    finally:
        setattr(CPUCodeLibrary, "finalize", finalize)  # noqa: B010
        setattr(CPUContext, "get_executable", executable)  # noqa: B010


def _all_below(library: Any) -> list[Any]:
    """Libraries that a library calls, directly or not, each once, callers before what they call.

    The order matters: LLVM's linker leaves out what nobody has called yet.
    """
    found: dict[int, Any] = {}

    def visit(one: Any) -> None:
        if id(one) not in found:
            found[id(one)] = one
            for below in one._linking_libraries:  # noqa: SLF001
                visit(below)
            found[id(one)] = found.pop(id(one))  # behind all that it calls

    visit(library)
    return [one for one in reversed(found.values()) if one is not library]
