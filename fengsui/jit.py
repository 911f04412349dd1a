"""Functions turned into machine code by numba, kept in its own cache beside the sources or in the user's.

numba looks only whether the file of a function has changed; here no file of its folder that imports this
module may have.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

import llvmlite.ir as ll  # type: ignore[import-untyped]
import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# numba mixes int64 and uint64 to doubles: so bytes pass through i64, and words stay u64.
if TYPE_CHECKING:
    i64 = int
    u64 = int
else:
    i64 = np.int64
    u64 = np.uint64

P = ParamSpec("P")
R = TypeVar("R")
_njit: Any = numba.njit
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """A function that Python calls; its object code, with all it calls, is kept on disk."""
    made = _njit(cache=True, **_OPTIONS)(function)
    made._cache._cache_file._source_stamp = _stamp(Path(inspect.getfile(function)).parent)  # noqa: SLF001
    return cast("Callable[P, R]", made)


def _stamp(folder: Path) -> list[tuple[str, float, int]]:
    """Names, times and sizes of the compiled sources of a folder, and of this file."""
    compiled = [path for path in folder.glob("*.py") if b"fengsui.jit" in path.read_bytes()]
    paths = [*sorted(compiled), Path(__file__)]
    stats = [(path.name, path.stat()) for path in paths]
    return [(name, stat.st_mtime, stat.st_size) for name, stat in stats]


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """A function that only functions of the same folder call: it becomes part of their object code."""
    return cast("Callable[P, R]", _njit(**_OPTIONS)(function))


_intrinsic: Any = intrinsic
_struct: Any = cgutils.create_struct_proxy


@_intrinsic
def load_word(typing: Any, memory: Any, at: Any) -> Any:
    """Eight bytes of an array of bytes from any place, the first one lowest, as uint64.

    Nothing is checked: the array must reach that far.
    """
    del typing

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = _struct(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        word = ll.IntType(64)
        return builder.load(builder.bitcast(place, word.as_pointer()), align=1)

    return types.uint64(memory, types.int64), make


@_intrinsic
def low_zeros(typing: Any, word: Any) -> Any:
    """How many bits below the lowest one set; 64 for zero."""
    del typing, word

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.cttz(arguments[0], ll.Constant(ll.IntType(1), 0))

    return types.int64(types.uint64), make
