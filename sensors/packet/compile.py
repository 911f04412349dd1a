"""Making the decoder's machine code; `python -m sensors.packet.compile` does it ahead of time.

Only this module and those that it imports need numba: `sensors.packet.native` calls it where no
object file is found.
"""

from __future__ import annotations

from typing import Any, Final

import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numba
import numpy as np
from numba import int64

from sensors.packet import kinds
from sensors.packet.engine import run
from sensors.packet.jit import Code, compiling_once
from sensors.packet.layout import WANTED, make_tables
from sensors.packet.native import CALL, WORDS, warm_up
from sensors.packet.scanning import scan

_typeof: Any = numba.typeof
_TYPED_POINTERS: Final = 16  # the last version of LLVM that has them


def machine_code() -> list[Code]:
    """Machine code of the entry points."""
    tables = _typeof(make_tables(16, 1, kinds.COUNT, len(kinds.LOSS_NAMES)))
    signatures: dict[Any, tuple[Any, ...]] = {
        run: (tables, int64),
        scan: (tables, _typeof(np.zeros(1, WANTED))),
    }
    with compiling_once() as assemble:
        for function, arguments in signatures.items():
            function.compile(arguments)
        made = assemble()
    return [*made, *(_call(one.name, one.symbol) for one in made)]


def _call(name: str, symbol: str) -> Code:
    """A function that calls an entry point with arguments out of an array of words.

    An entry point has more than a hundred, and ctypes would convert each of them at each call.
    """
    pointer = "ptr" if llvm.llvm_version_info[0] > _TYPED_POINTERS else "i64*"
    count = WORDS[name]
    loads = "".join(
        f"  %p{n} = getelementptr i64, {pointer} %words, i64 {n}\n"
        f"  %w{n} = load i64, {pointer} %p{n}\n"
        for n in range(count)
    )
    types = ", ".join(["i64"] * count)
    words = ", ".join(f"i64 %w{n}" for n in range(count))
    made = (
        f'declare i32 @"{symbol}"({types})\n'
        f"define i32 @{CALL}{name}({pointer} %words) {{\n{loads}"
        f'  %status = call i32 @"{symbol}"({words})\n  ret i32 %status\n}}\n'
    )
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    return Code(CALL + name, CALL + name, machine.emit_object(llvm.parse_assembly(made)))


if __name__ == "__main__":
    warm_up()
