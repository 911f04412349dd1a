"""Registers as files: CSV in UTF-8 or GBK whose first line says which register it is.

#fengsui-register: leavers
account,kind,end,removed,returned
zhangsan,leaver,2026-06-30,2026-06-30 18:00,2026-06-30

Columns may be headed, and kinds written, in Chinese as the console shows them (`web.column`, `_CHOICES`).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.sealed import text_of
from detections.compliance.events.ledger import Register, moment, number
from fengsui.errors import InputError
from fengsui.text import Text

HEAD: Final = "#fengsui-register:"
_BOM: Final = b"\xef\xbb\xbf"
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 500_000
MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns of a register: `must` are filled in each row; `times` and `numbers` where filled are such.

    `kinds`: the words that its column `kind` takes.
    """

    columns: tuple[str, ...]
    must: tuple[str, ...]
    times: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


# Words of a kind as people write them, beside the word itself.
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "leaver": ("离职", "离职人员", "离岗", "离岗人员", "内部人员", "员工", "人员"),
    "vendor": (
        "外部人员",
        "外包",
        "外包人员",
        "供应商",
        "供应商人员",
        "第三方",
        "第三方人员",
        "运维商",
    ),
    "backup": ("备份", "本地备份", "备份任务", "完全备份", "增量备份"),
    "restore": ("恢复", "还原", "恢复测试", "恢复演练"),
    "replica": ("复制", "同步", "副本", "异地备份", "异地复制", "异地同步", "实时备份"),
}
_KINDS: Final = {word: kind for kind, words in _CHOICES.items() for word in (kind, *words)}


SHAPES: Final[Mapping[str, Shape]] = {
    "leavers": Shape(
        ("account", "kind", "end", "removed", "returned"),
        ("account", "kind", "end"),
        times=("end", "removed", "returned"),
        kinds=("leaver", "vendor"),
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
        kinds=("backup", "restore", "replica"),
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
    reader.fieldnames = [_column(each) for each in reader.fieldnames or []]
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
            if shape.kinds:
                kept["kind"] = _KINDS.get(kept["kind"].lower(), kept["kind"])
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


def written(name: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """A register's file of these rows; `parse_register` reads it again."""
    text = io.StringIO()
    text.write(f"{HEAD} {name}\n")
    writer = csv.DictWriter(text, SHAPES[name].columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _column(head: str) -> str:
    return _columns().get(head.strip().lstrip("\ufeff"), head.strip())


@cache
def _columns() -> Mapping[str, str]:
    """Heads in both languages, as the console shows them, by column."""
    names = {column for shape in SHAPES.values() for column in shape.columns}
    return {
        Text(f"web.column.{name}", {}).render(language): name
        for name in sorted(names)
        for language in ("zh", "en")
    }


def _fault(row: Mapping[str, str], shape: Shape) -> str:
    for name in shape.must:
        if not row[name]:
            return f"{name} is empty"
    if shape.kinds and row["kind"] not in shape.kinds:
        return f"kind {row['kind'][:20]} is none of {', '.join(shape.kinds)}"
    try:
        for name in shape.times:
            moment(row[name])
        for name in shape.numbers:
            if row[name]:
                number(row[name])
    except InputError as error:
        return error.what
    except ValueError as error:
        return str(error)[:80]
    return ""
