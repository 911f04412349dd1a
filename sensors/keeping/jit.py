"""Entry points of this folder's compiled code, kept in numba's own cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")
_njit: Any = numba.njit
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """A function that Python calls; its object code, with all it calls, is kept on disk."""
    return cast("Callable[P, R]", _njit(cache=True, **_OPTIONS)(function))
