"""SELECTs of the values of a field, one row a value, over the events of a part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.store.embedded.condition import DATE_FORMAT, quoted
from fengsui.store.embedded.plan import Part
from fengsui.store.embedded.reader import Reader
from fengsui.store.embedded.schema import ID, TEXT, TIME, registered

Source = tuple[str, list[Any]]
"""A SELECT of (id, moment, value, folded), with its parameters; `moment` in µs."""


def union_of(sources: Sequence[Source]) -> Source:
    """All rows of several SELECTs."""
    sql = " UNION ALL ".join(one for one, _ in sources)
    return sql, [value for _, parameters in sources for value in parameters]


def term_sources(reader: Reader, part: Part, field: str) -> list[Source]:
    """SELECTs of the texts of a field: of its column, and of what had no column."""
    where = part.filtered()
    source, files = part.source(str(reader.folder))
    at = f"epoch_us({quoted(TIME)}) AS moment"
    found: list[Source] = []
    if field in part.columns and field in registered():
        is_list = registered()[field].is_list
        values = quoted(field)
        select = f"unnest({values})" if is_list else values
        selected = f"{quoted(ID)} AS id, {at}, {select} AS one"
        inner = f"SELECT {selected} FROM {source} WHERE {where.sql}"  # noqa: S608
        text = _text(field)
        folded = "one" if part.columns[field] and is_text(field) else f"lower({text})"
        distinct = "DISTINCT ON (id, folded) " if is_list else ""
        outer = f"SELECT {distinct}id, moment, {text} AS value, {folded} AS folded FROM ({inner})"  # noqa: S608
        found.append((f"SELECT * FROM ({outer})", [*files, *where.parameters]))  # noqa: S608
    if TEXT in part.columns:
        inner = (
            f"SELECT {quoted(ID)} AS id, {at}, unnest({TEXT}[?]) AS value FROM {source} "  # noqa: S608
            f"WHERE {where.sql}"
        )
        outer = f"SELECT DISTINCT ON (id, folded) id, moment, value, lower(value) AS folded FROM ({inner})"  # noqa: S608
        found.append((f"SELECT * FROM ({outer})", [field, *files, *where.parameters]))  # noqa: S608
    return found


def is_text(field: str) -> bool:
    """Whether the values of a field are kept as text."""
    return (
        field in registered()
        and field != ID
        and registered()[field].type in {"keyword", "text", "ip"}
    )


def _text(field: str) -> str:
    if field == ID:
        return "lower(hex(one))"
    match registered()[field].type:
        case "date":
            return f"strftime(one, '{DATE_FORMAT}')"
        case "keyword" | "text" | "ip":
            return "one"
        case _:
            return "CAST(one AS VARCHAR)"
