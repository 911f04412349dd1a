"""How the functions of this folder are compiled.

Each entry point with all that it calls becomes machine code that is kept (`sensors.packet.native`).
All functions work on absolute offsets into one byte arena (`sensors.packet.layout`), so each has
exactly one signature.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core.codegen import CPUCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.cpu import CPUContext
from numba.np import arrayobj

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
_entries: dict[str, str] = {}


class Code(NamedTuple):
    """Machine code of an entry point, with all that it calls.

    Attributes:
        symbol: its name in the object file.
        code: an object file.
    """

    name: str
    symbol: str
    code: bytes


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
    """A function that Python calls, through `sensors.packet.native`."""
    _entries[function.__qualname__] = function.__name__
    return compiled(function)


@contextmanager
def compiling_once() -> Generator[Callable[[], list[Code]]]:
    """Compile inside this with every function turned into machine code once, with its entry point.

    numba links, optimises and emits each function together with everything that it calls, so what
    lies deep is done again for each level above it: minutes and a gigabyte for this folder. Here
    a function is left as it is; what this yields then links each entry point with all below it into
    one module and gives their machine code. An index is never negative, so numba's care for indices
    that count from the end is left out: it would stand at every byte that is read. None of the
    functions may be called from Python afterwards.
    """
    finalize: Any = CPUCodeLibrary.finalize
    executable: Any = CPUContext.get_executable
    any_index: Any = arrayobj.fix_integer_index
    found: dict[str, tuple[str, Any]] = {}

    def leave(library: Any) -> None:
        library._finalized = True  # noqa: SLF001

    def no_executable(context: Any, library: Any, fndesc: Any, env: Any) -> Any:
        del context
        if library.name in _entries:
            found[_entries[library.name]] = (fndesc.mangled_name, library)
        name = fndesc.qualname.split(".")[-1]
        return _dynfunc.make_function(fndesc.lookup_module(), name, "", 0, env, (library,))

    def assemble() -> list[Code]:
        setattr(CPUCodeLibrary, "finalize", finalize)  # noqa: B010
        made: list[Code] = []
        with global_compiler_lock:
            for name, (symbol, library) in found.items():
                library._linking_libraries = _all_below(library)  # noqa: SLF001
                library._finalized = False  # noqa: SLF001
                finalize(library)
                machine = library.codegen._tm  # noqa: SLF001
                made.append(Code(name, symbol, machine.emit_object(library._final_module)))  # noqa: SLF001
        return made

    def plain_index(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
        del size
        return context.cast(builder, index, kind, types.intp)

    setattr(arrayobj, "fix_integer_index", plain_index)  # noqa: B010 - replaced on purpose
    setattr(CPUCodeLibrary, "finalize", leave)  # noqa: B010
    setattr(CPUContext, "get_executable", no_executable)  # noqa: B010
    try:
        yield assemble
    finally:
        setattr(CPUCodeLibrary, "finalize", finalize)  # noqa: B010
        setattr(CPUContext, "get_executable", executable)  # noqa: B010
        setattr(arrayobj, "fix_integer_index", any_index)  # noqa: B010


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
