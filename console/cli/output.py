"""What commands show: tables and progress for people, one JSON document for programs.

Tables and JSON go to standard output, progress and errors to standard error, so that a pipe gets the
result only.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Styled

from console.cli.tenths import Tenths
from console.replaying import OnProgress
from fengsui.errors import FengsuiError

_PIPED_WIDTH = 180  # a pipe has no width of its own, and eighty columns fold every sentence

OUT = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
ERR = Console(stderr=True, highlight=False)

_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
_LETTERS = {"critical": "C", "high": "H", "medium": "M", "low": "L", "info": "I"}


def show_json(document: Any, to: TextIO | None = None) -> None:
    """One JSON document on standard output, or where else it is told."""
    stream = to or sys.stdout
    stream.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    stream.flush()


def show_error(error: FengsuiError, *, as_json: bool) -> None:
    """What, where and next; as JSON on standard output when that was asked for."""
    if as_json:
        show_json({"error": error.as_json()})
    # Never folded: a line may be a command to copy.
    ERR.print(Styled("error: ", style="bold red") + Styled(str(error)), soft_wrap=True)


def show_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = ""
) -> None:
    """A table, or the sentence for when there is nothing."""
    table_of(OUT, title, columns, rows, empty)


def table_of(
    to: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = ""
) -> None:
    """The same elsewhere."""
    if not rows:
        if empty:
            to.print(f"{title}: {empty}", markup=False)
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = column.startswith("#")
        table.add_column(
            column.removeprefix("#"),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*[cell if isinstance(cell, Styled) else Styled(str(cell)) for cell in row])
    to.print(table)
    to.print()


def severity(word: str) -> Styled:
    """Letter and word in the severity's colour."""
    return Styled(f"{_LETTERS.get(word, '?')} {word}", style=_COLOURS.get(word, ""))


def short_time(iso: str) -> str:
    """`11-21 07:49:45` of an ISO time."""
    return iso[5:19].replace("T", " ")


@contextmanager
def progress(quiet: bool = False) -> Generator[OnProgress]:
    """A progress bar on standard error; without a terminal, a line each few seconds."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=ERR,
        transient=True,
        disable=quiet or not ERR.is_terminal,
    )
    lines = Tenths(enabled=not quiet and not ERR.is_terminal)
    with bar:
        task = bar.add_task("starting", total=None)

        def tell(done: int, total: int, message: str) -> None:
            bar.update(
                task, completed=done, total=total or None, description=message or "finishing"
            )
            lines.tell(done, total, message)

        yield tell
