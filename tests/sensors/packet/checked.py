"""The laws of mutants with every index of compiled code checked: `make fuzz-checked`.

Compiles the decoder once more, with numba's checks of bounds, into a folder of its own, and says where
an index was out of bounds. Arguments are those of `mutant_laws`.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any, Final

os.environ["NUMBA_BOUNDSCHECK"] = "1"  # numba reads it when it is first imported

from sensors.packet import native
from tests.sensors.packet import mutant_laws

FOLDER: Final = Path(__file__).resolve().parents[3] / ".checked"


class OutOfBoundsError(Exception):
    """An index of compiled code that is none."""


class _Raised(ctypes.Structure):
    """numba's description of an exception (numba.core.callconv): a pickled class, arguments and place."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_int32),
    )


def described(error: ctypes.c_void_p) -> str:
    """What compiled code raised, and where."""
    if not error.value:
        return "an exception without description"
    raised = _Raised.from_address(error.value)
    return repr(pickle.loads(ctypes.string_at(raised.data, raised.size)))


def name_places() -> None:
    """Let what a check raises say in which function it stands."""
    convention: Any = importlib.import_module("numba.core.callconv").CPUCallConv
    plain = convention.return_user_exc

    def return_user_exc(self: Any, builder: Any, exc: Any, args: Any = None, **more: Any) -> None:
        if exc is IndexError:
            args = (f"index is out of bounds in {builder.function.name}",)
        plain(self, builder, exc, args, **more)

    convention.return_user_exc = return_user_exc


def call(entry: native.Entry, *numbers: int) -> int:
    """`Entry.__call__`, raising what the compiled code raised."""
    if entry.status(*numbers):
        raise OutOfBoundsError(described(entry.error))
    return entry.answer.value


def main() -> int:
    """Compile where that was not done, and hold the laws."""
    FOLDER.mkdir(exist_ok=True)
    name_places()
    native._folder = lambda: FOLDER
    native.Entry.__call__ = call  # type: ignore[method-assign]
    return mutant_laws.main()


if __name__ == "__main__":
    sys.exit(main())
