"""The decoder's machine code: found, or made once, and called without numba.

`sensors.packet.compile` turns the entry points with all that they call into object code, kept in a
file that is named after a hash over the sources, the compiler and the processor, so a stale one is
never loaded. Here it is linked into this process by LLVM's own linker. Importing numba and typing
the arguments at each start cost more than most captures do.

The file is kept in the folder of the sources, or, where that is not writable, in the user's
cache folder. Whoever may write there may run code here: the same as with Python's own cache.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import llvmlite.binding as llvm  # type: ignore[import-untyped]

from sensors.packet.layout import Tables

_HERE: Final = Path(__file__).parent
# Modules that compiled code does not depend on.
_PLAIN: Final = frozenset(
    {
        "__init__.py", "capture.py", "compile.py", "decoder.py", "dissect.py", "filling.py",
        "native.py", "opening.py", "receiving.py", "slice.py", "smb_shares.py",
    }
)  # fmt: skip
# Tables from elsewhere that are compiled in.
_TABLES: Final = tuple(
    _HERE.parent / "wire" / name for name in ("smb_names.py", "tls_names.py", "tls_suites.py")
)
# Words that an entry point takes: two for results, seven for each array, one for each number.
WORDS: Final = {"run": 2 + 7 * len(Tables._fields) + 1, "scan": 2 + 7 * (len(Tables._fields) + 1)}
CALL: Final = "call_"  # in front of the name of what calls an entry point with such words
_KEPT: Final = 4  # object files of other sources that may lie beside the newest


@cache
def fingerprint() -> str:
    """Hash over the compiled sources, the compiler and the processor."""
    state = hashlib.sha256()
    for path in (*sorted(_HERE.glob("*.py")), *_TABLES):
        if path.name not in _PLAIN:
            state.update(path.name.encode() + b"\0" + path.read_bytes())
    processor = llvm.get_host_cpu_name()
    state.update(f"{version('numba')} {version('llvmlite')} {processor}".encode())
    return state.hexdigest()[:32]


def _folder() -> Path:
    """Where object files lie: beside the sources if that may be written."""
    beside = _HERE / "__pycache__"
    if os.access(beside if beside.exists() else _HERE, os.W_OK):
        return beside
    return Path("~/.cache/fengsui").expanduser()


def _path() -> Path:
    return _folder() / f"packet-{fingerprint()}.o"


def is_cached() -> bool:
    """Whether a run can begin without compiling."""
    return _path().is_file()


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """One process at a time compiles; the others wait and then find what it made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def warm_up() -> None:
    """Compile unless that was done: a minute or two of one core, and then never again."""
    path = _path()
    if path.is_file():
        return
    with _alone(path):
        if path.is_file():
            return
        compiler: Any = import_module("sensors.packet.compile")
        made = compiler.machine_code()
        head = [[one.name, one.symbol, len(one.code)] for one in made]
        temporary = path.with_suffix(".writing")
        temporary.write_bytes(
            json.dumps(head).encode() + b"\n" + b"".join(one.code for one in made)
        )
        temporary.rename(path)
        _tidy(path)


def _tidy(newest: Path) -> None:
    """Remove object files that were made of other sources, but for the newest few."""
    others = sorted(
        (one for one in newest.parent.glob("packet-*.o") if one != newest),
        key=lambda one: one.stat().st_mtime,
        reverse=True,
    )
    for one in others[_KEPT:]:
        one.unlink(missing_ok=True)
        one.with_suffix(".lock").unlink(missing_ok=True)


@cache
def _linked() -> tuple[Any, dict[str, int]]:
    """The linker with the code in it (it must live as long as the code), and addresses by name."""
    warm_up()
    head, _, code = _path().read_bytes().partition(b"\n")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    symbols: dict[str, str] = {}
    at = 0
    for name, symbol, size in json.loads(head):
        engine.add_object_file(llvm.ObjectFileRef.from_data(code[at : at + size]))
        symbols[name] = symbol
        at += size
    engine.finalize_object()
    return engine, {name: engine.get_function_address(one) for name, one in symbols.items()}


class Entry:
    """An entry point with its arrays: `Entry("run", tables)(number)` calls `run(tables, number)`.

    Args:
        name: of the entry point.
        arrays: one-dimensional arrays, in the order of the entry point's arguments; kept alive.
    """

    def __init__(self, name: str, *arrays: Any) -> None:
        _, addresses = _linked()
        function: Any = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(addresses[CALL + name])
        self._arrays = arrays
        self.answer = ctypes.c_int64()
        self.error = ctypes.c_void_p()
        # numba's convention: where the answer and an exception go, then each array in seven words.
        words = [ctypes.addressof(self.answer), ctypes.addressof(self.error)]
        for array in arrays:
            words += [
                0, 0, array.size, array.itemsize, array.ctypes.data, array.shape[0],
                array.strides[0],
            ]  # fmt: skip
        self._numbers = len(words)
        self._words: Any = (ctypes.c_int64 * WORDS[name])(*words)
        self._call = partial(function, ctypes.addressof(self._words))

    def status(self, *numbers: int) -> int:
        """Call it, without the interpreter's lock; not 0 where `error` says what it raised."""
        for at, number in enumerate(numbers, self._numbers):
            self._words[at] = number
        return int(self._call())

    def __call__(self, *numbers: int) -> int:
        """Call it; its answer."""
        status = self.status(*numbers)
        assert status == 0, "compiled code raises nothing"
        return self.answer.value


def entry(name: str, tables: Tables, *more: Any) -> Entry:
    """An entry point over `tables` and further arrays."""
    return Entry(name, *tables, *more)
