"""Making the decoder's machine code; `python -m sensors.packet.compile` does it ahead of time.

Only this module and those that it imports need numba: `sensors.packet.native` calls it where no
object file is found.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import int64

from sensors.packet import kinds
from sensors.packet.engine import run
from sensors.packet.jit import Code, compiling_once
from sensors.packet.layout import WANTED, make_tables
from sensors.packet.native import warm_up
from sensors.packet.scanning import scan

_typeof: Any = numba.typeof


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
        return assemble()


if __name__ == "__main__":
    warm_up()
