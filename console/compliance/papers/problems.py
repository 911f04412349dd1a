"""The problem list with its repair plan, as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from console.compliance.papers.content import Content, problems_of
from console.compliance.papers.document import missing, printable
from console.compliance.papers.report import verdict_word, words
from detections.compliance.score.inputs import rounded


def problem_list(content: Content) -> bytes:
    """Sheets: problems with facts and repair, the plan, what would lift the rate most.

    Raises:
        MissingToolError: openpyxl is not installed.
    """
    try:
        import openpyxl  # noqa: PLC0415 - the extra `papers`
    except ImportError as error:
        raise missing("openpyxl") from error
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    _sheet(book, "sheet.problems", _PROBLEMS, _problems(content))
    _sheet(book, "sheet.plan", _PLAN, _plan(content))
    _sheet(book, "sheet.what_if", _WHAT_IF, _what_if(content))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


_LINE: Final = 14.0  # points
_PROBLEMS = (
    ("number", 6), ("unit", 13), ("clause", 13), ("area", 15), ("title", 22), ("asset", 16),
    ("verdict", 11), ("case", 9), ("reason", 34), ("facts", 34), ("repair", 34),
)  # fmt: skip
_PLAN = (
    ("number", 6), ("unit", 13), ("title", 22), ("asset", 16), ("assignee", 18), ("due", 12),
    ("status", 12), ("wish", 12), ("history", 60),
)  # fmt: skip
_WHAT_IF = (
    ("number", 6), ("unit", 13), ("title", 26), ("verdict", 12), ("lift", 12), ("days", 12),
    ("case", 12),
)  # fmt: skip


def _problems(content: Content) -> list[Sequence[object]]:
    return [
        (
            number,
            each.item.unit,
            f"{each.item.control.clause} {each.item.control.item}".strip(),
            each.item.control.area.render("zh"),
            each.item.control.title.render("zh"),
            each.asset or "—",
            verdict_word(each.verdict),
            each.item.high_risk_case or "—",
            each.reason,
            each.facts or "—",
            each.repair or "—",
        )
        for number, each in enumerate(problems_of(content), 1)
    ]


def _plan(content: Content) -> list[Sequence[object]]:
    titles = {item.unit: item.control.title.render("zh") for item in content.standing.items}
    return [
        (
            number,
            task.unit,
            titles.get(task.unit, ""),
            task.asset or "—",
            task.assignee,
            task.due,
            words(f"task.{task.status}"),
            task.wish or "—",
            "\n".join(
                f"{words(f'act.{act.kind}')} {act.by} {act.values.get('text', '')}".strip()
                for act in task.history
            ),
        )
        for number, task in enumerate(content.standing.tasks, 1)
    ]


def _what_if(content: Content) -> list[Sequence[object]]:
    titles = {item.unit: item.control.title.render("zh") for item in content.standing.items}
    return [
        (
            number,
            each.unit,
            titles[each.unit],
            verdict_word(each.verdict),
            float(rounded(each.lift)),
            float(rounded(each.days)),
            each.high_risk or "—",
        )
        for number, each in enumerate(content.standing.what_if, 1)
    ]


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column; a Chinese character is two wide."""
    return sum(
        -(-max(1, sum(2 if char > "\u2e7f" else 1 for char in part)) // max(1, width - 1))
        for part in text.split("\n")
    )


def _sheet(
    book: Any, name: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[object]]
) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet = book.create_sheet(words(name))
    sheet.append([words(f"column.{column}") for column, _ in columns])
    for row in rows:
        # A cell that begins like a formula is text here: what evidence says is never run.
        sheet.append([printable(each) if isinstance(each, str) else each for each in row])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"
    for number, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    line = Side(style="thin", color="BFBFBF")
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(left=line, right=line, top=line, bottom=line)
        pairs = zip(row, columns, strict=True)
        lines = max(_lines(str(cell.value), width) for cell, (_, width) in pairs)
        sheet.row_dimensions[row[0].row].height = _LINE * lines
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE6F0")
    sheet.freeze_panes = "C2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
