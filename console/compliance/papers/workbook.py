"""An Excel workbook in Chinese: sheets of texts that wrap, with heads that repeat on each page."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from console.compliance.papers.document import missing, printable
from console.compliance.papers.report import words

Columns = Sequence[tuple[str, int]]  # `paper.column.NAME`, width in characters
Rows = Sequence[Sequence[object]]
_LINE: Final = 16.0  # points


def workbook(*sheets: tuple[str, Columns, Rows]) -> bytes:
    """Sheets by the key of their name (`paper.NAME`).

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
    for name, columns, rows in sheets:
        _write(book, name, columns, rows)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column; a Chinese character is two wide."""
    return sum(
        -(-max(1, sum(2 if char > "\u2e7f" else 1 for char in part)) // max(1, width))
        for part in text.split("\n")
    )


def _write(book: Any, name: str, columns: Columns, rows: Rows) -> None:
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
        slack = 3 if row[0].row == 1 else 1  # the head is bold
        lines = max(_lines(str(cell.value), width - slack) for cell, (_, width) in pairs)
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
