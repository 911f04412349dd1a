"""Compiling ahead of the first capture, and knowing whether that was done.

numba keeps object code in `__pycache__` beside the entry points (or, where that is not writable, in
the user's cache folder) and looks only at the time stamp of the entry point's own file. A change in
another file of this folder would go unseen; so a stamp beside it holds a hash over all of them, and
where it differs the old objects are removed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast

import llvmlite  # type: ignore[import-untyped]
import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numba

from sensors.packet import kinds
from sensors.packet.engine import run
from sensors.packet.jit import compiling_once
from sensors.packet.layout import make_tables
from sensors.packet.slice import no_wanted, scan

_STAMP = "packet.stamp"
_NOT_COMPILED = {
    "__init__.py",
    "capture.py",
    "compile.py",
    "decoder.py",
    "receiving.py",
    "dissect.py",
    "opening.py",
    "filling.py",
}


@cache
def _fingerprint() -> str:
    """Hash over the compiled sources, the compiler and the processor."""
    state = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in _NOT_COMPILED:
            state.update(path.name.encode() + b"\0" + path.read_bytes())
    processor = llvm.get_host_cpu_name()
    state.update(f"{numba.__version__} {llvmlite.__version__} {processor}".encode())
    return state.hexdigest()


def _folder(function: Any) -> Path:
    """Where numba keeps an entry point's object code."""
    return Path(cast("str", function.stats.cache_path))


def is_cached() -> bool:
    """Whether a run can begin without compiling."""
    stamp = _folder(run) / _STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == _fingerprint()


def _drop_stale() -> None:
    """Remove object code of other sources."""
    folder = _folder(run)
    (folder / _STAMP).unlink(missing_ok=True)
    for pattern in ("engine.*.nb*", "slice.*.nb*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def warm_up() -> None:
    """Compile everything unless that was done: half a minute of one core, and then never again."""
    if is_cached():
        return
    _drop_stale()
    tables = make_tables(16, 1, kinds.COUNT, len(kinds.LOSS_NAMES))
    tables.state[0]["record_header"] = 16
    with compiling_once():
        run(tables, 0)
        scan(tables, no_wanted())
    folder = _folder(run)
    if folder.is_dir():
        (folder / _STAMP).write_text(_fingerprint(), encoding="ascii")
