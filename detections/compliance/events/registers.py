"""Registers as files: CSV in UTF-8 or GBK whose first line says which register it is.

#fengsui-register: leavers
account,kind,end,removed,returned
zhangsan,leaver,2026-06-30,2026-06-30 18:00,2026-06-30
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.sealed import text_of
from detections.compliance.events.ledger import Register, moment, number
from fengsui.errors import InputError

HEAD: Final = "#fengsui-register:"
_BOM: Final = b"\xef\xbb\xbf"
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 500_000
MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns of a register: `must` are filled in each row; `times` and `numbers` where filled are such."""

    columns: tuple[str, ...]
    must: tuple[str, ...]
    times: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


SHAPES: Final[Mapping[str, Shape]] = {
    "leavers": Shape(
        ("account", "kind", "end", "removed", "returned"),
        ("account", "kind", "end"),
        times=("end", "removed", "returned"),
    ),
    "tickets": Shape(
        ("id", "person", "source", "target", "from", "until"),
        ("id", "target", "from", "until"),
        times=("from", "until"),
    ),
    "backups": Shape(
        ("data", "kind", "time", "result", "size", "interval_hours", "lag_seconds"),
        ("data", "kind", "time", "result"),
        times=("time",),
        numbers=("size", "interval_hours", "lag_seconds"),
    ),
    "loads": Shape(
        ("device", "time", "cpu", "memory", "peak"),
        ("device", "time", "cpu", "memory"),
        times=("time",),
        numbers=("cpu", "memory"),
    ),
    "links": Shape(
        ("link", "time", "in_bps", "out_bps", "contract_bps", "peak"),
        ("link", "time", "in_bps", "out_bps", "contract_bps"),
        times=("time",),
        numbers=("in_bps", "out_bps", "contract_bps"),
    ),
    "rules": Shape(
        ("sensor", "content", "latest"), ("sensor", "content"), times=("content", "latest")
    ),
    "climate": Shape(
        ("room", "time", "temperature", "humidity"),
        ("room", "time", "temperature", "humidity"),
        times=("time",),
        numbers=("temperature", "humidity"),
    ),
}


def is_register(head: bytes) -> bool:
    """Whether a file begins as a register does."""
    return head.removeprefix(_BOM).startswith(HEAD.encode())


def read_register(path: Path) -> AssetEvidence:
    """A register as evidence; its asset is `register:NAME`, its facts a `Register`.

    Raises:
        InputError: too large, a register that is not known, or columns that are not its own.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError("The register is too large", where=str(path), code="too_large")
    data = path.read_bytes()
    found = parse_register(data, str(path))
    return AssetEvidence(
        name=f"register:{found.name}",
        kind="register",
        source=path.name,
        digest=found.digest,
        collected=0,
        level="E6",
        facts=found,
        problems=found.problems,
    )


def parse_register(data: bytes, where: str) -> Register:
    """The rows of a register; those that are not read are listed.

    Raises:
        InputError: as `read_register`.
    """
    head, _, rest = text_of(data.removeprefix(_BOM)).partition("\n")
    name = head.removeprefix(HEAD).strip(" ,\r\t")
    shape = SHAPES.get(name)
    if shape is None:
        raise InputError(
            f"There is no register {name[:30]}",
            where=where,
            next=f"Known: {', '.join(SHAPES)}",
            code="unknown_register",
        )
    reader = csv.DictReader(io.StringIO(rest), restkey="", restval="")
    missing = [each for each in shape.must if each not in (reader.fieldnames or [])]
    if missing:
        raise InputError(
            f"The register {name} lacks the columns {', '.join(missing)}",
            where=where,
            next=f"Columns: {', '.join(shape.columns)}",
            code="bad_register",
        )
    rows: list[Mapping[str, str]] = []
    problems: list[str] = []
    try:
        for count, row in enumerate(reader, 3):
            if len(rows) >= MOST_ROWS:
                problems.append(f"more than {MOST_ROWS} rows")
                break
            kept = {each: str(row.get(each, "")).strip() for each in shape.columns}
            fault = _fault(kept, shape)
            if fault:
                problems.append(f"line {count}: {fault}")
            else:
                rows.append(kept)
    except csv.Error as error:
        problems.append(f"not read to its end: {error}")
    told = problems[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        told.append(f"and {len(problems) - MOST_PROBLEMS} more")
    return Register(name, tuple(rows), hashlib.sha256(data).hexdigest(), tuple(told))


def _fault(row: Mapping[str, str], shape: Shape) -> str:
    for name in shape.must:
        if not row[name]:
            return f"{name} is empty"
    try:
        for name in shape.times:
            moment(row[name])
        for name in shape.numbers:
            if row[name]:
                number(row[name])
    except (ValueError, InputError) as error:
        return str(error)[:80]
    return ""
