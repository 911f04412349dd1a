"""Which cases, in which order, and how many of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from fengsui.errors import InputError
from fengsui.severity import Severity
from fengsui.store.sql import tables
from fengsui.store.state import Budget, CaseFilter

AMONG: Final = 20_000  # ids that a filter may name
_SORTS: Final = {
    "score": (tables.incident.c.score,),
    "last": (tables.incident.c.last,),
    "first": (tables.incident.c.first,),
    "severity": (tables.incident.c.severity, tables.incident.c.score),
}


def conditions(which: CaseFilter) -> list[ColumnElement[bool]]:
    """What must hold of a row; absorbed cases never show."""
    table = tables.incident
    found: list[ColumnElement[bool]] = [table.c.id.not_in(select(tables.absorbed.c.id))]
    if which.statuses:
        found.append(table.c.status.in_(which.statuses))
    if which.severities:
        found.append(table.c.severity.in_([_severity(word) for word in which.severities]))
    if which.owner is not None:
        found.append(table.c.owner == which.owner)
    if which.run is not None:
        found.append(table.c.run == which.run)
    if which.since > 0:
        found.append(table.c.last >= which.since)
    if which.until < CaseFilter().until:
        found.append(table.c.first < which.until)
    if which.origin is not None:
        found.append(table.c.origin == which.origin)
    if which.among is not None:
        found.append(table.c.id.in_(sorted(which.among)[:AMONG]))
    if which.budget is not None and which.below is not None:
        below = table.c.id.in_(beyond(which.budget))
        found.append(below if which.below else ~below)
    found += [table.c.search.contains(word, autoescape=True) for word in which.text.lower().split()]
    return found


def beyond(budget: Budget) -> Select[Any]:
    """Ids of the cases below the line: nobody acted on them, and they are weak or their shift has worse."""
    table = tables.incident
    place = (
        func.row_number()
        .over(
            partition_by=(table.c.run, table.c.first // budget.shift),
            order_by=(table.c.score.desc(), table.c.id),
        )
        .label("place")
    )
    ranked = (
        select(table.c.id, table.c.version, table.c.score, place)
        .where(table.c.id.not_in(select(tables.absorbed.c.id)))
        .subquery()
    )
    low = or_(ranked.c.place > budget.incidents, ranked.c.score < budget.least)
    return select(ranked.c.id).where(low, ranked.c.version == 0)


def order(sort: str) -> Sequence[ColumnElement[Any]]:
    """Columns of `-score` and the like; ties by id, so that pages never overlap.

    Raises:
        InputError: code `bad_sort`.
    """
    columns = _SORTS.get(sort.removeprefix("-"))
    if columns is None:
        raise InputError(
            f"Incidents cannot be sorted by {sort!r}",
            where="sort",
            next="Use " + ", ".join(_SORTS) + ", with - for falling",
            code="bad_sort",
        )
    falling = sort.startswith("-")
    return [column.desc() if falling else column.asc() for column in columns] + [
        tables.incident.c.id.asc()
    ]


def counted(connection: Connection, where: list[ColumnElement[bool]]) -> int:
    """How many cases meet all conditions."""
    statement = select(func.count()).select_from(tables.incident).where(*where)
    return connection.execute(statement).scalar_one()


def facet_counts(connection: Connection, which: CaseFilter) -> dict[str, list[tuple[str, int]]]:
    """Counts by value, largest first, each facet without its own choice."""
    table = tables.incident
    facets = {
        "status": (table.c.status, replace(which, statuses=())),
        "severity": (table.c.severity, replace(which, severities=())),
        "owner": (table.c.owner, replace(which, owner=None)),
        "run": (table.c.run, replace(which, run=None)),
        "origin": (table.c.origin, replace(which, origin=None)),
    }
    found: dict[str, list[tuple[str, int]]] = {}
    for name, (column, without) in facets.items():
        number = func.count().label("number")
        rows = connection.execute(
            select(column, number)
            .where(*conditions(without))
            .group_by(column)
            .order_by(number.desc(), column)
            .limit(50)
        )
        found[name] = [(_word(name, key), count) for key, count in rows]
    return found


def _word(facet: str, key: Any) -> str:
    return Severity(key).word if facet == "severity" else str(key)


def _severity(word: str) -> int:
    try:
        return int(Severity.parse(word))
    except ValueError as error:
        raise InputError(str(error), where="severity", code="bad_severity") from error
