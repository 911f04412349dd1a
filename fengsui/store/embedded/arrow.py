"""pyarrow's functions, which it makes at run time and its type information does not know."""

from __future__ import annotations

from typing import Any

import pyarrow.compute
import pyarrow.parquet

pc: Any = pyarrow.compute
pq: Any = pyarrow.parquet
